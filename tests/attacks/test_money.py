"""Money that moves twice, or at another amount than the one that was shown."""

import asyncio
import base64
import time
from pathlib import Path
from typing import Any

import pytest

from checkout_server.checkout.ledger.contract import LedgerUnavailable
from fault_cases import FaultyUpstream, call, create_then_answer, drop_after, hold, no_fault, opened, word
from forms import approving
from orders import CONFIRMED, HOSTED, ORDER, TWO
from shops import open_shop_over

CREATE, STATUS, PREVIEW = "create_checkout_session", "get_checkout_session", "/checkouts/preview"
JANE: dict[str, Any] = {"customer": {"email": "jane@example.com"}}
SOLD = "A session for the same order and buyer was already created within the last hour."
BOOK: dict[str, Any] = {"product_cart": [{"product_id": "prod_ebook_guide", "quantity": 1}]}


@pytest.mark.requirement("price.drift")
async def test_a_price_that_was_quoted_for_one_customer_is_not_sold_to_another(open_memory_shop: Any) -> None:
    """The fresh preview of ``price_changed`` holds a price that was asked for with a customer (and confirm, and flags),
    but is stored as a young preview of the bare order. Created within a minute without that customer it is not quoted
    again: the model and the buyer are told USD 10.00, the page charges USD 19.00."""
    async with open_memory_shop() as shop:

        def cheap_for_vips(quote: Any) -> Any:
            body = shop.upstream.requests[-1][2]
            if body.get("customer", {}).get("customer_id") == "cus_123":
                quote["current_breakup"]["total_amount"] = 1000
            return quote

        shop.upstream.rewrites[PREVIEW] = cheap_for_vips
        preview_id = await shop.preview_id()
        error = await shop.refusal(CREATE, {"preview_id": preview_id, "customer": {"customer_id": "cus_123"}})
        fresh = error["price_change"]["preview_id"]
        result = await shop.client.call_tool(CREATE, {"preview_id": fresh, **JANE})
        assert result.is_error, f"sold to anybody at {result.structured_content['total']}"


@pytest.mark.requirement("policy.order")
async def test_a_customers_own_price_opens_no_way_around_the_limit(open_memory_shop: Any) -> None:
    """The same, used by a model against ``max_total``: through a customer whose price is below the limit the order is
    sold to one whose price is above it."""
    async with open_memory_shop(policy="[limits]\nmax_total = { USD = 1900 }") as shop:
        vip = {"customer": {"customer_id": "cus_123"}}

        def priced(quote: Any) -> Any:
            asked_by = shop.upstream.requests[-1][2].get("customer", {})
            quote["current_breakup"]["total_amount"] = state["vip"] if asked_by else state["all"]
            return quote

        state = {"all": 1900, "vip": 1000}
        shop.upstream.rewrites[PREVIEW] = priced
        preview_id = await shop.preview_id()
        state["all"] = 2500  # the list price rises
        fresh = (await shop.refusal(CREATE, {"preview_id": preview_id, **vip}))["price_change"]["preview_id"]
        result = await shop.client.call_tool(CREATE, {"preview_id": fresh, **JANE})
        assert (result.is_error, shop.upstream.created) == (True, [])


@pytest.mark.requirement("approval.repeats")
@pytest.mark.parametrize("era", ["2025", "2026"])
async def test_a_yes_does_not_sell_a_second_time_what_was_sold_while_the_person_thought(
    tmp_path: Path, era: str
) -> None:
    """Two previews of one order, two calls at once, as parallel tool calls of one turn: both questions are written
    before either sale, and neither says that the other exists. The question is never held against
    ``find_recent_sale`` again after the yes (2025: never; 2026: only before the claim), so two charges are made and
    nobody was told."""
    asked: list[str] = []
    both = asyncio.Event()

    async def people(_context: Any, params: Any) -> Any:
        asked.append(params.message)
        if len(asked) == 2:
            both.set()
        await both.wait()
        return approving(params)

    async with open_shop_over("memory", era, tmp_path, person=people) as shop:
        sales = [{"preview_id": await shop.preview_id(**TWO), **JANE, "confirm": True} for _ in range(2)]
        results = await asyncio.gather(*(shop.client.call_tool(CREATE, sale) for sale in sales))
        told = SOLD in "\n".join(asked)
        assert told or len(shop.upstream.created) == 1, [each.structured_content for each in results]


