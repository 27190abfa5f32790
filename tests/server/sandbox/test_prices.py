# ruff: noqa: E501 - a case reads best on a line
"""What an order costs: each case is worked out by hand from the catalogue's prices and made-up rates."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest

from checkout_server.sandbox.app import create_app
from checkout_server.sandbox.catalogue import Discount
from checkout_server.sandbox.discounts import Discounts
from checkout_server.sandbox.listener import running_app
from checkout_server.sandbox.sessions import Sandbox

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)


def cart(*product_ids: str, **item: Any) -> list[dict[str, Any]]:
    return [{"product_id": each, "quantity": 1} | item for each in product_ids]


def on_demand(**terms: Any) -> dict[str, Any]:
    return {"subscription_data": {"on_demand": {"mandate_only": False} | terms}}


def trial(days: int) -> dict[str, Any]:
    return {"subscription_data": {"trial_period_days": days}}


@asynccontextmanager
async def previewing() -> AsyncGenerator[httpx2.AsyncClient]:
    app = create_app(Sandbox(clock=lambda: NOW))
    async with (
        running_app(app) as url,
        httpx2.AsyncClient(base_url=url, headers={"Authorization": "Bearer x"}) as http,
    ):
        yield http


async def preview(order: dict[str, Any]) -> dict[str, Any]:
    async with previewing() as http:
        return (await http.post("/checkouts/preview", json=order)).raise_for_status().json()


DE, US, JP = ({"billing_address": {"country": country}} for country in ("DE", "US", "JP"))
CALIFORNIA = {"billing_address": {"country": "US", "state": "CA"}}
SEATS = [{"addon_id": "addon_seat", "quantity": 3}, {"addon_id": "addon_support", "quantity": 1}]

# Each: the order; currency; subtotal, discount, tax, total now; the same at each renewal, or None.
Charge = tuple[int, int, int | None, int]
PRICES: dict[str, tuple[dict[str, Any], str, Charge, Charge | None]] = {
    "one product": ({"product_cart": cart("prod_123")}, "USD", (4900, 0, None, 4900), None),
    "a quantity": ({"product_cart": cart("prod_123", quantity=3)}, "USD", (14700, 0, None, 14700), None),
    "several products": ({"product_cart": cart("prod_123", "prod_mouse")}, "USD", (7800, 0, None, 7800), None),
    # 4900 → -1633 (33.33 %) = 3267 → -653 (20 %) = 2614; the other way round 4900 → 3920 → -1307 = 2613
    "codes in order": ({"product_cart": cart("prod_123"), "discount_codes": ["HALFCENT", "SAVE20"]}, "USD", (4900, 2286, None, 2614), None),
    "codes in the other order": ({"product_cart": cart("prod_123"), "discount_codes": ["SAVE20", "HALFCENT"]}, "USD", (4900, 2287, None, 2613), None),
    # 33.33 % of 5000 is 1666.5
    "half a cent off": ({"product_cart": cart("prod_donation", amount=5000), "discount_codes": ["HALFCENT"]}, "USD", (5000, 1667, None, 3333), None),
    # 33.33 % of 14700 is 4899.51; three times 33.33 % of 4900 would be 4899
    "a code for a quantity": ({"product_cart": cart("prod_123", quantity=3), "discount_codes": ["HALFCENT"]}, "USD", (14700, 4900, None, 9800), None),
    "everything off": ({"product_cart": cart("prod_123"), "discount_codes": ["FREE100"]} | DE, "EUR", (4410, 4410, 0, 0), None),
    "a code for one of two": ({"product_cart": cart("prod_gaming_chair", "prod_123"), "discount_codes": ["ONLYCHAIR"]}, "USD", (39800, 5235, None, 34565), None),
    "the deprecated code": ({"product_cart": cart("prod_123"), "discount_code": "welcome10"}, "USD", (4900, 490, None, 4410), None),
    # 8.5 % of 100 is 8.5
    "half a cent of tax": ({"product_cart": cart("prod_donation")} | CALIFORNIA, "USD", (100, 0, 9, 109), None),
    "no tax known": ({"product_cart": cart("prod_123")}, "USD", (4900, 0, None, 4900), None),
    "no tax due": ({"product_cart": cart("prod_123")} | US, "USD", (4900, 0, 0, 4900), None),
    "no tax where nothing is known of": ({"product_cart": cart("prod_123"), "billing_address": {"country": "BR"}}, "USD", (4900, 0, 0, 4900), None),
    "tax of a state": ({"product_cart": cart("prod_123"), "billing_address": {"country": "US", "state": "NY"}}, "USD", (4900, 0, 392, 5292), None),
    "a state's name elsewhere": ({"product_cart": cart("prod_123"), "billing_address": {"country": "CA", "state": "NY"}}, "CAD", (6615, 0, 331, 6946), None),
    "tax after the discount": ({"product_cart": cart("prod_123"), "discount_codes": ["SAVE20"]} | DE, "EUR", (4410, 882, 670, 4198), None),
    "a business without tax": ({"product_cart": cart("prod_123"), "tax_id": "DE123456789"} | DE, "EUR", (4410, 0, 0, 4410), None),
    "a French business without tax": ({"product_cart": cart("prod_123"), "tax_id": "FR12345678901", "billing_address": {"country": "FR"}}, "EUR", (4410, 0, 0, 4410), None),
    "a business with tax": ({"product_cart": cart("prod_123"), "tax_id": "GB123456789", "billing_address": {"country": "GB"}}, "GBP", (3920, 0, 784, 4704), None),
    "tax included": ({"product_cart": cart("prod_tax_inclusive")} | DE, "EUR", (2400, 0, 383, 2400), None),
    "tax included, with a discount": ({"product_cart": cart("prod_tax_inclusive"), "discount_codes": ["SAVE20"]} | DE, "EUR", (2400, 480, 307, 1920), None),
    "tax included beside tax on top": ({"product_cart": cart("prod_tax_inclusive", "prod_123")} | DE, "EUR", (6810, 0, 1221, 7648), None),
    "a chosen price": ({"product_cart": cart("prod_donation", amount=2500, quantity=2)}, "USD", (5000, 0, None, 5000), None),
    "no chosen price": ({"product_cart": cart("prod_donation")}, "USD", (100, 0, None, 100), None),
    "a price that cannot be chosen": ({"product_cart": cart("prod_123", amount=9999)}, "USD", (4900, 0, None, 4900), None),
    "a chosen price elsewhere": ({"product_cart": cart("prod_donation", amount=1000), "billing_currency": "EUR"}, "EUR", (900, 0, None, 900), None),
    "dollars in yen": ({"product_cart": cart("prod_123")} | JP, "JPY", (7350, 0, 735, 8085), None),
    "yen in dollars": ({"product_cart": cart("prod_tokyo_guide"), "billing_currency": "USD"}, "USD", (1000, 0, None, 1000), None),
    "yen in dinars": ({"product_cart": cart("prod_tokyo_guide"), "billing_currency": "KWD"}, "KWD", (3000, 0, None, 3000), None),
    "dinars in yen": ({"product_cart": cart("prod_kuwait_report")} | JP, "JPY", (6250, 0, 625, 6875), None),
    "dollars in dinars": ({"product_cart": cart("prod_123"), "billing_currency": "KWD"}, "KWD", (14700, 0, None, 14700), None),
    # 15.00 USD is 13.50 EUR; 0.90 of a unit is never rounded before the quantity: 990 → 891 each
    "a converted quantity": ({"product_cart": cart("prod_subscription", quantity=3), "billing_currency": "EUR"}, "EUR", (2673, 0, None, 2673), (2673, 0, None, 2673)),
    "the currency of the first": ({"product_cart": cart("prod_consulting_service", "prod_123")}, "GBP", (18920, 0, None, 18920), None),
    "a currency that was asked for": ({"product_cart": cart("prod_123"), "billing_currency": "GBP"} | DE, "GBP", (3920, 0, 745, 4665), None),
    "a currency in rupees": ({"product_cart": cart("prod_123"), "billing_address": {"country": "IN"}}, "INR", (406700, 0, 73206, 479906), None),
    "add-ons": ({"product_cart": cart("prod_team_plan", quantity=2, addons=SEATS)}, "USD", (15000, 0, None, 15000), (15000, 0, None, 15000)),
    # lines 9800, 2700, 2500; less 10 %: 8820, 2430, 2250; 8.5 %: 750, 207, 191
    "add-ons with all": ({"product_cart": cart("prod_team_plan", quantity=2, addons=SEATS), "discount_codes": ["WELCOME10"]} | CALIFORNIA, "USD", (15000, 1500, 1148, 14648), (15000, 1500, 1148, 14648)),
    "a subscription beside a product": ({"product_cart": cart("prod_monthly_plan", "prod_123")} | US, "USD", (7800, 0, 0, 7800), (2900, 0, 0, 2900)),
    "a free trial": ({"product_cart": cart("prod_monthly_plan")} | trial(14) | CALIFORNIA, "USD", (0, 0, 0, 0), (2900, 0, 247, 3147)),
    "a product's own trial": ({"product_cart": cart("prod_trial_plan")}, "USD", (0, 0, None, 0), (1900, 0, None, 1900)),
    "no trial instead of a product's own": ({"product_cart": cart("prod_trial_plan")} | trial(0), "USD", (1900, 0, None, 1900), (1900, 0, None, 1900)),
    "a trial for a product alone": ({"product_cart": cart("prod_123")} | trial(14), "USD", (4900, 0, None, 4900), None),
    "a paid trial": ({"product_cart": cart("prod_paid_trial", quantity=2)} | DE, "EUR", (180, 0, 34, 214), (7020, 0, 1334, 8354)),
    "a trial takes no code": ({"product_cart": cart("prod_paid_trial"), "discount_codes": ["SAVE20"]}, "USD", (100, 0, None, 100), (3900, 780, None, 3120)),
    "a trial with add-ons": ({"product_cart": cart("prod_team_plan", addons=SEATS)} | trial(7), "USD", (0, 0, None, 0), (10100, 0, None, 10100)),
    "a mandate": ({"product_cart": cart("prod_monthly_plan")} | on_demand(mandate_only=True, product_price=5), "USD", (0, 0, None, 0), (2900, 0, None, 2900)),
    "a first charge": ({"product_cart": cart("prod_monthly_plan")} | on_demand(product_price=4200) | CALIFORNIA, "USD", (4200, 0, 357, 4557), (2900, 0, 247, 3147)),
    "a first charge of nothing": ({"product_cart": cart("prod_monthly_plan")} | on_demand(product_price=0), "USD", (0, 0, None, 0), (2900, 0, None, 2900)),
    "a first charge elsewhere": ({"product_cart": cart("prod_monthly_plan")} | on_demand(product_price=8300, product_currency="INR"), "USD", (100, 0, None, 100), (2900, 0, None, 2900)),
    "the price itself": ({"product_cart": cart("prod_monthly_plan", quantity=2)} | on_demand(), "USD", (5800, 0, None, 5800), (5800, 0, None, 5800)),
    "no trial on demand": ({"product_cart": cart("prod_paid_trial")} | on_demand(), "USD", (3900, 0, None, 3900), (3900, 0, None, 3900)),
    "usage": ({"product_cart": cart("prod_metered_plan")}, "USD", (0, 0, None, 0), (0, 0, None, 0)),
}  # fmt: skip


@pytest.mark.requirement("sandbox.pricing")
@pytest.mark.parametrize("case", PRICES)
async def test_an_order_costs_what_the_rules_say_now_and_later(case: str) -> None:
    order, currency, now, later = PRICES[case]
    document = await preview(order)
    names = ("subtotal", "discount", "tax", "total_amount")
    assert document["currency"] == currency
    assert document["current_breakup"] == dict(zip(names, now, strict=True))
    assert document["recurring_breakup"] == (None if later is None else dict(zip(names, later, strict=True)))
    assert (document["total_price"], document["total_tax"]) == (now[3], now[2])


@pytest.mark.requirement("sandbox.pricing")
async def test_a_line_tells_its_own_prices_rate_and_tax_and_so_does_an_add_on() -> None:
    order = {"product_cart": cart("prod_team_plan", quantity=2, addons=SEATS[:1]), "discount_codes": ["FIRST3"]} | DE
    [line] = (await preview(order))["product_cart"]
    [addon] = line.pop("addons")
    common = {"currency": "EUR", "og_currency": "USD", "tax_category": "saas", "tax_inclusive": False, "tax_rate": 1900}
    assert addon == common | {
        "addon_id": "addon_seat", "name": "Extra seat", "description": None, "quantity": 3, "single_quantity_price": 810,
        "og_price": 2430, "discounted_price": 1944, "discount_amount": 2000, "tax": 369,
    }  # fmt: skip
    assert line == common | {
        "product_id": "prod_team_plan", "name": "Team plan with add-ons", "description": None, "quantity": 2,
        "og_price": 8820, "discounted_price": 7056, "discount_amount": 2000, "discount_cycle": 3, "tax": 1341,
        "is_subscription": True, "is_usage_based": False, "meters": [], "monthly_equivalent": None, "credit_entitlements": [],
    }  # fmt: skip


@pytest.mark.requirement("sandbox.pricing")
def test_a_discount_ends_with_the_first_code_that_ends() -> None:
    first, second, endless = (Discount(basis_points=100, cycles=cycles) for cycles in (3, 6, None))
    for given, cycles in (((second, first, endless), 3), ((second, endless), 6), ((endless,), None), ((), None)):
        assert Discounts(given).cycles("prod_monthly_plan") == cycles


@pytest.mark.requirement("sandbox.pricing")
async def test_what_a_trial_does_not_charge_has_no_tax_yet() -> None:
    [line] = (await preview({"product_cart": cart("prod_team_plan", addons=SEATS)} | trial(7) | DE))["product_cart"]
    assert [each["tax"] for each in (line, *line["addons"])] == [0, 0, 0]


@pytest.mark.requirement("sandbox.pricing")
async def test_credits_are_the_products_unless_the_order_overrides_them() -> None:
    override = [{"credit_entitlement_id": "cent_api_calls", "credits_amount": "5.5"}]
    for item, amount in (({}, "1000"), ({"credit_entitlements": override}, "5.5")):
        [line] = (await preview({"product_cart": cart("prod_credits", **item)}))["product_cart"]
        assert line["credit_entitlements"] == [
            {
                "credit_entitlement_id": "cent_api_calls", "credit_entitlement_name": "API calls",
                "credit_entitlement_unit": "calls", "credits_amount": amount,
            }
        ]  # fmt: skip


@pytest.mark.requirement("sandbox.pricing")
async def test_a_meter_tells_what_usage_costs() -> None:
    [line] = (await preview({"product_cart": cart("prod_metered_plan")}))["product_cart"]
    assert line["meters"] == [
        {"name": "API calls", "description": None, "measurement_unit": "calls", "price_per_unit": "0.25", "free_threshold": 1000}
    ]  # fmt: skip


@pytest.mark.requirement("sandbox.pricing")
@pytest.mark.parametrize(
    ("product", "terms", "days", "trial_days", "amount"),
    [
        ("prod_monthly_plan", {}, 30, None, None),
        ("prod_quarterly_plan", {}, 90, None, None),
        ("prod_yearly_plan", {}, 365, None, None),
        ("prod_trial_plan", {}, 7, 7, None),
        ("prod_paid_trial", {}, 14, 14, 100),
        ("prod_paid_trial", trial(3), 3, 3, 100),
        ("prod_paid_trial", trial(0), 30, None, None),
        ("prod_monthly_plan", trial(10000), 10000, 10000, None),
    ],
)
async def test_the_next_charge_comes_after_the_trial_or_the_cycle(
    product: str, terms: dict[str, Any], days: int, trial_days: int | None, amount: int | None
) -> None:
    document = await preview({"product_cart": cart(product)} | terms)
    assert (datetime.fromisoformat(document["next_billing_date"]) - NOW).total_seconds() == days * 86400
    assert (document["trial_period_days"], document["trial_amount"], document["subscriptions"]) == (
        trial_days,
        amount,
        None,
    )


@pytest.mark.requirement("sandbox.pricing")
async def test_several_subscriptions_are_told_one_by_one_and_the_earliest_charge_for_all() -> None:
    order = {"product_cart": cart("prod_yearly_plan", "prod_paid_trial")} | CALIFORNIA
    document = await preview(order)
    assert document["subscriptions"] == [
        {
            "product_id": "prod_yearly_plan", "amount_due_now": 31465, "recurring_amount": 31465, "recurring_tax": 2465,
            "tax_due_now": 2465, "next_billing_date": "2027-11-27T12:00:00+00:00", "trial_period_days": None,
        },
        {
            "product_id": "prod_paid_trial", "amount_due_now": 109, "recurring_amount": 4232, "recurring_tax": 332,
            "tax_due_now": 9, "next_billing_date": "2026-12-11T12:00:00+00:00", "trial_period_days": 14,
        },
    ]  # fmt: skip
    assert (document["next_billing_date"], document["trial_amount"]) == ("2026-12-11T12:00:00+00:00", None)
    untaxed = await preview({"product_cart": order["product_cart"]})
    taxes = {(each["recurring_tax"], each["tax_due_now"]) for each in untaxed["subscriptions"]}
    assert taxes == {(None, None)} == {(line["tax"], line["tax"]) for line in untaxed["product_cart"]}


@pytest.mark.requirement("sandbox.pricing")
async def test_who_buys_is_told_as_far_as_the_order_says() -> None:
    unknown = await preview({"product_cart": cart("prod_123")})
    business = await preview({"product_cart": cart("prod_123"), "tax_id": "DE123456789"} | DE)
    told = ("billing_country", "tax_id_business_name", "tax_id_format_name", "tax_id_err_msg")
    assert [unknown[name] for name in told] == ["US", None, None, None]
    assert [business[name] for name in told] == ["DE", "Example GmbH", "VAT Number", None]
    assert (unknown["is_byop"], unknown["payment_method_required"], unknown["next_billing_date"]) == (False, True, None)
