"""Other terms stop the sale as another price does: what recurs, how often, from when and after which trial."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from quotes import QUOTES, Change, chained, renewing_at, setting, with_lines, with_subscriptions

ALWAYS = "[preview]\nrequote_after_seconds = 0"
MONTHLY: dict[str, Any] = {"product_cart": [{"product_id": "prod_monthly_plan", "quantity": 1}]}
SEVERAL: dict[str, Any] = {
    "product_cart": [*MONTHLY["product_cart"], {"product_id": "prod_yearly_plan", "quantity": 1}]
}
TRIAL = MONTHLY | {"subscription_data": {"trial_period_days": 30}}
ON_DEMAND = MONTHLY | {"subscription_data": {"on_demand": {"mandate_only": True}}}
CHOSEN = {"product_cart": [{"product_id": "prod_donation", "quantity": 1, "amount": 700}]}
IN_CALIFORNIA = MONTHLY | {"billing_address": {"country": "US", "state": "CA"}}
PRODUCT = "/products/prod_monthly_plan"


def charged_by(days: int) -> Change:
    def charged(quote: Any) -> Any:
        moved = datetime.fromisoformat(quote["next_billing_date"]) + timedelta(days=days)
        return quote | {"next_billing_date": moved.isoformat()}

    return charged


def daily(product: Any) -> Any:
    product["price"]["payment_frequency_interval"] = "Day"
    return product


def without_cycle(product: Any) -> Any:
    product["price"]["payment_frequency_interval"] = None
    return product


UNDATED = setting(next_billing_date=None)
DISCOUNTED = renewing_at(subtotal=3000, discount=100, tax=0, total=2900)
"""At the same price as without a discount."""
FULL_LATER = renewing_at(subtotal=3100, discount=200, tax=0, total=2900)
NO_TAX = chained(
    setting(current_breakup={"subtotal": 2900, "discount": 0, "tax": 0, "total_amount": 2900}),
    renewing_at(subtotal=2900, discount=0, tax=0, total=2900),
)
UNKNOWN_TAX = chained(
    setting(current_breakup={"subtotal": 2900, "discount": 0, "tax": None, "total_amount": 2900}),
    renewing_at(subtotal=2900, discount=0, tax=None, total=2900),
)


def granting(**amounts: str) -> Change:
    """Credits by the entitlement's id."""
    grants = [{"credit_entitlement_id": each, "credits_amount": amount} for each, amount in amounts.items()]
    return with_lines({"credit_entitlements": grants})


def metering(*prices: tuple[str, str, int | None]) -> Change:
    """Usage by name, price of a unit and free units."""
    meters = [dict(zip(("name", "price_per_unit", "free_threshold"), price, strict=True)) for price in prices]
    return with_lines({"is_usage_based": True, "meters": meters})


