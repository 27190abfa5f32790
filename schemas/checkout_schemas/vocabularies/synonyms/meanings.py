"""What a word means in a vocabulary, by its table."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Literal

from checkout_schemas.vocabularies.countries import COUNTRIES
from checkout_schemas.vocabularies.currencies import CURRENCIES
from checkout_schemas.vocabularies.languages import LANGUAGES
from checkout_schemas.vocabularies.no_meaning import means_nothing
from checkout_schemas.vocabularies.payment_methods import PAYMENT_METHOD_TYPES
from checkout_schemas.vocabularies.states import CANADIAN_PROVINCES, US_STATES
from checkout_schemas.vocabularies.synonyms.folding import fold
from checkout_schemas.vocabularies.synonyms.languages import LANGUAGE_WORDS
from checkout_schemas.vocabularies.synonyms.payment_methods import PAYMENT_METHOD_WORDS
from checkout_schemas.vocabularies.synonyms.states import CANADIAN_PROVINCE_WORDS, US_STATE_WORDS

LONGEST_WORD = 64
"""Characters. What is longer names nothing, and folding it takes time."""
MOST_GUESSED = 3
"""A word with more meanings, such as ``dollar``, is a question for the buyer."""
_ASK_FOR_STATE = "ask the buyer for it and give its 2 letters, or leave state out"


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
    "country code": Synonyms(
        COUNTRIES, "countries.tsv", "or", "ask the buyer for the country's 2 letters, or leave billing_address out"
    ),
    "currency code": Synonyms(
        CURRENCIES, "currencies.tsv", "or", "leave it out, or ask the buyer for the ISO 4217 code of 3 letters"
    ),
    "payment method type": Synonyms(
        PAYMENT_METHOD_TYPES, PAYMENT_METHOD_WORDS, "and", "leave it out, or the whole list: the page offers what fits"
    ),
    "language code": Synonyms(
        LANGUAGES, LANGUAGE_WORDS, "or", f"leave it out; the page speaks {', '.join(sorted(LANGUAGES))}"
    ),
    "US state code": Synonyms(frozenset(US_STATES), US_STATE_WORDS, "or", _ASK_FOR_STATE),
    "Canadian province code": Synonyms(frozenset(CANADIAN_PROVINCES), CANADIAN_PROVINCE_WORDS, "or", _ASK_FOR_STATE),
}
"""By the name of the vocabulary. Names of the files: ISO 3166 and ISO 4217, as pycountry has them, and usual ones."""


def meant_by(word: str, vocabulary: str) -> str | None:
    """The words of a vocabulary that are meant by another one, joined; None where none, or too many, are known."""
    if len(word) > LONGEST_WORD or means_nothing(word):
        return None
    meant, joined = _folded_table(vocabulary).get(fold(word), ()), VOCABULARIES[vocabulary].joined
    is_guess = joined == "and" or len(meant) <= MOST_GUESSED
    return join_words(meant, joined) if meant and is_guess else None


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
