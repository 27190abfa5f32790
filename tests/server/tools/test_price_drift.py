"""What was shown is what is sold: another price stops the creation, and gives a fresh preview of the same order."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from forms import approving

pytestmark = pytest.mark.requirement("price.drift")

PREVIEW = "/checkouts/preview"
ALWAYS = "[preview]\nrequote_after_seconds = 0"
MONTHLY: dict[str, Any] = {"product_cart": [{"product_id": "prod_monthly_plan", "quantity": 1}]}

Change = Callable[[Any], Any]


def dearer(quote: Any) -> Any:
    quote["current_breakup"]["total_amount"] += 1
    return quote


def cheaper(quote: Any) -> Any:
    quote["current_breakup"]["total_amount"] -= 1
    return quote


def dearer_later(quote: Any) -> Any:
    quote["recurring_breakup"]["total_amount"] += 1
    return quote


def not_recurring(quote: Any) -> Any:
    return quote | {"recurring_breakup": None}


def in_another_currency(quote: Any) -> Any:
    return quote | {"currency": "JPY"}


@pytest.mark.parametrize("change", [dearer, cheaper, dearer_later, not_recurring, in_another_currency])
async def test_another_price_creates_nothing_and_gives_a_fresh_preview(open_memory_shop: Any, change: Change) -> None:
    async with open_memory_shop(policy=ALWAYS) as shop:
        old = await shop.call("preview_checkout", MONTHLY)
        shop.upstream.rewrites[PREVIEW] = change
        error = await shop.refusal("create_checkout_session", {"preview_id": old["preview_id"]})
        assert (error["code"], error["retry"]) == ("price_changed", "new_preview")
        assert shop.upstream.created == []
        fresh_id = error["price_change"]["preview_id"]
        new = await shop.call("preview_checkout", MONTHLY)
        assert error["price_change"] == {
            "preview_id": fresh_id,
            "old": amounts(old),
            "new": amounts(new),
        }
        assert fresh_id not in {old["preview_id"], new["preview_id"]}
        session = await shop.call("create_checkout_session", {"preview_id": fresh_id})
        assert (session["total"], session["currency"]) == (new["total"], new["currency"])
        [created] = shop.upstream.created
        assert created["product_cart"] == MONTHLY["product_cart"]


def amounts(preview: dict[str, Any]) -> dict[str, Any]:
    """What ``price_changed`` repeats of a preview."""
    shown = {"currency": preview["currency"], "total": preview["total"]}
    display = {"total": preview["display"]["total"]}
    if "recurring" in preview:
        shown["recurring"] = preview["recurring"]["amount"]
        display["recurring"] = preview["recurring"]["display"]["amount"]
    return shown | {"display": display}


SEVERAL = {
    "product_cart": [
        {"product_id": "prod_monthly_plan", "quantity": 1},
        {"product_id": "prod_yearly_plan", "quantity": 1},
    ]
}


def shifted(quote: Any) -> Any:
    """One subscription dearer by what the other is cheaper."""
    first, second = quote["subscriptions"]
    first["recurring_amount"] += 100
    second["recurring_amount"] -= 100
    return quote


async def test_of_several_subscriptions_each_price_counts(open_memory_shop: Any) -> None:
    async with open_memory_shop(policy=ALWAYS) as shop:
        old = await shop.call("preview_checkout", SEVERAL)
        first, second = (each["amount"] for each in old["subscriptions"])
        shop.upstream.rewrites[PREVIEW] = shifted
        error = await shop.refusal("create_checkout_session", {"preview_id": old["preview_id"]})
        assert (error["code"], shop.upstream.created) == ("price_changed", [])
        was, now = (error["price_change"][side]["display"]["recurring"] for side in ("old", "new"))
        both = old["recurring"]["display"]["amount"]
        assert was == f"{both} (USD {first / 100:.2f} + USD {second / 100:.2f})"
        assert now == f"{both} (USD {first / 100 + 1:.2f} + USD {second / 100 - 1:.2f})"


def listed_in_another_order(quote: Any) -> Any:
    quote["subscriptions"].reverse()
    return quote


async def test_the_order_of_subscriptions_is_no_change(open_memory_shop: Any) -> None:
    async with open_memory_shop(policy=ALWAYS) as shop:
        old = await shop.call("preview_checkout", SEVERAL)
        shop.upstream.rewrites[PREVIEW] = listed_in_another_order
        await shop.call("create_checkout_session", {"preview_id": old["preview_id"]})


def metered(quote: Any) -> Any:
    quote["product_cart"][0]["is_usage_based"] = True
    return quote


def soon_undiscounted(quote: Any) -> Any:
    quote["product_cart"][0]["discount_cycle"] = 1
    quote["recurring_breakup"]["discount"] = 100
    return quote


def charged_by(days: int) -> Change:
    def charged(quote: Any) -> Any:
        moved = datetime.fromisoformat(quote["next_billing_date"]) + timedelta(days=days)
        return quote | {"next_billing_date": moved.isoformat()}

    return charged


def daily(product: Any) -> Any:
    product["price"]["payment_frequency_interval"] = "Day"
    return product


TERMS: dict[str, tuple[str, Change, str]] = {
    "usage is billed": (PREVIEW, metered, "Usage is billed on top of these amounts."),
    "a discount ends": (PREVIEW, soon_undiscounted, "A discount ends after 1 billing cycle(s)"),
    "charged sooner": (PREVIEW, charged_by(-28), "next on "),
    "charged later": (PREVIEW, charged_by(3), "next on "),
    "charged more often": ("/products/prod_monthly_plan", daily, "every day"),
}


@pytest.mark.parametrize("case", TERMS)
async def test_other_terms_at_the_same_price_create_nothing(open_memory_shop: Any, case: str) -> None:
    path, change, says = TERMS[case]
    async with open_memory_shop(policy=ALWAYS) as shop:
        old = await shop.call("preview_checkout", MONTHLY)
        shop.upstream.rewrites[path] = change
        result = await shop.client.call_tool("create_checkout_session", {"preview_id": old["preview_id"]})
        error = result.structured_content["error"]
        assert (error["code"], shop.upstream.created) == ("price_changed", [])
        was, now = (error["price_change"][side]["display"] for side in ("old", "new"))
        assert was["later"] != now["later"]
        assert says in now["later"]
        assert f"is {now['total']} now, later {now['later']}; fresh preview_id" in result.content[0].text
        await shop.call("create_checkout_session", {"preview_id": error["price_change"]["preview_id"]})


async def test_a_renewal_that_moves_on_with_the_day_is_no_change(open_memory_shop: Any) -> None:
    async with open_memory_shop(policy=ALWAYS) as shop:
        old = await shop.call("preview_checkout", MONTHLY)
        shop.upstream.rewrites[PREVIEW] = charged_by(1)
        await shop.call("create_checkout_session", {"preview_id": old["preview_id"]})


async def test_a_billing_cycle_that_cannot_be_read_again_is_the_one_that_was_read(open_memory_shop: Any) -> None:
    async with open_memory_shop(policy=ALWAYS) as shop:
        old = await shop.call("preview_checkout", MONTHLY)
        shop.desk.products.clear()
        shop.upstream.rewrites["/products/prod_monthly_plan"] = lambda _product: "not a product"
        await shop.call("create_checkout_session", {"preview_id": old["preview_id"]})


async def test_it_is_said_in_words_too(open_memory_shop: Any) -> None:
    async with open_memory_shop(policy=ALWAYS) as shop:
        preview_id = await shop.preview_id()
        shop.upstream.rewrites[PREVIEW] = dearer
        result = await shop.client.call_tool("create_checkout_session", {"preview_id": preview_id})
        fresh = result.structured_content["error"]["price_change"]["preview_id"]
        assert f"- was USD 19.00 now, is USD 19.01 now; fresh preview_id {fresh}" in result.content[0].text


@pytest.mark.requirement("price.requote")
async def test_the_same_price_is_sold_and_asked_for_with_the_whole_request(open_memory_shop: Any) -> None:
    async with open_memory_shop(policy=ALWAYS) as shop:
        preview_id = await shop.preview_id()
        customer = {"email": "jane@example.com"}
        await shop.call("create_checkout_session", {"preview_id": preview_id, "customer": customer})
        first, again = shop.upstream.bodies("POST", PREVIEW)
        assert (
            again
            == shop.upstream.created[0]
            == first
            | {
                "customer": customer,
                "metadata": {"mcp_preview_id": preview_id},
            }
        )


QUOTED_AGAIN: dict[str, tuple[dict[str, Any], bool]] = {
    "a young preview": ({}, False),
    "a new customer": ({"customer": {"email": "jane@example.com"}}, False),
    "an existing customer": ({"customer": {"customer_id": "cus_123"}}, True),
    "confirm": ({"customer": {"email": "jane@example.com"}, "confirm": True, "minimal_address": True}, True),
}


@pytest.mark.requirement("price.requote")
@pytest.mark.parametrize("case", QUOTED_AGAIN)
async def test_a_young_preview_is_quoted_again_when_more_is_known_or_at_stake(
    open_memory_shop: Any, person: Any, case: str
) -> None:
    rest, again = QUOTED_AGAIN[case]
    async with open_memory_shop(person=person) as shop:
        order = {
            "product_cart": [{"product_id": "prod_ebook_guide", "quantity": 1}],
            "billing_address": {"country": "US", "zipcode": "94102"},
        }
        preview = await shop.call("preview_checkout", order)
        shop.upstream.requests.clear()
        await shop.call("create_checkout_session", {"preview_id": preview["preview_id"], **rest})
        assert bool(shop.upstream.bodies("POST", PREVIEW)) is again


AGES = {59.0: False, 60.0: True, 899.0: True, -1.0: True}


@pytest.mark.requirement("price.requote")
@pytest.mark.parametrize("age", AGES)
async def test_a_price_is_trusted_for_a_minute_by_a_clock_that_does_not_jump(
    upstreams: Any, sell: Any, age: float
) -> None:
    async with upstreams.run(upstreams.preview) as upstream, sell(upstream.url) as (client, desk):
        now = 1_800_000_000.0
        desk.clock = lambda: now
        quoted = await client.call_tool("preview_checkout", MONTHLY)
        upstream.script = [upstreams.preview, upstreams.preview, upstreams.session]
        if not AGES[age]:
            del upstream.script[1]
        now += age
        sale = {"preview_id": quoted.structured_content["preview_id"]}
        assert not (await client.call_tool("create_checkout_session", sale)).is_error
        assert len(upstream.requests) == 2 + AGES[age]


async def test_a_fresh_price_above_the_limit_is_denied(open_memory_shop: Any) -> None:
    policy = ALWAYS + "\n[limits]\nmax_total = { USD = 1900 }"
    async with open_memory_shop(policy=policy) as shop:
        preview_id = await shop.preview_id()
        shop.upstream.rewrites[PREVIEW] = dearer
        error = await shop.refusal("create_checkout_session", {"preview_id": preview_id})
        assert (error["code"], shop.upstream.created) == ("policy_denied", [])


@pytest.mark.requirement("price.requote")
async def test_a_price_that_cannot_be_asked_for_again_creates_nothing_and_keeps_the_preview(
    upstreams: Any, sell: Any
) -> None:
    refused = upstreams.answer(422, {"code": "DISCOUNT_CODE_EXPIRED", "message": "no"})
    script = (upstreams.preview, refused, upstreams.preview, upstreams.session)
    async with upstreams.run(*script) as upstream, sell(upstream.url, policy=ALWAYS) as (client, _desk):
        quoted = await client.call_tool("preview_checkout", MONTHLY)
        sale = {"preview_id": quoted.structured_content["preview_id"]}
        error = (await client.call_tool("create_checkout_session", sale)).structured_content["error"]
        assert (error["code"], error["gateway_code"]) == ("gateway_refused", "DISCOUNT_CODE_EXPIRED")
        assert upstream.created == []
        assert not (await client.call_tool("create_checkout_session", sale)).is_error


TRUSTING = "[preview]\nrequote_after_seconds = 600\n[confirm]\nask_above = { USD = 0 }"


@pytest.mark.parametrize("rest", [{}, {"customer": {"email": "jane@example.com"}, "confirm": True}])
async def test_a_price_that_changes_while_the_person_thinks_is_not_sold(
    open_memory_shop: Any, rest: dict[str, Any]
) -> None:
    """However fast they answer, and however long a price is trusted otherwise."""

    async def thinking(_context: Any, params: Any) -> Any:
        shop.upstream.rewrites[PREVIEW] = dearer
        return approving(params)

    async with open_memory_shop(person=thinking, policy=TRUSTING) as shop:
        address = {"country": "US", "state": "CA", "city": "San Francisco", "street": "1 Main St", "zipcode": "94102"}
        preview = await shop.call("preview_checkout", MONTHLY | {"billing_address": address})
        error = await shop.refusal("create_checkout_session", {"preview_id": preview["preview_id"], **rest})
        assert (error["code"], shop.upstream.created) == ("price_changed", [])
