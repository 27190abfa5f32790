"""What every ledger promises, whatever it is stored in."""

import asyncio
from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from checkout_server.checkout.ledger.contract import (
    UNKNOWN_KEPT_SECONDS,
    AuditRow,
    Claim,
    Entry,
    Ledger,
    State,
)
from ledger_steps import CALL, ENDINGS, LEASE, NOW, OWNER, bring, claim, expected, find, finish

ANOTHER = replace(OWNER, principal="another")
IN_TEST_MODE = replace(OWNER, environment="test_mode")
OTHERS = (ANOTHER, IN_TEST_MODE, replace(OWNER, account="acc_2"))


@pytest.mark.requirement("ledger.transitions")
@pytest.mark.parametrize(
    ("state", "from_state"), [(state, other) for state, other in product(State, State) if state is not other]
)
async def test_a_claim_from_another_state_than_the_present_one_changes_nothing(
    ledger: Ledger, quoted: Entry, state: State, from_state: State
) -> None:
    start = await bring(ledger, quoted, state)
    assert not await claim(ledger, "c2", from_state, attempts=start.attempts)
    assert await find(ledger) == start


@pytest.mark.requirement("preview.owner")
@pytest.mark.parametrize(
    "changes",
    [
        {"owner": replace(OWNER, principal="another")},
        {"owner": replace(OWNER, environment="live_mode")},
        {"owner": replace(OWNER, account="acc_2")},
        {"attempts": 1},
        {"now": NOW + 900},
    ],
    ids=["another principal", "another environment", "another account", "another attempt", "expired"],
)
async def test_a_claim_needs_its_owner_and_a_valid_preview(
    ledger: Ledger, quoted: Entry, changes: dict[str, Any]
) -> None:
    await ledger.add(quoted)
    assert not await claim(ledger, **changes)
    assert await find(ledger) == quoted
    assert await claim(ledger, now=NOW + 899)


@pytest.mark.requirement("preview.owner")
async def test_nobody_finds_the_preview_of_another(ledger: Ledger, quoted: Entry) -> None:
    await ledger.add(quoted)
    for owner in OTHERS:
        assert await ledger.find("prv_1", owner=owner, now=NOW) is None
    assert await ledger.find("prv_2", owner=OWNER, now=NOW) is None


@pytest.mark.requirement("once.crash")
async def test_a_claim_is_unknown_once_its_lease_has_ended(ledger: Ledger, quoted: Entry) -> None:
    claimed = await bring(ledger, quoted, State.CLAIMED)
    assert await find(ledger, NOW + LEASE - 1) == claimed
    unknown = replace(claimed, state=State.UNKNOWN, lease_until=None, purge_at=NOW + LEASE + UNKNOWN_KEPT_SECONDS)
    assert await find(ledger, NOW + LEASE) == unknown
    assert await find(ledger, NOW) == unknown, "a clock that jumps back does not bring a lease to life"


@pytest.mark.requirement("ledger.transitions")
@pytest.mark.parametrize("ending", ENDINGS)
async def test_an_answer_after_the_lease_is_recorded(ledger: Ledger, quoted: Entry, ending: State) -> None:
    await bring(ledger, quoted, State.CLAIMED)
    await find(ledger, NOW + LEASE)
    assert await finish(ledger, ending, now=NOW + LEASE + 5)
    assert await find(ledger) == expected(quoted, ending)


@pytest.mark.requirement("ledger.transitions")
async def test_the_answer_to_a_first_attempt_does_not_end_the_second(ledger: Ledger, quoted: Entry) -> None:
    await bring(ledger, quoted, State.UNKNOWN)
    assert await claim(ledger, "c2", State.UNKNOWN, attempts=1)
    second = await find(ledger)
    assert not await finish(ledger, State.CREATED, "c1")
    assert await find(ledger) == second


@pytest.mark.requirement("ledger.audit")
async def test_each_change_has_one_audit_row_that_outlives_the_preview(ledger: Ledger, quoted: Entry) -> None:
    await bring(ledger, quoted, State.CLAIMED)
    await find(ledger, NOW + LEASE)
    await finish(ledger, State.UNKNOWN, now=NOW + 70)
    await claim(ledger, "c2", State.UNKNOWN, attempts=1, now=NOW + 80)
    await finish(ledger, State.CREATED, "c1", now=NOW + 85)
    await finish(ledger, State.CREATED, "c2", now=NOW + 90)
    assert await ledger.purge(now=NOW + 9000) == 1
    assert await find(ledger) is None
    row = AuditRow(
        at=NOW,
        preview_id="prv_1",
        principal="local",
        environment="sandbox",
        event="quoted",
        currency="USD",
        total=1999,
        session_id=None,
        detail=None,
    )
    assert await ledger.audit("prv_1") == [
        row,
        replace(row, event="claimed", detail="after_quoted"),
        replace(row, event="unknown", detail="lease_ended", at=NOW + LEASE),
        replace(row, event="unknown", detail="NoAnswer", at=NOW + 70),
        replace(row, event="claimed", detail="after_unknown", at=NOW + 80),
        replace(row, event="created", session_id="cks_1", at=NOW + 90),
    ]
    assert await ledger.audit("prv_2") == []


