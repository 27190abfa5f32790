"""What a policy is meant to bound, and an agent can get past."""

from typing import Any

import pytest

pytestmark = pytest.mark.requirement("policy.order")

CREATE, PREVIEW = "create_checkout_session", "/checkouts/preview"


async def test_leaving_the_address_out_does_not_take_the_tax_out_of_the_limit(open_memory_shop: Any) -> None:
    """With the buyer's address the order is above the limit and denied; without it tax is not known, the same order is
    sold, and the page adds the tax. An amount that is not known yet is bounded by nothing."""
    async with open_memory_shop(policy="[limits]\nmax_total = { USD = 2000 }") as shop:
        book = {"product_cart": [{"product_id": "prod_ebook_guide", "quantity": 1}]}
        address = {"billing_address": {"country": "US", "state": "CA"}}
        assert (await shop.refusal("preview_checkout", book | address))["code"] == "policy_denied"
        quoted = await shop.client.call_tool("preview_checkout", book)
        assert quoted.is_error, quoted.structured_content["warnings"]


async def test_nor_out_of_the_amount_above_which_a_person_is_asked(open_memory_shop: Any, person: Any) -> None:
    async with open_memory_shop(policy="[confirm]\nask_above = { USD = 2000 }", person=person) as shop:
        await shop.call(CREATE, {"preview_id": await shop.preview_id()})
        assert person.questions != []


async def test_an_on_demand_price_counts_in_the_products_currency_where_it_names_none(open_memory_shop: Any) -> None:
    """SDK: "product_currency: if not specified, defaults to the currency of the product". It is counted in the order's
    currency: USD 3,000.00 pass for INR 3,000.00."""
    policy = "[limits]\nmax_total = { USD = 10000, INR = 300000 }"
    async with open_memory_shop(policy=policy) as shop:
        on_demand = {"mandate_only": True, "product_price": 300_000}
        order = {
            "product_cart": [{"product_id": "prod_monthly_plan", "quantity": 1}],
            "billing_currency": "INR",
            "subscription_data": {"on_demand": on_demand},
        }
        result = await shop.client.call_tool("preview_checkout", order)
        assert result.is_error, result.structured_content["display"]


@pytest.mark.parametrize("policy", ["[limits]\nmax_total = { USD = 5000 }", "[confirm]\nask_above = { USD = 5000 }"])
async def test_addons_that_are_added_on_the_page_are_bounded_or_asked_about(
    open_memory_shop: Any, person: Any, policy: str
) -> None:
    """``allow_editing_addons`` (off by default; the agent turns it on) leaves open what the subscription will cost,
    as a collection does: that one is refused under ``max_total`` and asked about under ``ask_above``."""
    async with open_memory_shop(policy=policy, person=person) as shop:
        order: dict[str, Any] = {"product_cart": [{"product_id": "prod_team_plan", "quantity": 1}]}
        quoted = await shop.call("preview_checkout", order | {"billing_address": {"country": "US"}})
        sale = {"preview_id": quoted["preview_id"], "feature_flags": {"allow_editing_addons": True}}
        result = await shop.client.call_tool(CREATE, sale)
        assert result.is_error or person.questions


@pytest.mark.parametrize("policy", ["[limits]\nmax_total = { USD = 500 }", "[confirm]\nask_above = { USD = 500 }"])
async def test_a_price_that_the_buyer_chooses_on_the_page_is_bounded_or_asked_about(
    open_memory_shop: Any, person: Any, policy: str
) -> None:
    """SDK: "If amount is not set for pay_what_you_want product, customer is allowed to select the amount". It counts as
    its minimum, and no caveat says that the total is open."""
    async with open_memory_shop(policy=policy, person=person) as shop:
        order = {"product_cart": [{"product_id": "prod_donation", "quantity": 1}]}
        quoted = await shop.client.call_tool("preview_checkout", order | {"billing_address": {"country": "US"}})
        if quoted.is_error:
            return
        result = await shop.client.call_tool(CREATE, {"preview_id": quoted.structured_content["preview_id"]})
        assert result.is_error or person.questions


async def test_a_discount_that_ends_at_an_unknown_amount_is_not_bounded(open_memory_shop: Any) -> None:
    """The API lists subscriptions with discounted renewals and gives no breakup of the renewals: that the discount ends
    is told ("later renewals cost more"), and no amount is held to the limit."""
    async with open_memory_shop(policy="[limits]\nmax_total = { USD = 5000 }") as shop:

        def ending(quote: Any) -> Any:
            quote["product_cart"][0]["discount_cycle"] = 1
            quote["subscriptions"] = [
                {
                    "product_id": "prod_monthly_plan",
                    "amount_due_now": 100,
                    "recurring_amount": 100,
                    "next_billing_date": quote["next_billing_date"],
                }
            ]
            return quote | {"recurring_breakup": None}

        shop.upstream.rewrites[PREVIEW] = ending
        order = {"product_cart": [{"product_id": "prod_monthly_plan", "quantity": 1}]}
        result = await shop.client.call_tool("preview_checkout", order)
        assert result.is_error, result.structured_content["warnings"]


async def test_a_collection_is_not_bounded_by_the_quantity(open_memory_shop: Any) -> None:
    async with open_memory_shop(policy="[limits]\nmax_quantity = 1") as shop:
        order = {"product_cart": [], "product_collection_id": "pdc_starters"}
        assert (await shop.client.call_tool("preview_checkout", order)).is_error


async def test_saved_methods_that_may_not_be_used_are_not_shown_on_the_page(open_memory_shop: Any) -> None:
    """With ``confirm.saved_payment_methods = false`` the agent opens a page of any customer's saved methods, for
    whoever it gives the link to."""
    async with open_memory_shop(policy="[confirm]\nsaved_payment_methods = false") as shop:
        customer = {"customer": {"customer_id": "cus_123"}, "show_saved_payment_methods": True}
        sale = {"preview_id": await shop.preview_id(), **customer}
        assert (await shop.client.call_tool(CREATE, sale)).is_error
