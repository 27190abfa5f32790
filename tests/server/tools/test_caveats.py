"""What the amounts leave out is told in the same sentences by the preview and by the session that is sold from it."""

import asyncio
import re
from typing import Any, NamedTuple

import pytest

from checkout_server.checkout.catalogue.cache import TRUSTED_SECONDS
from checkout_server.checkout.quote import goods
from quotes import QUOTES, Change, chained, renewing_at, setting, with_lines, with_subscriptions

MONTHLY: dict[str, Any] = {
    "product_cart": [{"product_id": "prod_monthly_plan", "quantity": 1}],
    "billing_address": {"country": "US", "state": "CA", "zipcode": "94102"},
}
SEVERAL = MONTHLY | {"product_cart": [*MONTHLY["product_cart"], {"product_id": "prod_yearly_plan", "quantity": 1}]}
DATES = {"next_billing_date": "2030-01-31T12:00:00Z"}
ONCE: dict[str, Any] = {"product_cart": [{"product_id": "prod_123", "quantity": 1}]}
NAMES = {
    "prod_monthly_plan": "Professional plan",
    "prod_tax_inclusive": "Book, tax included",
    "prod_donation": "Donation",
    "prod_metered_plan": "Plan billed by usage",
}
TRIAL = "A trial comes first; the total leaves out what is charged after it"
FULL_PRICE = "The lines of subscriptions show their full price, not what is due now."
CARD = "The buyer needs a card to start the trial."
UNEXPLAINED = "The lines do not add up to the order's amounts; only its total is charged."
MONTHLY_CHARGE = "Charged later: USD 31.47 every month, next on 2030-01-31."


def bought(product_id: str) -> dict[str, Any]:
    return {"product_id": product_id, "quantity": 1}


class Case(NamedTuple):
    order: dict[str, Any]
    change: Change
    """To the quote."""
    caveats: list[str]
    charges: list[str]
    """Told by the session alone; the preview has them as amounts."""


