"""A person approves what is sold: a quote that sums up another cart than the one that was sent stops the call."""

import copy
import json
from typing import Any

import pytest

from quotes import QUOTES, Change

SEATS = [{"addon_id": "addon_seat", "quantity": 2}]
CART = [
    {"product_id": "prod_team_plan", "quantity": 2, "addons": SEATS},
    {"product_id": "prod_ebook_guide", "quantity": 2},
]


def split(quote: Any) -> Any:
    team, book = quote["product_cart"]
    team["addons"][0]["quantity"] = 1
    quote["product_cart"] = [line | {"quantity": 1} for line in (team, book, book, team)]
    return quote


def merged(quote: Any) -> Any:
    team, again, book = quote["product_cart"]
    team["quantity"] += again["quantity"]
    quote["product_cart"] = [team, book]
    return quote


def listed_backwards(quote: Any) -> Any:
    quote["product_cart"].reverse()
    return quote


def offering_addons(quote: Any) -> Any:
    [seats] = quote["product_cart"][0]["addons"]
    offered = seats | {"addon_id": "addon_support", "quantity": 0, "name": "Offered", "discounted_price": 0}
    quote["product_cart"][0]["addons"] = [offered, seats]
    quote["product_cart"][1]["addons"] = [offered]
    return quote


SAME: dict[str, tuple[list[Any], Change]] = {
    "lines are split": (CART, split),
    "lines are merged": (
        [CART[0] | {"quantity": 1}, {"product_id": "prod_team_plan", "quantity": 1}, CART[1]],
        merged,
    ),
    "lines come in another order": (CART, listed_backwards),
    "add-ons are offered that nobody chose": (CART, offering_addons),
}  # fmt: skip


@pytest.mark.requirement("quote.cart")
@pytest.mark.parametrize("case", SAME)
async def test_the_same_goods_are_the_same_cart(open_memory_shop: Any, case: str) -> None:
    cart, change = SAME[case]
    async with open_memory_shop() as shop:
        shop.upstream.rewrites[QUOTES] = change
        preview = await shop.call("preview_checkout", {"product_cart": cart})
        assert "Offered" not in json.dumps(preview)
        units = dict.fromkeys(("prod_team_plan", "addon_seat", "prod_ebook_guide"), 0)
        for line in preview["lines"]:
            units[line["product_id"]] += line["quantity"]
        assert units == dict.fromkeys(units, 2)
        await shop.call("create_checkout_session", {"preview_id": preview["preview_id"]})


def extra_product(quote: Any) -> Any:
    quote["product_cart"].append(copy.deepcopy(quote["product_cart"][1]) | {"product_id": "prod_123"})
    return quote


def missing_product(quote: Any) -> Any:
    del quote["product_cart"][1]
    return quote


def another_product(quote: Any) -> Any:
    quote["product_cart"][1]["product_id"] = "prod_123"
    return quote


def another_quantity(quote: Any) -> Any:
    quote["product_cart"][1]["quantity"] = 3
    return quote


def missing_addon(quote: Any) -> Any:
    quote["product_cart"][0]["addons"] = None
    return quote


def extra_addon(quote: Any) -> Any:
    addons = quote["product_cart"][0]["addons"]
    addons.append(addons[0] | {"addon_id": "addon_support"})
    return quote


def another_quantity_of_an_addon(quote: Any) -> Any:
    quote["product_cart"][0]["addons"][0]["quantity"] = 1
    return quote


def addon_of_another_product(quote: Any) -> Any:
    team, book = quote["product_cart"]
    team["addons"], book["addons"] = None, team["addons"]
    return quote


ANOTHER = [
    extra_product, missing_product, another_product, another_quantity,
    missing_addon, extra_addon, another_quantity_of_an_addon, addon_of_another_product,
]  # fmt: skip


@pytest.mark.requirement("quote.cart")
@pytest.mark.parametrize("change", ANOTHER)
async def test_a_quote_for_another_cart_is_no_quote(
    open_memory_shop: Any, change: Change, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_memory_shop(policy="[preview]\nrequote_after_seconds = 0") as shop:
        preview = await shop.call("preview_checkout", {"product_cart": CART})
        shop.upstream.rewrites[QUOTES] = change
        for tool, arguments in (
            ("preview_checkout", {"product_cart": CART}),
            ("create_checkout_session", {"preview_id": preview["preview_id"]}),
        ):
            error = await shop.refusal(tool, arguments)
            assert (error["code"], error["retry"]) == ("gateway_unavailable", "retry_later")
        assert (shop.upstream.created, caplog.messages.count("quote.differs")) == ([], 2)
        shop.upstream.rewrites.clear()
        await shop.call("create_checkout_session", {"preview_id": preview["preview_id"]})


@pytest.mark.requirement("quote.cart")
async def test_what_a_buyer_picks_from_a_collection_is_not_compared(open_memory_shop: Any) -> None:
    async with open_memory_shop() as shop:
        shop.upstream.rewrites[QUOTES] = extra_product
        order = {"product_cart": CART, "product_collection_id": "pdc_starters"}
        await shop.call("preview_checkout", order)
