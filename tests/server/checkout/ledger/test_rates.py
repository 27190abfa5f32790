"""How many previews and claims a principal has had within a minute, over everything that shares the ledger."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from checkout_server.checkout.ledger.contract import Claim, Entry, Ledger, State
from ledger_steps import CALL, NOW, OWNER, claim

OTHERS = {"principal": replace(OWNER, principal="another"), "environment": replace(OWNER, environment="live_mode")}
SAME = {"account": replace(OWNER, account="acc_2"), "owner": OWNER}


async def count(ledger: Ledger, now: float = NOW, *, most: int = 2, owner: Any = OWNER) -> float | None:
    return await ledger.count_preview(owner=owner, now=now, most=most)


@pytest.mark.requirement("rate.minute")
async def test_a_minute_has_room_for_so_many_previews_and_says_when_there_is_room_again(ledger: Ledger) -> None:
    told = [await count(ledger, NOW + second) for second in (0, 10, 20, 59)]
    assert told == [None, None, 40, 1]
    assert await count(ledger, NOW + 60) is None, "the first is a minute old"
    assert await count(ledger, NOW + 61) == 9, "the second is the oldest that counts"


@pytest.mark.requirement("rate.minute")
async def test_what_was_refused_is_not_counted(ledger: Ledger) -> None:
    for _ in range(5):
        await count(ledger, most=1)
    assert await count(ledger, NOW + 60, most=1) is None


@pytest.mark.requirement("rate.minute")
@pytest.mark.parametrize("most", [1, 3])
async def test_a_smaller_limit_than_before_waits_for_as_many_as_it_takes(ledger: Ledger, most: int) -> None:
    for second in range(4):
        assert await count(ledger, NOW + second, most=4) is None
    assert await count(ledger, NOW + 10, most=most) == {1: 53, 3: 51}[most]


@pytest.mark.requirement("rate.minute")
@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
async def test_others_have_a_minute_of_their_own(ledger: Ledger, other: Any) -> None:
    assert [await count(ledger, most=1, owner=each) for each in (OWNER, other)] == [None, None]
    assert await ledger.seconds_until_claim(owner=other, now=NOW, most=1) is None


@pytest.mark.requirement("rate.minute")
@pytest.mark.parametrize("same", SAME.values(), ids=SAME)
async def test_another_merchant_account_is_no_way_around(ledger: Ledger, same: Any) -> None:
    assert [await count(ledger, most=1, owner=each) for each in (OWNER, same)] == [None, 60]


@pytest.mark.requirement("once.concurrent")
async def test_of_many_previews_at_once_as_many_are_counted_as_there_is_room_for(storage: Any) -> None:
    ledgers = [await storage.open() for _ in range(3)]
    told = await asyncio.gather(*(count(each, most=5) for each in ledgers * 10))
    assert told.count(None) == 5
    assert set(told) == {None, 60}


@pytest.mark.requirement("rate.minute")
async def test_a_minute_has_room_for_so_many_claims(ledger: Ledger, quoted: Entry) -> None:
    for number in range(4):
        await ledger.add(replace(quoted, preview_id=f"prv_{number}"))

    async def take(number: int, second: float) -> Claim:
        call: dict[str, Any] = {**CALL, "now": NOW + second, "lease_seconds": 60.0, "minute_limit": 2}
        return await ledger.claim(f"prv_{number}", claim_id=f"c{number}", from_state=State.QUOTED, **call)

    assert [await take(0, 0), await take(1, 5), await take(2, 10)] == [Claim.TAKEN, Claim.TAKEN, Claim.TOO_FAST]
    assert await ledger.seconds_until_claim(owner=OWNER, now=NOW + 10, most=2) == 50
    assert await ledger.seconds_until_claim(owner=OWNER, now=NOW + 10, most=3) is None
    assert await take(2, 60) is Claim.TAKEN
    assert await take(3, 60) is Claim.TOO_FAST
    assert await ledger.seconds_until_claim(owner=OWNER, now=NOW + 60, most=2) == 5
    assert await take(0, 200) is Claim.NOT_FREE, "that is said first"


@pytest.mark.requirement("rate.minute")
async def test_the_hour_and_the_minute_both_hold(ledger: Ledger, quoted: Entry) -> None:
    for number in range(3):
        await ledger.add(replace(quoted, preview_id=f"prv_{number}"))

    async def take(number: int, second: float, **limits: int) -> Claim:
        call: dict[str, Any] = {**CALL, "now": NOW + second, "lease_seconds": 60.0, **limits}
        return await ledger.claim(f"prv_{number}", claim_id=f"c{number}", from_state=State.QUOTED, **call)

    assert await take(0, 0, hourly_limit=1, minute_limit=1) is Claim.TAKEN
    assert await take(1, 1, hourly_limit=1, minute_limit=1) is Claim.TOO_MANY
    assert await take(1, 1, hourly_limit=2, minute_limit=1) is Claim.TOO_FAST
    assert await take(1, 60, hourly_limit=1, minute_limit=1) is Claim.TOO_MANY
    assert await take(1, 60, hourly_limit=2, minute_limit=1) is Claim.TAKEN


@pytest.mark.requirement("once.concurrent")
async def test_of_many_claims_at_once_as_many_are_taken_as_there_is_room_for(storage: Any, quoted: Entry) -> None:
    ledgers = [await storage.open() for _ in range(3)]
    for number in range(12):
        await ledgers[0].add(replace(quoted, preview_id=f"prv_{number}"))
    taken = await asyncio.gather(
        *(claim(ledgers[number % 3], f"c{number}", preview_id=f"prv_{number}", minute_limit=4) for number in range(12))
    )
    assert taken.count(True) == 4


@pytest.mark.requirement("ledger.purge")
async def test_counted_previews_are_purged_after_an_hour(ledger: Ledger, storage: Any) -> None:
    await count(ledger, NOW)
    await count(ledger, NOW + 1)
    await ledger.purge(now=NOW + 3600)
    assert await storage.query("SELECT at FROM {schema}preview_attempt") == [(NOW + 1,)]