@pytest.mark.requirement("approval.repeats")
@pytest.mark.parametrize("era", ["2025", "2026"])
async def test_a_question_that_was_open_during_another_sale_is_not_enough(tmp_path: Path, era: str) -> None:
    """One after the other: the first sale is complete before the second question is answered."""
    first_done, second_asked = asyncio.Event(), asyncio.Event()
    asked: list[str] = []

    async def people(_context: Any, params: Any) -> Any:
        asked.append(params.message)
        if len(asked) == 1:  # the slow one
            second_asked.set()
            await first_done.wait()
        return approving(params)

    async with open_shop_over("memory", era, tmp_path, person=people) as shop:
        slow = {"preview_id": await shop.preview_id(**TWO), **JANE, "confirm": True}
        fast = {"preview_id": await shop.preview_id(**TWO), **JANE, "confirm": True}
        waiting = asyncio.create_task(shop.client.call_tool(CREATE, slow))
        await second_asked.wait()
        await shop.call(CREATE, fast)
        first_done.set()
        await waiting
        assert SOLD in "\n".join(asked) or len(shop.upstream.created) == 1


@pytest.mark.requirement("preview.account")
async def test_a_rotation_of_sealing_keys_does_not_lose_an_unknown_charge(tmp_path: Path) -> None:
    """Where the API names no business id, the account is ``key:`` and a fingerprint under the *first* sealing key.
    After a rotation (new key first, old one kept) it is another account: every preview is ``preview_not_found`` with
    ``new_preview``, also the one whose charge is unknown, and the goods' digest changed too, so no question tells."""
    old, new = (base64.urlsafe_b64encode(each * 32).decode() for each in (b"o", b"n"))

    def nameless(shop: Any) -> None:
        shop.upstream.rewrites["/brands"] = lambda _answer: {"items": []}
        shop.upstream.rewrites["/products"] = lambda _answer: {"items": []}

    async def yes(_context: Any, params: Any) -> Any:
        return approving(params)

    async with open_shop_over("memory", "2026", tmp_path, person=yes, CHECKOUT_SECRET_KEYS=old) as shop:
        nameless(shop)
        sale = {"preview_id": await shop.preview_id(**TWO), **CONFIRMED}
        shop.upstream.rewrites["/checkouts"] = lambda _answer: "lost"
        assert (await shop.refusal(CREATE, sale))["code"] == "outcome_unknown"
    async with open_shop_over("memory", "2026", tmp_path, person=yes, CHECKOUT_SECRET_KEYS=f"{new},{old}") as shop:
        nameless(shop)
        error = await shop.refusal(CREATE, sale)
        assert (error["code"], error["retry"]) == ("outcome_unknown", "do_not_retry")


@pytest.mark.requirement("once.proof")
async def test_a_session_that_was_handed_out_but_not_recorded_is_not_made_again(tmp_path: Path) -> None:
    """The ledger fails as the outcome is recorded, longer than the lease. The buyer holds the page of the first
    session; the same process then takes the preview for one whose page "nobody holds" and makes a second one."""
    async with FaultyUpstream().running() as upstream, opened(tmp_path, upstream.url) as (client, desk):
        now = time.time()
        desk.clock = lambda: now
        preview_id = (await call(client, "preview_checkout", **ORDER))["preview_id"]
        whole = desk.ledger

        class Full:
            def __getattr__(self, name: str) -> Any:
                return getattr(whole, name)

            async def finish(self, *_arguments: Any, **_named: Any) -> bool:
                raise LedgerUnavailable("The disk is full.")

        desk.ledger = Full()  # pyright: ignore[reportAttributeAccessIssue] - it passes everything on
        first = await call(client, CREATE, preview_id=preview_id, **HOSTED)
        assert first["checkout_url"]
        now += 61
        second = await call(client, CREATE, preview_id=preview_id, **HOSTED)
        assert second.get("checkout_url") in {None, first["checkout_url"]}, "two payable pages of one preview"


@pytest.mark.requirement("once.concurrent")
async def test_two_replicas_whose_clocks_differ_hand_out_one_page(tmp_path: Path) -> None:
    """The second replica's clock is a minute ahead, so the first one's claim, a second old, has "ended" for it. Both
    get a page (the first with a warning): the buyer may be given both, and pay both. ``finish`` returned False, so
    the first replica knows that somebody else took the preview, and hands out its page nevertheless."""
    async with (
        FaultyUpstream().running() as upstream,
        opened(tmp_path, upstream.url) as (one, _here),
        opened(tmp_path, upstream.url) as (two, ahead),
    ):
        ahead.clock = lambda: time.time() + 61
        preview_id = (await call(one, "preview_checkout", **ORDER))["preview_id"]
        upstream.fault = hold
        creating = asyncio.create_task(call(one, CREATE, preview_id=preview_id, **HOSTED))
        await upstream.arrived.wait()
        upstream.fault = no_fault
        second = await call(two, CREATE, preview_id=preview_id, **HOSTED)
        upstream.released.set()
        first = await creating
        pages = {each["checkout_url"] for each in (first, second) if "checkout_url" in each}
        assert len(pages) == 1


