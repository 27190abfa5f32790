"""What those who run a ledger ask of it: its clock, what was sold, and what is still unknown."""

import asyncio
import time
from dataclasses import replace
from typing import Any

import pytest

from checkout_server.checkout.ledger import sql_batches
from checkout_server.checkout.ledger.contract import Entry, Ledger, State
from checkout_server.checkout.ledger.operations import Place
from checkout_server.checkout.ledger.sale_parts import Kind, SalePart
from ledger_steps import LEASE, NOW, OWNER, bring, claim, expected, find, finish

FIRST = Place(0.0)
ASK: dict[str, Any] = {"owner": OWNER, "first_pause": 60.0, "longest_pause": 200.0, "claimed_after": 0.0}


@pytest.mark.requirement("once.lease")
async def test_the_clock_is_the_storages_own(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    true = time.time()
    monkeypatch.setattr(time, "time", lambda: true - 120.0)
    assert abs(await ledger.read_clock() - true) < 60.0


@pytest.mark.requirement("once.lease")
async def test_a_claim_that_is_renewed_does_not_lapse(ledger: Ledger, quoted: Entry) -> None:
    await bring(ledger, quoted, State.CLAIMED)
    assert await ledger.renew_lease("prv_1", claim_id="c1", lease_until=NOW + 2 * LEASE)
    assert not await ledger.renew_lease("prv_1", claim_id="another", lease_until=NOW + 9 * LEASE)
    states = [(entry.state if (entry := await find(ledger, at)) else None) for at in (NOW + LEASE, NOW + 2 * LEASE)]
    assert states == [State.CLAIMED, State.UNKNOWN]
    assert not await ledger.renew_lease("prv_1", claim_id="c1", lease_until=NOW + 9 * LEASE), "it has lapsed"


@pytest.mark.requirement("once.crash", "sales.background")
async def test_each_lease_that_ended_is_an_event_once(
    ledger: Ledger, quoted: Entry, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[str] = []
    monkeypatch.setattr(sql_batches, "emit", lambda event, preview_id: ended.append(f"{event} {preview_id}"))
    monkeypatch.setattr(sql_batches, "CHANGED_AT_ONCE", 2)
    for number in range(5):
        await ledger.add(replace(quoted, preview_id=f"prv_{number}"))
        assert await claim(ledger, preview_id=f"prv_{number}")
    await find(ledger, NOW + LEASE)
    assert ended == ["session.lease_ended prv_1"]
    assert await ledger.count_unknown(environment="sandbox", now=NOW + LEASE) == (0, 5)
    await ledger.purge(now=NOW + LEASE)
    assert sorted(ended) == [f"session.lease_ended prv_{number}" for number in range(5)]


@pytest.mark.requirement("once.two_pages")
async def test_a_preview_is_claimed_once_more_after_a_lost_answer_and_then_never(ledger: Ledger, quoted: Entry) -> None:
    await bring(ledger, quoted, State.UNKNOWN)
    assert await claim(ledger, "c2", State.UNKNOWN, attempts=1)
    assert await finish(ledger, State.UNKNOWN, "c2")
    assert not await claim(ledger, "c3", State.UNKNOWN, attempts=2)


@pytest.mark.requirement("once.two_pages")
async def test_a_claim_ends_when_it_is_recorded_or_with_its_lease(ledger: Ledger, quoted: Entry) -> None:
    await bring(ledger, quoted, State.CLAIMED)
    lapsed = await find(ledger, NOW + 500)
    assert lapsed is not None
    assert lapsed.ended_at == NOW + LEASE
    assert await finish(ledger, State.UNKNOWN, now=NOW + 600)
    recorded = await find(ledger)
    assert recorded is not None
    assert recorded.ended_at == NOW + 600


@pytest.mark.requirement("sales.list")
async def test_a_sale_is_listed_by_its_newest_step_and_by_state_oldest_first(ledger: Ledger, quoted: Entry) -> None:
    await ledger.add(replace(quoted, preview_id="prv_0"))
    await bring(ledger, quoted, State.UNKNOWN)
    await ledger.add(replace(quoted, preview_id="prv_2"))
    assert await claim(ledger, "c2", preview_id="prv_2", now=NOW + 5)
    assert await finish(ledger, State.CREATED, "c2", preview_id="prv_2", now=NOW + 6)

    async def listed(**filters: Any) -> list[tuple[str, str, float]]:
        wanted: dict[str, Any] = {"environment": "sandbox", "after": FIRST, "state": None, "most": 10, **filters}
        return [(row.preview_id, row.state, row.at) for row in await ledger.list_sales(**wanted)]

    assert await listed() == [("prv_1", "unknown", NOW), ("prv_2", "created", NOW + 6)]
    assert await listed(state="unknown") == await listed(most=1) == [("prv_1", "unknown", NOW)]
    assert await listed(after=Place(NOW + 1)) == [("prv_2", "created", NOW + 6)]
    assert await listed(environment="live_mode") == []
    assert await listed(principal="local", state="created") == [("prv_2", "created", NOW + 6)]
    assert await listed(principal="another") == []


@pytest.mark.requirement("sales.list", "sales.settle")
async def test_what_is_unknown_is_listed_however_old_it_is_and_whatever_became_of_its_steps(
    ledger: Ledger, quoted: Entry
) -> None:
    await bring(ledger, quoted, State.UNKNOWN, can_charge=True)
    await ledger.add(replace(quoted, preview_id="prv_2", account="acc_2", purge_at=NOW + 9e9))
    assert await claim(ledger, "c2", preview_id="prv_2", owner=replace(OWNER, account="acc_2"), now=NOW + 5)
    years_later = NOW + 1e8
    await ledger.purge(now=years_later, audit_before=NOW)

    async def listed(**filters: Any) -> list[tuple[str, str, float, str | None]]:
        wanted: dict[str, Any] = {"environment": "sandbox", "after": FIRST, "now": years_later, "most": 10, **filters}
        return [(row.preview_id, row.state, row.at, row.detail) for row in await ledger.list_unknown_sales(**wanted)]

    ended, purged = ("prv_2", "unknown", NOW + 5 + LEASE, "lease_ended"), ("prv_1", "unknown", NOW, None)
    assert await listed() == [purged, ended]
    assert await listed(most=1) == [purged]
    assert await listed(after=Place(NOW + 1)) == [ended]
    assert await listed(environment="live_mode") == await listed(principal="another") == []


@pytest.mark.requirement("sales.settle")
async def test_what_is_unknown_is_counted_and_listed_for_its_account(ledger: Ledger, quoted: Entry) -> None:
    unknown = await bring(ledger, quoted, State.UNKNOWN)
    await ledger.add(replace(quoted, preview_id="prv_2"))
    assert await claim(ledger, "c2", preview_id="prv_2")
    assert await ledger.count_unknown(environment="sandbox", now=NOW) == (0, 1)
    of_all: dict[str, Any] = {"after": FIRST, "now": NOW, "most": 9}
    assert await ledger.list_unknown(owner=replace(OWNER, principal="x"), **of_all) == [unknown]
    assert await ledger.list_unknown(owner=replace(OWNER, account="x"), **of_all) == []
    assert await ledger.count_unknown(environment="sandbox", now=NOW + LEASE) == (0, 2), "a process died"
    named = [
        [entry.preview_id for entry in await ledger.list_unknown(owner=OWNER, **of_all, preview_id=preview_id)]
        for preview_id in ("prv_2", "prv_1", "prv_3")
    ]
    assert named == [["prv_2"], ["prv_1"], []], "however many others there are"


@pytest.mark.requirement("sales.list", "sales.settle")
async def test_page_after_page_shows_each_sale_once_however_many_are_of_one_moment(
    ledger: Ledger, quoted: Entry
) -> None:
    sold = [("prv_4", NOW), ("prv_0", NOW + 1), ("prv_2", NOW + 1), ("prv_3", NOW + 1), ("prv_1", NOW + 2)]
    for preview_id, at in reversed(sold):
        await ledger.add(replace(quoted, preview_id=preview_id))
        assert await claim(ledger, preview_id=preview_id, now=at)
        assert await finish(ledger, State.UNKNOWN, preview_id=preview_id, now=at)

    async def sales(after: Place) -> list[Place]:
        rows = await ledger.list_sales(environment="sandbox", after=after, state=None, most=2)
        return [Place(row.at, row.preview_id) for row in rows]

    async def unknown_sales(after: Place) -> list[Place]:
        rows = await ledger.list_unknown_sales(environment="sandbox", after=after, now=NOW, most=2)
        return [Place(row.at, row.preview_id) for row in rows]

    async def unknown(after: Place) -> list[Place]:
        entries = await ledger.list_unknown(owner=OWNER, after=after, now=NOW, most=2)
        return [Place(entry.claimed_at or 0.0, entry.preview_id) for entry in entries]

    for read in (sales, unknown_sales, unknown):
        pages = [await read(FIRST)]
        while pages[-1]:
            pages.append(await read(pages[-1][-1]))
        places = [Place(at, preview_id) for preview_id, at in sold]
        assert pages == [places[:2], places[2:4], places[4:], []]


@pytest.mark.requirement("telemetry.unresolved")
async def test_what_may_have_charged_is_counted_apart(ledger: Ledger, quoted: Entry) -> None:
    await bring(ledger, quoted, State.UNKNOWN, can_charge=True)
    for number, can_charge in enumerate((True, False, False), 2):
        await ledger.add(replace(quoted, preview_id=f"prv_{number}"))
        assert await claim(ledger, preview_id=f"prv_{number}", can_charge=can_charge)
    assert await ledger.count_unknown(environment="sandbox", now=NOW) == (1, 0)
    assert await ledger.count_unknown(environment="sandbox", now=NOW + LEASE) == (2, 2)
    assert await ledger.count_unknown(environment="live_mode", now=NOW + LEASE) == (0, 0)


@pytest.mark.requirement("sales.background")
async def test_an_unknown_outcome_is_taken_by_one_at_a_time_with_growing_pauses(ledger: Ledger, quoted: Entry) -> None:
    await bring(ledger, quoted, State.UNKNOWN)
    taken = await asyncio.gather(*(ledger.take_unknown(now=NOW, **ASK) for _ in range(5)))
    assert [entry.preview_id for entry in taken if entry] == ["prv_1"]
    pauses: list[float] = []
    at = NOW
    for _ in range(4):
        begun = at
        while not await ledger.take_unknown(now=at, **ASK):
            at += 10
        pauses.append(at - begun)
    assert pauses == [60, 120, 200, 200]
    over: dict[str, Any] = ASK | {"claimed_after": NOW}
    assert await ledger.take_unknown(now=NOW + 9999, **over) is None, "its session is over"


@pytest.mark.requirement("once.forgotten")
@pytest.mark.parametrize("state", [State.QUOTED, State.REFUSED])
async def test_a_forgotten_sale_is_restored_once(ledger: Ledger, quoted: Entry, state: State) -> None:
    before = await bring(ledger, quoted, state)
    steps = len(await ledger.audit("prv_1"))
    sale: dict[str, Any] = {
        "owner": OWNER, "session_id": "cks_1", "outcome": b"x", "detail": "found_in_payments", "purge_at": NOW + 9,
        "now": NOW + 1,
    }  # fmt: skip
    assert [await ledger.restore_sale("prv_1", **sale) for _ in range(2)] == [True, False]
    assert await find(ledger) == replace(
        before,
        state=State.CREATED,
        can_charge=True,
        arguments=None,
        session_id="cks_1",
        outcome=b"x",
        purge_at=NOW + 9,
    )
    rows = [(row.event, row.detail) for row in await ledger.audit("prv_1")]
    assert rows[steps:] == [("created", "found_in_payments")]


@pytest.mark.requirement("ledger.purge", "sales.settle")
async def test_of_a_charge_that_stays_unknown_what_is_personal_is_purged_alone(ledger: Ledger, quoted: Entry) -> None:
    await ledger.add(quoted)
    assert await claim(ledger, can_charge=True, buyer=b"sealed buyer")
    assert await finish(ledger, State.UNKNOWN)
    payment = SalePart(part_id="pay_1", preview_id="prv_1", kind=Kind.PAYMENT, as_of=NOW, content=b"sealed")
    assert await ledger.store_webhook("msg_1", "payment.failed", payment, now=NOW)
    unknown = expected(quoted, State.UNKNOWN, can_charge=True)
    assert await ledger.purge(now=unknown.purge_at) == 0
    assert await find(ledger) == replace(unknown, order=b"", arguments=None)
    assert (await ledger.list_parts("prv_1"), await ledger.was_webhook_seen("msg_1")) == ([], False)
    assert await finish(ledger, State.CREATED)
    assert await ledger.purge(now=unknown.purge_at) == 1
