"""Every kind of storage that a ledger can have, and the ways to it that are not the ledger's own."""

import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

import postgres
from checkout_server.checkout.ledger import postgres_database, sqlite_file
from checkout_server.checkout.ledger.contract import Ledger
from checkout_server.checkout.ledger.postgres import PostgresLedger
from checkout_server.checkout.ledger.postgres_sql import translate
from checkout_server.checkout.ledger.sqlite import SqliteLedger

Query = Callable[[str], Awaitable[list[tuple[Any, ...]]]]
VERSION_1 = Path(__file__).parent / "fixtures" / "ledgers"


class Storage(Protocol):
    """One ledger's storage. It can be opened any number of times."""

    opened: list[Ledger]
    opening: ModuleType
    """What opens it, and migrates it."""
    version_1: str
    """The statements that make it what version 1 of the schema left behind."""
    schema: str
    """Asks for all columns and indexes of the ledger."""
    version: str
    """Asks for the version of the schema."""
    newer: str
    """Gives it a version that nobody knows yet."""

    async def open(self) -> Ledger: ...

    async def empty(self) -> None:
        """Make it empty again."""
        ...

    async def run(self, script: str) -> None:
        """Execute statements past the ledger. ``{schema}`` stands before the names of its tables."""
        ...

    def connect(self) -> AbstractAsyncContextManager[Query]:
        """A connection past the ledger, and a function that executes one statement on it."""
        ...

    async def query(self, statement: str) -> list[tuple[Any, ...]]:
        """What a statement returns, past the ledger."""
        ...

    async def explain(self, statement: str) -> None:
        """Have the database read one of ``statements.py``."""
        ...

    @property
    def script(self) -> str:
        """What another process runs to have ``open_ledger``."""
        ...


class SqliteStorage:
    """A file."""

    opening: ModuleType = sqlite_file
    version_1 = (VERSION_1 / "version_1_sqlite.sql").read_text()
    version = "PRAGMA user_version"
    newer = "PRAGMA user_version = 99"
    schema = """
        SELECT s.name, c.name, c.type, c."notnull", c.pk FROM sqlite_schema AS s, pragma_table_info(s.name) AS c
        WHERE s.type = 'table'
        UNION ALL SELECT tbl_name, name, sql, NULL, NULL FROM sqlite_schema WHERE type = 'index' ORDER BY 1, 2
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.opened: list[Ledger] = []

    async def open(self) -> Ledger:
        self.opened.append(await SqliteLedger.open(self.path))
        return self.opened[-1]

    async def empty(self) -> None:
        await self.opened.pop().close()
        self.path.unlink()

    async def run(self, script: str) -> None:
        self.path.parent.mkdir(exist_ok=True)
        with closing(sqlite3.connect(self.path)) as connection:
            connection.executescript(script.replace("{schema}", ""))

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[Query]:
        with closing(sqlite3.connect(self.path, isolation_level=None)) as connection:

            async def query(statement: str) -> list[tuple[Any, ...]]:
                return connection.execute(statement.replace("{schema}", "")).fetchall()

            yield query

    async def query(self, statement: str) -> list[tuple[Any, ...]]:
        async with self.connect() as query:
            return await query(statement)

    async def explain(self, statement: str) -> None:
        with closing(sqlite3.connect(self.path)) as connection:
            connection.execute(f"EXPLAIN {statement}", dict.fromkeys(translate(statement).names))

    @property
    def script(self) -> str:
        return (
            "from pathlib import Path\n"
            "from checkout_server.checkout.ledger.sqlite import SqliteLedger\n"
            f"def open_ledger(): return SqliteLedger.open(Path({str(self.path)!r}))\n"
        )


class PostgresStorage:
    """A database."""

    opening: ModuleType = postgres_database
    version_1 = (VERSION_1 / "version_1_postgres.sql").read_text()
    version = "SELECT version FROM {schema}version"
    newer = "UPDATE {schema}version SET version = 99"
    schema = """
        SELECT table_name, column_name, data_type, is_nullable, identity_generation
        FROM information_schema.columns WHERE table_schema = 'dodo_checkout'
        UNION ALL SELECT tablename, indexname, indexdef, NULL, NULL FROM pg_indexes WHERE schemaname = 'dodo_checkout'
        ORDER BY 1, 2
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.opened: list[Ledger] = []

    async def open(self) -> Ledger:
        self.opened.append(await PostgresLedger.open(self.url))
        return self.opened[-1]

    async def empty(self) -> None:
        await self.opened.pop().close()
        await postgres.run(self.url, "DROP SCHEMA dodo_checkout CASCADE")

    async def run(self, script: str) -> None:
        await postgres.run(self.url, script.replace("{schema}", "dodo_checkout."))

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[Query]:
        connection = await postgres.connect(self.url)

        async def query(statement: str) -> list[tuple[Any, ...]]:
            return [tuple(row) for row in await connection.fetch(statement.replace("{schema}", "dodo_checkout."))]

        yield query
        await connection.close()

    async def query(self, statement: str) -> list[tuple[Any, ...]]:
        async with self.connect() as query:
            return await query(statement)

    async def explain(self, statement: str) -> None:
        await postgres.run(self.url, f"PREPARE one AS {translate(statement).text}")

    @property
    def script(self) -> str:
        return (
            "from checkout_server.checkout.ledger.postgres import PostgresLedger\n"
            f"def open_ledger(): return PostgresLedger.open({self.url!r})\n"
        )
