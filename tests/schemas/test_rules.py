"""Each rule of the API: an order that breaks it is refused by the field to blame, and one that keeps it is not."""

from typing import Any

import pytest

from checkout_schemas.requests.create_checkout_session import CreateCheckoutSession
from checkout_schemas.requests.preview_checkout import MAX_DISCOUNT_CODES, PreviewCheckout
from checkout_schemas.rules import RULES, Tool, broken_rules
from checkout_schemas.sale_rules import SALE_RULES, broken_sale_rules, missing_fallbacks

CART = {"product_cart": [{"product_id": "prod_1", "quantity": 1}]}
FULL = {
    "billing_address": {
        "country": "US",
        "state": "CA",
        "city": "San Francisco",
        "street": "1 Main St",
        "zipcode": "94102",
    }
}
MINIMAL = {"billing_address": {"country": "US", "zipcode": "94102"}}
NEW = {"customer": {"email": "jane@example.com"}}
KNOWN = {"customer": {"customer_id": "cus_1"}}

CASES: dict[str, tuple[Tool, dict[str, Any], list[str], dict[str, Any]]] = {
    "api.cart.not_empty": (
        "preview_checkout",
        {"product_cart": []},
        ["product_cart"],
        {"product_cart": [], "product_collection_id": "pdc_1"},
    ),
    "api.discounts.one_field": (
        "preview_checkout",
        CART | {"discount_code": "A", "discount_codes": ["B"]},
        ["discount_code"],
        CART | {"discount_codes": ["A", "B"]},
    ),
    "api.discounts.once": (
        "preview_checkout",
        CART | {"discount_codes": ["SAVE20", 20, "save20", "Other", " Save20 ", 20]},
        ["discount_codes[2]", "discount_codes[4]"],
        CART | {"discount_codes": ["SAVE20", "SAVE2", "", ""]},
    ),
    "api.tax_id.country": (
        "preview_checkout",
        CART | {"tax_id": "DE1"},
        ["billing_address.country"],
        CART | {"tax_id": "DE1", "billing_address": {"country": "DE"}},
    ),
    "api.customer.one_kind": (
        "create_checkout_session",
        {"customer": {"customer_id": "cus_1", "email": "jane@example.com"}},
        ["customer"],
        KNOWN,
    ),
    "api.customer.email": ("create_checkout_session", {"customer": {"name": "Jane"}}, ["customer.email"], NEW),
    "api.payment_method.confirm": (
        "create_checkout_session",
        KNOWN | {"payment_method_id": "pm_1"},
        ["confirm"],
        KNOWN | {"payment_method_id": "pm_1", "confirm": True},
    ),
    "api.payment_method.customer": (
        "create_checkout_session",
        NEW | {"payment_method_id": "pm_1", "confirm": True},
        ["customer.customer_id"],
        KNOWN | {"payment_method_id": "pm_1", "confirm": True},
    ),
    "api.confirm.customer": (
        "create_checkout_session",
        {"confirm": True},
        ["customer"],
        NEW | {"confirm": True},
    ),
    "api.custom_fields.options": (
        "create_checkout_session",
        {"custom_fields": [{"key": "a", "field_type": "text"}, {"key": "b", "field_type": "dropdown", "options": []}]},
        ["custom_fields[1].options"],
        {"custom_fields": [{"key": "b", "field_type": "dropdown", "options": ["x"]}]},
    ),
    "api.flags.phone_number": (
        "create_checkout_session",
        {"feature_flags": {"require_phone_number": True, "allow_phone_number_collection": False}},
        ["feature_flags.allow_phone_number_collection"],
        {"feature_flags": {"require_phone_number": True}},
    ),
    "api.flags.tax_id": (
        "create_checkout_session",
        {"feature_flags": {"require_tax_id": True, "allow_tax_id": False}},
        ["feature_flags.allow_tax_id"],
        {"feature_flags": {"require_tax_id": True, "allow_tax_id": True}},
    ),
    "session.one_id": (
        "get_checkout_session",
        {"session_id": "cks_1", "preview_id": "prv_1"},
        ["session_id"],
        {"preview_id": "prv_1"},
    ),
}  # fmt: skip


