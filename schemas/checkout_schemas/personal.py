"""The marker of fields that say who the buyer is, and models that do not show what stands in them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, cast, get_args

from pydantic import BaseModel, ConfigDict, SecretStr

Kind = Literal[
    "name",
    "email",
    "phone",
    "address",
    "tax_id",
    "business_name",
    "customer_id",
    "metadata",
    "label",
    "url",
    "answer",
    "license_key",
]


@dataclass(frozen=True, slots=True)
class Personal:
    """Put into ``Annotated[...]``: the value is personal."""

    kind: Kind


MASK = "***"
LONG_NUMBER = 10**8
"""From here on a number can be a phone or card number in the wrong field."""


class DiscreetModel(BaseModel):
    """Immutable; ``repr``, ``str`` and errors show words of ``Literal``, amounts, switches and dates, and nothing else.

    Also where a field is not personal: a caller can put a name into any of them.
    """

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True, defer_build=True)

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        for name, value in super().__repr_args__():
            field = type(self).model_fields.get(name or "")
            yield name, _masked(value, frozenset(_words(field.annotation)) if field is not None else frozenset())


def _masked(value: Any, words: frozenset[str]) -> Any:
    match value:
        case None | bool() | date() | SecretStr() | DiscreetModel():
            return value
        case str() if value in words:
            return value
        case int() | float() if abs(value) < LONG_NUMBER:
            return value
        case list() | tuple():
            return [_masked(item, words) for item in cast(list[Any], value)]
        case _:
            return MASK


def _words(annotation: Any) -> Iterator[str]:
    """Of every ``Literal`` in a type."""
    for branch in get_args(annotation):
        if isinstance(branch, str):
            yield branch
        else:
            yield from _words(branch)
