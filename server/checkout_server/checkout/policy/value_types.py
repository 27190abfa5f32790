"""What a key of the policy file may hold."""

from typing import Annotated

from pydantic import AfterValidator, Field, Strict, StringConstraints
from pydantic_core import PydanticCustomError

from checkout_schemas.fields import MAX_SAFE_INTEGER
from checkout_schemas.vocabularies.countries import COUNTRIES
from checkout_schemas.vocabularies.currencies import CURRENCIES
from checkout_schemas.vocabularies.url_schemes import WEB_SCHEMES, is_app_scheme


def _known(vocabulary: frozenset[str], name: str) -> AfterValidator:
    def check(word: str) -> str:
        if word not in vocabulary:
            raise PydanticCustomError("unknown_word", "", {"expected": name})
        return word

    return AfterValidator(check)


Count = Annotated[int, Strict(), Field(ge=0, le=MAX_SAFE_INTEGER)]
Pace = Annotated[int, Strict(), Field(ge=1, le=MAX_SAFE_INTEGER)]
"""At least 1: what is refused at any time has no time to be tried again at."""
Amount = Annotated[int, Strict(), Field(ge=0, le=MAX_SAFE_INTEGER)]
Seconds = Annotated[int, Strict(), Field(ge=0, le=7 * 24 * 3600)]
Word = Annotated[str, Strict(), StringConstraints(min_length=1, max_length=256)]
Currency = Annotated[str, Strict(), _known(CURRENCIES, "an ISO 4217 currency code in capitals")]
Country = Annotated[str, Strict(), _known(COUNTRIES, "an ISO 3166-1 alpha-2 country code in capitals")]
_LABEL = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
HostPattern = Annotated[str, Strict(), StringConstraints(pattern=rf"^(\*\.)?({_LABEL}\.)*{_LABEL}$")]
"""A host in lower case, or ``*.`` and a domain for all hosts below it."""


def _app_scheme(scheme: str) -> str:
    expected = None
    if scheme.lower() in WEB_SCHEMES:
        expected = "an app's own scheme, since allow.return_hosts governs web addresses"
    elif not is_app_scheme(scheme):
        expected = (
            "an app's own scheme in lower case, such as myapp, and none that a browser or an operating system acts on"
        )
    if expected is not None:
        raise PydanticCustomError("unknown_word", "", {"expected": expected})
    return scheme


Scheme = Annotated[str, Strict(), AfterValidator(_app_scheme)]
