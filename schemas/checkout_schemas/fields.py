"""Field types of the requests: strict, bounded, and worded without ever repeating a value.

The limits marked "sanity" are ours: far above what the payment API documents, they bound what one call can
make this server hold. They are enforced and not published, since tokens are better spent elsewhere.
"""

import re
import unicodedata
from ipaddress import ip_address
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, Strict
from pydantic_core import PydanticCustomError

from checkout_schemas.vocabularies.countries import COUNTRIES
from checkout_schemas.vocabularies.currencies import CURRENCIES
from checkout_schemas.vocabularies.languages import LANGUAGES
from checkout_schemas.vocabularies.payment_methods import PAYMENT_METHOD_TYPES
from checkout_schemas.vocabularies.url_schemes import WEB_SCHEMES, is_app_scheme, scheme_of

MAX_INT32 = 2**31 - 1
MAX_SAFE_INTEGER = 2**53 - 1
"""The largest integer that every JSON reader keeps exact (RFC 8259, section 6)."""


def _integral(value: Any) -> Any:
    """Take 2.0 for 2, as JSON Schema's ``integer`` does; everything else is left to the strict check."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Quantity = Annotated[int, Strict(), Field(ge=1, le=MAX_INT32), BeforeValidator(_integral)]
PageNumber = Annotated[int, Strict(), Field(ge=1, le=MAX_INT32), BeforeValidator(_integral)]
TrialDays = Annotated[int, Strict(), Field(ge=0, le=10000), BeforeValidator(_integral)]
Amount = Annotated[int, Strict(), Field(ge=0, le=MAX_SAFE_INTEGER), BeforeValidator(_integral)]
"""An amount in the currency's minor units."""
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
    """A member of a vocabulary too long to publish; another word is answered with the closest ones."""

    def check(value: str) -> str:
        if value not in vocabulary:
            raise PydanticCustomError("not_in_vocabulary", "", {"vocabulary": name})
        return value

    return AfterValidator(check)


VOCABULARIES = {
    "country code": COUNTRIES,
    "currency code": CURRENCIES,
    "payment method type": PAYMENT_METHOD_TYPES,
    "language code": LANGUAGES,
}
CountryCode = Annotated[str, _word_of(COUNTRIES, "country code")]
CurrencyCode = Annotated[str, _word_of(CURRENCIES, "currency code")]
PaymentMethodType = Annotated[str, _word_of(PAYMENT_METHOD_TYPES, "payment method type")]
LanguageCode = Annotated[str, _word_of(LANGUAGES, "language code")]


def _matching(pattern: str, form: str) -> AfterValidator:
    compiled = re.compile(pattern)

    def check(value: str) -> str:
        if not compiled.fullmatch(value):
            raise PydanticCustomError("wrong_form", "", {"form": form})
        return value

    return AfterValidator(check)


Id = Annotated[str, _matching(r"[A-Za-z0-9][A-Za-z0-9_.:@+-]{0,127}", "an id as another tool or the dashboard gave it")]
Email = Annotated[
    str,
    text(254),
    _matching(r"[^@\s<>\"(),:;\\]+@[^@\s<>\"(),:;\\]+\.[^@\s<>\"(),:;\\]+", "an address such as buyer@example.com"),
]
PhoneNumber = Annotated[str, _matching(r"\+[1-9][0-9]{1,14}", "E.164: + and up to 15 digits, such as +14155550123")]
Locale = Annotated[str, _matching(r"[a-z]{2,3}([-_][A-Za-z0-9]{2,8}){0,2}", "a locale code such as fr or pt-BR")]
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


def is_loopback(host: str) -> bool:
    """Whether a URL's host is this machine by name or address."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _refuse_ambiguous_characters(url: str) -> None:
    """Readers of URLs take these in different ways: drop them, turn them, or end the host there."""
    if not url.isascii() or re.search(r"[\s\\\x00-\x20\x7f]", url):
        raise PydanticCustomError("wrong_form", "", {"form": "an ASCII URL without spaces or backslashes"})


def web_address(value: str) -> str:
    """https anywhere, http on loopback only, never with credentials: a browser is sent there."""
    _refuse_ambiguous_characters(value)
    try:
        parts = urlsplit(value)
        host, _port = parts.hostname, parts.port
    except ValueError:
        host, parts = None, None
    if parts is None or not host or parts.scheme not in WEB_SCHEMES:
        raise PydanticCustomError("wrong_form", "", {"form": "an absolute https:// URL"})
    if "@" in parts.netloc:
        raise PydanticCustomError("url_credentials", "")
    if parts.scheme == "http" and not is_loopback(host):
        raise PydanticCustomError("url_not_https", "")
    return value


WebUrl = Annotated[str, text(2048), AfterValidator(web_address)]


def return_address(value: str) -> str:
    """What ``web_address`` takes, or ``scheme://`` of a mobile app, which the policy must list too."""
    scheme = scheme_of(value)
    if scheme in WEB_SCHEMES or not is_app_scheme(scheme):
        return web_address(value)
    _refuse_ambiguous_characters(value)
    if "@" in re.split("[/?#]", value.partition("://")[2], maxsplit=1)[0]:
        raise PydanticCustomError("url_credentials", "")
    return value


ReturnUrl = Annotated[str, text(2048), AfterValidator(return_address)]
"""Where a buyer is sent back to: a page, or a mobile app."""


def _https(value: str) -> str:
    if not value.startswith("https://"):
        raise PydanticCustomError("wrong_form", "", {"form": "an absolute https:// URL"})
    return value


HttpsUrl = Annotated[WebUrl, AfterValidator(_https)]
