# ruff: noqa: E501 - a case reads best on a line
"""What the API refuses, the sandbox refuses: by the same code, at each limit, and whatever is sent."""

import copy
import re
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checkout_server.sandbox import discounts, errors, sale_api, validation
from checkout_server.sandbox.errors import ApiError
from checkout_server.sandbox.listener import running_sandbox
from checkout_server.sandbox.sessions import Sandbox
from checkout_server.sandbox.validation import check_body
from examples import examples

CART: list[dict[str, Any]] = [{"product_id": "prod_123", "quantity": 1}]
PLAN: list[dict[str, Any]] = [{"product_id": "prod_monthly_plan", "quantity": 1}]
TEAM: dict[str, Any] = {"product_id": "prod_team_plan", "quantity": 1}
SEAT = {"addon_id": "addon_seat", "quantity": 1}
ADDRESS = {"street": "1 Main St", "city": "Boston", "state": "MA", "country": "US", "zipcode": "02134"}
CONFIRMED: dict[str, Any] = {"confirm": True, "customer": {"email": "a@b.co"}, "billing_address": ADDRESS}
SAVED: dict[str, Any] = {"confirm": True, "customer": {"customer_id": "cus_123"}, "payment_method_id": "pm_abc123"}
DROPDOWN = {"key": "size", "label": "Size", "field_type": "dropdown", "options": ["S"]}
BAD = (400, "INVALID_REQUEST_BODY")
FINE = (200, None)


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in ADDRESS.items() if key != name}


def grant(amount: Any, entitlement: str = "cent_api_calls") -> dict[str, Any]:
    override = {"credit_entitlement_id": entitlement, "credits_amount": amount}
    return {"product_cart": [{"product_id": "prod_credits", "quantity": 1, "credit_entitlements": [override]}]}


def on_demand(**terms: Any) -> dict[str, Any]:
    return {"product_cart": PLAN, "subscription_data": {"on_demand": {"mandate_only": True} | terms}}


