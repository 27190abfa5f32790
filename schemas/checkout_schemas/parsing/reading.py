"""What clients and models send in another form than the schema's, read where it can mean one thing only.

The rule: one possible meaning, no new power, and the value comes back in the quote before money moves. So JSON that
came as text is read at any depth, and one object or text is a list of one. What single values are taken for stands
with their types, in ``fields``. Never is anything taken for ``confirm`` or ``payment_method_id``.
"""

import json
import re
from collections.abc import Mapping
from typing import Any, NoReturn, cast

from checkout_schemas.contract_model import RequestModel, is_unset
from checkout_schemas.parsing.shape import Shape, fields_of

MOST_ENCODINGS = 4
"""How often JSON text is encoded over itself at most: clients were seen to do it twice."""

_AROUND_JSON = " \t\r\n\ufeff"
"""White space of JSON, and the byte order mark that some shells put first."""
_SEVERAL = re.compile(r"[\s,;|/&+]")
"""Between the words of a text that means a list of several."""


def read_arguments(model: type[RequestModel], arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a call in the form of its model, as far as what was sent can mean one thing only."""
    return _read_object(model, arguments)


def looks_like_json(text: str) -> bool:
    """Whether a text was meant as JSON, or as a literal of Python or JavaScript, of an object or a list."""
    return text.lstrip(_AROUND_JSON + '"\\')[:1] in {"{", "["}


def decode_json(text: str) -> Any:
    """The object or list that a text holds as JSON, also encoded several times; else the text itself."""
    value: Any = text
    for _ in range(MOST_ENCODINGS):
        if not isinstance(value, str) or value.strip(_AROUND_JSON)[:1] not in {"{", "[", '"'}:
            break
        try:
            value = json.loads(value.strip(_AROUND_JSON), parse_constant=_refuse_constant)
        except (ValueError, RecursionError):
            return text
    return cast(Any, value) if isinstance(value, dict | list) else text


def _refuse_constant(_name: str) -> NoReturn:
    raise ValueError("NaN and Infinity are not JSON")


def _read(value: Any, shape: Shape) -> Any:
    if shape.kind in {"text", "scalar"}:
        return value
    if isinstance(value, str):
        value = None if shape.is_text_too and value.strip(_AROUND_JSON) == "null" else decode_json(value)
    if shape.kind == "list":
        return _read_list(value, shape)
    if shape.kind == "object" and shape.model is not None and isinstance(value, dict):
        return _read_object(shape.model, cast(dict[str, Any], value))
    return value


def _read_object(model: type[RequestModel], value: Mapping[str, Any]) -> dict[str, Any]:
    shapes = fields_of(model)
    return {name: _read(item, shapes[name]) if name in shapes else item for name, item in value.items()}


def _read_list(value: Any, shape: Shape) -> Any:
    items = shape.items or Shape("scalar")
    if _is_one_item(value, items):
        value = [value]
    return [_read(item, items) for item in cast(list[Any], value)] if isinstance(value, list) else value


def _is_one_item(value: Any, items: Shape) -> bool:
    """Whether a value is the one item of its list: an object, or a text that does not list several."""
    if is_unset(value):
        return False
    if isinstance(value, str):
        return items.kind == "text" and not looks_like_json(value) and not _SEVERAL.search(value.strip())
    return items.kind == "object" and isinstance(value, dict)


def is_nested_deeper(value: Any, depth: int) -> bool:
    """Whether objects and lists are nested more than so many levels deep."""
    level: list[Any] = [value]
    for _ in range(depth + 1):
        level = [
            inner
            for item in level
            if isinstance(item, dict | list)
            for inner in (
                cast(dict[Any, Any], item).values() if isinstance(item, dict) else cast(list[Any], item)
            )
        ]  # fmt: skip
        if not level:
            return False
    return True