@pytest.mark.requirement("ledger.purge")
async def test_only_what_is_over_is_purged(ledger: Ledger, quoted: Entry) -> None:
    await ledger.add(quoted)
    await ledger.add(replace(quoted, preview_id="prv_2", purge_at=NOW + 9000))
    assert await ledger.purge(now=NOW + 4499) == 0
    assert await ledger.purge(now=NOW + 4500) == 1
    assert await find(ledger) is None
    assert await ledger.find("prv_2", owner=OWNER, now=NOW) is not None


@pytest.mark.requirement("ledger.purge", "once.crash")
async def test_a_claim_is_not_purged_and_is_kept_as_unknown_when_its_process_died(
    ledger: Ledger, quoted: Entry
) -> None:
    claimed = await bring(ledger, replace(quoted, purge_at=NOW + 1), State.CLAIMED)
    assert await ledger.purge(now=NOW + LEASE - 1) == 0
    assert await find(ledger) == claimed
    long_after = NOW + 90_000
    assert await ledger.purge(now=long_after) == 0
    assert await find(ledger) == replace(
        claimed, state=State.UNKNOWN, lease_until=None, purge_at=long_after + UNKNOWN_KEPT_SECONDS
    )
    assert await ledger.purge(now=long_after + UNKNOWN_KEPT_SECONDS) == 1


@pytest.mark.requirement("once.concurrent")
async def test_of_50_tasks_one_takes_the_preview(ledger: Ledger, quoted: Entry) -> None:
    await ledger.add(quoted)
    taken = await asyncio.gather(*(claim(ledger, f"c{number}") for number in range(50)))
    assert taken.count(True) == 1
    assert await find(ledger) == expected(quoted, State.CLAIMED, claim_id=f"c{taken.index(True)}")


async def hourly(ledger: Ledger, number: int, *, limit: int = 2, **changes: Any) -> Claim:
    call: dict[str, Any] = {**CALL, "now": NOW, "lease_seconds": LEASE, **changes}
    return await ledger.claim(
        f"prv_{number}", claim_id=f"c{number}", from_state=State.QUOTED, hourly_limit=limit, **call
    )


@pytest.mark.requirement("policy.hourly")
async def test_claims_of_an_hour_are_limited_for_each_owner(ledger: Ledger, quoted: Entry) -> None:
    for number in range(1, 5):
        await ledger.add(replace(quoted, preview_id=f"prv_{number}", expires_at=NOW + 9000))
    await ledger.add(replace(quoted, preview_id="prv_5", principal="another"))
    await ledger.add(replace(quoted, preview_id="prv_6", environment="test_mode"))
    assert [await hourly(ledger, number) for number in (1, 2, 3)] == [Claim.TAKEN, Claim.TAKEN, Claim.TOO_MANY]
    assert await ledger.find("prv_3", owner=OWNER, now=NOW) == replace(
        quoted, preview_id="prv_3", expires_at=NOW + 9000
    )
    assert [row.event for row in await ledger.audit("prv_3")] == ["quoted"]
    assert await hourly(ledger, 1) is Claim.NOT_FREE
    assert await hourly(ledger, 5, owner=ANOTHER) is Claim.TAKEN
    assert await hourly(ledger, 6, owner=IN_TEST_MODE) is Claim.TAKEN
    assert await hourly(ledger, 3, now=NOW + 3599) is Claim.TOO_MANY
    counted = [(OWNER, NOW + 3599, 2), (OWNER, NOW + 3600, 0), (ANOTHER, NOW, 1), (IN_TEST_MODE, NOW, 1)]
    for owner, now, count in (*counted, (replace(OWNER, account="acc_2"), NOW, 2)):
        assert await ledger.claims_of_an_hour(owner=owner, now=now) == count
    assert await hourly(ledger, 3, now=NOW + 3600) is Claim.TAKEN


@pytest.mark.requirement("policy.hourly")
async def test_the_hourly_limit_holds_for_claims_at_once(ledger: Ledger, quoted: Entry) -> None:
    for number in range(20):
        await ledger.add(replace(quoted, preview_id=f"prv_{number}"))
    taken = await asyncio.gather(*(hourly(ledger, number, limit=7) for number in range(20)))
    assert (taken.count(Claim.TAKEN), taken.count(Claim.TOO_MANY)) == (7, 13)


@pytest.mark.requirement("ledger.storage")
@pytest.mark.parametrize("state", State)
async def test_a_restart_loses_nothing(storage: Any, quoted: Entry, state: State) -> None:
    before = await storage.open()
    entry = await bring(before, quoted, state)
    audit = await before.audit("prv_1")
    await before.close()
    after = await storage.open()
    assert (await find(after), await after.audit("prv_1")) == (entry, audit)
