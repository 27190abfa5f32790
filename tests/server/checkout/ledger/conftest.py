"""Every kind of storage that a ledger can have, and the preview that the tests keep in it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from checkout_server.checkout.ledger.contract import Entry, Ledger, State
from checkout_server.checkout.ledger.sqlite import SqliteLedger

NOW = 1_800_000_000.0


@dataclass
class SqliteStorage:
    """One ledger's storage. It can be opened any number of times."""

    path: Path
    opened: list[Ledger] = field(default_factory=list[Ledger])

    async def open(self) -> Ledger:
        self.opened.append(await SqliteLedger.open(self.path))
        return self.opened[-1]

    @property
    def script(self) -> str:
        """What another process runs to have ``open_ledger``."""
        return (
            "from pathlib import Path\n"
            "from checkout_server.checkout.ledger.sqlite import SqliteLedger\n"
            f"def open_ledger(): return SqliteLedger.open(Path({str(self.path)!r}))\n"
        )


@pytest.fixture(params=[SqliteStorage], ids=["sqlite"])
async def storage(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[SqliteStorage]:
    """An empty storage."""
    storage: SqliteStorage = request.param(tmp_path / "data" / "ledger.db")
    yield storage
    for ledger in storage.opened:
        await ledger.close()


@pytest.fixture
async def ledger(storage: SqliteStorage) -> Ledger:
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
    )
