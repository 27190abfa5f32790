"""The types of what stands in the API's answers: strict, bounded, and the same whatever the answer was parsed with.

A field that does not fit fails its answer or its row, except in ``OrNone``.
"""

import re
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    Strict,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)

from checkout_schemas.web_addresses import web_address

ValueT = TypeVar("ValueT")

LARGEST = 2**53 - 1
"""A larger integer does not survive a JSON client in JavaScript, nor SQLite's 64 bits."""
MOST_CHARACTERS = 2400
"""Characters that are kept of a name or a description: eight times what is shown of the longest."""


def _cut(text: str) -> str:
    """At most so many characters, without half surrogate pairs: JSON can hold them and UTF-8 cannot."""
    return text[:MOST_CHARACTERS].encode(errors="ignore").decode()


def _off_if_none(value: Any) -> Any:
    return False if value is None else value


def _iso_text(value: Any) -> Any:
    """A number is not a moment, nor is a number in quotes."""
    if isinstance(value, str) and re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        return value
    raise ValueError


def _with_zone(moment: datetime) -> datetime:
    """UTC where the API names no zone. The years leave room for any change of zone and any trial."""
    if not 1970 <= moment.year <= 9900:
        raise ValueError
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _none_if_odd(value: Any, validate: ValidatorFunctionWrapHandler) -> Any:
    try:
        return validate(value)
    except ValidationError:
        return None


Whole = Annotated[int, Strict(), Field(ge=-LARGEST, le=LARGEST)]
Count = Annotated[int, Strict(), Field(ge=0, le=LARGEST)]
Charge = Annotated[int, Strict(), Field(ge=0, le=LARGEST)]
"""What is charged at once. Nobody pays a buyer for buying."""
DecimalText = Annotated[str, Field(pattern=r"^[0-9]{1,20}(\.[0-9]{1,20})?$")]
"""A decimal number as text, since it may have a fraction."""
Switch = Annotated[bool, Strict()]
SwitchOrOff = Annotated[bool, Strict(), BeforeValidator(_off_if_none)]
"""A switch that older versions of the API leave out or null."""
Moment = Annotated[datetime, BeforeValidator(_iso_text), AfterValidator(_with_zone)]
"""ISO 8601; always with a zone."""
Text = Annotated[str, AfterValidator(_cut)]
"""What somebody wrote. It is neither one line nor safe to show: see ``privacy.text``."""
ApiId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
"""Ids reach the model, logs and our URLs as they are, so they cannot be text or a path."""
# These three are patterns and not enumerations: a word that the API learns must not break its answers.
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
Word = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]
LastFour = Annotated[str, Field(pattern=r"^[0-9]{4}$")]
ExpiryMonth = Annotated[str, Field(pattern=r"^(0?[1-9]|1[0-2])$")]
ExpiryYear = Annotated[str, Field(pattern=r"^(20)?[0-9]{2}$")]
Interval = Literal["Day", "Week", "Month", "Year"]
"""The official SDK's ``TimeInterval``. A buyer is told how often they pay, so another unit is not guessed at."""
PageUrl = Annotated[str, Field(max_length=4096), AfterValidator(web_address)]
"""A buyer is sent there: https (http on loopback), without credentials or characters that cannot be seen."""
OrNone = Annotated[ValueT | None, WrapValidator(_none_if_odd)]
"""For what an answer is worth reading without: an odd value is taken for a missing one."""
