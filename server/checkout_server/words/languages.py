"""The words of the buyer's pages, in the languages that the provider's hosted page speaks."""

import tomllib
from functools import cache
from html import escape
from importlib.resources import files
from typing import Literal

ENGLISH = "en"
MOST_TAGS = 10
_OLDER_CODES = {"iw": "he", "in": "id"}
"""ISO 639 codes that some systems still send."""
_FROM_RIGHT = frozenset({"ar", "he"})


class Words:
    """The words of one language, as HTML."""

    def __init__(self, language: str, words: dict[str, str]) -> None:
        self.language = language
        self._words = words

    def __getitem__(self, name: str) -> str:
        return escape(self._words[name])

    def plain(self, name: str) -> str:
        """A word as it is, for what escapes it."""
        return self._words[name]

    def filled(self, name: str, **values: str) -> str:
        """A sentence with values in its ``{places}``; each value is HTML."""
        return self[name].format(**values)

    @property
    def direction(self) -> Literal["ltr", "rtl"]:
        return "rtl" if self.language in _FROM_RIGHT else "ltr"


def choose_words(language: str | None, accepted: str) -> Words:
    """The session's own language, or the first of ``Accept-Language`` that there are words in, or English."""
    known = languages()
    wanted = [language] if language is not None else _accepted(accepted)
    chosen = next((each for each in wanted if each in known), ENGLISH)
    return Words(chosen, _words_of(chosen))


@cache
def languages() -> frozenset[str]:
    """Codes of the languages that there are words in."""
    names = (each.name for each in files("checkout_server.words").iterdir())
    return frozenset(name.removesuffix(".toml") for name in names if name.endswith(".toml"))


@cache
def _words_of(language: str) -> dict[str, str]:
    return tomllib.loads(files("checkout_server.words").joinpath(f"{language}.toml").read_text(encoding="utf-8"))


def _accepted(header: str) -> list[str]:
    """Primary languages in the order in which they stand; browsers send the liked ones first."""
    tags = [each.partition(";")[0].strip().lower().partition("-")[0] for each in header.split(",")[:MOST_TAGS]]
    return [_OLDER_CODES.get(tag, tag) for tag in tags]
