"""A field that is not there: what it was meant to be, by its place, and never what charges."""

from typing import Any, get_args

import pytest

from checkout_schemas.parsing.advice import ADVICE, ADVICE_IN, NEVER_GUESSED
from checkout_schemas.parsing.shape import fields_of, homes_of
from checkout_schemas.parsing.unknown_fields import TOOLS
from checkout_schemas.requests.create_checkout_session import CreateCheckoutSession
from checkout_schemas.requests.list_products import ListProducts
from checkout_schemas.requests.list_saved_payment_methods import ListSavedPaymentMethods
from checkout_schemas.requests.preview_checkout import PreviewCheckout
from checkout_schemas.vocabularies.languages import LANGUAGES
from checkout_schemas.vocabularies.payment_methods import PAYMENT_METHOD_TYPES
from checkout_schemas.vocabularies.synonyms.fields import FIELD_WORDS, NEIGHBOUR_WORDS, ONLY_AT_HOME
from checkout_schemas.vocabularies.synonyms.languages import LANGUAGE_WORDS
from checkout_schemas.vocabularies.synonyms.payment_methods import PAYMENT_METHOD_WORDS
from refused_arguments import repairs

CART = [{"product_id": "prod_1", "quantity": 1}]


@pytest.mark.requirement("error.meant")
def test_tables_name_only_what_exists() -> None:
    fields = {name for model in TOOLS for name in homes_of(model)}
    assert {word for words in PAYMENT_METHOD_WORDS.values() for word in words} <= PAYMENT_METHOD_TYPES
    assert {word for words in LANGUAGE_WORDS.values() for word in words} == LANGUAGES
    named = {word for table in (FIELD_WORDS, NEIGHBOUR_WORDS) for words in table.values() for word in words}
    assert named | ONLY_AT_HOME | NEVER_GUESSED <= fields
    assert FIELD_WORDS.keys() & (ADVICE.keys() | fields) == set()
    assert named & NEVER_GUESSED == set()
    for here, table in ADVICE_IN.items():
        beside = {name for name, words in NEIGHBOUR_WORDS.items() if fields_of(here).keys() & set(words)}
        assert table.keys() & (fields_of(here).keys() | beside) == set(), "what is a field needs no advice"


