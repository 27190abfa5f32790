"""Changes that calls ask for at the same time, which SQLite carries out in one transaction."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from checkout_server.checkout.ledger.contract import Entry, LedgerUnavailable
from checkout_server.checkout.ledger.sqlite import SqliteLedger
from checkout_server.checkout.ledger.sqlite_connection import SqliteConnection
from ledger_steps import claim

FITS_NOT = 2**70
"""More than a column holds."""


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[SqliteLedger]:
    ledger = await SqliteLedger.open(tmp_path / "ledger.db")
    yield ledger
    await ledger.close()


async def trace(ledger: SqliteLedger) -> list[str]:
    """The statements that the writing connection carries out from now on."""
    statements: list[str] = []
    await ledger._writing.use(lambda connection: connection._connection.set_trace_callback(statements.append))
    return statements


def entries(quoted: Entry) -> list[Entry]:
    return [replace(quoted, preview_id=f"prv_{number}") for number in range(4)]


async def audited(ledger: SqliteLedger) -> list[list[str]]:
    return [[row.event for row in await ledger.audit(f"prv_{number}")] for number in range(4)]


@pytest.mark.requirement("ledger.atomic")
async def test_changes_of_the_same_moment_are_one_transaction(ledger: SqliteLedger, quoted: Entry) -> None:
    statements = await trace(ledger)
    await asyncio.gather(*map(ledger.add, entries(quoted)))
    assert (statements.count("BEGIN IMMEDIATE"), statements.count("COMMIT")) == (1, 1)
    assert await audited(ledger) == [["quoted"]] * 4


@pytest.mark.requirement("ledger.atomic")
async def test_a_change_that_fails_takes_nothing_of_the_others_along(ledger: SqliteLedger, quoted: Entry) -> None:
    added = entries(quoted)
    added[2] = replace(added[2], total=FITS_NOT)
    outcomes = await asyncio.gather(*map(ledger.add, added), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [type(None), type(None), OverflowError, type(None)]
    assert await audited(ledger) == [["quoted"], ["quoted"], [], ["quoted"]]


@pytest.mark.requirement("ledger.atomic")
async def test_of_two_claims_of_the_same_moment_one_is_taken(ledger: SqliteLedger, quoted: Entry) -> None:
    await ledger.add(quoted)
    claims = await asyncio.gather(claim(ledger, claim_id="a"), claim(ledger, claim_id="b"))
    assert sorted(claims) == [False, True]
    assert [row.event for row in await ledger.audit("prv_1")] == ["quoted", "claimed"]


@pytest.mark.requirement("ledger.atomic")
async def test_a_claim_beside_a_quote_waits_for_the_disk(ledger: SqliteLedger, quoted: Entry) -> None:
    await ledger.add(quoted)
    await asyncio.gather(ledger.add(replace(quoted, preview_id="prv_2")), claim(ledger))
    assert await ledger._writing.use(SqliteConnection.read, "PRAGMA synchronous", {}) == [(2,)]


@pytest.mark.requirement("ledger.atomic")
async def test_what_is_gathered_when_the_ledger_closes_is_carried_out(tmp_path: Path, quoted: Entry) -> None:
    ledger = await SqliteLedger.open(tmp_path / "closing.db")
    adding = asyncio.gather(*map(ledger.add, entries(quoted)))
    await asyncio.sleep(0)  # the calls have begun
    await ledger.close()
    await adding
    again = await SqliteLedger.open(tmp_path / "closing.db")
    assert await audited(again) == [["quoted"]] * 4
    await again.close()


@pytest.mark.requirement("ledger.atomic")
async def test_a_transaction_that_cannot_be_committed_fails_for_each_and_is_not_tried_again(
    ledger: SqliteLedger, quoted: Entry
) -> None:
    statements = await trace(ledger)

    def refuse_commits(connection: SqliteConnection) -> None:
        connection._connection.execute("CREATE TEMP TABLE parent (id INTEGER PRIMARY KEY)")
        connection._connection.execute(
            "CREATE TEMP TABLE child (id INTEGER REFERENCES parent DEFERRABLE INITIALLY DEFERRED)"
        )
        connection._connection.execute("PRAGMA foreign_keys = ON")
        connection._connection.execute(
            "CREATE TEMP TRIGGER orphan AFTER INSERT ON main.preview BEGIN INSERT INTO child VALUES (1); END"
        )

    await ledger._writing.use(refuse_commits)
    outcomes = await asyncio.gather(*map(ledger.add, entries(quoted)), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [LedgerUnavailable] * 4
    assert (statements.count("BEGIN IMMEDIATE"), statements.count("COMMIT")) == (1, 1)
    assert await audited(ledger) == [[]] * 4
