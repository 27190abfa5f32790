"""Which texts of a call may say who somebody is: all, but for ids, codes and the names of the schemas' fields.

By the value and not by the field: an agent may have put an e-mail into any of them.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any, cast, get_args
from urllib.parse import unquote, unquote_plus, urlsplit

from checkout_schemas.parsing.reading import decode_json
from checkout_schemas.published import definition
from checkout_schemas.vocabularies.countries import COUNTRIES
from checkout_schemas.vocabularies.currencies import CURRENCIES
from checkout_schemas.vocabularies.languages import LANGUAGES
from checkout_schemas.vocabularies.payment_methods import PAYMENT_METHOD_TYPES
from checkout_server.privacy.vocabulary.fields import ToolName

_ID = re.compile(r"(prv|cks|prod|pdc|addon|pay|sub|cent|crd)_[A-Za-z0-9_-]{1,128}")
"""Ids of things. A customer's is not among them."""
_BETWEEN_PAIRS = re.compile("[?&;#]")
_FIELD = re.compile(r"[\w.\[\]-]*", re.ASCII)
DEEPEST_QUERY = 2
"""How many queries in a value of a query are read."""


def texts_of(value: Any) -> Iterator[str]:
    """Every such text in the arguments of a call, keys included. Of a URL it is what does not name the host."""
    left = [value]  # not recursive: the depth is the caller's
    while left:
        item = left.pop()
        if isinstance(item, str):
            item = decode_json(item)
        if isinstance(item, dict):
            for pair in reversed(cast(dict[Any, Any], item).items()):
                left += reversed(pair)
        elif isinstance(item, list):
            left += reversed(cast(list[Any], item))
        elif isinstance(item, str):
            if item not in _known_words() and not _ID.fullmatch(item):
                yield from texts_of_url(item) if "://" in item else (item, *_texts_of_query(item))
        elif isinstance(item, int | float) and not isinstance(item, bool):
            yield str(item)


def texts_of_url(url: str) -> Iterator[str]:
    """Credentials, path, query, fragment, and what query and fragment are made of."""
    try:
        parts = urlsplit(url)
    except ValueError:
        yield url
        return
    path = [unquote(segment) for segment in parts.path.split("/")]
    named = (parts.username, parts.password, parts.query, parts.fragment)
    yield from (part for part in (*path, *map(unquote, filter(None, named))) if part)
    yield from _texts_of_query(f"{parts.query}&{parts.fragment}")


def _texts_of_query(text: str, depth: int = 0) -> Iterator[str]:
    """The values of a query, also of one in a value, and each name that is no name of a field."""
    for pair in _BETWEEN_PAIRS.split(text) if "=" in text else ():
        name, is_pair, value = (unquote_plus(part) for part in pair.partition("="))
        if not _FIELD.fullmatch(name):
            yield name
        if is_pair and value:
            yield value
            if depth < DEEPEST_QUERY:
                yield from _texts_of_query(value, depth + 1)


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
