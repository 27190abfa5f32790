"""What the published schemas must say, of every tool that is served and field by field.

That the files in schemas/json are the models' is compared elsewhere; here stands what neither may lose.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from checkout_schemas.published import definition
from checkout_schemas.vocabularies.countries import COUNTRIES
from checkout_schemas.vocabularies.languages import LANGUAGES
from checkout_schemas.vocabularies.payment_methods import PAYMENT_METHOD_TYPES

EVERY_TOOL = "[confirm]\nlist_saved_payment_methods = true\n"

READS = {"read_only_hint": True, "destructive_hint": False, "idempotent_hint": True, "open_world_hint": True}
CHARGES = {"read_only_hint": False, "destructive_hint": True, "idempotent_hint": True, "open_world_hint": True}
TITLES_AND_HINTS: dict[str, tuple[str, dict[str, bool]]] = {
    "list_products": ("List products", READS),
    "preview_checkout": ("Preview a checkout", READS | {"idempotent_hint": False}),
    "list_saved_payment_methods": ("List saved payment methods", READS),
    "create_checkout_session": ("Create a checkout session", CHARGES),
    "get_checkout_session": ("Get a checkout session", READS),
}

REQUIRED: dict[str, dict[str, list[str]]] = {
    "list_products": {},
    "preview_checkout": {
        "": ["product_cart"],
        "product_cart[]": ["product_id", "quantity"],
        "product_cart[].addons[]": ["addon_id", "quantity"],
        "product_cart[].credit_entitlements[]": ["credit_entitlement_id", "credits_amount"],
        "billing_address": ["country"],
        "subscription_data.on_demand": ["mandate_only"],
    },
    "list_saved_payment_methods": {"": ["customer_id"]},
    "create_checkout_session": {"": ["preview_id"], "custom_fields[]": ["key", "label", "field_type"]},
    "get_checkout_session": {},
}

BOUNDS: dict[str, dict[str, dict[str, int]]] = {
    "list_products": {"page": {"minimum": 1}},
    "preview_checkout": {
        "product_cart": {"maxItems": 20},
        "product_cart[].quantity": {"minimum": 1},
        "product_cart[].addons[].quantity": {"minimum": 1},
        "discount_codes": {"maxItems": 20},
        "subscription_data.trial_period_days": {"maximum": 10000},
    },
    "list_saved_payment_methods": {},
    "create_checkout_session": {"custom_fields": {"maxItems": 5}},
    "get_checkout_session": {"wait_seconds": {"maximum": 45}},
}
_BOUNDS = {"minimum", "maximum", "minItems", "maxItems", "minLength", "maxLength"}

ENUMS: dict[str, dict[str, list[str]]] = {
    "list_products": {"kind": ["one_time", "subscription"]},
    "preview_checkout": {},
    "list_saved_payment_methods": {},
    "create_checkout_session": {
        "customization.theme": ["dark", "light", "system"],
        "custom_fields[].field_type": ["text", "number", "email", "url", "date", "dropdown", "boolean"],
    },
    "get_checkout_session": {},
}

EXAMPLES: dict[tuple[str, str], frozenset[str]] = {
    ("preview_checkout", "billing_address.country"): COUNTRIES,
    ("create_checkout_session", "customization.force_language"): LANGUAGES,
    ("create_checkout_session", "allowed_payment_method_types"): PAYMENT_METHOD_TYPES,
}
"""Fields whose vocabulary is too long to publish: a description shows words of it."""

SAY_ALL_BY_THEIR_NAMES: dict[str, set[str]] = {
    "list_products": {"kind"},
    "preview_checkout": {
        "billing_address.city", "billing_address.street", "billing_address.zipcode", "customer_business_name",
        "product_cart[].credit_entitlements", "product_cart[].credit_entitlements[].credit_entitlement_id",
        "product_collection_id", "subscription_data", "subscription_data.on_demand",
        "subscription_data.on_demand.adaptive_currency_fees_inclusive", "subscription_data.on_demand.product_currency",
        "subscription_data.on_demand.product_description",
    },
    "list_saved_payment_methods": set(),
    "create_checkout_session": {
        "custom_fields[].field_type", "custom_fields[].key", "custom_fields[].label", "custom_fields[].placeholder",
        "custom_fields[].required", "customer", "customer.name", "customization", "customization.show_on_demand_tag",
        "customization.show_order_details", "customization.theme", "feature_flags.allow_currency_selection",
        "feature_flags.allow_discount_code", "feature_flags.allow_editing_addons",
        "feature_flags.allow_phone_number_collection", "feature_flags.allow_tax_id",
        "feature_flags.always_create_new_customer", "feature_flags.redirect_immediately",
        "feature_flags.require_cardholder_name", "feature_flags.require_phone_number", "feature_flags.require_tax_id",
        "feature_flags.single_page", "force_3ds", "short_link", "show_saved_payment_methods",
    },
    "get_checkout_session": set(),
}  # fmt: skip
"""Arguments that need no description; every other has one."""

COUNTED = {"quantity", "page", "next_page", "trial_period_days"}
"""Whole numbers that are no amounts of money."""

RESULTS: dict[str, dict[str, str]] = {
    "list_products": {
        "environment": "string", "currency": "string", "products": "array", "next_page": "integer",
        "next_step": "string",
    },
    "preview_checkout": {
        "preview_id": "string", "expires_at": "string", "environment": "string", "currency": "string",
        "subtotal": "integer", "discount": "integer", "tax": "integer", "total": "integer", "display": "object",
        "billing_country": "string", "lines": "array", "recurring": "array", "warnings": "array",
    },
    "list_saved_payment_methods": {"environment": "string", "payment_methods": "array", "next_step": "string"},
    "create_checkout_session": {
        "session_id": "string", "checkout_url": "string", "payment_id": "string", "expires_at": "string",
        "environment": "string", "currency": "string", "total": "integer", "display": "object", "replayed": "boolean",
        "next_step": "string", "warnings": "array",
    },
    "get_checkout_session": {
        "session_id": "string", "environment": "string", "status": "string", "payment_status": "string",
        "payment_id": "string", "checkout_url": "string", "expires_at": "string", "customer_email": "string",
        "customer_name": "string", "paid": "object", "failure": "object", "subscriptions": "array", "shared": "object",
        "withheld": "array", "next_step": "string", "warnings": "array",
    },
}  # fmt: skip


def nodes(schema: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every node with its path; the items of a list are ``[]``."""
    yield path, schema
    for name, child in schema.get("properties", {}).items():
        yield from nodes(child, f"{path}.{name}".removeprefix("."))
    if "items" in schema:
        yield from nodes(schema["items"], f"{path}[]")


