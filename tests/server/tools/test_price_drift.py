"""What was shown is what is sold: another price stops the creation, and gives a fresh preview of the same order."""

from typing import Any

import pytest

from checkout_schemas.vocabularies.currencies import display
from faulty_upstream import FaultyUpstream, refuse
from forms import approving
from quotes import QUOTES, Change

ALWAYS = "[preview]\nrequote_after_seconds = 0"
MONTHLY: dict[str, Any] = {"product_cart": [{"product_id": "prod_monthly_plan", "quantity": 1}]}


def dearer(quote: Any) -> Any:
    quote["current_breakup"]["total_amount"] += 1
    return quote


def cheaper(quote: Any) -> Any:
    quote["current_breakup"]["total_amount"] -= 1
    return quote


def dearer_later(quote: Any) -> Any:
    quote["recurring_breakup"]["total_amount"] += 1
    return quote


def in_another_currency(quote: Any) -> Any:
    return quote | {"currency": "JPY"}


@pytest.mark.requirement("price.drift")
@pytest.mark.parametrize("change", [dearer, cheaper, dearer_later, in_another_currency])
async def test_another_price_creates_nothing_and_gives_a_fresh_preview(open_memory_shop: Any, change: Change) -> None:
    async with open_memory_shop(policy=ALWAYS) as shop:
        old = await shop.call("preview_checkout", MONTHLY)
        shop.upstream.rewrites[QUOTES] = change
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
        [later] = preview["recurring"]
        shown["recurring"] = later["total"]
        display["recurring"] = f"{preview['currency']} {later['display']['total']}"
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


@pytest.mark.requirement("price.drift")
async def test_of_several_subscriptions_each_price_counts(open_memory_shop: Any) -> None:
    async with open_memory_shop(policy=ALWAYS) as shop:
        old = await shop.call("preview_checkout", SEVERAL)
        first, second = (each["total"] for each in old["recurring"])
        shop.upstream.rewrites[QUOTES] = shifted
        error = await shop.refusal("create_checkout_session", {"preview_id": old["preview_id"]})
        assert (error["code"], shop.upstream.created) == ("price_changed", [])
        was, now = (error["price_change"][side]["display"]["recurring"] for side in ("old", "new"))
        both = display(first + second, "USD")
        assert was == f"{both} (USD {first / 100:.2f} + USD {second / 100:.2f})"
        assert now == f"{both} (USD {first / 100 + 1:.2f} + USD {second / 100 - 1:.2f})"


def swapped(quote: Any) -> Any:
    first, second = quote["subscriptions"]
    first["amount_due_now"], second["amount_due_now"] = second["amount_due_now"], first["amount_due_now"]
    return quote


@pytest.mark.requirement("price.drift")
async def test_of_several_subscriptions_each_counts_for_what_it_charges_now(open_memory_shop: Any) -> None:
    async with open_memory_shop(policy=ALWAYS) as shop:
        old = await shop.call("preview_checkout", SEVERAL)
        shop.upstream.rewrites[QUOTES] = swapped
        error = await shop.refusal("create_checkout_session", {"preview_id": old["preview_id"]})
        assert (error["code"], shop.upstream.created) == ("price_changed", [])
        was, now = (error["price_change"][side]["display"]["total"] for side in ("old", "new"))
        assert was == "USD 319.00 (of it for subscriptions USD 29.00 + USD 290.00)"
        assert now == "USD 319.00 (of it for subscriptions USD 290.00 + USD 29.00)"


def listed_in_another_order(quote: Any) -> Any:
    quote["subscriptions"].reverse()
    return quote


@pytest.mark.requirement("price.drift")
async def test_the_order_of_subscriptions_is_no_change(open_memory_shop: Any) -> None:
    async with open_memory_shop(policy=ALWAYS) as shop:
        old = await shop.call("preview_checkout", SEVERAL)
        shop.upstream.rewrites[QUOTES] = listed_in_another_order
        await shop.call("create_checkout_session", {"preview_id": old["preview_id"]})


@pytest.mark.requirement("price.drift")
async def test_it_is_said_in_words_too(open_memory_shop: Any) -> None:
    async with open_memory_shop(policy=ALWAYS) as shop:
        preview_id = await shop.preview_id()
        shop.upstream.rewrites[QUOTES] = dearer
        result = await shop.client.call_tool("create_checkout_session", {"preview_id": preview_id})
        fresh = result.structured_content["error"]["price_change"]["preview_id"]
        assert f"- was USD 19.00 now, is USD 19.01 now; fresh preview_id {fresh}" in result.content[0].text