@pytest.mark.requirement("once.proof")
@pytest.mark.parametrize("status", [408, 499])
async def test_a_request_timeout_of_a_proxy_does_not_prove_that_nothing_was_charged(
    tmp_path: Path, status: int
) -> None:
    """Proxies answer 408 and 499 of requests that they passed on. A confirmed one is then "The charge was refused, and
    nothing was charged … call preview_checkout", and sold again."""
    async with FaultyUpstream().running() as upstream, opened(tmp_path, upstream.url) as (client, _desk):
        preview_id = (await call(client, "preview_checkout", **ORDER))["preview_id"]
        upstream.fault = create_then_answer(status, {})
        result = await call(client, CREATE, preview_id=preview_id, **CONFIRMED)
        assert word(result) == "outcome_unknown", result["error"]["retry"]


@pytest.mark.requirement("once.lookup")
async def test_a_payment_that_was_found_is_not_called_nothing_charged(tmp_path: Path) -> None:
    """A hosted session whose answer was lost was paid after all. The lookup records it as created, without a page and
    within its life, and a creation then says "nobody holds its page, and nothing was charged. Call
    preview_checkout"."""
    async with FaultyUpstream().running() as upstream, opened(tmp_path, upstream.url) as (client, _desk):
        preview_id = (await call(client, "preview_checkout", **ORDER))["preview_id"]
        upstream.fault = drop_after
        await call(client, CREATE, preview_id=preview_id, **HOSTED)
        upstream.fault = no_fault
        [session] = upstream.sandbox.sessions.values()
        upstream.sandbox.pay(session, "succeeded")
        assert (await call(client, STATUS, preview_id=preview_id))["status"] == "paid"
        again = await call(client, CREATE, preview_id=preview_id, **HOSTED)
        assert "nothing was charged" not in again["next_step"]


@pytest.mark.requirement("once.lookup")
async def test_a_marked_payment_with_an_unreadable_status_is_not_called_unpaid(tmp_path: Path) -> None:
    """A row with our mark, whose status cannot be read and whose session is missing, is taken for one that has not
    begun; a quarter of an hour later it is "ended without a payment. Call preview_checkout"."""

    async def yes(_context: Any, params: Any) -> Any:
        return approving(params)

    async with open_shop_over("memory", "2026", tmp_path, person=yes) as shop:
        now = time.time()
        shop.desk.clock = lambda: now
        sale = {"preview_id": await shop.preview_id(**TWO), **CONFIRMED}
        shop.upstream.rewrites["/checkouts"] = lambda _answer: "lost"
        await shop.refusal(CREATE, sale)

        def odd(page: Any) -> Any:
            for row in page["items"]:
                row |= {"status": {"word": "succeeded"}, "checkout_session_id": None}
            return page

        shop.upstream.rewrites["/payments"] = odd
        told = [(await shop.call(STATUS, {"preview_id": sale["preview_id"]}))["status"]]
        now += 901
        told.append((await shop.call(STATUS, {"preview_id": sale["preview_id"]}))["status"])
        assert told == ["unknown", "unknown"]


@pytest.mark.requirement("once.lookup")
async def test_a_payment_that_the_list_calls_succeeded_is_paid_though_the_session_lags(tmp_path: Path) -> None:
    """The list has a succeeded payment with our mark; ``GET /checkouts/{id}`` does not say so yet. The list's word is
    thrown away, and once the quarter of an hour is over the sale is "ended without a payment"."""

    async def yes(_context: Any, params: Any) -> Any:
        return approving(params)

    async with open_shop_over("memory", "2026", tmp_path, person=yes) as shop:
        now = time.time()
        shop.desk.clock = lambda: now
        sale = {"preview_id": await shop.preview_id(**TWO), **CONFIRMED}
        lost: list[str] = []

        def lose(answer: Any) -> Any:
            lost.append(answer["session_id"])
            return "lost"

        shop.upstream.rewrites["/checkouts"] = lose
        await shop.refusal(CREATE, sale)
        shop.upstream.rewrites[f"/checkouts/{lost[0]}"] = lambda answer: answer | {"payment_status": None}
        now += 901
        told = await shop.call(STATUS, {"preview_id": sale["preview_id"]})
        assert told["status"] == "paid", told["next_step"]
