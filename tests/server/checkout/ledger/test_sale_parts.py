"""What a ledger keeps of what came after a sale: the newest of each part, each webhook once, and the return page."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from checkout_server.checkout.ledger.contract import Entry, Ledger, State
from checkout_server.checkout.ledger.sale_parts import Kind, ReturnPage, ReturnToken, SalePart
from ledger_steps import NOW, OWNER, bring, claim, expected, finish

PART = SalePart(part_id="pay_1", preview_id="prv_1", kind=Kind.PAYMENT, as_of=NOW, content=b"failed")
NEWER = replace(PART, as_of=NOW + 1, content=b"succeeded")
OTHERS = (replace(OWNER, environment="live_mode"), replace(OWNER, account="acc_2"))
TOKEN = ReturnToken("digest of a token", "ja")


@pytest.mark.requirement("webhook.ledger")
async def test_the_newest_of_a_part_counts_in_whatever_order_they_come(ledger: Ledger, quoted: Entry) -> None:
    await bring(ledger, quoted, State.CREATED)
    assert await ledger.store_part(NEWER)
    assert not await ledger.store_part(PART)
    assert await ledger.list_parts("prv_1") == [NEWER]
    assert await ledger.store_part(replace(NEWER, content=b"again")), "of the same moment the later report"


@pytest.mark.requirement("webhook.ledger")
async def test_a_part_stays_with_its_first_sale(ledger: Ledger, quoted: Entry) -> None:
    await bring(ledger, quoted, State.CREATED)
    await ledger.add(replace(quoted, preview_id="prv_2"))
    assert await ledger.store_part(PART)
    assert not await ledger.store_part(replace(NEWER, preview_id="prv_2"))
    assert (await ledger.list_parts("prv_1"), await ledger.list_parts("prv_2")) == ([PART], [])


@pytest.mark.requirement("webhook.ledger")
async def test_nothing_is_stored_of_a_sale_that_is_not_here(ledger: Ledger) -> None:
    assert not await ledger.store_part(PART)
    assert not await ledger.store_webhook("msg_1", "payment.failed", PART, now=NOW)
    assert (await ledger.list_parts("prv_1"), await ledger.was_webhook_seen("msg_1")) == ([], False)


@pytest.mark.requirement("webhook.once")
async def test_a_webhook_is_taken_once_however_often_and_wherever_it_comes(storage: Any, quoted: Entry) -> None:
    ledgers = [await storage.open() for _ in range(2)]
    await bring(ledgers[0], quoted, State.CREATED)
    coming = [ledgers[n % 2].store_webhook("msg_1", "payment.failed", PART, now=NOW) for n in range(10)]
    assert sorted(await asyncio.gather(*coming)) == [False] * 9 + [True]
    assert not await ledgers[0].store_webhook("msg_1", "payment.succeeded", NEWER, now=NOW + 1)
    assert await ledgers[1].list_parts("prv_1") == [PART], "one that was seen changes nothing"
    assert await ledgers[1].was_webhook_seen("msg_1")


@pytest.mark.requirement("webhook.ledger")
async def test_a_sale_is_found_in_its_own_environment_and_account_only(ledger: Ledger, quoted: Entry) -> None:
    sold = await bring(ledger, quoted, State.CREATED)
    await ledger.store_part(PART)
    assert await ledger.find_sale(owner=OWNER, session_id="cks_1") == sold
    assert await ledger.find_sale(owner=replace(OWNER, principal="another"), preview_id="prv_1") == sold
    assert await ledger.find_sale_of_part("pay_1", owner=OWNER) == sold
    for other in OTHERS:
        assert await ledger.find_sale(owner=other, session_id="cks_1") is None
        assert await ledger.find_sale_of_part("pay_1", owner=other) is None


@pytest.mark.requirement("ledger.purge")
async def test_all_that_is_known_of_a_sale_goes_with_its_order(ledger: Ledger, storage: Any, quoted: Entry) -> None:
    await ledger.add(quoted)
    assert await claim(ledger, return_token=TOKEN)
    assert await finish(ledger, State.CREATED)
    assert await ledger.store_webhook("msg_1", "payment.failed", PART, now=NOW)
    await ledger.purge(now=NOW + 8999)
    assert await ledger.list_parts("prv_1") == [PART]
    assert await ledger.purge(now=NOW + 9000) == 1
    assert await storage.query("SELECT token FROM {schema}return_page") == []
    assert await storage.query("SELECT part_id FROM {schema}sale_part") == []
    assert await storage.query("SELECT webhook_id FROM {schema}webhook") == []


@pytest.mark.requirement("webhook.ledger")
async def test_the_last_webhook_is_remembered_for_each_environment_and_account(ledger: Ledger) -> None:
    assert await ledger.find_last_webhook(owner=OWNER) is None
    for now in (NOW + 5, NOW):
        await ledger.note_webhook(owner=OWNER, now=now)
    assert await ledger.find_last_webhook(owner=OWNER) == NOW + 5
    assert [await ledger.find_last_webhook(owner=other) for other in OTHERS] == [None, None]


@pytest.mark.requirement("return.token")
async def test_a_token_leads_to_the_session_of_its_own_claim(ledger: Ledger, quoted: Entry) -> None:
    await ledger.add(quoted)
    assert await claim(ledger, return_token=TOKEN)
    claimed = expected(quoted, State.CLAIMED)
    assert await ledger.find_return_page(TOKEN.digest, owner=OWNER) == ReturnPage(claimed, "ja")
    assert await ledger.find_return_page("another digest", owner=OWNER) is None
    assert [await ledger.find_return_page(TOKEN.digest, owner=other) for other in OTHERS] == [None, None]
    assert await finish(ledger, State.UNKNOWN)
    second = ReturnToken("digest of a second token", None)
    assert await claim(ledger, "c2", State.UNKNOWN, attempts=1, return_token=second)
    assert await ledger.find_return_page(TOKEN.digest, owner=OWNER) is None, "its page was lost with its answer"
    assert await ledger.find_return_page(second.digest, owner=OWNER) is not None


@pytest.mark.requirement("return.asked_rarely")
async def test_one_of_many_may_look_within_the_pause(storage: Any, quoted: Entry) -> None:
    ledgers = [await storage.open() for _ in range(2)]
    await ledgers[0].add(quoted)
    assert await claim(ledgers[0], return_token=TOKEN)

    async def look(now: float) -> list[bool]:
        looks = [ledgers[n % 2].take_look(TOKEN.digest, now=now, pause=5) for n in range(6)]
        return sorted(await asyncio.gather(*looks))

    assert await look(NOW) == [False] * 5 + [True]
    assert await look(NOW + 4.9) == [False] * 6
    assert await look(NOW + 5) == [False] * 5 + [True]
    assert await look(NOW) == [False] * 5 + [True], "a clock that was set back"