TERMS: dict[str, tuple[dict[str, Any], dict[str, Change], dict[str, Change], str]] = {
    "usage is billed": (
        MONTHLY, {}, {QUOTES: with_lines({"is_usage_based": True})}, "Usage is billed on top of these amounts",
    ),
    "a renewal at an amount that nobody says": (
        MONTHLY,
        {},
        {QUOTES: setting(recurring_breakup=None)},
        "prod_monthly_plan renews every month; the quote does not say at which amount",
    ),
    "the price includes its tax": (
        MONTHLY,
        {},
        {QUOTES: with_lines({"tax_inclusive": True})},
        "The price of prod_monthly_plan includes the tax shown",
    ),
    "the trial needs a card": (
        MONTHLY | {"subscription_data": {"trial_period_days": 14}},
        {QUOTES: setting(payment_method_required=False)},
        {QUOTES: setting(payment_method_required=True)},
        "The buyer needs a card to start the trial",
    ),
    "usage costs more": (
        MONTHLY,
        {QUOTES: metering(("Calls", "0.25", 1000))},
        {QUOTES: metering(("Calls", "0.5", 1000))},
        "prod_monthly_plan at USD 0.005 a unit after 1,000 free units",
    ),
    "less usage is free": (
        MONTHLY,
        {QUOTES: metering(("Calls", "0.25", 1000))},
        {QUOTES: metering(("Calls", "0.25", None))},
        "prod_monthly_plan at USD 0.0025 a unit",
    ),
    "one kind of usage costs what another did": (
        MONTHLY,
        {QUOTES: metering(("Calls", "1", 0), ("Searches", "2", 0))},
        {QUOTES: metering(("Calls", "2", 0), ("Searches", "1", 0))},
        "prod_monthly_plan at USD 0.02 a unit; prod_monthly_plan at",
    ),
    "fewer credits are granted": (
        MONTHLY,
        {QUOTES: granting(cent_api_calls="1000")},
        {QUOTES: granting(cent_api_calls="10")},
        "prod_monthly_plan grants 10 credits of cent_api_calls",
    ),
    "no credits are granted any more": (MONTHLY, {QUOTES: granting(cent_a="1000")}, {}, "USD 29.00 every month"),
    "another amount than was chosen": (
        CHOSEN,
        {},
        {QUOTES: with_lines({"og_price": 600})},
        "The amount given for prod_donation is not used; the product is sold at its own price",
    ),
    "a discount ends": (
        MONTHLY,
        {},
        {QUOTES: chained(with_lines({"discount_cycle": 1}), DISCOUNTED)},
        "A discount ends after 1 billing cycle; later renewals cost more: USD 30.00 in total",
    ),
    "a discount ends sooner": (
        MONTHLY,
        {QUOTES: chained(with_lines({"discount_cycle": 3}), DISCOUNTED)},
        {QUOTES: chained(with_lines({"discount_cycle": 2}), DISCOUNTED)},
        "A discount ends after 2 billing cycles; later renewals cost more: USD 30.00 in total",
    ),
    "the later of two discounts ends sooner": (
        SEVERAL,
        {QUOTES: chained(with_lines({"discount_cycle": 1}, {"discount_cycle": 6}), DISCOUNTED)},
        {QUOTES: chained(with_lines({"discount_cycle": 1}, {"discount_cycle": 2}), DISCOUNTED)},
        "A discount ends after 1 billing cycle; later renewals cost more: USD 30.00 in total",
    ),
    "a renewal costs more after the discount": (
        MONTHLY,
        {QUOTES: chained(with_lines({"discount_cycle": 3}), DISCOUNTED)},
        {QUOTES: chained(with_lines({"discount_cycle": 3}), FULL_LATER)},
        "A discount ends after 3 billing cycles; later renewals cost more: USD 31.00 in total",
    ),
    "charged sooner": (MONTHLY, {}, {QUOTES: charged_by(-28)}, "next on "),
    "charged later": (MONTHLY, {}, {QUOTES: charged_by(3)}, "next on "),
    "charged on a day that was not told": (MONTHLY, {QUOTES: UNDATED}, {QUOTES: charged_by(-28)}, "next on "),
    "charged more often": (MONTHLY, {}, {PRODUCT: daily}, "every day"),
    "charged on a day, how often nobody knows": (
        MONTHLY, {PRODUCT: without_cycle, QUOTES: UNDATED}, {PRODUCT: without_cycle}, "at each renewal, next on ",
    ),
    "a shorter trial, without a date": (
        TRIAL,
        {QUOTES: UNDATED},
        {QUOTES: chained(UNDATED, setting(trial_period_days=7))},
        "USD 29.00 every month after a trial of 7 days",
    ),
    "a shorter trial, with a date on one side": (
        TRIAL, {}, {QUOTES: chained(UNDATED, setting(trial_period_days=7))}, "after a trial of 7 days",
    ),
    "no trial, without a date": (
        TRIAL,
        {QUOTES: UNDATED},
        {QUOTES: chained(UNDATED, setting(trial_period_days=None))},
        "USD 29.00 every month",
    ),
    "a shorter trial of one of several": (
        SEVERAL,
        {QUOTES: with_subscriptions({"trial_period_days": 30}, {})},
        {QUOTES: with_subscriptions({"trial_period_days": 7}, {})},
        "after a trial of 7 days",
    ),
    "tax that is not known any more": (
        IN_CALIFORNIA, {QUOTES: NO_TAX}, {QUOTES: UNKNOWN_TAX}, "Tax is not included yet",
    ),
    "tax that the merchant's processor adds": (
        MONTHLY, {}, {QUOTES: setting(is_byop=True)}, "the merchant's own payment processor adds it",
    ),
    "what was sold once recurs": (
        MONTHLY,
        {QUOTES: chained(with_lines({"is_subscription": False}), setting(recurring_breakup=None))},
        {QUOTES: setting(recurring_breakup=None)},
        "prod_monthly_plan renews every month; the quote does not say at which amount",
    ),
}  # fmt: skip


@pytest.mark.requirement("price.drift")
@pytest.mark.parametrize("case", TERMS)
async def test_other_terms_at_the_same_price_create_nothing(open_memory_shop: Any, case: str) -> None:
    order, before, after, says = TERMS[case]
    async with open_memory_shop(policy=ALWAYS) as shop:
        shop.upstream.rewrites.update(before)
        old = await shop.call("preview_checkout", order)
        shop.upstream.rewrites.clear()
        shop.upstream.rewrites.update(after)
        result = await shop.client.call_tool("create_checkout_session", {"preview_id": old["preview_id"]})
        error = result.structured_content["error"]
        assert (error["code"], shop.upstream.created) == ("price_changed", [])
        was, now = (error["price_change"][side] for side in ("old", "new"))
        assert was["total"] == now["total"]
        assert says in now["display"]["later"]
        assert f"{now['display']['total']} now, later {now['display']['later']}; fresh" in result.content[0].text
        await shop.call("create_checkout_session", {"preview_id": error["price_change"]["preview_id"]})


TWICE: dict[str, Any] = {"product_cart": MONTHLY["product_cart"] * 2}
ALIKE = {"recurring_amount": 2900, "amount_due_now": 2900, "next_billing_date": "2027-01-01T00:00:00Z"}


def turned(quote: Any) -> Any:
    return quote | {"subscriptions": quote["subscriptions"][::-1]}


