"""What a word means in a vocabulary, by its table."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Literal

from checkout_schemas.vocabularies.countries import COUNTRIES
from checkout_schemas.vocabularies.currencies import CURRENCIES
from checkout_schemas.vocabularies.languages import LANGUAGES
from checkout_schemas.vocabularies.payment_methods import PAYMENT_METHOD_TYPES
from checkout_schemas.vocabularies.synonyms.folding import fold
from checkout_schemas.vocabularies.synonyms.languages import LANGUAGE_WORDS
from checkout_schemas.vocabularies.synonyms.payment_methods import PAYMENT_METHOD_WORDS

LONGEST_WORD = 64
"""Characters. What is longer names nothing, and folding it takes time."""


@dataclass(frozen=True, slots=True)
class Synonyms:
    """How a vocabulary's words are called elsewhere."""

    words: frozenset[str]
    """The vocabulary. Another spelling of a word means that one."""
    table: str | Mapping[str, tuple[str, ...]] = field(repr=False)
    """By word; or a file beside this module, whose lines hold a word of the vocabulary and what else it is called."""
    joined: Literal["and", "or"]
    """Whether several words are meant together, or one of them."""
    otherwise: str
    """What to do where nothing is known to be meant."""


VOCABULARIES: dict[str, Synonyms] = {
    "country code": Synonyms(COUNTRIES, "countries.tsv", "or", "use an ISO 3166-1 alpha-2 code, such as US"),
    "currency code": Synonyms(CURRENCIES, "currencies.tsv", "or", "use an ISO 4217 code, such as USD"),
    "payment method type": Synonyms(
        PAYMENT_METHOD_TYPES, PAYMENT_METHOD_WORDS, "and", "use words such as credit, debit and apple_pay"
    ),
    "language code": Synonyms(LANGUAGES, LANGUAGE_WORDS, "or", "use an ISO 639-1 code, such as ja"),
}
"""By the name of the vocabulary. Names of the files: ISO 3166 and ISO 4217, as pycountry has them, and usual ones."""


def meant_by(word: str, vocabulary: str) -> str | None:
    """The words of a vocabulary that are meant by another one, joined; None where none is known to be."""
    if len(word) > LONGEST_WORD:
        return None
    meant = _folded_table(vocabulary).get(fold(word))
    return join_words(meant, VOCABULARIES[vocabulary].joined) if meant else None


def join_words(words: Iterable[str], joined: str) -> str:
    """``a``, ``a or b``, ``a, b or c``."""
    *most, last = words
    return f"{', '.join(most)} {joined} {last}" if most else last


@cache
def _folded_table(vocabulary: str) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for word, meant in _rows(VOCABULARIES[vocabulary].table):
        key = fold(word)
        found[key] = tuple(dict.fromkeys((*found.get(key, ()), *meant)))
    return found | {fold(word): (word,) for word in VOCABULARIES[vocabulary].words}


def _rows(table: str | Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, tuple[str, ...]]]:
    if not isinstance(table, str):
        yield from table.items()
        return
    text = files(__package__ or "").joinpath(table).read_text(encoding="utf-8")
    for line in text.splitlines():
        meant, *names = line.split("\t")
        yield from ((name, (meant,)) for name in names)