CAVEATS: dict[str, Case] = {
    "nothing": Case(MONTHLY, setting(**DATES), [], [MONTHLY_CHARGE]),
    "tax that is not known yet": Case(
        {"product_cart": [{"product_id": "prod_ebook_guide", "quantity": 1}]},
        setting(),
        [
            "Tax is not included yet: it depends on the billing address.",
            "No billing address was given; the payment API assumed the country US.",
        ],
        [],
    ),
    "tax of the merchant's processor": Case(
        MONTHLY,
        setting(is_byop=True, **DATES),
        ["Tax is not included: the merchant's own payment processor adds it."],
        [MONTHLY_CHARGE],
    ),
    "usage": Case(
        MONTHLY,
        chained(with_lines({"is_usage_based": True}), setting(**DATES)),
        ["Usage is billed on top of these amounts."],
        [MONTHLY_CHARGE],
    ),
    "a trial": Case(
        MONTHLY | {"subscription_data": {"trial_period_days": 14}},
        setting(**DATES),
        [f"{TRIAL}: USD 31.47.", CARD, FULL_PRICE],
        ["Charged later: USD 31.47 every month after a trial of 14 days, first on 2030-01-31."],
    ),
    "a trial of one of several, of a day and without a date": Case(
        SEVERAL,
        with_subscriptions(DATES, {"trial_period_days": 1, "next_billing_date": None}),
        [f"{TRIAL}: USD 314.65.", CARD],
        [
            "Charged later: USD 31.47 every month for prod_monthly_plan, next on 2030-01-31.",
            "Charged later: USD 314.65 every year for prod_yearly_plan after a trial of 1 day.",
        ],
    ),
    "a discount that ends": Case(
        MONTHLY | {"discount_codes": ["FIRST3"]},
        setting(**DATES),
        ["A discount ends after 3 billing cycles; later renewals cost more: USD 31.47 in total."],
        ["Charged later: USD 25.17 every month, next on 2030-01-31."],
    ),
    "a discount that ends at an amount that nobody says": Case(
        SEVERAL | {"discount_codes": ["FIRST3"]},
        chained(with_subscriptions(DATES, DATES), setting(recurring_breakup=None)),
        ["A discount ends after 3 billing cycles; later renewals cost more."],
        [
            "Charged later: USD 25.17 every month for prod_monthly_plan, next on 2030-01-31.",
            "Charged later: USD 251.72 every year for prod_yearly_plan, next on 2030-01-31.",
        ],
    ),
    "a renewal at an amount that nobody says": Case(
        MONTHLY,
        setting(recurring_breakup=None),
        ["prod_monthly_plan renews every month; the quote does not say at which amount."],
        [],
    ),
    "an on-demand mandate": Case(
        MONTHLY | {"subscription_data": {"on_demand": {"mandate_only": True}}},
        setting(**DATES),
        [
            "The merchant may charge any amount later, whenever they want (on-demand mandate).",
            FULL_PRICE,
        ],
        [MONTHLY_CHARGE],
    ),
    "a collection": Case(
        MONTHLY | {"product_collection_id": "pdc_starters"},
        setting(**DATES),
        ["The buyer chooses products on the hosted page; these amounts lack them."],
        [MONTHLY_CHARGE],
    ),
    "a currency without decimals": Case(
        MONTHLY,
        chained(
            setting(currency="JPY", **DATES),
            with_lines({"discount_cycle": 1}),
            renewing_at(subtotal=3000, discount=300, tax=270, total=2970),
        ),
        [
            "Prices listed in USD were converted to JPY.",
            "A discount ends after 1 billing cycle; later renewals cost more: JPY 3,300 in total.",
            UNEXPLAINED,
        ],
        ["Charged later: JPY 2,970 every month, next on 2030-01-31."],
    ),
    "tax that the price includes": Case(
        {"product_cart": [bought("prod_tax_inclusive"), bought("prod_123")], "billing_address": {"country": "DE"}},
        setting(),
        [
            "The price of prod_tax_inclusive includes the tax shown.",
            "Prices listed in USD were converted to EUR.",
        ],
        [],
    ),
    "a state and a zipcode that are missing": Case(
        ONCE | {"billing_address": {"country": "US"}},
        setting(),
        ["billing_address lacks state and zipcode: tax may still change."],
        [],
    ),
    "a zipcode that is missing in Canada": Case(
        ONCE | {"billing_address": {"country": "CA", "state": "ON"}, "billing_currency": "USD"},
        setting(),
        ["billing_address lacks zipcode: tax may still change."],
        [],
    ),
    "a tax id that was accepted": Case(
        ONCE | {"billing_address": {"country": "FR"}, "tax_id": "FR40303265045", "billing_currency": "USD"},
        setting(),
        ["The tax id was accepted."],
        [],
    ),
    "a tax id of which nothing is said": Case(
        ONCE | {"billing_address": {"country": "FR"}, "tax_id": "FR40303265045", "billing_currency": "USD"},
        setting(tax_id_format_name=None),
        [],
        [],
    ),
    "a price that the buyer may choose": Case(
        {"product_cart": [bought("prod_donation")], "billing_address": {"country": "AU"}, "billing_currency": "USD"},
        setting(),
        ["No amount was given for prod_donation: quoted at the minimum."],
        [],
    ),
    "a price that the buyer chose": Case(
        {
            "product_cart": [bought("prod_donation") | {"amount": 700}],
            "billing_address": {"country": "AU"},
            "billing_currency": "USD",
        },
        setting(),
        [],
        [],
    ),
    "usage by its price": Case(
        MONTHLY | {"product_cart": [bought("prod_metered_plan")]},
        setting(**DATES),
        ["Usage is billed on top of these amounts: prod_metered_plan at USD 0.0025 a unit after 1,000 free units."],
        ["Charged later: USD 0.00 every month, next on 2030-01-31."],
    ),
    "usage in a currency that is not known": Case(
        MONTHLY | {"product_cart": [bought("prod_metered_plan")], "billing_currency": "EUR"},
        setting(**DATES),
        [
            "Prices listed in USD were converted to EUR.",
            "Usage is billed on top of these amounts: prod_metered_plan at 0.25 minor units a unit after 1,000 free "
            "units.",
        ],
        ["Charged later: EUR 0.00 every month, next on 2030-01-31."],
    ),
    "a trial without a card": Case(
        MONTHLY | {"subscription_data": {"trial_period_days": 14}},
        setting(payment_method_required=False, **DATES),
        [f"{TRIAL}: USD 31.47.", "The trial starts without a card.", FULL_PRICE],
        ["Charged later: USD 31.47 every month after a trial of 14 days, first on 2030-01-31."],
    ),
    "several at once": Case(
        MONTHLY | {"subscription_data": {"trial_period_days": 14}},
        chained(
            with_lines({"is_usage_based": True, "discount_cycle": 3}),
            renewing_at(subtotal=2900, discount=580, tax=None, total=2320),
            setting(is_byop=True, **DATES),
        ),
        [
            "Tax is not included: the merchant's own payment processor adds it.",
            "Usage is billed on top of these amounts.",
            f"{TRIAL}: USD 23.20.",
            CARD,
            "A discount ends after 3 billing cycles; later renewals cost more: USD 29.00 in total.",
            FULL_PRICE,
        ],
        ["Charged later: USD 23.20 every month after a trial of 14 days, first on 2030-01-31."],
    ),
}


