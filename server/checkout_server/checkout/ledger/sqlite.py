"""The ledger in one SQLite file, shared by any number of processes of this machine."""

import asyncio
import contextlib
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import aiosqlite

from checkout_server.checkout.ledger.records import T, Values, Work
from checkout_server.checkout.ledger.sql_ledger import SqlLedger
from checkout_server.checkout.ledger.sqlite_file import open_file, unavailable

_CLOCK = "SELECT (julianday('now') - 2440587.5) * 86400.0"
"""The machine's: every process that shares the file runs there."""


def default_path() -> Path:
    """``ledger.db`` in the user's data directory."""
    import platformdirs

    return platformdirs.user_data_path("dodo-checkout-mcp", appauthor=False) / "ledger.db"


class SqliteConnection:
    """See ``Connection``."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection = connection

    async def change(self, statement: str, values: Values) -> int:
        return (await self._connection.execute(statement, dict(values))).rowcount

    async def fetch(self, statement: str, values: Values) -> Sequence[Sequence[Any]]:
        return [tuple(row) for row in await self._connection.execute_fetchall(statement, dict(values))]

    async def lock(self, name: str) -> None:
        """Does nothing: the transaction has locked the whole file since it began."""


class SqliteLedger(SqlLedger):
    """See ``Ledger``. One connection; SQLite's own locks keep processes apart, an asyncio lock keeps tasks apart."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        super().__init__()
        self._connection = connection
        self._lock = asyncio.Lock()

    @classmethod
    async def open(cls, path: Path) -> "SqliteLedger":
        """Open the file, make it with its folder when there is none, and bring its schema to this version.

        Raises:
            LedgerUnavailable: the file cannot be used.
        """
        return cls(await open_file(path))

    @property
    def _clock(self) -> str:
        return _CLOCK

    async def _run(self, work: Work[T]) -> T:
        async with self._lock:
            try:
                await self._connection.execute("BEGIN IMMEDIATE")
                result = await work(SqliteConnection(self._connection))
                await self._connection.execute("COMMIT")
            except BaseException as error:
                # Also after a BEGIN that was cut off: it may have begun by the time it is undone.
                with contextlib.suppress(sqlite3.Error):
                    await self._connection.execute("ROLLBACK")
                if isinstance(error, sqlite3.Error):
                    raise unavailable(error) from None
                raise
        return result

    async def _read(self, work: Work[T]) -> T:
        """Under the lock, since the connection would see its own open transaction; goes on while others write."""
        self._transactions.check_open()
        async with self._lock:
            try:
                return await work(SqliteConnection(self._connection))
            except sqlite3.Error as error:
                raise unavailable(error) from None

    async def _disconnect(self) -> None:
        await self._connection.close()
