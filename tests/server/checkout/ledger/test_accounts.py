"""The merchant account: a part of who owns a preview, and what is remembered for an API key."""

import asyncio
from dataclasses import replace

import pytest

from checkout_server.checkout.ledger.contract import Entry, Ledger, OtherSales, State
from checkout_server.checkout.ledger.principals import Others
from ledger_steps import BUYER, GOODS, LEASE, NOW, OWNER, bring, claim

ELSEWHERE = replace(OWNER, account="acc_2")


@pytest.mark.requirement("preview.owner")
async def test_a_preview_without_an_account_belongs_to_every_account_of_its_principal(
    ledger: Ledger, quoted: Entry
) -> None:
    created = await bring(ledger, replace(quoted, account=None), State.CREATED)
    for owner in (OWNER, ELSEWHERE):
        assert await ledger.find("prv_1", owner=owner, now=NOW) == created
        assert await ledger.find_session("cks_1", owner=owner, now=NOW) == created
        sales = await ledger.find_other_sales(
            owner=owner, goods=GOODS, sold_to=BUYER, now=NOW, since=NOW - 1, except_preview_id="prv_2", most=3
        )
        assert sales == OtherSales(recent=State.CREATED, created=(created,))
    for owner in (replace(OWNER, principal="another"), replace(OWNER, environment="live_mode")):
        assert await ledger.find("prv_1", owner=owner, now=NOW) is None
        assert await ledger.find_session("cks_1", owner=owner, now=NOW) is Others.SESSION


@pytest.mark.requirement("preview.owner")
async def test_a_preview_without_an_account_is_claimed_by_one_of_them(ledger: Ledger, quoted: Entry) -> None:
    await ledger.add(replace(quoted, account=None))
    assert [await claim(ledger, owner=ELSEWHERE), await claim(ledger)] == [True, False]


@pytest.mark.requirement("preview.owner")
async def test_looking_does_not_end_the_lease_of_another_account(ledger: Ledger, quoted: Entry) -> None:
    claimed = await bring(ledger, quoted, State.CLAIMED)
    assert await ledger.find("prv_1", owner=ELSEWHERE, now=NOW + LEASE) is None
    assert await ledger.find("prv_1", owner=OWNER, now=NOW) == claimed


@pytest.mark.requirement("preview.owner")
async def test_the_first_account_of_a_key_stays(ledger: Ledger) -> None:
    assert await ledger.find_account("fingerprint") is None
    assert await ledger.store_account("fingerprint", "acc_1") == "acc_1"
    assert await ledger.store_account("fingerprint", "acc_2") == "acc_1"
    assert await ledger.store_account("another", "acc_2") == "acc_2"
    assert [await ledger.find_account(key) for key in ("fingerprint", "another")] == ["acc_1", "acc_2"]


@pytest.mark.requirement("once.concurrent")
async def test_calls_that_store_an_account_at_once_agree(ledger: Ledger) -> None:
    stored = await asyncio.gather(*(ledger.store_account("fingerprint", f"acc_{number}") for number in range(20)))
    assert set(stored) == {await ledger.find_account("fingerprint")}
