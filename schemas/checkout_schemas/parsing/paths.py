"""Where something is in the arguments of a call, in words that hold nothing of the caller's."""

import re
from collections.abc import Sequence

from checkout_schemas.contract_model import RequestModel
from checkout_schemas.parsing.advice import ADVISED_NAMES
from checkout_schemas.parsing.host_fields import snake_case
from checkout_schemas.parsing.shape import fields_of, homes_of, shape_at
from checkout_schemas.vocabularies.synonyms.fields import FIELD_WORDS

_SHOWN_NAME = re.compile(r"[A-Za-z_][A-Za-z_]{0,39}")
_KNOWN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,39}")
_FLAT_PATH = re.compile(r"(?=.*[.\[])[A-Za-z_.\[\]]{1,80}")
"""The name of an unknown field is the caller's text. Only what looks like a field's name is repeated to the caller, and
with digits only what we know as one."""


def path_of(model: type[RequestModel], location: Sequence[str | int]) -> str:
    """A place such as ``product_cart[0].quantity``; ``?`` stands for a name that is not repeated."""
    path = ""
    for index, part in enumerate(location):
        if isinstance(part, int):
            path += f"[{part}]"
        elif part == "[key]":  # pydantic's place of a key, which stands before it already
            break
        else:
            name = part if _may_be_shown(model, location[:index], part) else "?"
            path += f".{name}" if path else name
    return path or "arguments"


def _may_be_shown(model: type[RequestModel], parents: Sequence[str | int], name: str) -> bool:
    parent = shape_at(model, parents).model
    if parent is not None and name in fields_of(parent):
        return True
    if _SHOWN_NAME.fullmatch(name):
        return True
    if _FLAT_PATH.fullmatch(name):
        return all(_is_known(model, part) for part in re.split(r"[.\[\]]+", name) if part)
    return _KNOWN_NAME.fullmatch(name) is not None and _is_known(model, name)


def _is_known(model: type[RequestModel], name: str) -> bool:
    known = snake_case(name)
    return known in FIELD_WORDS or known in ADVISED_NAMES or known in homes_of(model)
