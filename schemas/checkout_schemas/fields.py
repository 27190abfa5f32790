"""Field types of the requests: strict, bounded, and worded without ever repeating a value.

The limits marked "sanity" are ours: far above what the payment API documents, they bound what one call can
make this server hold. They are enforced and not published, since tokens are better spent elsewhere.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, Strict, ValidationInfo
from pydantic_core import PydanticCustomError

from checkout_schemas.vocabularies.countries import COUNTRIES
from checkout_schemas.vocabularies.currencies import CURRENCIES
from checkout_schemas.vocabularies.languages import LANGUAGES
from checkout_schemas.vocabularies.no_meaning import means_nothing
from checkout_schemas.vocabularies.payment_methods import PAYMENT_METHOD_TYPES
from checkout_schemas.vocabularies.states import STATE_VOCABULARIES

MAX_INT32 = 2**31 - 1
MAX_SAFE_INTEGER = 2**53 - 1
"""The largest integer that every JSON reader keeps exact (RFC 8259, section 6)."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where a call is made, as the context of its validation."""

    is_live: bool
    """Whether real buyers are meant."""


_WHOLE_NUMBER = re.compile(r"0|[1-9][0-9]{0,9}")


def _whole_number(value: Any) -> Any:
    """Take 2.0 for 2, as JSON Schema's ``integer`` does, and "2"; everything else is left to the strict check."""
    if isinstance(value, str) and _WHOLE_NUMBER.fullmatch(value.strip()):
        return int(value)
    return int(value) if isinstance(value, float) and value.is_integer() else value


def minor_units(example: str) -> BeforeValidator:
    """An amount in minor units. Never text, and no fraction: ``5.00`` is most often meant in major units.

    250.0 is taken, since old protobuf clients send every number so; the quote says how it was read.
    """

    def check(value: Any) -> int:
        if isinstance(value, float) and value.is_integer():
            return int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise PydanticCustomError("not_minor_units", "", {"example": example})
        return value

    return BeforeValidator(check)


Quantity = Annotated[int, Strict(), Field(ge=1, le=MAX_INT32), BeforeValidator(_whole_number)]
PageNumber = Annotated[int, Strict(), Field(ge=1, le=MAX_INT32), BeforeValidator(_whole_number)]
WaitSeconds = Annotated[int, Strict(), Field(ge=0, le=45), BeforeValidator(_whole_number)]
TrialDays = Annotated[int, Strict(), Field(ge=0, le=10000), BeforeValidator(_whole_number)]
Amount = Annotated[int, Strict(), Field(ge=0, le=MAX_SAFE_INTEGER), minor_units("USD 5.00 is 500")]
"""An amount in the currency's minor units."""
AmountInPaise = Annotated[int, Strict(), Field(ge=0, le=MAX_SAFE_INTEGER), minor_units("INR 5.00 is 500")]
"""An amount in the minor units of INR."""
Flag = Annotated[bool, Strict()]


def text(limit: int) -> AfterValidator:
    """A non-blank string of at most ``limit`` characters (sanity) without control characters."""

    def check(value: str) -> str:
        value = value.strip()
        if not value:
            raise PydanticCustomError("string_too_short", "")
        if len(value) > limit:
            raise PydanticCustomError("text_too_long", "", {"max_length": limit})
        if any(unicodedata.category(character) == "Cc" for character in value):
            raise PydanticCustomError("control_character", "")
        return value

    return AfterValidator(check)


def few(limit: int) -> AfterValidator:
    """At most ``limit`` list items (sanity)."""

    def check(value: list[Any]) -> list[Any]:
        if len(value) > limit:
            raise PydanticCustomError("too_long", "", {"max_length": limit})
        return value

    return AfterValidator(check)


def _word_of(vocabulary: frozenset[str], name: str) -> AfterValidator:
    """A member of a vocabulary too long to publish; another word is answered with what it means."""

    def check(value: str) -> str:
        if value not in vocabulary:
            raise PydanticCustomError("not_in_vocabulary", "", {"vocabulary": name})
        return value

    return AfterValidator(check)


def _upper_code(length: int) -> BeforeValidator:
    """A code of ASCII letters in upper case, as the API takes it; anything else is left as it is.

    So is what may mean nothing: ``na`` and ``all`` are codes in capitals only.
    """
    code = re.compile(rf"\s*([A-Za-z]{{{length}}})\s*")

    def read(value: Any) -> Any:
        found = code.fullmatch(value) if isinstance(value, str) else None
        if found is None or (means_nothing(found[1]) and not found[1].isupper()):
            return value
        return found[1].upper()

    return BeforeValidator(read)


