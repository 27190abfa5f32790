"""Words and names that mean one of ours, held to the lists of pycountry; and no guess where none is known."""

from typing import Any, get_args

import pycountry
import pytest

from checkout_schemas.errors import InvalidArguments, Problem
from checkout_schemas.parsing import parse
from checkout_schemas.parsing.shape import homes_of
from checkout_schemas.parsing.unknown_fields import TOOLS
from checkout_schemas.parsing.words import meant_in_vocabulary
from checkout_schemas.requests.create_checkout_session import CreateCheckoutSession
from checkout_schemas.requests.list_products import ListProducts
from checkout_schemas.requests.preview_checkout import PreviewCheckout
from checkout_schemas.vocabularies.countries import COUNTRIES
from checkout_schemas.vocabularies.currencies import CURRENCIES
from checkout_schemas.vocabularies.languages import LANGUAGES
from checkout_schemas.vocabularies.payment_methods import PAYMENT_METHOD_TYPES
from checkout_schemas.vocabularies.synonyms.fields import (
    ADVICE_BESIDE,
    FIELD_ADVICE,
    FIELD_WORDS,
    NEIGHBOUR_WORDS,
)
from checkout_schemas.vocabularies.synonyms.languages import LANGUAGE_WORDS
from checkout_schemas.vocabularies.synonyms.payment_methods import PAYMENT_METHOD_WORDS

pytestmark = pytest.mark.requirement("error.meant")

CART = [{"product_id": "prod_1", "quantity": 1}]


def meant(vocabulary: str, word: str) -> str:
    return meant_in_vocabulary(word, vocabulary)


def problems(model: Any, arguments: dict[str, Any]) -> list[Problem]:
    with pytest.raises(InvalidArguments) as caught:
        parse(model, arguments)
    return caught.value.problems


def repairs(model: Any, arguments: dict[str, Any]) -> dict[str, str | None]:
    return {problem.path: problem.suggestion for problem in problems(model, arguments)}


AMBIGUOUS = {"Congo": "CD or CG"}
"""Names of the ISO list that people use for two countries."""


@pytest.mark.parametrize("code", sorted(COUNTRIES))
def test_a_country_is_meant_by_its_alpha_3_code_and_its_names(code: str) -> None:
    listed: Any = pycountry.countries.get(alpha_2=code)
    kinds = ("alpha_3", "name", "common_name", "official_name")
    names: set[str] = {getattr(listed, kind) for kind in kinds if hasattr(listed, kind)}
    assert {name: meant("country code", name) for name in names} == {
        name: f"did you mean {AMBIGUOUS.get(name, code)}?" for name in names
    }


@pytest.mark.parametrize("code", sorted(CURRENCIES - {"ANG", "BGN", "HRK", "SLL"}))
def test_a_currency_is_meant_by_its_name(code: str) -> None:
    listed: Any = pycountry.currencies.get(alpha_3=code)
    assert meant("currency code", listed.name) == {
        "KGS": "did you mean KGS or UZS?",
        "SLE": "did you mean SLE or SLL?",
    }.get(code, f"did you mean {code}?")


@pytest.mark.parametrize("code", sorted(LANGUAGES))
def test_a_language_is_meant_by_its_name_and_its_longer_codes(code: str) -> None:
    listed: Any = pycountry.languages.get(alpha_2=code)
    names = {listed.alpha_3, getattr(listed, "bibliographic", listed.alpha_3), listed.name.partition(" (")[0]}
    assert {meant("language code", name) for name in names} == {f"did you mean {code}?"}


@pytest.mark.parametrize(
    ("vocabulary", "word", "words"),
    [
        ("country code", "USA", "US"),
        ("country code", "U.S.A.", "US"),
        ("country code", "UK", "GB"),
        ("country code", "England", "GB"),
        ("country code", "EL", "GR"),
        ("country code", "Cote d’Ivoire", "CI"),
        ("country code", "ivory coast", "CI"),
        ("country code", "St. Lucia", "LC"),
        ("country code", "The Netherlands", "NL"),
        ("country code", "Korea", "KP or KR"),
        ("currency code", "RMB", "CNY"),
        ("currency code", "Yen", "JPY"),
        ("currency code", "US dollars", "USD"),
        ("currency code", "€", "EUR"),
        ("currency code", "¥", "CNY or JPY"),
        ("currency code", "peso", "ARS, CLP, COP, MXN or PHP"),
        ("payment method type", "upi", "upi_collect and upi_intent"),
        ("payment method type", "card", "credit and debit"),
        ("payment method type", "Visa", "credit and debit"),
        ("payment method type", "Apple Pay", "apple_pay"),
        ("payment method type", "applepay", "apple_pay"),
        ("payment method type", "alipay", "ali_pay"),
        ("payment method type", "sepa_debit", "sepa"),
        ("language code", "jp", "ja"),
        ("language code", "pt-BR", "pt"),
    ],
)
def test_a_usual_word_means_what_people_mean_by_it(vocabulary: str, word: str, words: str) -> None:
    assert meant(vocabulary, word) == f"did you mean {words}?"


