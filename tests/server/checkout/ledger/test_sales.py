"""Finding a preview by its session, and a sale of the same goods a short while ago."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from checkout_server.checkout.ledger.contract import UNKNOWN_KEPT_SECONDS, Claim, Entry, Ledger, OtherSales, State
from checkout_server.checkout.ledger.principals import Others
from ledger_steps import BUYER, CALL, GOODS, LEASE, NOW, OWNER, bring, claim, expected, find, finish

OTHERS = {
    "another principal": replace(OWNER, principal="another"),
    "another environment": replace(OWNER, environment="live_mode"),
    "another account": replace(OWNER, account="acc_2"),
}


async def other_sales(ledger: Ledger, **changes: Any) -> OtherSales:
    """What a second preview of the same goods for the same buyer is told about others."""
    about = {"owner": OWNER, "goods": GOODS, "sold_to": BUYER, "now": NOW, "since": NOW - 1}
    return await ledger.find_other_sales(**({**about, "except_preview_id": "prv_2", "most": 3} | changes))


async def recent_sale(ledger: Ledger, **changes: Any) -> State | None:
    return (await other_sales(ledger, **changes)).recent


@pytest.mark.requirement("sell.status")
async def test_a_preview_is_found_by_its_session(ledger: Ledger, quoted: Entry) -> None:
    created = await bring(ledger, quoted, State.CREATED)
    assert await ledger.find_session("cks_1", owner=OWNER, now=NOW) == created
    assert await ledger.find_session("cks_2", owner=OWNER, now=NOW) is None


@pytest.mark.requirement("outcome.other_page")
@pytest.mark.parametrize("state", State)
async def test_only_sessions_that_exist_are_found_by_their_buyer(ledger: Ledger, quoted: Entry, state: State) -> None:
    stored = await bring(ledger, quoted, state)
    assert (await other_sales(ledger)).created == ((stored,) if state is State.CREATED else ())


@pytest.mark.requirement("outcome.other_page", "ledger.recent_sale")
async def test_the_newest_sessions_are_found_beside_how_the_newest_sale_stands(ledger: Ledger, quoted: Entry) -> None:
    for number, state in enumerate((State.CREATED, State.CREATED, State.CREATED, State.CLAIMED), 3):
        preview_id = f"prv_{number}"
        await ledger.add(replace(quoted, preview_id=preview_id))
        assert await claim(ledger, preview_id=preview_id, now=NOW + number)
        if state is State.CREATED:
            assert await finish(ledger, state, preview_id=preview_id)
    found = await other_sales(ledger, now=NOW + 7, most=2)
    assert (found.recent, [entry.preview_id for entry in found.created]) == (State.CLAIMED, ["prv_5", "prv_4"])


@pytest.mark.requirement("outcome.other_page", "preview.owner")
@pytest.mark.parametrize(
    "changes",
    [
        *({"owner": each} for each in OTHERS.values()),
        {"sold_to": "another"}, {"since": NOW}, {"except_preview_id": "prv_1"}, {"most": 0},
    ],
    ids=[*OTHERS, "another buyer", "too long ago", "the same preview", "none wanted"],
)  # fmt: skip
async def test_sessions_are_found_by_their_owner_buyer_and_time_alone(
    ledger: Ledger, quoted: Entry, changes: dict[str, Any]
) -> None:
    await bring(ledger, quoted, State.CREATED)
    assert (await other_sales(ledger, **changes)).created == ()


@pytest.mark.requirement("outcome.other_page")
async def test_a_session_of_other_goods_for_the_same_buyer_is_found(ledger: Ledger, quoted: Entry) -> None:
    created = await bring(ledger, quoted, State.CREATED)
    assert await other_sales(ledger, goods="others") == OtherSales(recent=None, created=(created,))


@pytest.mark.requirement("preview.owner")
@pytest.mark.parametrize("owner", OTHERS.values(), ids=OTHERS)
async def test_nobody_finds_the_session_of_another(ledger: Ledger, quoted: Entry, owner: Any) -> None:
    await bring(ledger, quoted, State.CREATED)
    assert await ledger.find_session("cks_1", owner=owner, now=NOW) is Others.SESSION
    assert await ledger.find_session("cks_2", owner=owner, now=NOW) is None


@pytest.mark.requirement("once.crash")
async def test_a_second_attempt_found_by_its_session_is_unknown_once_its_lease_has_ended(
    ledger: Ledger, quoted: Entry
) -> None:
    await bring(ledger, quoted, State.CLAIMED)
    unfinished: dict[str, Any] = {"claim_id": "c1", "state": State.UNKNOWN, "outcome": None, "detail": None}
    assert await ledger.finish("prv_1", **unfinished, session_id="cks_1", purge_at=NOW + 9000, now=NOW)
    assert await claim(ledger, "c2", State.UNKNOWN, attempts=1)
    claimed = await find(ledger)
    assert claimed is not None
    assert await ledger.find_session("cks_1", owner=OWNER, now=NOW + LEASE - 1) == claimed
    assert await ledger.find_session("cks_1", owner=OWNER, now=NOW + LEASE) == replace(
        claimed, state=State.UNKNOWN, lease_until=None, purge_at=NOW + LEASE + UNKNOWN_KEPT_SECONDS
    )
    assert [(row.event, row.detail) for row in await ledger.audit("prv_1")][-1] == ("unknown", "lease_ended")


@pytest.mark.requirement("ledger.recent_sale")
@pytest.mark.parametrize(
    ("state", "found"),
    [
        (State.QUOTED, None),
        (State.CLAIMED, State.CLAIMED),
        (State.CREATED, State.CREATED),
        (State.REFUSED, None),
        (State.UNKNOWN, State.UNKNOWN),
    ],
)
async def test_a_sale_that_was_made_or_may_have_been_is_found_for_an_hour(
    ledger: Ledger, quoted: Entry, state: State, found: State | None
) -> None:
    await bring(ledger, quoted, state)
    assert await recent_sale(ledger) is found
    assert await recent_sale(ledger, now=NOW + 3600) is None


@pytest.mark.requirement("ledger.recent_sale", "once.crash")
async def test_a_claim_whose_lease_has_ended_is_found_as_unknown(ledger: Ledger, quoted: Entry) -> None:
    await bring(ledger, quoted, State.CLAIMED)
    assert await recent_sale(ledger, now=NOW + LEASE - 1) is State.CLAIMED
    assert await recent_sale(ledger, now=NOW + LEASE) is State.UNKNOWN
    assert await find(ledger) == expected(quoted, State.CLAIMED), "looking writes nothing"


@pytest.mark.requirement("ledger.recent_sale", "preview.owner")
@pytest.mark.parametrize(
    "changes",
    [{"goods": "others"}, {"except_preview_id": "prv_1"}, *({"owner": owner} for owner in OTHERS.values())],
    ids=["other goods", "the preview itself", *OTHERS],
)
async def test_a_sale_of_something_else_or_by_somebody_else_is_not_found(
    ledger: Ledger, quoted: Entry, changes: dict[str, Any]
) -> None:
    await bring(ledger, quoted, State.CREATED)
    assert await recent_sale(ledger, **changes) is None


@pytest.mark.requirement("ledger.recent_sale")
async def test_of_several_sales_the_newest_is_found(ledger: Ledger, quoted: Entry) -> None:
    await bring(ledger, quoted, State.CREATED)
    for number, state in ((3, State.UNKNOWN), (4, State.REFUSED)):
        preview_id = f"prv_{number}"
        await ledger.add(replace(quoted, preview_id=preview_id))
        assert await claim(ledger, preview_id=preview_id, now=NOW + number)
        assert await finish(ledger, state, preview_id=preview_id)
    assert await recent_sale(ledger, now=NOW + 5) is State.UNKNOWN
    assert await recent_sale(ledger, now=NOW + 5, except_preview_id="prv_3") is State.CREATED


@pytest.mark.requirement("ledger.recent_sale")
async def test_a_second_attempt_counts_by_its_own_goods_and_time(ledger: Ledger, quoted: Entry) -> None:
    await bring(ledger, replace(quoted, expires_at=NOW + 9000), State.UNKNOWN)
    assert await claim(ledger, "c2", State.UNKNOWN, attempts=1, goods="others", now=NOW + 4000)
    assert await recent_sale(ledger, now=NOW + 4000) is None
    assert await recent_sale(ledger, now=NOW + 4000, goods="others") is State.CLAIMED


async def claim_unless_sold(ledger: Ledger, number: int, **changes: Any) -> Claim:
    call: dict[str, Any] = {**CALL, "from_state": State.QUOTED, "now": NOW, "lease_seconds": LEASE, "unless_sold": True}
    return await ledger.claim(f"prv_{number}", claim_id=f"c{number}", **{**call, **changes})


@pytest.mark.requirement("ledger.recent_sale")
@pytest.mark.parametrize(
    ("state", "claimed"),
    [
        (State.QUOTED, Claim.TAKEN),
        (State.CLAIMED, Claim.REPEATED),
        (State.CREATED, Claim.REPEATED),
        (State.REFUSED, Claim.TAKEN),
        (State.UNKNOWN, Claim.REPEATED),
    ],
)
async def test_a_claim_that_must_be_the_only_one_fails_beside_another_sale(
    ledger: Ledger, quoted: Entry, state: State, claimed: Claim
) -> None:
    await bring(ledger, quoted, state)
    await ledger.add(replace(quoted, preview_id="prv_2", expires_at=NOW + 9000))
    assert await claim_unless_sold(ledger, 2) is claimed
    taken_before = claimed is Claim.TAKEN
    others = await claim_unless_sold(ledger, 2, goods="others")
    assert others is (Claim.NOT_FREE if taken_before else Claim.TAKEN)


@pytest.mark.requirement("ledger.recent_sale", "policy.hourly")
async def test_a_claim_that_fails_for_two_reasons_names_the_sale_first(ledger: Ledger, quoted: Entry) -> None:
    await bring(ledger, quoted, State.CREATED)
    await ledger.add(replace(quoted, preview_id="prv_2"))
    assert await claim_unless_sold(ledger, 2, hourly_limit=1) is Claim.REPEATED
    assert await claim_unless_sold(ledger, 2, hourly_limit=1, goods="others") is Claim.TOO_MANY
    assert await claim_unless_sold(ledger, 2, hourly_limit=2, goods="others") is Claim.TAKEN


@pytest.mark.requirement("ledger.recent_sale", "once.concurrent")
async def test_a_sale_by_a_clock_that_is_a_little_ahead_is_found(ledger: Ledger, quoted: Entry) -> None:
    """So it looks to a claim that began earlier and waited longer for its turn."""
    await bring(ledger, quoted, State.CREATED)
    await ledger.add(replace(quoted, preview_id="prv_2"))
    assert await recent_sale(ledger, now=NOW - 0.1) is State.CREATED
    assert await claim_unless_sold(ledger, 2, now=NOW - 0.1) is Claim.REPEATED


@pytest.mark.requirement("ledger.recent_sale", "once.concurrent")
async def test_of_claims_at_once_that_must_be_the_only_one_one_is_taken(storage: Any, quoted: Entry) -> None:
    ledgers = [await storage.open() for _ in range(3)]
    for number in range(12):
        await ledgers[0].add(replace(quoted, preview_id=f"prv_{number}"))
    ended = await asyncio.gather(*(claim_unless_sold(ledgers[number % 3], number) for number in range(12)))
    assert (ended.count(Claim.TAKEN), ended.count(Claim.REPEATED)) == (1, 11)
