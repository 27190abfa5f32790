"""Which texts of a call may say who somebody is: all, but for ids, codes and the names of the schemas' fields.

By the value and not by the field: an agent may have put an e-mail into any of them.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any, cast, get_args

from checkout_schemas.published import definition
from checkout_schemas.vocabularies.countries import COUNTRIES
from checkout_schemas.vocabularies.currencies import CURRENCIES
from checkout_schemas.vocabularies.languages import LANGUAGES
from checkout_schemas.vocabularies.payment_methods import PAYMENT_METHOD_TYPES
from checkout_server.privacy.vocabulary import ToolName

_ID = re.compile(r"(prv|cks|prod|pdc|addon|pay|sub|cent|crd)_[A-Za-z0-9_-]{1,128}")
"""Ids of things. A customer's is not among them."""


def texts_of(value: Any) -> Iterator[str]:
    """Every such text in the arguments of a call, keys included."""
    if isinstance(value, dict):
        for key, item in cast(dict[Any, Any], value).items():
            yield from texts_of(key)
            yield from texts_of(item)
    elif isinstance(value, list):
        for item in cast(list[Any], value):
            yield from texts_of(item)
    elif isinstance(value, str):
        if value not in _known_words() and not _ID.fullmatch(value):
            yield value
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield str(value)


@cache
def _known_words() -> frozenset[str]:
    """Field names and vocabularies of the published schemas."""

    def words(schema: Any) -> Iterator[str]:
        if isinstance(schema, dict):
            for name, part in cast(dict[str, Any], schema).items():
                if name == "properties":
                    yield from part
                yield from (part if name == "enum" else words(part))
        elif isinstance(schema, list):
            for part in cast(list[Any], schema):
                yield from words(part)

    named = {word for tool in get_args(ToolName) for word in words(definition(tool)["inputSchema"])}
    return frozenset(named | COUNTRIES | CURRENCIES | LANGUAGES | PAYMENT_METHOD_TYPES)
