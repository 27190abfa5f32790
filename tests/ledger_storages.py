"""Every kind of storage that a ledger can have, and the ways to it that are not the ledger's own."""

import asyncio
import re
import sqlite3
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

import postgres
from checkout_server.checkout.ledger import postgres_database, sqlite_file
from checkout_server.checkout.ledger.contract import Ledger
from checkout_server.checkout.ledger.fragments import Step
from checkout_server.checkout.ledger.postgres import PostgresLedger
from checkout_server.checkout.ledger.postgres_sql import as_one_statement, translate
from checkout_server.checkout.ledger.sqlite import SqliteLedger

Query = Callable[[str], Awaitable[list[tuple[Any, ...]]]]
RELEASED = Path(__file__).parent / "fixtures" / "ledgers"


class Storage(Protocol):
    """One ledger's storage. It can be opened any number of times."""

    opened: list[Ledger]
    opening: ModuleType
    """What opens it, and migrates it."""
    schema: str
    """Asks for all columns and indexes of the ledger."""
    version: str
    """Asks for the version of the schema."""

    async def open(self) -> Ledger: ...

    def released(self, version: int) -> str:
        """The statements that make it what a released version of the schema left behind."""
        ...

    def make_newer(self) -> None:
        """Give it, from beside the event loop, a version that nobody knows yet."""
        ...

    async def empty(self) -> None:
        """Make it empty again."""
        ...

    async def run(self, script: str) -> None:
        """Execute statements past the ledger.

        ``{schema}`` stands before the names of its tables, ``{blob}`` and ``{false}`` for such values.
        """
        ...

    def connect(self) -> AbstractAsyncContextManager[Query]:
        """A connection past the ledger, and a function that executes one statement on it."""
        ...

    async def query(self, statement: str) -> list[tuple[Any, ...]]:
        """What a statement returns, past the ledger."""
        ...

    async def explain(self, statement: str | Step, values: dict[str, Any]) -> list[list[str]]:
        """How the database would carry out one of ``statements.py``, line by line: each way that there is."""
        ...

    def whole_tables(self, plan: list[str]) -> set[str]:
        """The tables that this plan reads from end to end."""
        ...

    @property
    def script(self) -> str:
        """What another process runs to have ``open_ledger``."""
        ...


def _words(script: str, schema: str, blob: str, false: str) -> str:
    return script.replace("{schema}", schema).replace("{blob}", blob).replace("{false}", false)


class SqliteStorage:
    """A file."""

    opening: ModuleType = sqlite_file
    version = "PRAGMA user_version"
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

    def released(self, version: int) -> str:
        return (RELEASED / f"version_{version}_sqlite.sql").read_text()

    def make_newer(self) -> None:
        with closing(sqlite3.connect(self.path)) as connection:
            connection.execute("PRAGMA user_version = 99")

    async def empty(self) -> None:
        await self.opened.pop().close()
        self.path.unlink()

    async def run(self, script: str) -> None:
        self.path.parent.mkdir(exist_ok=True)
        with closing(sqlite3.connect(self.path)) as connection:
            connection.executescript(_words(script, "", "x'00'", "0"))

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[Query]:
        with closing(sqlite3.connect(self.path, isolation_level=None)) as connection:

            async def query(statement: str) -> list[tuple[Any, ...]]:
                return connection.execute(statement.replace("{schema}", "")).fetchall()

            yield query

    async def query(self, statement: str) -> list[tuple[Any, ...]]:
        async with self.connect() as query:
            return await query(statement)

    async def explain(self, statement: str | Step, values: dict[str, Any]) -> list[list[str]]:
        texts = [statement] if isinstance(statement, str) else [statement.text]
        if isinstance(statement, Step):
            names = [name.rpartition(" ")[2] for name in statement.returned]
            row = f"WITH step ({', '.join(names)}) AS (VALUES ({', '.join('1' for _ in names)}))"
            texts += [f"{row} {text}" for text in statement.consequences]
        with closing(sqlite3.connect(self.path)) as connection:
            return [[line[3] for text in texts for line in connection.execute(f"EXPLAIN QUERY PLAN {text}", values)]]

    def whole_tables(self, plan: list[str]) -> set[str]:
        scanned = {match[1] for line in plan if (match := re.match(r"SCAN (?:main\.)?(\w+)", line))}
        selected = {match[1] for line in plan if (match := re.match(r"(?:CO-ROUTINE|MATERIALIZE) (\w+)", line))}
        return scanned - selected - {"CONSTANT", "step", "sold"}  # one row, or as many as were returned

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
    version = "SELECT version FROM {schema}version"
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

    def released(self, version: int) -> str:
        return (RELEASED / f"version_{version}_postgres.sql").read_text()

    def make_newer(self) -> None:
        change = self.run("UPDATE {schema}version SET version = 99")
        thread = threading.Thread(target=asyncio.run, args=[change])
        thread.start()
        thread.join()

    async def empty(self) -> None:
        await self.opened.pop().close()
        await postgres.run(self.url, "DROP SCHEMA dodo_checkout CASCADE")

    async def run(self, script: str) -> None:
        await postgres.run(self.url, _words(script, "dodo_checkout.", "'\\x00'", "false"))

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

    async def explain(self, statement: str | Step, values: dict[str, Any]) -> list[list[str]]:
        """As it is planned once for a connection, and as it is planned for these values behind a pooler."""
        text = statement if isinstance(statement, str) else as_one_statement(statement, flushed=False)
        translated = translate(text)
        connection = await postgres.connect(self.url)
        try:
            await connection.execute(f"SET plan_cache_mode = force_generic_plan; PREPARE it AS {translated.text}")
            nothing = f"({', '.join('NULL' for _ in translated.names)})" if translated.names else ""
            plans = [
                await connection.fetch(f"EXPLAIN EXECUTE it{nothing}"),
                await connection.fetch(f"EXPLAIN {translated.text}", *(values[name] for name in translated.names)),
            ]
        finally:
            await connection.close()
        return [[line for (line,) in plan] for plan in plans]

    def whole_tables(self, plan: list[str]) -> set[str]:
        return {match[1] for line in plan if (match := re.search(r"Seq Scan on (\w+)", line))}

    @property
    def script(self) -> str:
        return (
            "from checkout_server.checkout.ledger.postgres import PostgresLedger\n"
            f"def open_ledger(): return PostgresLedger.open({self.url!r})\n"
        )
