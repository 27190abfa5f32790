"""A new session for what another page may still take money for."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from checkout_server.checkout.principal import LOCAL
from checkout_server.privacy.sealing import KEY_BYTES, Sealer
from orders import TWO

CREATE = "create_checkout_session"
JANE: dict[str, Any] = {"customer": {"email": "jane.doe@example.com"}}
OTHER = "Another session for this buyer, with a product of this order, is unpaid, and its page may take money until "
UNDER_WAY = (
    "The payment of another session for this buyer, with a product of this order, is being processed: give them this "
    "page only if that payment fails."
)


class Shopping:
    """Creates sessions of the same order, at a clock that is set by hand."""

    def __init__(self, shop: Any) -> None:
        self.shop = shop
        self.now = datetime.now(UTC).timestamp()
        shop.desk.clock = lambda: self.now

    async def create(self, order: dict[str, Any] = TWO, **rest: Any) -> dict[str, Any]:
        return await self.shop.call(CREATE, {"preview_id": await self.shop.preview_id(**order), **rest})

    def pay(self, session: dict[str, Any], status: str) -> None:
        sandbox = self.shop.upstream.sandbox
        sandbox.pay(sandbox.sessions[session["session_id"]], status)


def told(session: dict[str, Any]) -> list[str]:
    return [each for each in session.get("warnings", []) if each.startswith(OTHER)]


@pytest.mark.requirement("outcome.other_page")
@pytest.mark.parametrize("status", [None, "failed", "cancelled", "requires_customer_action"])
async def test_an_unpaid_page_is_warned_of_until_it_ends(open_memory_shop: Any, status: str | None) -> None:
    async with open_memory_shop() as shop:
        shopping = Shopping(shop)
        first = await shopping.create(**JANE)
        assert told(first) == []
        if status is not None:
            shopping.pay(first, status)
        shopping.now += 23 * 3600.0  # longer than repeats are counted
        second = await shopping.create(**JANE)
        assert told(second) == [f"{OTHER}{first['expires_at']}: give them this page only."]
        shopping.now += 25 * 3600.0
        assert told(await shopping.create(**JANE)) == []


@pytest.mark.requirement("outcome.other_page")
async def test_a_page_that_was_paid_is_not_warned_of(open_memory_shop: Any) -> None:
    async with open_memory_shop() as shop:
        shopping = Shopping(shop)
        shopping.pay(await shopping.create(**JANE), "succeeded")
        assert told(await shopping.create(**JANE)) == []


@pytest.mark.requirement("outcome.other_page")
async def test_a_payment_that_is_being_processed_is_warned_of_after_an_hour_too_and_not_as_unpaid(
    open_memory_shop: Any,
) -> None:
    async with open_memory_shop() as shop:
        shopping = Shopping(shop)
        shopping.pay(await shopping.create(**JANE), "processing")
        shopping.now += 2 * 3600.0  # longer than repeats are counted
        second = await shopping.create(**JANE)
        assert (second["warnings"][0], told(second)) == (UNDER_WAY, [])


@pytest.mark.requirement("outcome.other_page")
@pytest.mark.parametrize(
    "order",
    [
        {"product_cart": [{"product_id": "prod_premium_plan", "quantity": 1}]},
        {"product_cart": [{"product_id": "prod_123", "quantity": 1}, *TWO["product_cart"]]},
        TWO | {"billing_address": {"country": "DE"}},
    ],
    ids=["another quantity", "one more product", "another address"],
)
async def test_a_page_with_one_of_the_products_is_warned_of(open_memory_shop: Any, order: dict[str, Any]) -> None:
    async with open_memory_shop() as shop:
        shopping = Shopping(shop)
        first = await shopping.create(**JANE)
        warned = await shopping.create(order, **JANE)
        assert told(warned) == [f"{OTHER}{first['expires_at']}: give them this page only."]


@pytest.mark.requirement("outcome.other_page")
async def test_a_page_is_found_among_many_for_other_products(open_memory_shop: Any) -> None:
    async with open_memory_shop() as shop:
        shopping = Shopping(shop)
        first = await shopping.create(**JANE)
        for _ in range(4):  # more than are asked about
            await shopping.create({"product_id": "prod_123"}, **JANE)
        assert told(await shopping.create(**JANE)) == [f"{OTHER}{first['expires_at']}: give them this page only."]


@pytest.mark.requirement("outcome.other_page")
async def test_the_api_is_asked_about_the_newest_three(open_memory_shop: Any) -> None:
    async with open_memory_shop() as shop:
        shopping = Shopping(shop)
        created = [(await shopping.create(**JANE))["session_id"] for _ in range(4)]
        before = len(shop.upstream.requests)
        await shopping.create(**JANE)
        asked = {path for _, path, _ in shop.upstream.requests[before:] if path.startswith("/checkouts/cks_")}
        assert asked == {f"/checkouts/{each}" for each in created[1:]}


@pytest.mark.requirement("outcome.other_page")
async def test_a_page_whose_key_is_gone_is_not_known_and_stops_no_sale(open_memory_shop: Any) -> None:
    async with open_memory_shop() as shop:
        shopping = Shopping(shop)
        await shopping.create(**JANE)
        shop.desk.sealer = Sealer([b"n" * KEY_BYTES])
        assert told(await shopping.create(**JANE)) == []


@pytest.mark.requirement("outcome.other_page")
async def test_another_buyer_other_goods_and_an_unnamed_buyer_are_not_warned(open_memory_shop: Any) -> None:
    async with open_memory_shop() as shop:
        shopping = Shopping(shop)
        await shopping.create(**JANE)
        await shopping.create()
        for rest in ({"customer": {"email": "ada@example.com"}}, {}):
            assert told(await shopping.create(**rest)) == []
        assert told(await shopping.create({"product_id": "prod_123"}, **JANE)) == []


@pytest.mark.requirement("outcome.other_page")
async def test_another_principal_learns_of_nobodys_page(open_memory_shop: Any) -> None:
    async with open_memory_shop() as shop:
        shopping = Shopping(shop)
        await shopping.create(**JANE)
        shop.desk.principal = replace(LOCAL, id="another")
        assert told(await shopping.create(**JANE)) == []


@pytest.mark.requirement("outcome.other_page")
async def test_a_page_that_cannot_be_asked_about_may_be_open_and_stops_no_sale(open_memory_shop: Any) -> None:
    async with open_memory_shop() as shop:
        shopping = Shopping(shop)
        first = await shopping.create(**JANE)
        shop.upstream.statuses[f"/checkouts/{first['session_id']}"] = 403
        assert told(await shopping.create(**JANE)) != []


@pytest.mark.requirement("outcome.other_page")
async def test_the_warning_comes_again_with_the_session(open_memory_shop: Any) -> None:
    async with open_memory_shop() as shop:
        shopping = Shopping(shop)
        await shopping.create(**JANE)
        arguments = {"preview_id": await shop.preview_id(**TWO), **JANE}
        assert told(await shop.call(CREATE, arguments)) == told(await shop.call(CREATE, arguments)) != []


@pytest.mark.requirement("outcome.other_page")
async def test_a_page_that_has_ended_is_not_asked_about(open_memory_shop: Any, person: Any) -> None:
    async with open_memory_shop(person=person) as shop:
        shopping = Shopping(shop)
        first = await shopping.create(**JANE, confirm=True)
        shop.upstream.statuses[f"/checkouts/{first['session_id']}"] = 403
        shopping.now += 901
        assert told(await shopping.create(**JANE)) == []
