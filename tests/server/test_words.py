"""The words of the buyer's pages: the same ones in every language, each with the same places for values."""

import re
import string
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest

import checkout_server
from checkout_schemas.vocabularies.languages import LANGUAGES
from checkout_server.words.languages import choose_words, languages

SERVER = Path(checkout_server.__file__).parent
OTHERS = sorted(LANGUAGES - {"en"})


def words_of(language: str) -> dict[str, str]:
    return tomllib.loads(files("checkout_server.words").joinpath(f"{language}.toml").read_text(encoding="utf-8"))


def places(sentence: str) -> set[str | None]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence)} - {None}


@pytest.mark.requirement("words.complete")
def test_there_are_words_in_every_language_that_an_order_can_name() -> None:
    assert languages() == LANGUAGES


@pytest.mark.requirement("words.complete")
@pytest.mark.parametrize("language", OTHERS)
def test_a_language_has_every_word_with_the_same_places_for_values(language: str) -> None:
    english, words = words_of("en"), words_of(language)
    assert {key: places(text) for key, text in words.items()} == {key: places(text) for key, text in english.items()}
    assert all(text.strip() for text in words.values())


@pytest.mark.requirement("words.complete")
def test_every_word_is_used_on_a_page() -> None:
    rooms = [SERVER / "public", SERVER / "sandbox"]
    sources = "".join(path.read_text(encoding="utf-8") for room in rooms for path in room.rglob("*.py"))
    unused = [key for key in words_of("en") if not re.search(rf'["\']{key}["\']', sources)]
    assert unused == []


@pytest.mark.requirement("words.complete")
def test_a_value_is_put_in_its_place_and_the_sentence_is_html() -> None:
    words = choose_words("fr", "")
    assert words.filled("pay", amount="<b>1</b>") == "Payer <b>1</b>"
    assert "l&#x27;essai" in words["start_trial"]


@pytest.mark.requirement("words.complete")
@pytest.mark.parametrize(
    ("forced", "accepted", "spoken", "direction"),
    [
        ("ja", "de", "ja", "ltr"),
        ("xx", "de", "en", "ltr"),
        (None, "xx, ar-EG;q=0.9, de", "ar", "rtl"),
        (None, "iw", "he", "rtl"),
        (None, "", "en", "ltr"),
    ],
)
def test_the_order_names_the_language_and_else_the_browser_does(
    forced: str | None, accepted: str, spoken: str, direction: str
) -> None:
    words = choose_words(forced, accepted)
    assert (words.language, words.direction) == (spoken, direction)
