"""The sentences that stand for the provider's reasons of a failed payment."""

import tomllib
from pathlib import Path

import pytest

from checkout_server.gateway.decline_reasons import DECLINE_REASONS
from checkout_server.sandbox.payments import DECLINES

LIST = tomllib.loads(
    (Path(__file__).parents[2] / "fixtures" / "provider_decline_reasons.toml").read_text(encoding="utf-8")
)
KINDS = {code: kind for kind in ("soft", "hard") for code in LIST[kind]}
NEVER_TOLD = LIST["never_told"]


@pytest.mark.requirement("outcome.failure")
def test_every_documented_reason_has_a_sentence_of_its_kind_and_no_other():
    assert {code: reason.kind for code, reason in DECLINE_REASONS.items()} == KINDS
    assert set(DECLINES) == KINDS.keys()  # the sandbox can play each
    assert len(KINDS) == LIST["source"]["count"] == 44


@pytest.mark.requirement("outcome.failure")
@pytest.mark.parametrize("code", KINDS)
def test_a_reason_and_its_advice_are_calm_sentences_without_the_code(code):
    known = DECLINE_REASONS[code]
    for sentence in (known.reason, known.advice):
        assert sentence.count(".") == 1
        assert sentence.endswith(".")
        assert len(sentence) <= 90
        assert code not in sentence


@pytest.mark.requirement("outcome.failure")
@pytest.mark.parametrize("code", NEVER_TOLD)
def test_a_card_that_is_known_cannot_be_told_from_any_decline(code):
    assert DECLINE_REASONS[code] == DECLINE_REASONS["CARD_DECLINED"]


@pytest.mark.requirement("outcome.failure")
def test_no_sentence_speaks_of_theft_or_fraud():
    words = " ".join(f"{each.reason} {each.advice}" for each in DECLINE_REASONS.values()).casefold()
    assert [word for word in ("stolen", "lost", "fraud", "pick", "police", "suspicious") if word in words] == []


@pytest.mark.requirement("outcome.failure")
def test_who_must_not_try_the_same_card_again_is_not_told_to():
    for known in DECLINE_REASONS.values():
        assert known.kind == "soft" or "try again" not in known.advice.casefold()
