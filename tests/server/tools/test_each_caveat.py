"""Each sentence about what the amounts of a quote leave out is told where it applies, and only there."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import pytest

from checkout_server.checkout.caveats import OMISSIONS
from quotes import QUOTES, Change, chained, setting, with_lines, with_subscriptions

US: dict[str, Any] = {"billing_address": {"country": "US", "state": "CA", "zipcode": "94102"}}
ADDRESS: dict[str, str] = US["billing_address"]
FRENCH: dict[str, Any] = {"billing_address": {"country": "FR"}, "billing_currency": "USD", "tax_id": "FR40303265045"}
AS_QUOTED = setting()


def cart(*product_ids: str, **item: Any) -> dict[str, Any]:
    return {"product_cart": [{"product_id": each, "quantity": 1} | item for each in product_ids]}


def changed(name: str, **amounts: Any) -> Change:
    """Other amounts of a breakup."""
    return lambda quote: quote | {name: quote[name] | amounts}


ONCE, MONTHLY = cart("prod_123") | US, cart("prod_monthly_plan") | US
SEVERAL = cart("prod_monthly_plan", "prod_yearly_plan") | US
TRIAL = MONTHLY | {"subscription_data": {"trial_period_days": 14}}
SAVE20, FIRST3 = {"discount_codes": ["SAVE20"]}, {"discount_codes": ["FIRST3"]}
NOTHING_OFF = chained(changed("current_breakup", discount=0), changed("recurring_breakup", discount=0))


class Case(NamedTuple):
    """A quote of which something is to be said, and another that is nearly the same."""

    order: dict[str, Any]
    change: Change
    says: list[str]
    near: dict[str, Any]
    change_of_near: Change = AS_QUOTED
    says_of_near: Sequence[str] = ()


CASES: dict[str, Case] = {
    "tax not known yet": Case(
        ONCE,
        changed("current_breakup", tax=None),
        ["Tax is not included yet: it depends on the billing address."],
        ONCE,
    ),
    "tax of the merchant's processor": Case(
        ONCE,
        setting(is_byop=True),
        ["Tax is not included: the merchant's own payment processor adds it."],
        ONCE,
        setting(is_byop=False),
    ),
    "assumed country": Case(
        cart("prod_123"),
        setting(billing_country="GB"),
        ["No billing address was given; the payment API assumed the country GB."],
        ONCE,
        setting(billing_country="GB"),
    ),
    "address too short for tax": Case(
        ONCE | {"billing_address": {"country": "CA", "zipcode": "K1A 0B1"}},
        AS_QUOTED,
        ["billing_address lacks state: tax may still change."],
        ONCE | {"billing_address": {"country": "GB"}, "billing_currency": "USD"},
    ),
    "tax included": Case(
        cart("prod_123", "prod_mouse") | US,
        with_lines({"tax_inclusive": True}, {"tax_inclusive": True}),
        ["The price of prod_123, prod_mouse includes the tax shown."],
        cart("prod_123", "prod_mouse") | US,
    ),
    "tax id accepted": Case(cart("prod_123") | FRENCH, AS_QUOTED, ["The tax id was accepted."], ONCE),
    "tax id refused": Case(
        cart("prod_123") | FRENCH,
        setting(tax_id_err_msg="no such number"),
        ["The tax id was not accepted; tax is quoted without it."],
        cart("prod_123") | FRENCH,
        setting(tax_id_format_name=None),
    ),
    "another currency": Case(
        ONCE | {"billing_currency": "EUR"},
        setting(currency="USD"),
        ["The billing_currency is not available; amounts are in another currency."],
        ONCE | {"billing_currency": "EUR"},
        says_of_near=["Prices listed in USD were converted to EUR."],
    ),
    "converted prices": Case(
        cart("prod_123", "prod_tokyo_guide") | US | {"billing_currency": "EUR"},
        AS_QUOTED,
        ["Prices listed in JPY, USD were converted to EUR."],
        ONCE,
    ),
    "codes without effect": Case(
        MONTHLY | SAVE20, NOTHING_OFF, ["The discount codes do not lower this price."], MONTHLY, NOTHING_OFF
    ),
    "minimum price": Case(
        cart("prod_donation") | US,
        AS_QUOTED,
        ["No amount was given for prod_donation: quoted at the minimum."],
        cart("prod_donation", amount=100) | US,
    ),
    "usage": Case(
        cart("prod_metered_plan") | US,
        AS_QUOTED,
        ["Usage is billed on top of these amounts: prod_metered_plan at USD 0.0025 a unit after 1,000 free units."],
        MONTHLY,
    ),
    "trial": Case(
        SEVERAL,
        with_subscriptions({"trial_period_days": 7}, {"trial_period_days": 0}),
        ["A trial comes first; the total leaves out what is charged after it: USD 31.47."],
        SEVERAL,
        with_subscriptions({"trial_period_days": 0}, {"trial_period_days": None}),
    ),
    "trial with a card": Case(
        TRIAL,
        setting(payment_method_required=True),
        ["The buyer needs a card to start the trial."],
        MONTHLY,
        setting(payment_method_required=True),
    ),
    "trial without a card": Case(
        TRIAL,
        setting(payment_method_required=False),
        ["The trial starts without a card."],
        TRIAL,
        setting(payment_method_required=None),
        [
            "A trial comes first; the total leaves out what is charged after it: USD 31.47.",
            "The lines of subscriptions show their full price, not what is due now.",
        ],
    ),
    "discount that ends": Case(
        SEVERAL | FIRST3,
        with_lines({"discount_cycle": 3}, {"discount_cycle": 2}),
        ["A discount ends after 2 billing cycles; later renewals cost more: USD 346.12 in total."],
        MONTHLY | SAVE20,
    ),
    "collection": Case(
        ONCE | {"product_collection_id": "pdc_starters"},
        AS_QUOTED,
        ["The buyer chooses products on the hosted page; these amounts lack them."],
        ONCE,
    ),
    "on-demand mandate": Case(
        MONTHLY | {"subscription_data": {"on_demand": {"mandate_only": False, "product_price": 100}}},
        AS_QUOTED,
        ["The merchant may charge any amount later, whenever they want (on-demand mandate)."],
        MONTHLY,
    ),
    "renewal at an unknown amount": Case(
        SEVERAL,
        lambda quote: quote | {"subscriptions": quote["subscriptions"][:1]},
        ["prod_yearly_plan renews every year; the quote does not say at which amount."],
        SEVERAL,
    ),
    "unused amount": Case(
        cart("prod_123", "prod_mouse", amount=700) | US,
        AS_QUOTED,
        [
            "The amount given for prod_123 is not used; the product is sold at its own price.",
            "The amount given for prod_mouse is not used; the product is sold at its own price.",
        ],
        cart("prod_donation", amount=700) | US,
    ),
}


@pytest.mark.requirement("quote.caveats")
def test_every_sentence_has_a_case() -> None:
    assert list(CASES) == list(OMISSIONS)


@pytest.mark.requirement("quote.caveats")
async def test_a_sentence_is_told_where_it_applies_and_not_of_a_quote_that_is_nearly_the_same(
    open_memory_shop: Any, subtests: pytest.Subtests
) -> None:
    async with open_memory_shop() as shop:
        for name, case in CASES.items():
            with subtests.test(name):
                shop.upstream.rewrites[QUOTES] = case.change
                told = (await shop.call("preview_checkout", case.order))["warnings"]
                assert [each for each in told if each in case.says] == case.says
                shop.upstream.rewrites[QUOTES] = case.change_of_near
                near = (await shop.call("preview_checkout", case.near)).get("warnings", [])
                assert near == list(case.says_of_near)
