"""The ledger in a PostgreSQL database, shared by any number of replicas."""

from collections.abc import Sequence
from typing import Any

from checkout_server.checkout.ledger.postgres_database import (
    ACQUIRE_SECONDS,
    FAILURES,
    LOST,
    close_pool,
    open_pool,
    unavailable,
)
from checkout_server.checkout.ledger.postgres_sql import translate
from checkout_server.checkout.ledger.records import T, Values, Work
from checkout_server.checkout.ledger.sql_ledger import SqlLedger

_CLOCK = "SELECT extract(epoch FROM clock_timestamp())::double precision"
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended($1, 20261))"


class PostgresConnection:
    """See ``Connection``. Around asyncpg's pooled connection, whose type says less than its documentation."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    async def change(self, statement: str, values: Values) -> int:
        text, names = translate(statement)
        tag: str = await self._connection.execute(text, *(values[name] for name in names))
        return int(tag.rpartition(" ")[2])  # such as ``UPDATE 1``

    async def fetch(self, statement: str, values: Values) -> Sequence[Sequence[Any]]:
        text, names = translate(statement)
        return [tuple(row) for row in await self._connection.fetch(text, *(values[name] for name in names))]

    async def lock(self, name: str) -> None:
        # The next statement sees what the holder before has committed (READ COMMITTED).
        await self._connection.execute(_LOCK, name)


class PostgresLedger(SqlLedger):
    """See ``Ledger``. PostgreSQL's row locks keep callers apart, whichever process they are in.

    A connection that breaks during COMMIT leaves open whether the step was taken. It is then reported as not taken,
    which is safe for each: a claim that was taken after all sends nothing, and is ``unknown`` when its lease ends.
    """

    def __init__(self, pool: Any) -> None:
        super().__init__()
        self._pool = pool

    @classmethod
    async def open(cls, url: str) -> "PostgresLedger":
        """Connect, and bring the schema to this version.

        Raises:
            LedgerUnavailable: the database cannot be used.
        """
        return cls(await open_pool(url))

    @property
    def _clock(self) -> str:
        return _CLOCK

    async def _run(self, work: Work[T]) -> T:
        for attempt in (1, 2):
            committing = False
            try:
                async with self._pool.acquire(timeout=ACQUIRE_SECONDS) as connection, connection.transaction():
                    result = await work(PostgresConnection(connection))
                    committing = True
                return result
            except FAILURES as error:
                if committing or attempt == 2 or not isinstance(error, LOST):
                    raise unavailable(error) from None
                # Nothing was committed. The other connections broke too, if the server went away.
                await self._pool.expire_connections()
        raise AssertionError

    async def _read(self, work: Work[T]) -> T:
        return await self._transaction(work)

    async def _disconnect(self) -> None:
        await close_pool(self._pool)