Half = dict[str, Any]
CONFIRMED = NEW | {"confirm": True}
SINGLE_PAGE = {"feature_flags": {"single_page": True}}
REQUIRED_TAX_ID = {"feature_flags": {"require_tax_id": True}}
FULL_ONLY = ["billing_address.state", "billing_address.city", "billing_address.street"]

SALE_CASES: dict[str, list[tuple[Half, Half, list[str]]]] = {
    "api.confirm.address": [  # order, sale, paths to blame
        ({}, CONFIRMED, ["billing_address.country", *FULL_ONLY, "billing_address.zipcode"]),
        ({}, CONFIRMED | {"minimal_address": True}, ["billing_address.country", "billing_address.zipcode"]),
        (MINIMAL, CONFIRMED, FULL_ONLY),
        (MINIMAL, CONFIRMED | {"minimal_address": False}, FULL_ONLY),
        (MINIMAL, CONFIRMED | {"feature_flags": {"single_page": False}}, FULL_ONLY),
        (MINIMAL, CONFIRMED | SINGLE_PAGE | {"minimal_address": False}, FULL_ONLY),
        (MINIMAL, CONFIRMED | SINGLE_PAGE, []),
        (MINIMAL, CONFIRMED | SINGLE_PAGE | {"minimal_address": None}, []),
        (MINIMAL, CONFIRMED | {"minimal_address": True}, []),
        (FULL, CONFIRMED, []),
        ({}, KNOWN | {"confirm": True, "payment_method_id": "pm_1"}, []),
        ({}, NEW, []),
        ({}, NEW | {"confirm": False}, []),
    ],
    "api.confirm.tax_id": [
        (FULL, CONFIRMED | REQUIRED_TAX_ID, ["tax_id"]),
        (FULL | {"tax_id": "DE1"}, CONFIRMED | REQUIRED_TAX_ID, []),
        (FULL, CONFIRMED | {"feature_flags": {"require_tax_id": False}}, []),
        (FULL, CONFIRMED, []),
        (FULL, NEW | REQUIRED_TAX_ID, []),
    ],
}


def blamed(tool: Tool, arguments: Half) -> list[str]:
    return [problem.path for problem in broken_rules(arguments, tool)]


@pytest.mark.parametrize("rule_id", [pytest.param(each, marks=pytest.mark.requirement(each)) for each in CASES])
def test_a_rule_blames_its_field_and_nothing_else(rule_id: str) -> None:
    tool, broken, paths, kept = CASES[rule_id]
    assert blamed(tool, broken) == paths
    assert blamed(tool, kept) == []


@pytest.mark.parametrize(
    ("order", "sale", "paths"),
    [
        pytest.param(*case, marks=pytest.mark.requirement(rule_id), id=f"{rule_id}-{number}")
        for rule_id, cases in SALE_CASES.items()
        for number, case in enumerate(cases)
    ],
)
def test_a_rule_between_the_halves_blames_its_fields_and_nothing_else(
    order: Half, sale: Half, paths: list[str]
) -> None:
    problems = broken_sale_rules(
        PreviewCheckout.model_validate(CART | order), CreateCheckoutSession.model_validate({"preview_id": "p"} | sale)
    )
    assert [problem.path for problem in problems] == paths


@pytest.mark.requirement("api.discounts.once")
def test_only_as_many_codes_are_compared_as_a_call_may_hold() -> None:
    assert blamed("preview_checkout", CART | {"discount_codes": ["A"] * 1000}) == [
        f"discount_codes[{index}]" for index in range(1, MAX_DISCOUNT_CODES)
    ]


@pytest.mark.requirement("sell.fallback_methods")
@pytest.mark.parametrize(
    ("allowed", "missing"),
    [
        (None, []),
        ([], []),
        (["credit", "paypal", "debit"], []),
        (["paypal"], ["credit", "debit"]),
        (["paypal", "debit"], ["credit"]),
    ],
)
def test_a_list_of_methods_without_the_fallbacks_is_noticed(allowed: list[str] | None, missing: list[str]) -> None:
    sale = CreateCheckoutSession.model_validate({"preview_id": "p", "allowed_payment_method_types": allowed})
    assert missing_fallbacks(sale) == missing


@pytest.mark.requirement("tests.complete")
def test_every_rule_has_a_case() -> None:
    assert set(CASES) == {rule.id for rule in RULES}
    assert set(SALE_CASES) == {rule.id for rule in SALE_RULES}