@pytest.mark.requirement("quote.caveats")
@pytest.mark.parametrize("case", CAVEATS)
async def test_preview_and_session_tell_alike_what_the_amounts_leave_out(open_memory_shop: Any, case: str) -> None:
    order, change, caveats, charges = CAVEATS[case]
    async with open_memory_shop() as shop:
        shop.upstream.rewrites[QUOTES] = change
        preview = await shop.call("preview_checkout", order)
        session = await shop.call("create_checkout_session", {"preview_id": preview["preview_id"]})
        assert preview.get("warnings", []) == caveats
        assert session.get("warnings", []) == charges + caveats


@pytest.mark.requirement("quote.caveats")
@pytest.mark.parametrize("case", CAVEATS)
async def test_the_person_who_approves_reads_the_same_sentences(open_memory_shop: Any, person: Any, case: str) -> None:
    order, change, caveats, _charges = CAVEATS[case]
    async with open_memory_shop(person=person, policy="[confirm]\nask_above = {}") as shop:
        shop.upstream.rewrites[QUOTES] = change
        await shop.call("create_checkout_session", {"preview_id": await shop.preview_id(**order)})
        [question] = person.questions
        named = [re.sub(r"\bprod_\w+", lambda found: f"“{NAMES[found[0]]}”", each) for each in caveats]
        assert [line for line in question.split("\n") if line in named] == named


@pytest.mark.requirement("quote.caveats")
async def test_a_quote_does_not_wait_long_for_what_is_only_worth_a_warning(
    open_memory_shop: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(goods, "READ_SECONDS", 0.2)
    released = asyncio.Event()
    async with open_memory_shop() as shop:
        shop.upstream.gates["/products/prod_donation"] = released.wait
        async with asyncio.timeout(10):  # well before the gateway itself gives up
            preview = await shop.call("preview_checkout", {"product_cart": [bought("prod_donation")]})
        released.set()
        assert not any("minimum" in each for each in preview["warnings"])


@pytest.mark.requirement("quote.caveats")
async def test_a_product_that_cannot_be_read_is_not_asked_for_again_for_a_while(open_memory_shop: Any) -> None:
    async with open_memory_shop() as shop:
        shop.upstream.statuses["/products/prod_donation"] = 404
        order, now = {"product_cart": [bought("prod_donation")]}, shop.desk.clock()
        reads: list[int] = []
        for seconds in (0.0, TRUSTED_SECONDS - 1, TRUSTED_SECONDS):
            shop.desk.clock = lambda moment=now + seconds: moment
            await shop.call("preview_checkout", order)
            reads.append(len(shop.upstream.bodies("GET", "/products/prod_donation")))
        assert reads == [1, 1, 2]


@pytest.mark.requirement("quote.caveats")
async def test_a_product_that_was_listed_is_not_read_again_for_a_quote(open_memory_shop: Any) -> None:
    async with open_memory_shop() as shop:
        await shop.call("list_products", {"query": "donation"})
        await shop.call("preview_checkout", {"product_cart": [bought("prod_donation")]})
        assert shop.upstream.bodies("GET", "/products/prod_donation") == []
