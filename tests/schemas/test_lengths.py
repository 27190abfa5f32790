"""How long a text and a list may be: sanity, so that no call is megabytes, and nowhere published."""

from collections.abc import Iterator
from typing import Any, get_args

import pytest

from checkout_schemas.published import definition
from checkout_server.privacy.vocabulary.fields import ToolName
from told_at import told

CHARACTERS: dict[str, dict[str, int]] = {
    "list_products": {"query": 200},
    "preview_checkout": {
        "billing_address.city": 256, "billing_address.street": 512, "billing_address.state": 256,
        "billing_address.zipcode": 32, "customer_business_name": 256, "discount_codes[]": 256, "tax_id": 64,
        "subscription_data.on_demand.product_description": 1000,
    },
    "list_saved_payment_methods": {},
    "create_checkout_session": {
        "customer.name": 256, "customer.email": 254, "return_url": 2048, "cancel_url": 2048,
        "custom_fields[].key": 128, "custom_fields[].label": 256, "custom_fields[].placeholder": 256,
        "custom_fields[].options[]": 256, "customization.theme_config.pay_button_text": 100,
    },
    "get_checkout_session": {},
}  # fmt: skip
ITEMS: dict[tuple[str, str], tuple[Any, int]] = {
    ("preview_checkout", "product_cart[].addons"): ({"addon_id": "addon_1", "quantity": 1}, 100),
    ("preview_checkout", "product_cart[].credit_entitlements"): (
        {"credit_entitlement_id": "cent_1", "credits_amount": "5"},
        100,
    ),
    ("create_checkout_session", "custom_fields[].options"): ("Small", 100),
    ("create_checkout_session", "allowed_payment_method_types"): ("credit", 200),
}
LIMITS = [(tool, path, limit) for tool, limits in CHARACTERS.items() for path, limit in limits.items()]
FAR_TOO_LONG = "x" * 5000


def texts(schema: dict[str, Any], path: str = "") -> Iterator[str]:
    for name, child in schema.get("properties", {}).items():
        yield from texts(child, f"{path}.{name}".removeprefix("."))
    if "items" in schema:
        yield from texts(schema["items"], f"{path}[]")
    if schema["type"] == "string" and "enum" not in schema:
        yield path


def value_of(path: str, length: int) -> str:
    match path.rpartition(".")[2].removesuffix("[]"):
        case "return_url" | "cancel_url":
            return "https://shop.example/".ljust(length, "x")
        case _:
            return "x" * length


@pytest.mark.requirement("error.no_crash")
@pytest.mark.parametrize(("tool", "path", "limit"), LIMITS, ids=lambda value: str(value))
def test_a_text_may_be_so_long_and_no_longer(tool: str, path: str, limit: int) -> None:
    assert told(tool, path, value_of(path, limit + 1)) == f"use at most {limit} characters"
    assert told(tool, path, value_of(path, limit)) != f"use at most {limit} characters"


@pytest.mark.requirement("error.no_crash")
@pytest.mark.parametrize("tool", get_args(ToolName))
def test_no_text_of_a_call_may_be_of_any_length(tool: str) -> None:
    published = list(texts(definition(tool)["inputSchema"]))
    counted = {path for path in published if "use at most" in str(told(tool, path, FAR_TOO_LONG))}
    assert counted - CHARACTERS[tool].keys() == set()
    assert [path for path in published if told(tool, path, FAR_TOO_LONG) is None] == []


@pytest.mark.requirement("error.no_crash")
@pytest.mark.parametrize(("place", "item", "limit"), [(place, *row) for place, row in ITEMS.items()], ids=str)
def test_a_list_may_have_so_many_items_and_no_more(place: tuple[str, str], item: Any, limit: int) -> None:
    assert told(*place, [item] * (limit + 1)) == f"give at most {limit}"
    assert told(*place, [item] * limit) is None