Answer = tuple[int, str | None]
CASES: dict[str, tuple[dict[str, Any], Answer]] = {
    "no cart": ({"product_cart": None}, BAD),
    "an empty cart": ({"product_cart": []}, BAD),
    "20 lines": ({"product_cart": CART * 20}, FINE),
    "21 lines": ({"product_cart": CART * 21}, BAD),
    "a collection instead of a cart": ({"product_cart": [], "product_collection_id": "pdc_starters"}, FINE),
    "no such collection": ({"product_cart": [], "product_collection_id": "pdc_none"}, (404, "NOT_FOUND")),
    "no such product": ({"product_cart": [{"product_id": "prod_none", "quantity": 1}]}, (404, "NOT_FOUND")),
    "archived": ({"product_cart": [{"product_id": "prod_archived", "quantity": 1}]}, (422, "PRODUCT_IS_DELETED")),
    "a quantity of 0": ({"product_cart": [CART[0] | {"quantity": 0}]}, BAD),
    "a quantity of true": ({"product_cart": [CART[0] | {"quantity": True}]}, BAD),
    "the largest quantity": ({"product_cart": [CART[0] | {"quantity": 2**31 - 1}]}, FINE),
    "a larger quantity": ({"product_cart": [CART[0] | {"quantity": 2**31}]}, BAD),
    "the least amount": ({"product_cart": [{"product_id": "prod_donation", "quantity": 1, "amount": 100}]}, FINE),
    "the most of the most": ({"product_cart": [{"product_id": "prod_donation", "quantity": 2**31 - 1, "amount": 2**63 - 1}], "billing_currency": "INR", "billing_address": {"country": "IN"}}, FINE),
    "more than 64 bits": ({"product_cart": [{"product_id": "prod_donation", "quantity": 1, "amount": 2**63}]}, BAD),
    "too little": ({"product_cart": [{"product_id": "prod_donation", "quantity": 1, "amount": 99}]}, (422, "REQUEST_AMOUNT_BELOW_MINIMUM")),
    "add-ons": ({"product_cart": [TEAM | {"addons": [SEAT, SEAT | {"addon_id": "addon_support"}]}]}, FINE),
    "another's add-on": ({"product_cart": [CART[0] | {"addons": [SEAT]}]}, (422, "MISSING_ADDON_IDS")),
    "no such add-on": ({"product_cart": [TEAM | {"addons": [SEAT | {"addon_id": "addon_none"}]}]}, (422, "MISSING_ADDON_IDS")),
    "an add-on twice": ({"product_cart": [TEAM | {"addons": [SEAT, SEAT]}]}, (422, "DUPLICATE_ADDON_IDS_IN_REQUEST")),
    "no add-on's quantity": ({"product_cart": [TEAM | {"addons": [SEAT | {"quantity": 0}]}]}, BAD),
    "credits": (grant("0.5"), FINE),
    "no credits": (grant("0"), BAD),
    "endless credits": (grant("inf"), BAD),
    "credits in words": (grant("many"), BAD),
    "credits as a number": (grant(10**400), BAD),
    "another's credits": (grant("5", "cent_other"), (404, "NOT_FOUND")),
    "no such code": ({"discount_codes": ["NOPE"]}, (422, "INVALID_DISCOUNT_CODE")),
    "an expired code": ({"discount_codes": ["EXPIRED"]}, (422, "DISCOUNT_CODE_EXPIRED")),
    "a code twice": ({"discount_codes": ["SAVE20", "save20"]}, (422, "INVALID_DISCOUNT_CODE")),
    "a used-up code": ({"discount_codes": ["USEDUP"]}, (422, "DISCOUNT_CODE_USAGE_LIMIT_EXCEEDED")),
    "another product's code": ({"discount_codes": ["ONLYCHAIR"]}, (422, "DISCOUNT_NOT_AVAILABLE_FOR_PRODUCT")),
    "two kinds of codes": ({"discount_codes": ["SAVE20"], "discount_code": "WELCOME10"}, BAD),
    "21 codes": ({"discount_codes": [f"CODE{number}" for number in range(21)]}, BAD),
    "20 codes": ({"discount_codes": [f"CODE{number}" for number in range(20)]}, (422, "INVALID_DISCOUNT_CODE")),
    "a tax id": ({"tax_id": "DE12", "billing_address": {"country": "DE"}}, FINE),
    "no tax id": ({"tax_id": "DE1", "billing_address": {"country": "DE"}}, (422, "INVALID_TAX_ID")),
    "a tax id from nowhere": ({"tax_id": "DE123456789"}, BAD),
    "a country's name": ({"billing_address": {"country": "Germany"}}, BAD),
    "an address without a country": ({"billing_address": {"city": "Berlin"}}, BAD),
    "Cuba": ({"billing_address": {"country": "CU"}}, (422, "UNSUPPORTED_COUNTRY")),
    "another currency": ({"billing_currency": "XAF"}, (422, "UNSUPPORTED_BILLING_CURRENCY")),
    "no address to write to": ({"customer": {"name": "Ada"}}, BAD),
    "no such customer": ({"customer": {"customer_id": "cus_none"}}, (404, "NOT_FOUND")),
    "a phone number": ({"customer": {"email": "a@b.co", "phone_number": "+15551234567"}}, FINE),
    "a phone number without a country": ({"customer": {"email": "a@b.co", "phone_number": "5551234567"}}, BAD),
    "confirmed": (CONFIRMED, FINE),
    "confirmed for nobody": (CONFIRMED | {"customer": None}, BAD),
    **{f"confirmed without {name}": (CONFIRMED | {"billing_address": without(name)}, BAD) for name in ADDRESS},
    "confirmed with little": (CONFIRMED | {"minimal_address": True, "billing_address": {"country": "US", "zipcode": "02134"}}, FINE),
    "confirmed with too little": (CONFIRMED | {"minimal_address": True, "billing_address": {"country": "US"}}, BAD),
    "confirmed without the tax id": (CONFIRMED | {"feature_flags": {"require_tax_id": True}}, BAD),
    "a saved method": (SAVED, FINE),
    "a saved method unconfirmed": (SAVED | {"confirm": False}, BAD),
    "a saved method of nobody": (CONFIRMED | {"payment_method_id": "pm_abc123"}, BAD),
    "another's saved method": (SAVED | {"customer": {"customer_id": "cus_456"}}, (404, "NOT_FOUND")),
    "a saved method for euros": (SAVED | {"payment_method_id": "pm_euro", "billing_currency": "EUR"}, FINE),
    "a saved method for other money": (SAVED | {"payment_method_id": "pm_euro"}, (422, "UNSUPPORTED_PAYMENT_CURRENCY")),
    "5 custom fields": ({"custom_fields": [DROPDOWN] * 5}, FINE),
    "6 custom fields": ({"custom_fields": [DROPDOWN] * 6}, BAD),
    "a custom field of another kind": ({"custom_fields": [DROPDOWN | {"field_type": "colour"}]}, BAD),
    "a custom field without a key": ({"custom_fields": [DROPDOWN | {"key": ""}]}, BAD),
    "a custom field without a label": ({"custom_fields": [DROPDOWN | {"label": None}]}, BAD),
    "a dropdown without options": ({"custom_fields": [DROPDOWN | {"options": []}]}, BAD),
    "50 metadata keys": ({"metadata": {str(number): True for number in range(50)}}, FINE),
    "51 metadata keys": ({"metadata": {str(number): 1.5 for number in range(51)}}, BAD),
    "a list in metadata": ({"metadata": {"key": []}}, BAD),
    "a metadata key of 40": ({"metadata": {"a-Z_9" * 8: "x" * 500}}, FINE),
    "a metadata key of 41": ({"metadata": {"k" * 41: ""}}, BAD),
    "a metadata key with a space": ({"metadata": {"order id": ""}}, BAD),
    "a metadata value of 501": ({"metadata": {"k": "x" * 501}}, BAD),
    "a phone number that may not be asked for": ({"feature_flags": {"require_phone_number": True, "allow_phone_number_collection": False}}, BAD),
    "a tax id that may not be asked for": ({"feature_flags": {"require_tax_id": True, "allow_tax_id": False}}, BAD),
    "a script to come back to": ({"return_url": "javascript://x"}, BAD),
    "no address to come back to": ({"cancel_url": "/cart"}, BAD),
    "an app to come back to": ({"return_url": "myapp://paid", "cancel_url": "http://shop.example"}, FINE),
    "no usual payment method": ({"allowed_payment_method_types": ["ideal"]}, (422, "NO_ELIGIBLE_PAYMENT_METHODS")),
    "no payment method": ({"allowed_payment_method_types": []}, (422, "NO_ELIGIBLE_PAYMENT_METHODS")),
    "one usual payment method": ({"allowed_payment_method_types": ["ideal", "klarna"]}, FINE),
    "the longest trial": ({"product_cart": PLAN, "subscription_data": {"trial_period_days": 10000}}, FINE),
    "a longer trial": ({"product_cart": PLAN, "subscription_data": {"trial_period_days": 10001}}, BAD),
    "a trial before": ({"product_cart": PLAN, "subscription_data": {"trial_period_days": -1}}, BAD),
    "on demand": (on_demand(product_price=0, product_currency="INR"), FINE),
    "on demand without a word on the mandate": ({"product_cart": PLAN, "subscription_data": {"on_demand": {}}}, BAD),
    "on demand for less than nothing": (on_demand(product_price=-1), BAD),
    "on demand in another currency": (on_demand(product_price=1, product_currency="XAF"), (422, "UNSUPPORTED_CURRENCY")),
    "on demand with a code": (on_demand() | {"discount_codes": ["SAVE20"]}, (422, "DISCOUNT_NOT_AVAILABLE_FOR_ON_DEMAND")),
    "on demand with the deprecated code": (on_demand() | {"discount_code": "SAVE20"}, (422, "DISCOUNT_NOT_AVAILABLE_FOR_ON_DEMAND")),
    "on demand with an add-on": (on_demand() | {"product_cart": [TEAM | {"addons": [SEAT]}]}, (422, "ADDONS_NOT_ALLOWED_FOR_ON_DEMAND")),
    "on demand with a product": (on_demand() | {"product_cart": PLAN + CART}, (422, "ONE_TIME_PRODUCTS_NOT_ALLOWED_FOR_ON_DEMAND")),
    "usage on demand": (on_demand() | {"product_cart": [{"product_id": "prod_metered_plan", "quantity": 1}]}, (422, "ON_DEMAND_USAGE_BASED_BILLING_NOT_SUPPORTED")),
}  # fmt: skip


