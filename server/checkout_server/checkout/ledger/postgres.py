"""The ledger in a PostgreSQL database, shared by any number of replicas."""

import asyncio
from collections.abc import Sequence
from typing import Any, Protocol

from checkout_server.checkout.ledger import database
from checkout_server.checkout.ledger.database import Rows, Values
from checkout_server.checkout.ledger.fragments import Step
from checkout_server.checkout.ledger.postgres_database import (
    FAILURES,
    IDLE_SECONDS,
    LOST,
    Pools,
    close_pools,
    open_pools,
    unavailable,
    use_connection,
)
from checkout_server.checkout.ledger.postgres_sql import as_one_statement, begin, translate
from checkout_server.checkout.ledger.sql_ledger import SqlLedger
from checkout_server.checkout.ledger.transactions import Transactions

_CLOCK = "SELECT extract(epoch FROM clock_timestamp())::double precision"


class PostgresLedger(SqlLedger):
    """See ``Ledger``. PostgreSQL's row locks keep callers apart, whichever process they are in.

    A step is one statement, and one round trip where the connection has met it before; behind a pooler of connections,
    where nothing can be kept prepared, two. Locks are taken in one before it, and given back by one after it.

    A connection that breaks while a step is carried out leaves open whether it was. A repeatable step is then tried
    again, once. Any other is reported as not taken, which is safe for each of them.
    """

    def __init__(self, pools: Pools) -> None:
        self._pools = pools
        self._transactions = Transactions()

    @classmethod
    async def open(cls, url: str) -> "PostgresLedger":
        """Connect, and bring the schema to this version.

        Raises:
            LedgerUnavailable: the database cannot be used.
        """
        return cls(await open_pools(url))

    @property
    def _clock(self) -> str:
        return _CLOCK

    async def check(self) -> None:
        """PostgreSQL looks after its own files."""

    async def close(self) -> None:
        if await self._transactions.close():
            await close_pools(self._pools)

    async def _read(self, statement: str, values: Values) -> Rows:
        text, names = translate(statement)

        arguments = [values[name] for name in names]

        async def read(connection: Any, *, again: bool) -> Rows:
            return await connection.fetch(text, *arguments)

        self._transactions.check_open()
        return await self._try_twice(self._pools.common, read)  # a caller that is cancelled may cut it

    async def _change(self, step: Step, values: Values, *, locks: Sequence[str] = (), flushed: bool = True) -> Rows:
        text, names = translate(as_one_statement(step, flushed=flushed))
        arguments = [values[name] for name in names]

        async def change(connection: Any, *, again: bool) -> Rows:
            rows = await connection.fetch(text, *arguments)
            if again and step.done:
                done, names = translate(step.done)
                rows = await connection.fetch(done, *(values[name] for name in names)) or rows
            return rows

        async def change_alone(connection: Any, *, again: bool) -> Rows:
            await connection.execute(begin(locks, idle_seconds=IDLE_SECONDS))
            rows = await change(connection, again=again)
            try:
                await connection.execute("COMMIT")
            except LOST as error:
                if step.repeatable:
                    raise
                raise unavailable(error) from None  # it may have been carried out
            return rows

        if locks:
            return await self._run(self._pools.waiting, change_alone)
        return await self._run(self._pools.flushing if flushed else self._pools.common, change)

    async def _run(self, pool: Any, work: "_Work") -> Rows:
        self._transactions.check_open()
        return await self._transactions.run(self._try_twice(pool, work))

    async def _try_twice(self, pool: Any, work: "_Work") -> Rows:
        until = asyncio.get_running_loop().time() + database.CALL_SECONDS
        for again in (False, True):
            try:
                async with asyncio.timeout_at(until), use_connection(pool) as connection:
                    return [tuple(row) for row in await work(connection, again=again)]
            except FAILURES as error:
                if again or not isinstance(error, LOST):
                    raise unavailable(error) from None
                # The other connections broke too, if the server went away.
                await pool.expire_connections()
        raise AssertionError


class _Work(Protocol):
    """What a call does with a connection, the second time ``again``: the first connection was lost."""

    async def __call__(self, connection: Any, *, again: bool) -> Rows: ...
