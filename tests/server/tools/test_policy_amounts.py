"""Every amount that a call can lead to is bounded by ``max_total`` and seen by ``ask_above``."""

from typing import Any, NamedTuple

import pytest

from quotes import QUOTES, Change, chained, renewing_at, setting, with_lines, with_subscriptions

MONTHLY = [{"product_id": "prod_monthly_plan", "quantity": 1}]
TWO_PLANS = [*MONTHLY, {"product_id": "prod_yearly_plan", "quantity": 1}]
IN_CALIFORNIA = {"billing_address": {"country": "US", "state": "CA"}}
ENDING = {"discount_cycle": 3}
ON_DEMAND = "subscription_data.on_demand"


def cart(product_id: str) -> dict[str, Any]:
    return {"product_cart": [{"product_id": product_id, "quantity": 1}]}


def on_demand(**terms: Any) -> dict[str, Any]:
    return {"product_cart": MONTHLY, "subscription_data": {"on_demand": {"mandate_only": True} | terms}}


class Case(NamedTuple):
    order: dict[str, Any]
    amounts: dict[str, int]
    """The largest charge in each currency, in minor units."""
    change: Change | None = None
    """To the quote."""
    path: str = "product_cart"
    """To blame for the amount in the currency that is named last."""


AMOUNTS: dict[str, Case] = {
    "now": Case(cart("prod_ebook_guide"), {"USD": 1900}),
    "in a currency without decimals": Case(cart("prod_tokyo_guide"), {"JPY": 1500}),
    "in a currency with three": Case(cart("prod_kuwait_report"), {"KWD": 12500}),
    "after a free trial": Case(
        {"product_cart": MONTHLY, "subscription_data": {"trial_period_days": 14}}, {"USD": 2900}
    ),
    "a renewal with its tax": Case(
        {"product_cart": MONTHLY, "subscription_data": {"trial_period_days": 14}} | IN_CALIFORNIA, {"USD": 3147}
    ),
    "due now for one subscription, above the total": Case(
        {"product_cart": TWO_PLANS}, {"USD": 50_001}, with_subscriptions({}, {"amount_due_now": 50_001})
    ),
    "a renewal of one subscription": Case(
        {"product_cart": TWO_PLANS}, {"USD": 50_001}, with_subscriptions({"recurring_amount": 50_001}, {})
    ),
    "all renewals together": Case(
        {"product_cart": TWO_PLANS, "subscription_data": {"trial_period_days": 7}}, {"USD": 31_900}
    ),
    "renewals of which the quote gives no sum": Case(
        {"product_cart": TWO_PLANS, "subscription_data": {"trial_period_days": 7}},
        {"USD": 29_000},
        setting(recurring_breakup=None),
    ),
    "after a discount, with tax at the rate of the line": Case(
        {"product_cart": MONTHLY, "discount_codes": ["FIRST3"]} | IN_CALIFORNIA, {"USD": 3147}
    ),
    "after a discount, with tax in proportion where the line has no rate": Case(
        {"product_cart": MONTHLY},
        {"USD": 10_890},
        chained(with_lines(ENDING), renewing_at(subtotal=9900, discount=9000, tax=90, total=990)),
    ),
    "after a discount of all but a cent, with tax in proportion": Case(
        {"product_cart": MONTHLY},
        {"USD": 19_800},
        chained(with_lines(ENDING), renewing_at(subtotal=9900, discount=9899, tax=1, total=2)),
    ),
    "after a discount of 100 %": Case(
        {"product_cart": MONTHLY, "discount_codes": ["FREE100"]} | IN_CALIFORNIA, {"USD": 3147}, with_lines(ENDING)
    ),
    "after a discount on a price that holds its tax": Case(
        {"product_cart": MONTHLY},
        {"USD": 9900},
        chained(
            with_lines(ENDING | {"tax_inclusive": True, "tax_rate": 2000}),
            renewing_at(subtotal=9900, discount=9000, tax=150, total=900),
        ),
    ),
    "after a discount on a price that holds its tax, with a subtotal before tax": Case(
        {"product_cart": MONTHLY},
        {"USD": 12_000},
        chained(
            with_lines(ENDING | {"tax_inclusive": True, "tax_rate": 2000}),
            renewing_at(subtotal=10_000, discount=9000, tax=200, total=1200),
        ),
    ),
    "after a discount on the one price of two that does not hold its tax": Case(
        {"product_cart": TWO_PLANS},
        {"USD": 22_000},
        chained(
            with_lines({"tax_inclusive": True, "tax_rate": 2000}, ENDING | {"tax_rate": 2000}),
            with_subscriptions({"amount_due_now": 0}, {"amount_due_now": 0, "recurring_amount": 0}),
            setting(current_breakup={"subtotal": 0, "discount": 0, "tax": 0, "total_amount": 0}),
            renewing_at(subtotal=20_000, discount=10_000, tax=1667, total=10_000),
        ),
    ),
    "after a discount, without the tax that the merchant's processor adds": Case(
        {"product_cart": MONTHLY},
        {"USD": 10_000},
        chained(
            with_lines(ENDING | {"tax_rate": 2000}),
            renewing_at(subtotal=10_000, discount=9000, tax=0, total=1000),
            setting(is_byop=True),
        ),
    ),
    "after a discount, without tax that is not known yet": Case(
        {"product_cart": MONTHLY},
        {"USD": 10_000},
        chained(
            with_lines(ENDING | {"tax_rate": 2000}),
            renewing_at(subtotal=10_000, discount=9000, tax=None, total=1000),
        ),
    ),
    "when the last of several discounts has ended": Case(
        {"product_cart": TWO_PLANS, "discount_codes": ["FIRST3"]},
        {"USD": 31_900},
        with_lines({"discount_cycle": 1}, {"discount_cycle": 6}),
    ),
    "with a discount that never ends": Case({"product_cart": MONTHLY, "discount_codes": ["SAVE20"]}, {"USD": 2320}),
}


