"""The last net: values of the requests in flight are recognised in every form, and our own words never."""

import base64
import html
import json
import logging
import unicodedata
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote, quote_plus

import pytest

from checkout_server.privacy.logs.lines import Line, as_json
from checkout_server.privacy.logs.third_party import rewritten
from checkout_server.privacy.personal_values.arguments import texts_of
from checkout_server.privacy.personal_values.tripwire import (
    HEAD,
    LOOKED_AT,
    LOOKED_AT_IN_ALL,
    Registry,
    in_flight,
)
from checkout_server.privacy.vocabulary.event_names import EVENTS
from checkout_server.privacy.vocabulary.templates import TEMPLATES

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
    "Ann 🦄 Lee",
    "100% Müller & Söhne",
    "jane.q+dodo@example.com",
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
    "JSON in a URL": lambda value: quote(json.dumps(value)),
    "repr of bytes": lambda value: repr(value.encode()),
    "base64 of JSON": lambda value: base64.b64encode(json.dumps({"value": value}).encode()).decode(),
    "HTML": html.escape,
    "HTML of JSON": lambda value: html.escape(json.dumps(value)),
    "NFC": lambda value: unicodedata.normalize("NFC", value),
    "NFD": lambda value: unicodedata.normalize("NFD", value),
    "NFKC": lambda value: unicodedata.normalize("NFKC", value),
}


@pytest.mark.requirement("privacy.tripwire")
@pytest.mark.parametrize("form", FORMS)
def test_a_value_in_flight_is_recognised_in_every_form(form: str) -> None:
    for value in VALUES:
        registry = Registry()
        with registry.request([value]):
            assert registry.holds(f"Retrying request to /x?y={FORMS[form](value)} in 0.4 seconds"), value


@pytest.mark.requirement("privacy.tripwire")
def test_a_value_that_was_sent_encoded_is_recognised_decoded() -> None:
    registry = Registry()
    with registry.request(["jane%40example.com"]):
        assert registry.holds("to jane@example.com")


@pytest.mark.requirement("privacy.tripwire")
def test_a_long_value_that_was_cut_is_recognised() -> None:
    registry = Registry()
    with registry.request(["Ms Jane Wilhelmina Doe of Baker Street"]):
        assert registry.holds("INSERT ... ('Ms Jane Wilhel...')")
        assert registry.holds("... Doe of Baker Str...")


@pytest.mark.requirement("privacy.tripwire")
def test_what_says_nobody_matches_nothing() -> None:
    registry = Registry()
    texts = list(texts_of({"product_id": "prod_123", "country": "US", "n": 12345, "name": "", "q": "de", "flag": True}))
    with registry.request([*texts, "2026", "8000", "1.2.3", "abc", "-"]):
        for line in ("GET /products/prod_123 2026-11-23 port 8000", "US 12345 abc de n name", "v1.2.3 - - - True"):
            assert not registry.holds(line)


@pytest.mark.requirement("privacy.tripwire")
def test_nobody_blanks_the_diagnostics_by_a_name_that_is_a_word_of_ours() -> None:
    words = [*EVENTS, *TEMPLATES, "INFO", "Warning", "error", "GET", "POST", "status", "template", "library.logged"]
    registry = Registry()
    with registry.request(words):
        for template in TEMPLATES:
            fields = {"template": template, "method": "POST", "status": 200}
            line = Line(created=0.0, level=20, logger="other", event="library.logged", fields=fields)
            assert not registry.holds(as_json(line)), template


@pytest.mark.requirement("privacy.tripwire")
def test_nobody_blanks_a_librarys_line_by_a_word_of_our_lists_or_of_its_code() -> None:
    def telling() -> None:
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError) as caught:
        telling()
    message, arguments = "no handler for notification %s", ("notifications/initialized",)
    crash = (caught.type, caught.value, caught.tb)
    words = ["telling", "notifications/initialized", "ConnectionResetError", "no handler for notification"]
    with in_flight.request(words):
        line = rewritten(logging.LogRecord("asyncio", logging.ERROR, __file__, 1, message, arguments, crash)).line
    assert line.event == "library.logged"
    assert line.fields["rpc_method"] == "notifications/initialized"
    assert line.fields["error_type"] == "ConnectionResetError"
    assert line.fields["frames"][-1].endswith(":telling")