@pytest.fixture
async def tools(open_memory_shop: Any) -> dict[str, Any]:
    """What a client is told of every tool, by name."""
    async with open_memory_shop(policy=EVERY_TOOL) as shop:
        return {tool.name: tool for tool in (await shop.client.list_tools()).tools}


def arguments(tools: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for name, tool in tools.items():
        yield from ((name, path, node) for path, node in nodes(tool.input_schema))


@pytest.mark.requirement("schema.promised")
def test_a_client_is_told_what_the_files_say(tools: dict[str, Any]) -> None:
    for name, tool in tools.items():
        told = tool.model_dump(by_alias=True, exclude_none=True, mode="json")
        assert {key: told[key] for key in definition(name)} == definition(name)


@pytest.mark.requirement("schema.promised")
def test_every_tool_has_its_title_and_hints(tools: dict[str, Any]) -> None:
    told = {name: (tool.title, tool.annotations.model_dump(exclude_none=True)) for name, tool in tools.items()}
    assert told == TITLES_AND_HINTS


@pytest.mark.requirement("schema.promised")
def test_what_is_required_is_published(tools: dict[str, Any]) -> None:
    told: dict[str, dict[str, list[str]]] = {name: {} for name in tools}
    for name, path, node in arguments(tools):
        told[name] |= {path: node["required"]} if "required" in node else {}
    assert told == REQUIRED


@pytest.mark.requirement("schema.promised")
def test_what_is_bounded_is_published_with_its_bounds(tools: dict[str, Any]) -> None:
    told: dict[str, dict[str, dict[str, int]]] = {name: {} for name in tools}
    for name, path, node in arguments(tools):
        bounds = {key: node[key] for key in _BOUNDS & node.keys()}
        told[name] |= {path: bounds} if bounds else {}
    assert told == BOUNDS


@pytest.mark.requirement("schema.promised")
def test_a_short_vocabulary_is_published_as_an_enum(tools: dict[str, Any]) -> None:
    told: dict[str, dict[str, list[str]]] = {name: {} for name in tools}
    for name, path, node in arguments(tools):
        told[name] |= {path: node["enum"]} if "enum" in node else {}
    assert told == ENUMS


@pytest.mark.requirement("schema.promised")
def test_a_long_vocabulary_is_shown_by_words_of_it(tools: dict[str, Any]) -> None:
    described = {(name, path): node.get("description", "") for name, path, node in arguments(tools)}
    for field, vocabulary in EXAMPLES.items():
        shown = re.findall(r"\w+", described[field].partition("e.g. ")[2].partition(";")[0])
        assert shown, field
        assert set(shown) <= vocabulary, field


@pytest.mark.requirement("schema.promised")
def test_every_argument_is_described_unless_its_name_says_all(tools: dict[str, Any]) -> None:
    bare: dict[str, set[str]] = {name: set() for name in tools}
    for name, path, node in arguments(tools):
        is_field = path != "" and not path.endswith("[]")
        assert node.get("description", "x").strip(), (name, path)
        bare[name] |= {path} if is_field and "description" not in node else set()
    assert bare == SAY_ALL_BY_THEIR_NAMES


@pytest.mark.requirement("schema.promised")
def test_every_whole_number_says_in_what_it_is_counted(tools: dict[str, Any]) -> None:
    numbers = [
        (f"{name}: {path}", path.rpartition(".")[2], node.get("description", ""))
        for name, tool in tools.items()
        for schema in (tool.input_schema, tool.output_schema)
        for path, node in nodes(schema)
        if node["type"] in {"integer", "number"}
    ]
    amounts = [place for place, field, says in numbers if field not in COUNTED and not field.endswith("_seconds")]
    assert len(amounts) == 8
    assert [place for place, _, says in numbers if place in amounts and "minor units" not in says] == []
    assert [place for place, field, says in numbers if field.endswith("_seconds") and "seconds" not in says] == []


@pytest.mark.requirement("schema.promised")
def test_a_result_has_all_that_it_may_give_and_a_refusal(tools: dict[str, Any]) -> None:
    refusal = {"type": "object", "properties": {key: {"type": "string"} for key in ("code", "message", "retry")}}
    for name, tool in tools.items():
        told = tool.output_schema["properties"]
        assert {key: node["type"] for key, node in told.items() if key != "error"} == RESULTS[name], name
        assert told["error"] == refusal, name
    assert tools.keys() == RESULTS.keys()


@pytest.mark.requirement("schema.promised")
def test_what_a_description_names_exists(tools: dict[str, Any]) -> None:
    known = {path.rpartition(".")[2].removesuffix("[]") for _, path, _ in arguments(tools)} | tools.keys()
    known |= {key for tool in tools.values() for key in tool.output_schema["properties"]}
    known |= {"outcome_unknown"} | PAYMENT_METHOD_TYPES  # a code of an error
    for name, path, node in [*arguments(tools), *((name, "", vars(tool)) for name, tool in tools.items())]:
        if "JSON object" in (says := node.get("description") or "") or path == "feature_flags":
            continue  # names what is inside
        assert set(re.findall(r"\b[a-z]+_[a-z_]+\b", says)) <= known, (name, path)