def toml(amounts: dict[str, int]) -> str:
    return "{ " + ", ".join(f"{currency} = {amount}" for currency, amount in amounts.items()) + " }"


def one_less(amounts: dict[str, int]) -> dict[str, int]:
    last = list(amounts)[-1]
    return amounts | {last: amounts[last] - 1}


ON_DEMAND_AMOUNTS: dict[str, Case] = {
    "on demand, in another currency": Case(
        on_demand(product_price=250_000, product_currency="INR"),
        {"USD": 2900, "INR": 250_000},
        path=f"{ON_DEMAND}.product_price",
    ),
    "on demand, in the product's own currency": Case(
        on_demand(product_price=250_000),
        {"USD": 2900, "INR": 250_000},
        with_lines({"og_currency": "INR"}),
        f"{ON_DEMAND}.product_price",
    ),
    "on demand, where nothing says the product's currency": Case(
        on_demand(product_price=4200), {"USD": 4200}, with_lines({"og_currency": None}), f"{ON_DEMAND}.product_price"
    ),
}  # fmt: skip


@pytest.mark.requirement("policy.amounts")
@pytest.mark.parametrize("case", AMOUNTS | ON_DEMAND_AMOUNTS)
async def test_the_largest_charge_is_the_limit_that_still_sells(open_memory_shop: Any, case: str) -> None:
    order, amounts, change, path = (AMOUNTS | ON_DEMAND_AMOUNTS)[case]
    for most in (amounts, one_less(amounts)):
        async with open_memory_shop(policy=f"[limits]\nmax_total = {toml(most)}") as shop:
            if change is not None:
                shop.upstream.rewrites[QUOTES] = change
            if most is amounts:
                preview = await shop.call("preview_checkout", order)
                await shop.call("create_checkout_session", {"preview_id": preview["preview_id"]})
                continue
            error = await shop.refusal("preview_checkout", order)
            # The buyer decides what they buy; the price of a charge on demand comes from the seller.
            retry = "ask_human" if path == "product_cart" else "fix_and_retry"
            assert (error["code"], error["retry"]) == ("policy_denied", retry)
            assert [(each["path"], each["problem"]) for each in error["problems"]] == [
                (path, "costs more than the policy allows")
            ]


@pytest.mark.requirement("policy.amounts")
@pytest.mark.parametrize("case", AMOUNTS)
async def test_the_largest_charge_is_the_last_that_nobody_is_asked_about(
    open_memory_shop: Any, person: Any, case: str
) -> None:
    order, amounts, change, _path = AMOUNTS[case]
    for most in (amounts, one_less(amounts)):
        async with open_memory_shop(policy=f"[confirm]\nask_above = {toml(most)}", person=person) as shop:
            if change is not None:
                shop.upstream.rewrites[QUOTES] = change
            preview = await shop.call("preview_checkout", order)
            asks = "A person will be asked to approve the sale of this order." in preview.get("warnings", [])
            await shop.call("create_checkout_session", {"preview_id": preview["preview_id"]})
            assert (asks, len(person.questions)) == (most is not amounts, int(most is not amounts))


def metered(quote: Any) -> Any:
    quote["product_cart"][0]["is_usage_based"] = True
    return quote