@pytest.mark.parametrize(
    ("vocabulary", "word", "otherwise"),
    [
        ("country code", "IRX", "use an ISO 3166-1 alpha-2 code, such as US"),
        ("country code", "Polsk", "use an ISO 3166-1 alpha-2 code, such as US"),
        ("country code", "x" * 10_000, "use an ISO 3166-1 alpha-2 code, such as US"),
        ("currency code", "RMBX", "use an ISO 4217 code, such as USD"),
        ("payment method type", "pixel", "use words such as credit, debit and apple_pay"),
        ("language code", "english please", "use an ISO 639-1 code, such as ja"),
    ],
)
def test_where_no_meaning_is_known_none_is_guessed(vocabulary: str, word: str, otherwise: str) -> None:
    assert meant(vocabulary, word) == otherwise


def test_tables_name_only_what_exists() -> None:
    fields = {name for model in TOOLS for name in homes_of(model)}
    assert {word for words in PAYMENT_METHOD_WORDS.values() for word in words} <= PAYMENT_METHOD_TYPES
    assert {word for words in LANGUAGE_WORDS.values() for word in words} == LANGUAGES
    named = {word for table in (FIELD_WORDS, NEIGHBOUR_WORDS) for words in table.values() for word in words}
    assert named | ADVICE_BESIDE.keys() <= fields
    assert FIELD_WORDS.keys() & (FIELD_ADVICE.keys() | fields) == set()


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
    ({"mode": 1}, "mode", "the products decide whether it is a payment or a subscription; leave it out"),
    ({"billing_address": {"country": "US", "postal_code": 1}}, "billing_address.postal_code", "did you mean zipcode?"),
    ({"billing_address": {"country": "US", "line1": 1}}, "billing_address.line1", "did you mean street?"),
    (
        {"billing_address": {"country": "US", "line2": 1}},
        "billing_address.line2",
        "join it to street, with a comma",
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
        "the product has it; leave it out",
    ),
    (
        {"product_cart": [CART[0] | {"unit_amount": 1}]},
        "product_cart[0].unit_amount",
        "a product has its price; leave it out, or give amount, in minor units, for a pay-what-you-want product",
    ),
]


@pytest.mark.parametrize(("arguments", "path", "suggestion"), PREVIEW_FIELDS, ids=lambda value: str(value)[:30])
def test_a_field_by_another_name_is_told_its_own(arguments: dict[str, Any], path: str, suggestion: str) -> None:
    assert repairs(PreviewCheckout, {"product_cart": CART} | arguments) == {path: suggestion}


def test_a_field_of_the_preview_is_named_with_its_path_at_the_sale() -> None:
    assert repairs(CreateCheckoutSession, {"preview_id": "p", "postal_code": 1, "payment_method": 1, "items": 1}) == {
        "postal_code": "it is billing_address.zipcode of preview_checkout, whose preview_id brings it here",
        "payment_method": "did you mean payment_method_id or allowed_payment_method_types?",
        "items": "it is product_cart of preview_checkout, whose preview_id brings it here",
    }


def test_a_short_vocabulary_is_answered_by_meaning_then_by_spelling_then_whole() -> None:
    kinds = {"recurring": "subscription", "subscriptions": "subscription", "One-Time": "one_time"}
    assert {word: repairs(ListProducts, {"kind": word})["kind"] for word in kinds} == {
        word: f"did you mean {kind}?" for word, kind in kinds.items()
    }
    assert repairs(ListProducts, {"kind": "zzz"}) == {"kind": "use one_time or subscription"}
    assert repairs(ListProducts, {"kind": 5}) == {"kind": "use one_time or subscription"}


def test_what_no_field_stands_for_is_told_which_there_are() -> None:
    assert repairs(ListProducts, {"zzz": 1}) == {"zzz": "leave it out; the fields here are query, kind, page, locale"}


def test_every_tool_is_looked_through() -> None:
    from checkout_server.privacy.vocabulary import ToolName

    assert set(TOOLS.values()) == set(get_args(ToolName))
