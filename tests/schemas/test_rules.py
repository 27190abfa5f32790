"""Each rule of the API: an order that breaks it is refused by the field to blame, and one that keeps it is not."""

from typing import Any

import pytest

from checkout_schemas.rules import RULES, Tool, broken_rules

CART = {"product_cart": [{"product_id": "prod_1", "quantity": 1}]}
FULL = {"country": "US", "state": "CA", "city": "San Francisco", "street": "1 Main St", "zipcode": "94102"}
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
        {"confirm": True, "billing_address": FULL},
        ["customer"],
        NEW | {"confirm": True, "billing_address": FULL},
    ),
    "api.confirm.address": (
        "create_checkout_session",
        NEW | {"confirm": True, "billing_address": {"country": "US", "zipcode": "94102"}},
        ["billing_address.state", "billing_address.city", "billing_address.street"],
        NEW | {"confirm": True, "minimal_address": True, "billing_address": {"country": "US", "zipcode": "94102"}},
    ),
    "api.confirm.tax_id": (
        "create_checkout_session",
        NEW | {"confirm": True, "billing_address": FULL, "feature_flags": {"require_tax_id": True}},
        ["tax_id"],
        NEW | {"confirm": True, "billing_address": FULL, "feature_flags": {"require_tax_id": True}, "tax_id": "DE1"},
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


def blamed(tool: Tool, order: dict[str, Any]) -> list[str]:
    return [problem.path for half in (False, True) for problem in broken_rules(order, tool, with_preview=half)]


@pytest.mark.parametrize("rule_id", [pytest.param(each, marks=pytest.mark.requirement(each)) for each in CASES])
def test_a_rule_blames_its_field_and_nothing_else(rule_id: str) -> None:
    tool, broken, paths, kept = CASES[rule_id]
    assert blamed(tool, broken) == paths
    assert blamed(tool, kept) == []


@pytest.mark.requirement("tests.complete")
def test_every_rule_has_a_case() -> None:
    assert set(CASES) == {rule.id for rule in RULES}
