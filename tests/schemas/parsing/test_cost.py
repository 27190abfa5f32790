"""What parsing a call costs, however much is wrong with it."""

from typing import Any

import pytest

from checkout_schemas.errors import InvalidArguments
from checkout_schemas.parsing import parse, unknown_fields
from checkout_schemas.parsing.arguments import MAX_PROBLEMS
from checkout_schemas.requests.create_checkout_session import CreateCheckoutSession
from checkout_schemas.vocabularies.synonyms import meanings


@pytest.mark.requirement("error.whole")
def test_what_was_meant_is_looked_for_only_in_what_is_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Thousands of wrong words in one call would hold up every other call for seconds."""
    looked_for: list[str] = []
    nearest = unknown_fields.nearest_spelling

    def counted(word: str, words: Any) -> str | None:
        looked_for.append(word)
        return nearest(word, words)

    monkeypatch.setattr(unknown_fields, "nearest_spelling", counted)
    wrong = {f"creditx{row}": row for row in range(500)}
    with pytest.raises(InvalidArguments) as caught:
        parse(CreateCheckoutSession, {"preview_id": "prv_1"} | wrong)
    assert caught.value.problems[-1].problem == "have 481 more problems"
    assert len(looked_for) == MAX_PROBLEMS


@pytest.mark.requirement("error.whole")
def test_what_is_too_long_for_a_word_is_not_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Folding takes a second for each megabyte."""
    folded: list[str] = []
    monkeypatch.setattr(meanings, "fold", folded.append)
    with pytest.raises(InvalidArguments):
        parse(CreateCheckoutSession, {"preview_id": "prv_1", "customization": {"force_language": "x" * 65}})
    assert folded == []