QUESTION = {"key": "k", "label": "l", "field_type": "text"}
EVERY_FIELD = (
    "leave it out; the fields here are product_cart, product_collection_id, billing_address, billing_currency, "
    "discount_codes, tax_id, customer_business_name, subscription_data, locale"
)
PREVIEW_FIELDS: list[tuple[dict[str, Any], str, str]] = [
    ({"line_items": 1}, "line_items", "did you mean product_cart?"),
    ({"lineItems": 1}, "lineItems", "did you mean product_cart?"),
    ({"product_crat": 1}, "product_crat", "did you mean product_cart?"),
    ({"currency": 1}, "currency", "did you mean billing_currency?"),
    ({"coupon": 1}, "coupon", "did you mean discount_codes?"),
    ({"quantity": 1}, "quantity", "it is product_cart[].quantity or product_cart[].addons[].quantity"),
    ({"qty": 1}, "qty", "it is product_cart[].quantity or product_cart[].addons[].quantity"),
    ({"trial_days": 1}, "trial_days", "it is subscription_data.trial_period_days"),
    ({"customer_email": 1}, "customer_email", "it is customer.email of create_checkout_session, after the preview"),
    ({"customer": 1}, "customer", "give it to create_checkout_session, after the preview"),
    ({"success_url": 1}, "success_url", "it is return_url of create_checkout_session, after the preview"),
    ({"query": 1}, "query", "give it to list_products"),
    ({"mode": 1}, "mode", "leave it out: the products decide whether it is a payment or a subscription"),
    ({"billing_address": {"country": "US", "postal_code": 1}}, "billing_address.postal_code", "did you mean zipcode?"),
    ({"billing_address": {"country": "US", "line1": 1}}, "billing_address.line1", "did you mean street?"),
    (
        {"billing_address": {"country": "US", "line2": 1}},
        "billing_address.line2",
        "join it to billing_address.street, with a comma",
    ),
    (
        {"billing_address": {"country": "US", "email": 1}},
        "billing_address.email",
        "it is customer.email of create_checkout_session, after the preview",
    ),
    ({"product_cart": [CART[0] | {"price_id": 1}]}, "product_cart[0].price_id", "did you mean product_id?"),
    (
        {"product_cart": [CART[0] | {"name": 1}]},
        "product_cart[0].name",
        "leave it out: the product has it, and product_id is enough",
    ),
    ({"promo": 1}, "promo", "did you mean discount_codes?"),
    ({"billing.country": 1}, "billing.country", 'nest it: "billing_address": {"country": …}'),
    ({"billing_address[country]": 1}, "billing_address[country]", 'nest it: "billing_address": {"country": …}'),
    ({"billing_zip": 1}, "billing_zip", 'nest it: "billing_address": {"zipcode": …}'),
    ({"product_cart[0].quantity": 1}, "?", 'nest it: "product_cart": [{"quantity": …}]'),
    ({"cart.jane": 1}, "?", EVERY_FIELD),
    (
        {"customer_phone": 1},
        "customer_phone",
        'nest it, as "customer": {"phone_number": …}, and give it to create_checkout_session, after the preview',
    ),
    (
        {"product_cart": [CART[0] | {"key": 1}]},
        "product_cart[0].key",
        "leave it out; the fields here are product_id, quantity, amount, addons, credit_entitlements",
    ),
    ({"street2": 1}, "street2", "join it to billing_address.street, with a comma"),
    ({"billing_address": {"country": "US", "locality": 1}}, "billing_address.locality", "did you mean city?"),
    ({"billing_address": {"country": "US", "address": 1}}, "billing_address.address", "did you mean street?"),
    *(
        (
            {"subscription_data": {"on_demand": {"mandate_only": True, name: 1}}},
            f"subscription_data.on_demand.{name}",
            "did you mean product_price?",
        )
        for name in ("amount", "price", "unit_amount")
    ),
    (
        {"subscription_data": {"currency": 1}},
        "subscription_data.currency",
        "it is subscription_data.on_demand.product_currency",
    ),
    (
        {"product_cart": [CART[0] | {"addons": [{"addon_id": "a", "quantity": 1, "name": 1}]}]},
        "product_cart[0].addons[0].name",
        "leave it out: the add-on has it, and addon_id is enough",
    ),
    (
        {"product_cart": [CART[0] | {"options": 1}]},
        "product_cart[0].options",
        "leave it out: what varies is a product of its own or an add-on, which list_products names",
    ),
    (
        {"product_cart": [CART[0] | {"unit_amount": 1}]},
        "product_cart[0].unit_amount",
        "leave it out: a product has its price; amount is for a pay-what-you-want product, in minor units",
    ),
]


@pytest.mark.requirement("error.meant")
@pytest.mark.parametrize(("arguments", "path", "suggestion"), PREVIEW_FIELDS, ids=lambda value: str(value)[:30])
def test_a_field_by_another_name_is_told_its_own(arguments: dict[str, Any], path: str, suggestion: str) -> None:
    assert repairs(PreviewCheckout, {"product_cart": CART} | arguments) == {path: suggestion}


@pytest.mark.requirement("error.meant")
def test_a_field_of_the_preview_is_named_with_its_path_at_the_sale() -> None:
    assert repairs(CreateCheckoutSession, {"preview_id": "p", "postal_code": 1, "items": 1}) == {
        "postal_code": "it is billing_address.zipcode of preview_checkout, whose preview_id brings it here",
        "items": "it is product_cart of preview_checkout, whose preview_id brings it here",
    }