def listing_one_of_two(quote: Any) -> Any:
    del quote["subscriptions"][1]
    return quote


WITHOUT_AN_AMOUNT: dict[str, tuple[dict[str, Any], Change]] = {
    "usage": ({"product_cart": MONTHLY}, metered),
    "a renewal": ({"product_cart": MONTHLY}, setting(recurring_breakup=None)),
    "a renewal of one of two": ({"product_cart": TWO_PLANS}, listing_one_of_two),
    "what follows a discount": (
        {"product_cart": TWO_PLANS},
        chained(with_lines(ENDING, {}), setting(recurring_breakup=None)),
    ),
}


@pytest.mark.requirement("policy.amounts")
@pytest.mark.parametrize("case", WITHOUT_AN_AMOUNT)
async def test_charges_without_an_amount_are_refused_under_a_limit_and_asked_about(
    open_memory_shop: Any, person: Any, case: str
) -> None:
    order, change = WITHOUT_AN_AMOUNT[case]
    async with open_memory_shop(policy="[limits]\nmax_total = { USD = 99999999 }") as shop:
        shop.upstream.rewrites[QUOTES] = change
        error = await shop.refusal("preview_checkout", order)
        assert error["problems"] == [
            {
                "path": "product_cart",
                "problem": "leads to charges that no limit can bound",
                "suggestion": "list_products shows what is sold here",
            }
        ]
    async with open_memory_shop(policy="[confirm]\nask_above = { USD = 99999999 }", person=person) as shop:
        shop.upstream.rewrites[QUOTES] = change
        await shop.call("create_checkout_session", {"preview_id": await shop.preview_id(**order)})
        assert len(person.questions) == 1


@pytest.mark.requirement("policy.amounts")
async def test_an_on_demand_mandate_without_a_price_is_allowed_and_asked_about(
    open_memory_shop: Any, person: Any
) -> None:
    policy = "[limits]\nmax_total = { USD = 2900 }\n[confirm]\nask_above = { USD = 99999999 }"
    async with open_memory_shop(policy=policy, person=person) as shop:
        shop.upstream.rewrites[QUOTES] = setting(recurring_breakup=None)
        await shop.call("create_checkout_session", {"preview_id": await shop.preview_id(**on_demand())})
        assert len(person.questions) == 1


CURRENCIES: dict[str, tuple[str, dict[str, Any], list[str]]] = {
    "a limit for the order's currency alone": (
        "[limits]\nmax_total = { USD = 99999 }",
        on_demand(product_price=100, product_currency="INR"),
        [f"{ON_DEMAND}.product_currency"],
    ),
    "a limit for the price's currency alone": (
        "[limits]\nmax_total = { INR = 99999 }",
        on_demand(product_price=100, product_currency="INR"),
        ["billing_currency"],
    ),
    "another currency of the price": (
        '[allow]\ncurrencies = ["USD"]',
        on_demand(product_price=100, product_currency="INR"),
        [f"{ON_DEMAND}.product_currency"],
    ),
    "another currency without a price": (
        '[allow]\ncurrencies = ["USD"]',
        on_demand(product_currency="INR"),
        [f"{ON_DEMAND}.product_currency"],
    ),
    "neither currency": (
        '[allow]\ncurrencies = ["EUR"]',
        on_demand(product_price=100, product_currency="INR"),
        ["billing_currency", f"{ON_DEMAND}.product_currency"],
    ),
    "the product's own currency": (
        '[allow]\ncurrencies = ["EUR"]',
        on_demand(product_price=100) | {"billing_currency": "EUR"},
        [f"{ON_DEMAND}.product_currency"],
    ),
}


@pytest.mark.requirement("policy.amounts")
@pytest.mark.parametrize("case", CURRENCIES)
async def test_a_price_on_demand_counts_in_its_own_currency(open_memory_shop: Any, case: str) -> None:
    policy, order, paths = CURRENCIES[case]
    async with open_memory_shop(policy=policy) as shop:
        error = await shop.refusal("preview_checkout", order)
        assert (error["code"], [each["path"] for each in error["problems"]]) == ("policy_denied", paths)


@pytest.mark.requirement("policy.amounts")
async def test_a_price_on_demand_above_the_amount_of_its_own_currency_is_asked_about(
    open_memory_shop: Any, person: Any
) -> None:
    policy = "[confirm]\nask_above = { USD = 99999999, INR = 99 }"
    async with open_memory_shop(policy=policy, person=person) as shop:
        order = on_demand(product_price=100, product_currency="INR")
        await shop.call("create_checkout_session", {"preview_id": await shop.preview_id(**order)})
        assert len(person.questions) == 1