CountryCode = Annotated[str, _word_of(COUNTRIES, "country code"), _upper_code(2)]
CurrencyCode = Annotated[str, _word_of(CURRENCIES, "currency code"), _upper_code(3)]
PaymentMethodType = Annotated[str, _word_of(PAYMENT_METHOD_TYPES, "payment method type")]
LanguageCode = Annotated[str, _word_of(LANGUAGES, "language code")]


def _matching(pattern: str, form: str) -> AfterValidator:
    compiled = re.compile(pattern)

    def check(value: str) -> str:
        if not compiled.fullmatch(value):
            raise PydanticCustomError("wrong_form", "", {"form": form})
        return value

    return AfterValidator(check)


def _state(value: str, info: ValidationInfo) -> str:
    """In the US and Canada tax follows the state, which the API knows by its two letters only."""
    name, codes = STATE_VOCABULARIES.get(info.data.get("country", ""), ("", None))
    if codes is None:
        return value
    if value.upper() not in codes:
        raise PydanticCustomError("not_in_vocabulary", "", {"vocabulary": name})
    return value.upper()


State = Annotated[str, text(256), AfterValidator(_state)]
"""A state, province or region, in a model whose ``country`` stands before it."""

Id = Annotated[str, _matching(r"[A-Za-z0-9][A-Za-z0-9_.:@+-]{0,127}", "an id as another tool or the dashboard gave it")]

_DOTS_OF_IDNA = frozenset("。．｡")
"""Software that knows international domains reads them as dots; other software as part of a name."""


def _mailbox(value: str, info: ValidationInfo) -> str:
    """An address that mail systems take. It is sent as it was given: how it is spelt is the buyer's matter."""
    from email_validator import validate_email  # most calls have no address, and the import takes 60 ms

    if "@" not in value:
        raise PydanticCustomError("email_without_at", "")
    surroundings = info.context
    is_live = not isinstance(surroundings, Surroundings) or surroundings.is_live
    try:
        if not _DOTS_OF_IDNA.isdisjoint(value):
            raise ValueError
        validate_email(value, strict=True, check_deliverability=False, test_environment=not is_live)
    except ValueError:
        raise PydanticCustomError("wrong_email", "") from None
    return value


Email = Annotated[str, text(254), AfterValidator(_mailbox)]

_BETWEEN_DIGITS = re.compile("[ \u00a0\u2007\u202f\u2010\u2011-]")
"""Blanks and hyphens, also those that keep a line together."""


def _dialled(value: Any) -> Any:
    """A number behind its ``+`` without blanks and hyphens. Brackets stay: ``+49 (0) 30`` is dialled without the 0."""
    if isinstance(value, str) and value.strip().startswith("+"):
        return _BETWEEN_DIGITS.sub("", value.strip())
    return value


PhoneNumber = Annotated[
    str,
    _matching(
        r"\+[1-9][0-9]{6,14}", "E.164: + and 7 to 15 digits, such as +14155550123; ask the buyer for the country code"
    ),
    BeforeValidator(_dialled),
]


def _one_line(value: Any) -> Any:
    """The lines of an address on one, with commas between them."""
    if not isinstance(value, str):
        return value
    lines = (line.strip().rstrip(",") for line in re.split(r"\r\n|[\r\n]", value))
    return ", ".join(line for line in lines if line)


Street = Annotated[str, text(512), BeforeValidator(_one_line)]
Locale = Annotated[
    str, _matching(r"[a-z]{2,3}([-_][A-Za-z0-9]{2,8}){0,2}", "a locale code such as fr or pt-BR, or leave it out")
]
CreditsAmount = Annotated[
    str, _matching(r"(?=.*[1-9])[0-9]{1,18}(\.[0-9]{1,12})?", "a decimal number above zero, as a string")
]
Radius = Annotated[str, _matching(r"[0-9]{1,4}(\.[0-9]{1,4})?(px|rem|em)", "a number with px, rem or em, such as 4px")]
Colour = Annotated[
    str,
    _matching(
        r"#?[A-Za-z0-9]{1,32}|[a-z]{3,8}\([-+0-9A-Za-z.,%/ ]{1,64}\)",
        "a CSS colour such as #fff or rgb(0, 0, 0)",
    ),
]
