"""A ledger that an older version of the schema left behind: migrated whole, once, and with everything in it."""

import asyncio
import signal
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest

from checkout_server.checkout.ledger.contract import Entry, LedgerUnavailable, State
from checkout_server.checkout.ledger.customers import Lookup
from checkout_server.checkout.ledger.migrations import SCHEMA_VERSION
from ledger_steps import ARGUMENTS, BUYER, ENDINGS, GOODS, LEASE, NOW, OWNER, claim, expected, finish, result_of

RELEASED = range(1, SCHEMA_VERSION)

CONTENTS = (
    'SELECT preview_id, state, "order", claim_id, lease_until, attempts, session_id, outcome'
    " FROM {schema}preview ORDER BY 1",
    "SELECT at, preview_id, event, total, session_id, detail FROM {schema}audit ORDER BY 2, 1, 3 DESC",
)


@pytest.fixture(params=RELEASED)
async def version(request: pytest.FixtureRequest) -> int:
    """Each version that was released before this one."""
    return request.param


@pytest.fixture
async def old(storage: Any, version: int) -> Any:
    """A storage of that version."""
    await storage.run(storage.released(version))
    return storage


@pytest.fixture
def stored(quoted: Entry, version: int) -> dict[State, Entry]:
    """What that version stored, by its state."""
    entries = {state: replace(expected(quoted, state), preview_id=f"prv_{state}") for state in State}
    entries = {state: replace(entry, sold_to=None) for state, entry in entries.items()}
    if version > 1:
        entries[State.CREATED] = replace(entries[State.CREATED], customer="digest of a customer")
        return entries
    added: dict[str, Any] = {"account": None, "arguments": None, "goods": None, "claimed_at": None}
    return {state: replace(entry, **added) for state, entry in entries.items()}


async def whole(storage: Any) -> list[Any]:
    """Everything that is in a storage."""
    return [await storage.query(statement) for statement in (storage.version, storage.schema, *CONTENTS)]


@pytest.mark.requirement("ledger.migrations")
async def test_everything_that_was_stored_is_still_there(old: Any, stored: dict[State, Entry]) -> None:
    before = [await old.query(statement) for statement in CONTENTS]
    ledger = await old.open()
    found = {state: await ledger.find(f"prv_{state}", owner=OWNER, now=NOW) for state in State}
    assert found == stored
    assert [await old.query(statement) for statement in CONTENTS] == before
    assert await old.query(old.version) == [(SCHEMA_VERSION,)]
    assert [row.event for row in await ledger.audit("prv_created")] == ["quoted", "claimed", "created"]
    assert await ledger.find_session("cks_1", owner=OWNER, now=NOW) == stored[State.CREATED]


@pytest.mark.requirement("ledger.migrations")
@pytest.mark.parametrize("state", State)
async def test_a_preview_of_an_older_version_goes_on_as_its_state_allows(
    old: Any, stored: dict[State, Entry], state: State
) -> None:
    ledger, start = await old.open(), stored[state]
    taken = await claim(ledger, "c2", state, preview_id=start.preview_id, attempts=start.attempts, now=NOW)
    assert taken is (state in {State.QUOTED, State.REFUSED, State.UNKNOWN})
    ended = await finish(ledger, State.CREATED, "c2", preview_id=start.preview_id)
    assert ended is taken
    claimed = replace(
        start,
        claim_id="c2",
        attempts=start.attempts + 1,
        arguments=ARGUMENTS,
        goods=GOODS,
        sold_to=BUYER,
        claimed_at=NOW,
        customer=None,
    )
    found = await ledger.find(start.preview_id, owner=OWNER, now=NOW)
    assert found == (result_of(claimed, State.CREATED) if taken else start)


@pytest.mark.requirement("once.crash")
@pytest.mark.parametrize("ending", ENDINGS)
async def test_a_claim_of_an_older_version_lapses_and_takes_its_answer(
    old: Any, stored: dict[State, Entry], ending: State
) -> None:
    ledger, claimed = await old.open(), stored[State.CLAIMED]
    unknown = await ledger.find("prv_claimed", owner=OWNER, now=NOW + LEASE)
    assert unknown is not None
    assert unknown.state is State.UNKNOWN
    assert await finish(ledger, ending, preview_id="prv_claimed", now=NOW + LEASE)
    assert await ledger.find("prv_claimed", owner=OWNER, now=NOW) == result_of(claimed, ending)
    assert [row.event for row in await ledger.audit("prv_claimed")] == ["quoted", "claimed", "unknown", ending]


@pytest.mark.requirement("ledger.migrations")
async def test_a_migrated_ledger_is_like_a_new_one(old: Any) -> None:
    await old.open()
    migrated = await old.query(old.schema)
    await old.empty()
    await old.open()
    assert await old.query(old.schema) == migrated


@pytest.mark.requirement("ledger.migrations")
async def test_what_version_2_stored_beside_previews_is_still_there(storage: Any, quoted: Entry) -> None:
    await storage.run(storage.released(2))
    ledger = await storage.open()
    question: dict[str, Any] = {"owner": OWNER, "goods": GOODS}
    assert not await ledger.count_question("prv_quoted", **question, now=NOW, most=1)
    assert await ledger.find_account("fingerprint") == "acc_1"
    assert await ledger.is_customer("digest of a customer", owner=OWNER)
    [row] = await ledger.audit_of_customer("digest of a customer")
    assert (row.at, row.event) == (NOW, "allowed")
    lookup: dict[str, Any] = {"owner": OWNER, "now": NOW, "hourly_limit": 1}
    assert not await ledger.count_lookup("another", Lookup.ALLOWED, **lookup)


