"""Words that mean one of ours, held to the lists of pycountry; and no guess where none is known."""

from typing import Any

import pycountry
import pytest

from checkout_schemas.parsing.words import meant_in_vocabulary
from checkout_schemas.requests.list_products import ListProducts
from checkout_schemas.requests.preview_checkout import PreviewCheckout
from checkout_schemas.vocabularies.countries import COUNTRIES
from checkout_schemas.vocabularies.currencies import CURRENCIES
from checkout_schemas.vocabularies.languages import LANGUAGES
from checkout_schemas.vocabularies.states import CANADIAN_PROVINCES, US_STATES
from refused_arguments import repairs

CART = [{"product_id": "prod_1", "quantity": 1}]
ASK_FOR_COUNTRY = "ask the buyer for the country's 2 letters, or leave billing_address out"
ASK_FOR_CURRENCY = "leave it out, or ask the buyer for the ISO 4217 code of 3 letters"
NO_METHOD = "leave it out, or the whole list: the page offers what fits"
NO_LANGUAGE = (
    "leave it out; the page speaks ar, ca, de, en, es, fr, he, id, it, ja, ko, ms, nl, pl, pt, ro, ru, sv, th, tr, zh"
)


def meant(vocabulary: str, word: str) -> str:
    return meant_in_vocabulary(word, vocabulary)


AMBIGUOUS = {"Congo": "CD or CG"}
"""Names of the ISO list that people use for two countries."""


@pytest.mark.requirement("error.meant")
@pytest.mark.parametrize("code", sorted(COUNTRIES))
def test_a_country_is_meant_by_its_alpha_3_code_and_its_names(code: str) -> None:
    listed: Any = pycountry.countries.get(alpha_2=code)
    kinds = ("alpha_3", "name", "common_name", "official_name")
    names: set[str] = {getattr(listed, kind) for kind in kinds if hasattr(listed, kind)}
    assert {name: meant("country code", name) for name in names} == {
        name: f"did you mean {AMBIGUOUS.get(name, code)}?" for name in names
    }


@pytest.mark.requirement("error.meant")
@pytest.mark.parametrize("code", sorted(CURRENCIES - {"ANG", "BGN", "HRK", "SLL"}))
def test_a_currency_is_meant_by_its_name(code: str) -> None:
    listed: Any = pycountry.currencies.get(alpha_3=code)
    assert meant("currency code", listed.name) == {
        "KGS": "did you mean KGS or UZS?",
        "SLE": "did you mean SLE or SLL?",
    }.get(code, f"did you mean {code}?")


@pytest.mark.requirement("error.meant")
@pytest.mark.parametrize("code", sorted(LANGUAGES))
def test_a_language_is_meant_by_its_name_and_its_longer_codes(code: str) -> None:
    listed: Any = pycountry.languages.get(alpha_2=code)
    names = {listed.alpha_3, getattr(listed, "bibliographic", listed.alpha_3), listed.name.partition(" (")[0]}
    assert {meant("language code", name) for name in names} == {f"did you mean {code}?"}


@pytest.mark.requirement("error.meant")
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
        ("currency code", "kr", "DKK, NOK or SEK"),
        ("US state code", "California", "CA"),
        ("US state code", "US-NY", "NY"),
        ("US state code", "Washington, D.C.", "DC"),
        ("Canadian province code", "Québec", "QC"),
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


@pytest.mark.requirement("error.meant")
@pytest.mark.parametrize(
    ("vocabulary", "word", "otherwise"),
    [
        *(("country code", word, ASK_FOR_COUNTRY) for word in ("IRX", "Polsk", "x" * 10_000)),
        *(("country code", word, ASK_FOR_COUNTRY) for word in ("N/A", "n.a.", "na", "none", "unknown", "")),
        *(("currency code", word, ASK_FOR_CURRENCY) for word in ("RMBX", "N/A", "all", "any")),
        *(
            ("currency code", word, ASK_FOR_CURRENCY)
            for word in ("dollar", "$", "pound", "peso", "dinar", "Rs", "rial")
        ),
        *(("payment method type", word, NO_METHOD) for word in ("pixel", "invoice", "wallet", "all")),
        *(("language code", word, NO_LANGUAGE) for word in ("english please", "hi", "Hindi", "auto")),
        ("US state code", "Kalifornien", "ask the buyer for it and give its 2 letters, or leave state out"),
    ],
)
def test_where_no_meaning_is_known_none_is_guessed(vocabulary: str, word: str, otherwise: str) -> None:
    assert meant(vocabulary, word) == otherwise


@pytest.mark.requirement("error.meant")
def test_a_word_for_several_currencies_names_all_of_them_or_none() -> None:
    """By the list of ISO: the noun of a currency's name, such as Dinar."""
    nouns: dict[str, set[str]] = {}
    for code in CURRENCIES - {"ANG", "BGN", "HRK", "SLL"}:
        listed: Any = pycountry.currencies.get(alpha_3=code)
        nouns.setdefault(listed.name.split()[-1], set()).add(code)
    guesses = {noun: meant("currency code", noun) for noun, codes in nouns.items() if len(codes) > 1}
    assert len(guesses) > 10
    for noun, guess in guesses.items():
        assert guess == ASK_FOR_CURRENCY or all(code in guess for code in nouns[noun])


STATES: list[tuple[dict[str, str], str]] = [
    ({"country": "US", "state": "California"}, "did you mean CA?"),
    ({"country": "us", "state": "new york"}, "did you mean NY?"),
    ({"country": "CA", "state": "Ontario"}, "did you mean ON?"),
    ({"country": "CA", "state": "NY"}, "ask the buyer for it and give its 2 letters, or leave state out"),
]


@pytest.mark.requirement("error.meant")
@pytest.mark.parametrize(("address", "suggestion"), STATES)
def test_a_state_that_tax_follows_is_given_by_its_code(address: dict[str, str], suggestion: str) -> None:
    assert repairs(PreviewCheckout, {"product_cart": CART, "billing_address": address}) == {
        "billing_address.state": suggestion
    }


@pytest.mark.requirement("error.meant")
@pytest.mark.parametrize(("country", "codes", "listed"), [("US", US_STATES, "US-"), ("CA", CANADIAN_PROVINCES, "CA-")])
def test_the_states_are_those_of_iso(country: str, codes: dict[str, str], listed: str) -> None:
    subdivisions: Any = pycountry.subdivisions.get(country_code=country)
    military = {"AA", "AE", "AP"} if country == "US" else set[str]()
    assert codes.keys() - military == {each.code.removeprefix(listed) for each in subdivisions}


@pytest.mark.requirement("error.meant")
def test_a_short_vocabulary_is_answered_by_meaning_then_by_spelling_then_whole() -> None:
    kinds = {"recurring": "subscription", "subscriptions": "subscription", "One-Time": "one_time"}
    assert {word: repairs(ListProducts, {"kind": word})["kind"] for word in kinds} == {
        word: f"did you mean {kind}?" for word, kind in kinds.items()
    }
    assert repairs(ListProducts, {"kind": "zzz"}) == {"kind": "leave it out, or use one_time or subscription"}
    assert repairs(ListProducts, {"kind": 5}) == {"kind": "leave it out, or use one_time or subscription"}


@pytest.mark.requirement("error.meant")
@pytest.mark.parametrize("kind", ["both", "all", "one_time,subscription", ["one_time", "subscription"]])
def test_all_kinds_are_listed_without_a_kind(kind: Any) -> None:
    assert repairs(ListProducts, {"kind": kind}) == {"kind": "leave it out, or use one_time or subscription"}
