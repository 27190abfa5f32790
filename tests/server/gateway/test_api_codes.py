"""The sentences that stand for the API's error codes."""

import tomllib
from pathlib import Path

import pytest

from checkout_schemas.requests.create_checkout_session import CreateCheckoutSession
from checkout_schemas.requests.preview_checkout import PreviewCheckout
from checkout_server.gateway.api_codes import API_CODES

PAGE = "https://docs.dodopayments.com/api-reference/error-codes"

AREAS = tomllib.loads(
    (Path(__file__).parents[2] / "fixtures" / "provider_error_codes.toml").read_text(encoding="utf-8")
)
SOURCE = AREAS.pop("source")
DOCUMENTED = sorted(code for area in AREAS.values() for code in area.get("checkout", ()))
"""Those of the provider's whole list that a checkout call can meet."""
ELSEWHERE = {code: why for area in AREAS.values() for code, why in area.get("elsewhere", {}).items()}


@pytest.mark.requirement("gateway.codes")
def test_every_documented_code_that_a_checkout_can_meet_has_a_sentence_and_no_other():
    assert sorted(API_CODES) == DOCUMENTED


@pytest.mark.requirement("gateway.codes")
def test_the_providers_list_is_whole_and_says_of_each_other_code_what_meets_it():
    assert (SOURCE["page"], str(SOURCE["read_on"])) == (PAGE, "2026-11-27")
    assert len(set(DOCUMENTED) - set(AREAS["earlier"]["checkout"])) + len(ELSEWHERE) == 111
    assert set(DOCUMENTED).isdisjoint(ELSEWHERE)
    assert all(ELSEWHERE.values())


@pytest.mark.requirement("gateway.codes")
@pytest.mark.parametrize("code", DOCUMENTED)
def test_a_sentence_is_one_calm_sentence_without_the_code(code):
    sentence = API_CODES[code].sentence
    assert sentence.count(".") == 1
    assert sentence.endswith(".")
    assert len(sentence) <= 120
    assert not any(word.isupper() and len(word) > 1 for word in sentence.replace("API", "").split())


@pytest.mark.requirement("gateway.codes")
@pytest.mark.parametrize(("code", "path"), [(code, known.path) for code, known in API_CODES.items() if known.path])
def test_the_field_to_blame_is_one_that_a_tool_takes(code, path):
    assert path.split(".")[0] in PreviewCheckout.model_fields.keys() | CreateCheckoutSession.model_fields.keys()


@pytest.mark.requirement("gateway.codes")
@pytest.mark.parametrize("code", DOCUMENTED)
def test_what_the_buyer_said_is_not_for_a_model_to_change(code):
    known = API_CODES[code]
    assert ("ask the buyer" in known.sentence) == (known.retry == "ask_human")
    assert known.retry != "fix_and_retry" or "remove" not in known.sentence