LONGEST = f"customer{'.' * 51}email"
"""64 characters, the most that are read."""
SALE_FIELDS: list[tuple[dict[str, Any], str, str]] = [
    ({"allow_promotion_codes": 1}, "allow_promotion_codes", "it is feature_flags.allow_discount_code"),
    (
        {"phone_number_collection": 1},
        "phone_number_collection",
        "it is feature_flags.allow_phone_number_collection",
    ),
    ({"tax_id_collection": 1}, "tax_id_collection", "it is feature_flags.allow_tax_id"),
    ({"customer_details": 1}, "customer_details", "did you mean customer?"),
    ({"failure_url": 1}, "failure_url", "did you mean cancel_url?"),
    ({"customer[email]": 1}, "customer[email]", 'nest it: "customer": {"email": …}'),
    ({LONGEST: 1}, LONGEST, 'nest it: "customer": {"email": …}'),
    ({"customer": {"email": "a@b.co", "tel": 1}}, "customer.tel", "did you mean phone_number?"),
    ({"customization": {"mode": "dark"}}, "customization.mode", "did you mean theme?"),
    (
        {"customization": {"theme_config": {"borderRadius": 1}}},
        "customization.theme_config.borderRadius",
        "did you mean radius?",
    ),
    (
        {"customization": {"theme_config": {"font": 1}}},
        "customization.theme_config.font",
        "did you mean font_primary_url?",
    ),
    (
        {"customization": {"theme_config": {"dark": {"background": 1}}}},
        "customization.theme_config.dark.background",
        "did you mean bg_primary?",
    ),
    ({"custom_fields": [QUESTION | {"name": 1}]}, "custom_fields[0].name", "did you mean label?"),
    ({"custom_fields": [QUESTION | {"choices": 1}]}, "custom_fields[0].choices", "did you mean options?"),
    ({"custom_fields": [QUESTION | {"values": 1}]}, "custom_fields[0].values", "did you mean options?"),
    (
        {"custom_fields": [QUESTION | {"optional": 1}]},
        "custom_fields[0].optional",
        "leave it out: without required the buyer may leave it out",
    ),
    (
        {"feature_flags": {"require_address": 1}},
        "feature_flags.require_address",
        "leave it out: the page asks for the billing address, and minimal_address asks for less of it",
    ),
    (
        {"billing_address_collection": 1},
        "billing_address_collection",
        "leave it out: the page asks for the billing address, and minimal_address asks for less of it",
    ),
    *(
        (
            {"feature_flags": {f"allow_customer_editing_{word}": True}},
            f"feature_flags.allow_customer_editing_{word}",
            f"did you mean allow_customer_editing_{part}?",
        )
        for word, part in [
            ("zip", "zipcode"), ("zipcod", "zipcode"), ("postal_code", "zipcode"), ("vat_id", "tax_id"),
            ("town", "city"), ("region", "state"), ("bussiness_name", "business_name"),
        ]
    ),
]  # fmt: skip


@pytest.mark.requirement("error.meant")
@pytest.mark.parametrize(("arguments", "path", "suggestion"), SALE_FIELDS, ids=lambda value: str(value)[:40])
def test_a_field_of_the_sale_by_another_name_is_told_its_own(
    arguments: dict[str, Any], path: str, suggestion: str
) -> None:
    assert repairs(CreateCheckoutSession, {"preview_id": "p"} | arguments) == {path: suggestion}


LISTED: list[tuple[Any, dict[str, Any], dict[str, str]]] = [
    (ListProducts, {"interval": 1}, {"interval": "did you mean query?"}),
    (ListProducts, {"search_query": 1}, {"search_query": "did you mean query?"}),
    (ListProducts, {"text": 1}, {"text": "did you mean query?"}),
    (
        ListProducts,
        {"limit": 5},
        {"limit": "leave it out: pages have a fixed size, and page asks for the next one"},
    ),
    (ListProducts, {"price": 5}, {"price": "leave it out: choose by the prices in the list"}),
    (ListSavedPaymentMethods, {"customer_id": "c", "limit": 5}, {"limit": "leave it out: all of them are listed"}),
    (
        ListSavedPaymentMethods,
        {"customer": {"customer_id": "c"}},
        {
            "customer_id": "give the id of a customer who was sold to here before",
            "customer": "did you mean customer_id?",
        },
    ),
]


@pytest.mark.requirement("error.meant")
@pytest.mark.parametrize(("model", "arguments", "suggestions"), LISTED, ids=lambda value: str(value)[:40])
def test_a_list_is_asked_for_by_its_own_fields(
    model: Any, arguments: dict[str, Any], suggestions: dict[str, str]
) -> None:
    assert repairs(model, arguments) == suggestions


@pytest.mark.requirement("error.meant")
@pytest.mark.parametrize("name", ["order_id", "client_reference_id"])
def test_a_number_of_the_shop_becomes_a_key_of_the_metadata(name: str) -> None:
    told = repairs(CreateCheckoutSession, {"preview_id": "p", name: "7"})
    assert told == {name: "put it into metadata of create_checkout_session, under this name"}


@pytest.mark.requirement("error.meant")
def test_what_no_field_stands_for_is_told_which_there_are() -> None:
    assert repairs(ListProducts, {"zzz": 1}) == {"zzz": "leave it out; the fields here are query, kind, page, locale"}


@pytest.mark.requirement("error.meant")
def test_every_tool_is_looked_through() -> None:
    from checkout_server.privacy.vocabulary.fields import ToolName

    assert set(TOOLS.values()) == set(get_args(ToolName))