@pytest.mark.requirement("policy.hourly")
async def test_an_hour_goes_on_counting_across_a_migration(old: Any) -> None:
    ledger = await old.open()
    assert await ledger.claims_of_an_hour(owner=OWNER, now=NOW + 3599) == 4
    assert await ledger.claims_of_an_hour(owner=OWNER, now=NOW + 3600) == 0


BY_VERSION_1 = (
    """
    INSERT INTO {schema}preview (preview_id, principal, environment, state, "order", currency, total, created_at,
                                 expires_at, purge_at, claim_id, lease_until, can_charge, attempts, session_id, outcome)
    SELECT 'prv_1', principal, environment, state, "order", currency, total, created_at,
           expires_at, purge_at, claim_id, lease_until, can_charge, attempts, session_id, outcome
    FROM {schema}preview WHERE preview_id = 'prv_quoted'
    """,
    """
    INSERT INTO {schema}audit (at, preview_id, principal, environment, event, currency, total, session_id, detail)
    SELECT 1800000000.0, preview_id, principal, environment, 'quoted', currency, total, session_id, NULL
    FROM {schema}preview WHERE preview_id = 'prv_1'
    """,
    """
    UPDATE {schema}preview SET state = 'claimed', claim_id = 'c1', lease_until = 1800000060.0, attempts = attempts + 1
    WHERE preview_id = 'prv_1' AND principal = 'local' AND environment = 'sandbox' AND state = 'quoted'
    """,
    """
    UPDATE {schema}preview
    SET state = 'created', session_id = 'cks_old', outcome = "order", lease_until = NULL, purge_at = 1800009000.0
    WHERE preview_id = 'prv_1' AND claim_id = 'c1' AND state IN ('claimed', 'unknown')
    """,
    "DELETE FROM {schema}preview WHERE purge_at <= 1 AND state != 'claimed'",
)
"""The steps of a process of version 1."""


@pytest.mark.requirement("ledger.migrations")
async def test_a_process_of_version_1_that_still_runs_goes_on(storage: Any, quoted: Entry) -> None:
    old = storage
    await old.run(old.released(1))
    async with old.connect() as query:
        assert await query("SELECT count(*) FROM {schema}preview") == [(5,)]
        ledger = await old.open()
        for statement in BY_VERSION_1:
            await query(statement)
    found = await ledger.find("prv_1", owner=OWNER, now=NOW)
    created = replace(quoted, account=None, state=State.CREATED, claim_id="c1", attempts=1, session_id="cks_old")
    assert found == replace(created, outcome=quoted.order, purge_at=NOW + 9000)


def break_off(migrations: tuple[tuple[str, ...], ...]) -> tuple[tuple[str, ...], ...]:
    """The migrations, of which the last one fails at its end."""
    return (*migrations[:-1], (*migrations[-1], "SELECT no_such_column"))


@pytest.mark.requirement("ledger.atomic")
async def test_a_migration_that_fails_leaves_the_older_version_whole(
    old: Any, stored: dict[State, Entry], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await whole(old)
    with monkeypatch.context() as broken:
        broken.setattr(old.opening, "_MIGRATIONS", break_off(old.opening._MIGRATIONS))
        with pytest.raises(LedgerUnavailable):
            await old.open()
    assert await whole(old) == before
    found = await (await old.open()).find("prv_created", owner=OWNER, now=NOW)
    assert found == stored[State.CREATED]


KILLED = """
import asyncio, os, signal
from {module} import _MIGRATIONS
import {module} as opening

class Killed(tuple):
    def __iter__(self):
        yield from super().__iter__()
        print("migrated but for the end", flush=True)
        os.kill(os.getpid(), signal.SIGKILL)

opening._MIGRATIONS = (*_MIGRATIONS[:-1], Killed(_MIGRATIONS[-1]))
asyncio.run(open_ledger())
"""


@pytest.mark.requirement("ledger.atomic")
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
async def test_a_migration_whose_process_is_killed_leaves_the_older_version_whole(
    old: Any, stored: dict[State, Entry]
) -> None:
    before = await whole(old)
    script = old.script + KILLED.format(module=old.opening.__name__)
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", script, stdout=subprocess.PIPE)
    assert await process.communicate() == (b"migrated but for the end\n", None)
    assert process.returncode == -signal.SIGKILL
    assert await whole(old) == before
    found = await (await old.open()).find("prv_created", owner=OWNER, now=NOW)
    assert found == stored[State.CREATED]


@pytest.mark.requirement("ledger.migrations")
async def test_a_newer_version_that_came_while_waiting_stops_the_start(
    old: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage_migrate = old.opening._migrate

    def migrate_late(connection: Any) -> Any:
        old.make_newer()
        return storage_migrate(connection)

    monkeypatch.setattr(old.opening, "_migrate", migrate_late)
    with pytest.raises(LedgerUnavailable, match="by a newer version"):
        await old.open()
