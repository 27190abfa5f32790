"""Every kind of storage that a ledger can have, and the preview that the tests keep in it."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import pytest

import postgres
from checkout_server.checkout.ledger.contract import Entry, Ledger, State
from checkout_server.checkout.ledger.postgres import PostgresLedger
from checkout_server.checkout.ledger.sqlite import SqliteLedger
from ledger_steps import NOW


class Storage(Protocol):
    """One ledger's storage. It can be opened any number of times."""

    opened: list[Ledger]

    async def open(self) -> Ledger: ...

    async def run(self, script: str) -> None:
        """Execute statements past the ledger. ``{schema}`` stands before the names of its tables."""
        ...

    async def query(self, statement: str) -> list[tuple[Any, ...]]:
        """What a statement returns, past the ledger."""
        ...

    @property
    def script(self) -> str:
        """What another process runs to have ``open_ledger``."""
        ...


class SqliteStorage:
    """A file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.opened: list[Ledger] = []

    async def open(self) -> Ledger:
        self.opened.append(await SqliteLedger.open(self.path))
        return self.opened[-1]

    async def run(self, script: str) -> None:
        self.path.parent.mkdir(exist_ok=True)
        with closing(sqlite3.connect(self.path)) as connection:
            connection.executescript(script.replace("{schema}", ""))

    async def query(self, statement: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.path)) as connection:
            return connection.execute(statement.replace("{schema}", "")).fetchall()

    @property
    def script(self) -> str:
        return (
            "from pathlib import Path\n"
            "from checkout_server.checkout.ledger.sqlite import SqliteLedger\n"
            f"def open_ledger(): return SqliteLedger.open(Path({str(self.path)!r}))\n"
        )


class PostgresStorage:
    """A database."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.opened: list[Ledger] = []

    async def open(self) -> Ledger:
        self.opened.append(await PostgresLedger.open(self.url))
        return self.opened[-1]

    async def run(self, script: str) -> None:
        await postgres.run(self.url, script.replace("{schema}", "dodo_checkout."))

    async def query(self, statement: str) -> list[tuple[Any, ...]]:
        return await postgres.query(self.url, statement.replace("{schema}", "dodo_checkout."))

    @property
    def script(self) -> str:
        return (
            "from checkout_server.checkout.ledger.postgres import PostgresLedger\n"
            f"def open_ledger(): return PostgresLedger.open({self.url!r})\n"
        )


@pytest.fixture(params=["sqlite", "postgres"])
async def storage(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Storage]:
    """An empty storage of each kind."""
    storage: Storage = (
        SqliteStorage(tmp_path / "data" / "ledger.db")
        if request.param == "sqlite"
        else PostgresStorage(await postgres.empty_database(request.getfixturevalue("postgres_server")))
    )
    yield storage
    for ledger in storage.opened:
        await ledger.close()


@pytest.fixture
async def ledger(storage: Storage) -> Ledger:
    """A ledger without previews."""
    return await storage.open()


@pytest.fixture
def quoted() -> Entry:
    """A preview as it comes from quoting."""
    return Entry(
        preview_id="prv_1",
        principal="local",
        environment="sandbox",
        state=State.QUOTED,
        order=b"sealed order",
        currency="USD",
        total=1999,
        created_at=NOW,
        expires_at=NOW + 900,
        purge_at=NOW + 4500,
        account="acc_1",
    )


@pytest.fixture(name="path")
async def sqlite_file(tmp_path: Path, quoted: Entry) -> Path:
    """A ledger's file with many previews, closed."""
    path = tmp_path / "ledger.db"
    ledger = await SqliteLedger.open(path)
    for number in range(30):
        await ledger.add(replace(quoted, preview_id=f"prv_{number}", order=b"sealed " * 100))
    await ledger.close()
    return path