def in_another_order(
    order: dict[str, Any], **second: Any
) -> tuple[dict[str, Any], dict[str, Change], dict[str, Change]]:
    """Two subscriptions that are alike but for this of the second."""
    both = with_subscriptions(ALIKE, ALIKE | second)
    return order, {QUOTES: both}, {QUOTES: chained(both, turned)}


NO_CHANGE: dict[str, tuple[dict[str, Any], dict[str, Change], dict[str, Change]]] = {
    "a renewal moves on with the day": (MONTHLY, {}, {QUOTES: charged_by(1)}),
    "a date that is not repeated": (MONTHLY, {}, {QUOTES: UNDATED}),
    "usage and credits in another order": (
        MONTHLY,
        {QUOTES: chained(metering(("Calls", "1", 0), ("Searches", "2", 0)), granting(cent_a="1", cent_b="2"))},
        {QUOTES: chained(metering(("Searches", "2", None), ("Calls", "1", 0)), granting(cent_b="2", cent_a="1"))},
    ),
    "two products in another order": in_another_order(SEVERAL),
    "a product's amounts in another order": in_another_order(TWICE, recurring_amount=3900),
    "a product's first charges in another order": in_another_order(TWICE, amount_due_now=1900),
    "a product's dates in another order": in_another_order(TWICE, next_billing_date="2027-02-01T00:00:00Z"),
    "a product's trials in another order": in_another_order(TWICE, trial_period_days=7),
    # Ids are sold, not names, which shops mend and translate.
    "another name": (MONTHLY, {}, {QUOTES: with_lines({"name": "Plan for professionals"})}),
    # Where the country that the API assumes matters, the tax differs.
    "another country that is assumed": (MONTHLY, {}, {QUOTES: setting(billing_country="BR")}),
    "no trial and one of 0 days": (MONTHLY, {}, {QUOTES: setting(trial_period_days=0)}),
    "tax that becomes known, at the same price": (MONTHLY, {QUOTES: UNKNOWN_TAX}, {QUOTES: NO_TAX}),
    "a cycle of a discount that renewals do not have": (MONTHLY, {}, {QUOTES: with_lines({"discount_cycle": 1})}),
    "an on-demand mandate": (ON_DEMAND, {}, {}),
}


@pytest.mark.requirement("price.drift")
@pytest.mark.parametrize("case", NO_CHANGE)
async def test_the_same_terms_in_other_words_are_no_change(open_memory_shop: Any, case: str) -> None:
    order, before, after = NO_CHANGE[case]
    async with open_memory_shop(policy=ALWAYS) as shop:
        shop.upstream.rewrites.update(before)
        old = await shop.call("preview_checkout", order)
        shop.upstream.rewrites.clear()
        shop.upstream.rewrites.update(after)
        await shop.call("create_checkout_session", {"preview_id": old["preview_id"]})


@pytest.mark.requirement("price.drift")
async def test_a_billing_cycle_that_cannot_be_read_again_is_the_one_that_was_read(open_memory_shop: Any) -> None:
    async with open_memory_shop(policy=ALWAYS) as shop:
        old = await shop.call("preview_checkout", MONTHLY)
        shop.desk.products.clear()
        shop.upstream.rewrites[PRODUCT] = lambda _product: "not a product"
        await shop.call("create_checkout_session", {"preview_id": old["preview_id"]})


@pytest.mark.requirement("price.drift")
async def test_a_price_and_terms_that_changed_together_are_both_told(open_memory_shop: Any) -> None:
    def dearer_and_metered(quote: Any) -> Any:
        quote["current_breakup"]["total_amount"] += 1
        return with_lines({"is_usage_based": True})(quote)

    async with open_memory_shop(policy=ALWAYS) as shop:
        order = {"product_cart": [{"product_id": "prod_ebook_guide", "quantity": 1}]}
        preview = await shop.call(
            "preview_checkout", order | {"billing_address": {"country": "GB"}, "billing_currency": "USD"}
        )
        shop.upstream.rewrites[QUOTES] = dearer_and_metered
        error = await shop.refusal("create_checkout_session", {"preview_id": preview["preview_id"]})
        assert [error["price_change"][side]["display"] for side in ("old", "new")] == [
            {"total": "USD 22.80", "later": "nothing"},
            {"total": "USD 22.81", "later": "Usage is billed on top of these amounts"},
        ]


@pytest.mark.requirement("policy.amounts")
async def test_the_same_price_is_held_against_a_policy_that_became_stricter(open_memory_shop: Any) -> None:
    """Usage is no amount, so no comparison of amounts would notice it."""
    policy = ALWAYS + "\n[limits]\nmax_total = { USD = 99999 }"
    async with open_memory_shop(policy=policy) as shop:
        preview = await shop.call("preview_checkout", MONTHLY)
        shop.upstream.rewrites[QUOTES] = with_lines({"is_usage_based": True})
        error = await shop.refusal("create_checkout_session", {"preview_id": preview["preview_id"]})
        assert (error["code"], error["retry"], shop.upstream.created) == ("policy_denied", "ask_human", [])
