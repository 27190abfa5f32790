"""The ledger in one SQLite file, shared by any number of processes of this machine."""

import asyncio
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from checkout_server.checkout.ledger import database
from checkout_server.checkout.ledger.contract import LedgerUnavailable
from checkout_server.checkout.ledger.database import Rows, Values
from checkout_server.checkout.ledger.fragments import Step
from checkout_server.checkout.ledger.sql_ledger import SqlLedger
from checkout_server.checkout.ledger.sqlite_connection import Change, SqliteConnection
from checkout_server.checkout.ledger.sqlite_file import OpenFile, open_file, open_to_read
from checkout_server.checkout.ledger.sqlite_thread import SqliteThread

_T = TypeVar("_T")
_P = ParamSpec("_P")

_CLOCK = "SELECT (julianday('now') - 2440587.5) * 86400.0"
"""The machine's: every process that shares the file runs there."""


def default_path() -> Path:
    """``ledger.db`` in the user's data directory."""
    import platformdirs

    return platformdirs.user_data_path("dodo-checkout-mcp", appauthor=False) / "ledger.db"


class _Lane:
    """A connection, on the thread that it belongs to."""

    def __init__(self, thread: SqliteThread, connection: SqliteConnection) -> None:
        self._thread, self._connection = thread, connection

    @classmethod
    async def open(cls, name: str, connect: Callable[[], OpenFile]) -> "_Lane":
        thread = SqliteThread(name)
        try:
            return cls(thread, await thread.hand_over(lambda: SqliteConnection(connect())))
        except BaseException:
            thread.end()
            raise

    @property
    def file(self) -> OpenFile:
        """What the connection leads to."""
        return self._connection.file

    def use(
        self, job: Callable[Concatenate[SqliteConnection, _P], _T], *args: _P.args, **kwargs: _P.kwargs
    ) -> asyncio.Future[_T]:
        """Have the connection do something: what it returns or raises, once it is its turn."""
        return self._thread.hand_over(lambda: job(self._connection, *args, **kwargs))

    def close(self) -> asyncio.Future[None]:
        """Close the connection after everything that was handed over."""
        closed = self._thread.hand_over(self._connection.close)
        self._thread.end()
        return closed


class _Changes:
    """The changes that calls ask for in one turn of the loop, carried out together: to enter the thread and to begin
    and commit a transaction costs more than most steps."""

    def __init__(self, lane: _Lane) -> None:
        self._lane = lane
        self._gathered: list[tuple[Change, asyncio.Future[Rows]]] = []

    def add(self, change: Change) -> asyncio.Future[Rows]:
        """The rows that a change returned. It is carried out, whether or not its caller still waits."""
        loop = asyncio.get_running_loop()
        if not self._gathered:
            loop.call_soon(self.hand_over)
        future: asyncio.Future[Rows] = loop.create_future()
        self._gathered.append((change, future))
        return future

    def hand_over(self) -> None:
        """Have carried out what is gathered."""
        gathered, self._gathered = self._gathered, []
        if not gathered:
            return
        carried_out = self._lane.use(SqliteConnection.change, [change for change, _ in gathered])

        def settle(outcomes: asyncio.Future[list[Rows | Exception]]) -> None:
            for (_, future), outcome in zip(gathered, outcomes.result(), strict=True):
                if future.done():
                    continue
                if isinstance(outcome, Exception):
                    future.set_exception(outcome)
                else:
                    future.set_result(outcome)

        carried_out.add_done_callback(settle)


class SqliteLedger(SqlLedger):
    """See ``Ledger``. One connection writes: SQLite's own locks keep processes apart, and its thread keeps calls
    apart, which is why the names of locks mean nothing here. Another one reads, also while a write waits."""

    def __init__(self, writing: _Lane, reading: _Lane) -> None:
        self._writing, self._reading = writing, reading
        self._changes = _Changes(writing)
        self._closed: asyncio.Future[tuple[None, None]] | None = None

    @classmethod
    async def open(cls, path: Path) -> "SqliteLedger":
        """Open the file, make it with its folder when there is none, and bring its schema to this version.

        Raises:
            LedgerUnavailable: the file cannot be used.
        """
        writing = await _Lane.open("ledger-writing", lambda: open_file(path))
        try:
            return cls(writing, await _Lane.open("ledger-reading", lambda: open_to_read(writing.file)))
        except BaseException:
            await writing.close()
            raise

    @property
    def _clock(self) -> str:
        return _CLOCK

    async def check(self) -> None:
        await self._reading.use(SqliteConnection.check)

    async def close(self) -> None:
        if self._closed is None:
            self._changes.hand_over()
            self._closed = asyncio.gather(self._writing.close(), self._reading.close())
        await asyncio.shield(self._closed)

    async def _read(self, statement: str, values: Values) -> Rows:
        self._check_open()
        return await self._reading.use(SqliteConnection.read, statement, values)

    async def _change(self, step: Step, values: Values, *, locks: Sequence[str] = (), flushed: bool = True) -> Rows:
        self._check_open()
        until = time.monotonic() + database.CALL_SECONDS  # from now: what waits in a row is not waited for twice
        return await self._changes.add(Change(step, values, until, flushed))

    def _check_open(self) -> None:
        if self._closed is not None:
            raise LedgerUnavailable(database.CLOSED)
