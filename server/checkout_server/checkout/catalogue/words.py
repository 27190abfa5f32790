"""Text as products are searched by it: without case, accents, apostrophes and hyphens, and in the singular."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import NamedTuple

_NOTHING = dict.fromkeys(map(ord, "'’‘‛`´ʹʼʻ′＇\u00ad\u200b\u200c\u200d\u2060\ufeff"))
"""Apostrophes, however they are typed, and characters that cannot be seen."""
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})
"""Letters that people type without their stroke or in two, and that Unicode does not take apart."""
_ACCENTS = re.compile("[\u0300-\u036f]")
"""Those of Latin, Greek and Cyrillic. The vowel signs of other scripts make another word and stay."""
_BETWEEN = re.compile(r"[\s!-,./:-@\[-^{-\xa9\xab-\xb1\xb4-\xb8\xbb\xbf\u2000-\u200f\u2016-\u206f\u3000-\u303f\u30fb]+")
"""Between two words; of the dashes in it, only those that no word is joined by."""
_HYPHENS = re.compile("[-_\u2010-\u2015\u2212]+")

_PLURAL_ENDINGS = (("ies", "y"), ("ies", "ie"), ("ves", "f"), ("ves", "fe"), ("es", ""), ("s", ""))
"""English endings, each with what may stand in its place in the singular. French, Spanish and Portuguese share two."""
_IRREGULAR_PLURALS = {
    "children": "child",
    "feet": "foot",
    "men": "man",
    "mice": "mouse",
    "people": "person",
    "teeth": "tooth",
    "women": "woman",
}
_SHORTEST_STEM = 3
_SHORTEST_PART = 4
"""Letters of a word that is found inside a longer one: ``book`` in ``ebook``, but not ``one`` in ``phone``."""


class Word(NamedTuple):
    """One word between blanks: ``e-book`` joined is ``ebook``, and its parts are ``e`` and ``book``."""

    joined: str
    parts: tuple[str, ...]


def words_of(text: str) -> Iterator[Word]:
    """The words of a text."""
    for each in _BETWEEN.split(_folded(text)):
        if parts := tuple(part for part in _HYPHENS.split(each) if part):
            yield Word("".join(parts), parts)


def _folded(text: str) -> str:
    bare = text.translate(_NOTHING)
    if not bare.isascii():
        bare = _ACCENTS.sub("", unicodedata.normalize("NFKD", bare.casefold()).translate(_LETTERS))
    return bare.casefold()


def singulars(word: str) -> set[str]:
    """The word, and what it may be the plural of."""
    found = {word}
    if not word.endswith("ss"):
        for ending, instead in _PLURAL_ENDINGS:
            stem = word.removesuffix(ending)
            if stem != word and len(stem) >= _SHORTEST_STEM - len(instead):
                found.add(stem + instead)
    return found | {_IRREGULAR_PLURALS[each] for each in found if each in _IRREGULAR_PLURALS}


class Haystack:
    """Words to look for others in.

    Args:
        words: of a text.
        names: found only whole, since part of an id means nothing.
    """

    def __init__(self, words: Iterable[Word], names: Iterable[Word] = ()) -> None:
        text, whole = _forms(words), _forms(names)
        self._text = " ".join(text)
        self._singulars = set[str](whole).union(*map(singulars, text))

    def holds(self, word: Word) -> bool:
        """Whether the word is there: joined or in its parts, in the singular or the plural, or inside a longer word."""
        return self._holds_form(word.joined) or (len(word.parts) > 1 and all(map(self._holds_form, word.parts)))

    def _holds_form(self, form: str) -> bool:
        if not self._singulars.isdisjoint(singulars(form)):
            return True
        # Other scripts may set no blanks between words, so that even a single character can be one.
        return (len(form) >= _SHORTEST_PART or not form.isascii()) and form in self._text


def _forms(words: Iterable[Word]) -> list[str]:
    return list(dict.fromkeys(form for word in words for form in (word.joined, *word.parts)))
