"""Tables and JSON as the documents have them."""

import inspect
import json
import re
import textwrap
from ast import AnnAssign, ClassDef, Constant, Expr, Name, parse
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, cast

WIDTH = 108
"""Of a line of JSON."""


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table. A bar in a cell would end it."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def code(text: str) -> str:
    return f"`{text}`"


def field_texts(model: type) -> dict[str, str]:
    """The text that stands below each field of a class, in one line of Markdown."""
    body = cast(ClassDef, parse(textwrap.dedent(inspect.getsource(model))).body[0]).body
    found: dict[str, str] = {}
    for field, below in pairwise(body):
        if isinstance(field, AnnAssign) and isinstance(field.target, Name):
            if not (isinstance(below, Expr) and isinstance(below.value, Constant)):
                continue
            found[field.target.id] = re.sub(r"\s+", " ", str(below.value.value)).replace("``", "`")
    return found


def json_block(value: Any) -> str:
    """JSON in as few lines as fit, so that an order is a screen and not three."""
    return f"```json\n{_json(value, indent=0, before=0)}\n```"


def _json(value: Any, *, indent: int, before: int) -> str:
    """A value that follows so many characters on its line; what does not fit goes to lines of its own."""
    flat = json.dumps(value, ensure_ascii=False)
    if len(flat) + before <= WIDTH or not isinstance(value, dict | list) or not value:
        return flat
    inner, opened, closed = indent + 2, "[", "]"
    parts: list[str] = []
    if isinstance(value, list):
        parts = [_json(each, indent=inner, before=inner) for each in cast(list[Any], value)]
    else:
        opened, closed = "{", "}"
        for key, each in cast(dict[str, Any], value).items():
            name = f"{json.dumps(key)}: "
            parts.append(name + _json(each, indent=inner, before=inner + len(name)))
    joined = ",\n".join(" " * inner + part for part in parts)
    return f"{opened}\n{joined}\n{' ' * indent}{closed}"
