"""The storages that every test of a ledger runs over, and the preview that the tests store there."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

import postgres
from checkout_server.checkout.ledger.contract import Entry, Ledger, State
from checkout_server.checkout.ledger.sqlite import SqliteLedger
from ledger_steps import NOW
from ledger_storages import PostgresStorage, SqliteStorage, Storage


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