@pytest.mark.requirement("price.requote")
async def test_the_same_price_is_sold_and_asked_for_with_the_whole_request(open_memory_shop: Any) -> None:
    async with open_memory_shop(policy=ALWAYS) as shop:
        preview_id = await shop.preview_id()
        customer = {"email": "jane@example.com"}
        await shop.call("create_checkout_session", {"preview_id": preview_id, "customer": customer})
        first, again = shop.upstream.bodies("POST", QUOTES)
        assert (
            again
            == shop.upstream.created[0]
            == first
            | {
                "customer": customer,
                "metadata": {"mcp_preview_id": preview_id},
            }
        )


@pytest.mark.requirement("price.requote")
async def test_the_price_is_asked_for_again_in_the_buyers_language(
    open_memory_shop: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Names and meters come in the language that is asked for."""
    async with open_memory_shop(policy=ALWAYS) as shop:
        asked: list[str | None] = []
        ask = shop.desk.gateway.preview

        async def preview(body: Any, *, locale: str | None = None) -> Any:
            asked.append(locale)
            return await ask(body, locale=locale)

        monkeypatch.setattr(shop.desk.gateway, "preview", preview)
        await shop.call("create_checkout_session", {"preview_id": await shop.preview_id(locale="fr")})
        assert asked == ["fr", "fr"]


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
        assert bool(shop.upstream.bodies("POST", QUOTES)) is again


AGES = {59.0: False, 60.0: True, 899.0: True, -1.0: True}


@pytest.mark.requirement("price.requote")
@pytest.mark.parametrize("age", AGES)
async def test_a_price_is_trusted_for_a_minute_by_a_clock_that_does_not_jump(sell: Any, age: float) -> None:
    async with FaultyUpstream().running() as upstream, sell(upstream.url) as (client, desk):
        now = 1_800_000_000.0
        desk.clock = lambda: now
        quoted = await client.call_tool("preview_checkout", MONTHLY)
        now += age
        sale = {"preview_id": quoted.structured_content["preview_id"]}
        assert not (await client.call_tool("create_checkout_session", sale)).is_error
        asked = [each.url.path for each in upstream.requests].count(QUOTES)
        assert (asked, len(upstream.posts)) == (1 + AGES[age], 1)


@pytest.mark.requirement("price.drift")
async def test_a_fresh_price_above_the_limit_is_denied(open_memory_shop: Any) -> None:
    policy = ALWAYS + "\n[limits]\nmax_total = { USD = 1900 }"
    async with open_memory_shop(policy=policy) as shop:
        preview_id = await shop.preview_id()
        shop.upstream.rewrites[QUOTES] = dearer
        error = await shop.refusal("create_checkout_session", {"preview_id": preview_id})
        assert (error["code"], shop.upstream.created) == ("policy_denied", [])


@pytest.mark.requirement("price.requote")
async def test_a_price_that_cannot_be_asked_for_again_creates_nothing_and_keeps_the_preview(sell: Any) -> None:
    async with FaultyUpstream().running() as upstream, sell(upstream.url, policy=ALWAYS) as (client, _desk):
        quoted = await client.call_tool("preview_checkout", MONTHLY)
        sale = {"preview_id": quoted.structured_content["preview_id"]}
        upstream.faults[f"POST {QUOTES}"] = refuse(422, "DISCOUNT_CODE_EXPIRED")
        error = (await client.call_tool("create_checkout_session", sale)).structured_content["error"]
        assert (error["code"], error["gateway_code"]) == ("gateway_refused", "DISCOUNT_CODE_EXPIRED")
        assert upstream.posts == []
        upstream.faults.clear()
        assert not (await client.call_tool("create_checkout_session", sale)).is_error


TRUSTING = "[preview]\nrequote_after_seconds = 600\n[confirm]\nask_above = { USD = 0 }"


@pytest.mark.requirement("approval.asked")
@pytest.mark.parametrize("rest", [{}, {"customer": {"email": "jane@example.com"}, "confirm": True}])
async def test_a_price_that_changes_while_the_person_thinks_is_not_sold(
    open_memory_shop: Any, rest: dict[str, Any]
) -> None:
    """However fast they answer, and however long a price is trusted otherwise."""

    async def thinking(_context: Any, params: Any) -> Any:
        shop.upstream.rewrites[QUOTES] = dearer
        return approving(params)

    async with open_memory_shop(person=thinking, policy=TRUSTING) as shop:
        address = {"country": "US", "state": "CA", "city": "San Francisco", "street": "1 Main St", "zipcode": "94102"}
        preview = await shop.call("preview_checkout", MONTHLY | {"billing_address": address})
        error = await shop.refusal("create_checkout_session", {"preview_id": preview["preview_id"], **rest})
        assert (error["code"], shop.upstream.created) == ("price_changed", [])
