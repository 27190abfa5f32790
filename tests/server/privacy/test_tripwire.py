"""The last net: values of the requests in flight are recognised in every form, and our own words never."""

import html
import json
import threading
import unicodedata
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest

from checkout_server.privacy.arguments import texts_of
from checkout_server.privacy.lines import Line, as_json
from checkout_server.privacy.templates import TEMPLATES
from checkout_server.privacy.tripwire import REMEMBERED_REQUESTS, REMEMBERED_SECONDS, Registry
from checkout_server.privacy.vocabulary import EVENTS

pytestmark = pytest.mark.requirement("privacy.tripwire")

VALUES = [
    "jane.doe@example.com",
    "JANE+shop@Example.COM",
    "Jane Doe",
    "Zoë O’Brien-Müller",
    "Łukasz",
    "王小明",
    "鈴木",
    "محمد بن سلمان",
    "Ольга",
    "ﬁnn ﬂint",
    "+49 151 2345 6789",
    "4242 4242 4242 4242",
    "221b Baker Street\nLondon",
    "DE123456789",
    "https://shop.example.com/?token=s3cr3t&order=1",
    'a "quoted" name',
    "back\\slash",
]
FORMS: dict[str, Callable[[str], str]] = {
    "raw": str,
    "upper": str.upper,
    "lower": str.lower,
    "case-folded": str.casefold,
    "URL-encoded": lambda value: quote(value, safe=""),
    "URL-encoded, lenient": quote,
    "form-encoded": quote_plus,
    "URL-encoded twice": lambda value: quote(quote(value, safe=""), safe=""),
    "JSON": lambda value: json.dumps(value)[1:-1],
    "JSON, UTF-8": lambda value: json.dumps(value, ensure_ascii=False)[1:-1],
    "JSON in JSON": lambda value: json.dumps(json.dumps(value)),
    "repr": repr,
    "ascii": ascii,
    "HTML": html.escape,
    "NFC": lambda value: unicodedata.normalize("NFC", value),
    "NFD": lambda value: unicodedata.normalize("NFD", value),
    "NFKC": lambda value: unicodedata.normalize("NFKC", value),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_value_in_flight_is_recognised_in_every_form(form: str) -> None:
    for value in VALUES:
        registry = Registry()
        with registry.request([value]):
            assert registry.holds(f"Retrying request to /x?y={FORMS[form](value)} in 0.4 seconds"), value


def test_a_value_that_was_sent_encoded_is_recognised_decoded() -> None:
    registry = Registry()
    with registry.request(["jane%40example.com"]):
        assert registry.holds("to jane@example.com")


def test_a_long_value_that_was_cut_is_recognised() -> None:
    registry = Registry()
    with registry.request(["Ms Jane Wilhelmina Doe of Baker Street"]):
        assert registry.holds("INSERT ... ('Ms Jane Wilhel...')")
        assert registry.holds("...f Baker Street')")


def test_what_says_nobody_matches_nothing() -> None:
    registry = Registry()
    texts = list(texts_of({"product_id": "prod_123", "country": "US", "n": 12345, "name": "", "q": "de", "flag": True}))
    with registry.request([*texts, "2026", "8000", "1.2.3", "abc", "-"]):
        for line in ("GET /products/prod_123 2026-11-23 port 8000", "US 12345 abc de n name", "v1.2.3 - - - True"):
            assert not registry.holds(line)


def test_nobody_blanks_the_diagnostics_by_a_name_that_is_a_word_of_ours() -> None:
    words = [*EVENTS, *TEMPLATES, "INFO", "Warning", "error", "GET", "POST", "status", "template", "library.logged"]
    registry = Registry()
    with registry.request(words):
        for template in TEMPLATES:
            fields = {"template": template, "method": "POST", "status": 200}
            line = Line(created=0.0, level=20, logger="other", event="library.logged", fields=fields)
            assert not registry.holds(as_json(line)), template


def test_a_value_is_forgotten_a_while_after_its_request() -> None:
    now = 0.0
    registry = Registry(clock=lambda: now)
    with registry.request(["Jane Doe"]):
        assert registry.holds("Jane Doe")
    now = REMEMBERED_SECONDS
    assert registry.holds("Jane Doe")
    now += 1
    assert not registry.holds("Jane Doe")


def test_no_more_than_so_many_ended_requests_are_remembered() -> None:
    registry = Registry()
    for number in range(REMEMBERED_REQUESTS + 1):
        with registry.request([f"buyer number {number}!"]):
            pass
    assert not registry.holds("buyer number 0!")
    assert registry.holds("buyer number 1!")


def test_every_thread_knows_the_value() -> None:
    registry = Registry()
    found: list[bool] = []
    with registry.request(["Jane Doe"]):
        thread = threading.Thread(target=lambda: found.append(registry.holds("for Jane Doe")))
        thread.start()
        thread.join()
    assert found == [True]


def test_secrets_are_known_for_life_and_answers_for_a_while() -> None:
    now = 0.0
    registry = Registry(clock=lambda: now)
    registry.keep_secret("dodo_live_key_1234")
    registry.note("jane@example.com", None)
    assert registry.holds("jane@example.com")
    now = 1e9
    assert registry.holds("Bearer dodo_live_key_1234")
    assert not registry.holds("jane@example.com")


def test_the_texts_of_a_call_are_all_but_ids_and_codes() -> None:
    call = {
        "preview_id": "prv_AbC",
        "customer": {"email": "jane@example.com", "phone_number": 491512345678},
        "metadata": {"Jane's order": ["x", {"note": "call Bob"}]},
        "product_id": "jane@example.org",
        "confirm": True,
        "billing_address": {"country": "DE", "city": None},
    }
    assert list(texts_of(call)) == [
        "jane@example.com",
        "491512345678",
        "Jane's order",
        "x",
        "note",
        "call Bob",
        "jane@example.org",
    ]
