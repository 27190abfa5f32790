"""The words of the return page, in the languages that the hosted page speaks."""

import tomllib
from functools import cache
from html import escape
from importlib.resources import files

ENGLISH = "en"
_OLDER_CODES = {"iw": "he", "in": "id"}
"""ISO 639 codes that some systems still send."""
MOST_TAGS = 10


class Words:
    """The words of one language, as HTML."""

    def __init__(self, language: str, words: dict[str, str]) -> None:
        self.language = language
        self._words = words

    def __getitem__(self, name: str) -> str:
        return escape(self._words[name])


def choose_words(language: str | None, accepted: str) -> Words:
    """The session's own language, or the first of ``Accept-Language`` that there are words in, or English."""
    known = _all_words()
    wanted = [language] if language is not None else _accepted(accepted)
    chosen = next((each for each in wanted if each in known), ENGLISH)
    return Words(chosen, known[chosen])


@cache
def _all_words() -> dict[str, dict[str, str]]:
    return tomllib.loads(files("checkout_server.public").joinpath("words.toml").read_text(encoding="utf-8"))


def _accepted(header: str) -> list[str]:
    """Primary languages in the order in which they stand; browsers send the liked ones first."""
    tags = [each.partition(";")[0].strip().lower().partition("-")[0] for each in header.split(",")[:MOST_TAGS]]
    return [_OLDER_CODES.get(tag, tag) for tag in tags]