@pytest.mark.requirement("privacy.tripwire")
def test_a_short_name_counts_by_itself_and_not_inside_a_word() -> None:
    registry = Registry()
    with registry.request(["Anna"]):
        assert registry.holds("annals of susanna, but: customer 'anna' not found")
        assert registry.holds("anna")
        assert not registry.holds("annals of susanna, annapolis, 2anna2")


@pytest.mark.requirement("privacy.tripwire")
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


@pytest.mark.requirement("privacy.tripwire")
@pytest.mark.parametrize("times", range(4))
def test_the_texts_of_an_object_that_came_as_json_text_are_those_of_the_object(times: int) -> None:
    metadata: Any = {"for": "Jane Doe"}
    for _ in range(times):
        metadata = json.dumps(metadata)
    assert list(texts_of({"metadata": f" {metadata}" if times else metadata})) == ["for", "Jane Doe"]


@pytest.mark.requirement("privacy.tripwire")
@pytest.mark.parametrize(
    "call",
    [
        {"product_cart": '[{"product_id": "prod_1", "quantity": "jane@example.com"}]'},
        {"product_id": "jane@example.com"},
        {"jane@example.com": 1},
        {"unknown": {"deep": [{"deeper": ["jane@example.com"]}]}},
        {"return_url": "https://shop.example.com/thanks?mail=jane%40example.com&page=1"},
        {"return_url": "https://shop.example.com/orders/jane%40example.com/done"},
        {"return_url": "https://shop.example.com/#jane@example.com"},
        {"return_url": "https://jane%40example.com:password@shop.example.com/"},
        {"return_url": "https://[jane@example.com"},
        {"query": '["jane@example.com"'},
    ],
    ids=str,
)
def test_text_is_known_wherever_a_caller_puts_it(call: dict[str, Any]) -> None:
    registry = Registry()
    with registry.request(texts_of(call)):
        assert registry.holds("no such customer: jane@example.com")
        assert not registry.holds("GET /products 200 shop.example.com")


@pytest.mark.requirement("privacy.tripwire")
def test_no_depth_of_arguments_is_too_deep() -> None:
    deep: Any = "jane@example.com"
    for _ in range(100_000):
        deep = [deep]
    assert list(texts_of(deep)) == ["jane@example.com"]


@pytest.mark.requirement("privacy.tripwire")
def test_no_request_is_so_large_that_the_others_wait_for_its_values() -> None:
    taken: list[str] = []

    def values(each: str) -> Iterator[str]:
        for _ in range(1_000_000):
            taken.append(each)
            yield each

    for size in (0, 1, LOOKED_AT, LOOKED_AT * 100):
        taken.clear()
        with Registry().request(values("!" * size)):
            assert len(taken) <= LOOKED_AT_IN_ALL / (min(size, LOOKED_AT) + HEAD) + 1


@pytest.mark.requirement("privacy.tripwire")
def test_nobody_blanks_a_librarys_line_by_a_word_of_its_code() -> None:
    registry = Registry()
    with registry.request(["asyncio", "events", "Base_Events.py", "base_events", "ValueError", "logging"]):
        for line in (
            '{"logger":"asyncio","event":"library.logged","where":"asyncio/events.py:22"}',
            '{"logger":"other","error_type":"ValueError","frames":["asyncio/base_events.py:12:run"]}',
        ):
            assert not registry.holds(line)
    frame = "checkout_server/privacy/personal_values/tripwire.py"
    with registry.request(["asyncio/base_events", f"{frame}: in the middle of more text"]):
        assert not registry.holds("asyncio/base_events.py")
        assert not registry.holds(frame)
        assert registry.holds("in the middle of more")
    with registry.request(["Jane asyncio"]):
        assert registry.holds("for jane asyncio")
