"""Customers who were sold to, and the lookups of what they have saved: counted, and written down."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from checkout_server.checkout.ledger.contract import HOUR_SECONDS, Entry, Ledger, Owner, State
from checkout_server.checkout.ledger.customers import Lookup, LookupRow
from ledger_steps import ENDINGS, NOW, OWNER, claim, find, finish

CUSTOMER = "digest of the customer"
OTHERS = {
    "another principal": replace(OWNER, principal="another"),
    "another environment": replace(OWNER, environment="live_mode"),
    "another account": replace(OWNER, account="acc_2"),
}


async def sell(ledger: Ledger, quoted: Entry, ending: State, customer: str | None = CUSTOMER) -> None:
    await ledger.add(quoted)
    assert await claim(ledger, preview_id=quoted.preview_id, customer=customer)
    assert await finish(ledger, ending, preview_id=quoted.preview_id)


async def look_up(ledger: Ledger, *, now: float = NOW, owner: Owner = OWNER, limit: int = 2) -> bool:
    return await ledger.count_lookup(CUSTOMER, Lookup.ALLOWED, owner=owner, now=now, hourly_limit=limit)


@pytest.mark.requirement("customer.own")
@pytest.mark.parametrize("ending", ENDINGS)
async def test_who_was_sold_to_is_a_customer_and_nobody_else(ledger: Ledger, quoted: Entry, ending: State) -> None:
    await sell(ledger, quoted, ending)
    assert await ledger.is_customer(CUSTOMER, owner=OWNER) is (ending is State.CREATED)
    assert await ledger.is_customer("somebody else", owner=OWNER) is False


@pytest.mark.requirement("customer.own", "preview.owner")
@pytest.mark.parametrize("owner", OTHERS.values(), ids=OTHERS)
async def test_a_customer_of_one_owner_is_none_of_another(ledger: Ledger, quoted: Entry, owner: Owner) -> None:
    await sell(ledger, quoted, State.CREATED)
    assert await ledger.is_customer(CUSTOMER, owner=owner) is False


@pytest.mark.requirement("customer.own")
async def test_a_claim_is_not_yet_a_sale_and_a_second_one_is_for_its_own_customer(
    ledger: Ledger, quoted: Entry
) -> None:
    await sell(ledger, quoted, State.REFUSED, customer="first")
    assert await claim(ledger, "c2", State.REFUSED, attempts=1, customer=CUSTOMER)
    claimed = await find(ledger)
    assert claimed is not None
    assert claimed.customer == CUSTOMER
    assert await ledger.is_customer(CUSTOMER, owner=OWNER) is False
    assert await finish(ledger, State.CREATED, "c2")
    assert [await ledger.is_customer(each, owner=OWNER) for each in ("first", CUSTOMER)] == [False, True]


@pytest.mark.requirement("customer.own", "ledger.purge")
async def test_a_customer_is_remembered_when_the_preview_is_forgotten(
    ledger: Ledger, quoted: Entry, storage: Any
) -> None:
    await sell(ledger, quoted, State.CREATED)
    await sell(ledger, replace(quoted, preview_id="prv_2"), State.CREATED)
    await sell(ledger, replace(quoted, preview_id="prv_3"), State.CREATED, customer=None)
    assert await ledger.purge(now=NOW + 9000) == 3
    assert await ledger.is_customer(CUSTOMER, owner=OWNER) is True
    assert await storage.query("SELECT customer FROM {schema}customer") == [(CUSTOMER,)], "once"


@pytest.mark.requirement("customer.own", "ledger.migrations")
async def test_a_customer_of_a_preview_without_an_account_is_one_of_every_account(
    ledger: Ledger, quoted: Entry
) -> None:
    await sell(ledger, replace(quoted, account=None), State.CREATED)
    assert await ledger.is_customer(CUSTOMER, owner=replace(OWNER, account="acc_2")) is True


@pytest.mark.requirement("customer.hourly")
async def test_lookups_of_an_hour_are_bounded(ledger: Ledger) -> None:
    assert await look_up(ledger, now=NOW)
    assert await ledger.count_lookup("other", Lookup.STRANGER, owner=OWNER, now=NOW + 1, hourly_limit=2)
    assert not await look_up(ledger, now=NOW + HOUR_SECONDS - 1)
    assert await look_up(ledger, now=NOW + HOUR_SECONDS)
    assert not await look_up(ledger, now=NOW + HOUR_SECONDS, limit=0)


@pytest.mark.requirement("customer.hourly")
async def test_lookups_count_by_principal_and_environment_in_whichever_account(ledger: Ledger) -> None:
    assert await look_up(ledger, limit=1)
    counted = {name: await look_up(ledger, owner=owner, limit=1) for name, owner in OTHERS.items()}
    assert counted == {"another principal": True, "another environment": True, "another account": False}


@pytest.mark.requirement("customer.hourly")
async def test_of_many_lookups_at_once_only_as_many_pass_as_the_hour_has_room_for(storage: Any) -> None:
    ledgers = [await storage.open() for _ in range(3)]
    passed = await asyncio.gather(*(look_up(ledgers[number % 3], limit=4) for number in range(12)))
    assert sum(passed) == 4


@pytest.mark.requirement("customer.audit")
async def test_a_lookup_leaves_a_row_for_good_and_one_too_many_none(ledger: Ledger, storage: Any) -> None:
    assert await ledger.count_lookup(CUSTOMER, Lookup.STRANGER, owner=OWNER, now=NOW, hourly_limit=2)
    assert await look_up(ledger, now=NOW + 1)
    assert not await look_up(ledger, now=NOW + 2)
    await ledger.purge(now=NOW + 9000)
    assert await storage.query("SELECT count(*) FROM {schema}customer_lookup") == [(0,)]
    common = {"principal": "local", "environment": "sandbox", "account": "acc_1", "customer": CUSTOMER}
    assert await ledger.audit_of_customer(CUSTOMER) == [
        LookupRow(at=NOW, event="stranger", **common),
        LookupRow(at=NOW + 1, event="allowed", **common),
    ]
    assert await ledger.audit_of_customer("other") == []