@pytest.mark.requirement("sandbox.refusals")
@pytest.mark.parametrize("case", CASES)
async def test_an_order_is_taken_or_refused_with_the_codes_of_the_api(case: str) -> None:
    order, expected = CASES[case]
    async with (
        running_sandbox() as url,
        httpx2.AsyncClient(base_url=url, headers={"Authorization": "Bearer x"}) as http,
    ):
        answer = await http.post("/checkouts", json={"product_cart": CART} | order)
        assert (answer.status_code, answer.json().get("code")) == expected
        assert set(answer.json()) == {"code", "message"} or answer.status_code == 200
        assert answer.headers["x-request-id"].startswith("req_")


@pytest.mark.requirement("sandbox.refusals")
def test_every_code_of_a_refusal_is_documented() -> None:
    listed = (Path(__file__).parents[2] / "fixtures/provider_error_codes.toml").read_text(encoding="utf-8")
    for module in (discounts, errors, sale_api, validation):
        for code in re.findall(r'"([A-Z]+(?:_[A-Z]+)+)"', Path(module.__file__ or "").read_text(encoding="utf-8")):
            assert re.search(rf"\b{code}\b", listed), code


EVERYTHING: dict[str, Any] = CONFIRMED | {
    "product_cart": [
        TEAM | {"addons": [SEAT]},
        grant("5")["product_cart"][0],
        {"product_id": "prod_donation", "quantity": 1, "amount": 500},
    ],
    "discount_codes": ["SAVE20"],
    "custom_fields": [DROPDOWN],
    "metadata": {"order": "o-1"},
    "feature_flags": {"allow_tax_id": True},
    "customization": {"theme": "dark", "force_language": "de", "theme_config": {"mode": "dark"}},
    "tax_id": "DE123456789",
    "billing_currency": "EUR",
    "return_url": "https://shop.example",
    "allowed_payment_method_types": ["credit", "debit"],
    "subscription_data": {"trial_period_days": 3},
    "short_link": True,
}
ORDERS = [EVERYTHING, SAVED | {"product_cart": CART}, on_demand(product_price=5, product_currency="INR")]
JUNK = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.just([]), st.just({}), st.just([{}]), st.just([[]])
)  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Of every value in a JSON document, except of the document."""
    keys: Any = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    return [each for key in keys for each in [(*path, key), *places(value[key], (*path, key))]]


@pytest.mark.requirement("sandbox.refusals")
@settings(max_examples=examples(400), deadline=None)
@given(data=st.data())
def test_whatever_stands_in_an_order_is_taken_or_refused(data: st.DataObject) -> None:
    order = copy.deepcopy(data.draw(st.sampled_from(ORDERS)))
    *way, last = data.draw(st.sampled_from(places(order)))
    holder: Any = order
    for key in way:
        holder = holder[key]
    holder[last] = data.draw(JUNK)
    sandbox = Sandbox()
    with suppress(ApiError):  # anything else would be a crash
        sandbox.create(check_body(order, sandbox.customers))
