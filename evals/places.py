"""Where the facts of an order belong in a call, as the published input schemas say; and what lies there."""

import json
import re
from collections.abc import Mapping
from itertools import pairwise
from typing import Any, cast

from evals.task import known_by_words

Path = tuple[str | int, ...]
Schema = Mapping[str, Any]


def parse_path(text: str) -> Path:
    """``product_cart[0].quantity`` as its parts; ``[]`` is the first item."""
    parts = re.findall(r"\[(\d*)\]|([^.\[\]]+)", text)
    return tuple(name or int(index or 0) for index, name in parts)


def home_of(schema: Schema, name: str) -> Path | None:
    """Where a field of this name is, the shallowest; in a list it is the first item's."""
    level: list[tuple[Path, Schema]] = [((), schema)]
    while level:
        for path, each in level:
            if name in each.get("properties", {}):
                return (*path, name)
        level = [below for path, each in level for below in _inside(path, each)]
    return None


def _inside(path: Path, schema: Schema) -> list[tuple[Path, Schema]]:
    found: list[tuple[Path, Schema]] = []
    for name, each in schema.get("properties", {}).items():
        found.append(((*path, name, 0), each["items"]) if "items" in each else ((*path, name), each))
    return found


def schema_at(schema: Schema, path: Path) -> Schema:
    """The schema of a place; an empty one where none is published."""
    for part in path:
        schema = schema.get("items", {}) if isinstance(part, int) else schema.get("properties", {}).get(part, {})
    return schema


def in_form(value: Any, schema: Schema) -> Any:
    """A fact in the form that the schema shows: an object as its JSON text, one thing as a list of one."""
    if known_by_words(value) is not None:
        return value
    if isinstance(value, dict):
        if schema.get("type") == "string":
            return json.dumps(value, ensure_ascii=False)
        inside = schema.get("properties", {})
        return {name: in_form(each, inside.get(name, {})) for name, each in cast(dict[str, Any], value).items()}
    if schema.get("type") == "array":
        items = cast(list[Any], value) if isinstance(value, list) else [value]
        return [in_form(each, schema.get("items", {})) for each in items]
    return value


def look(arguments: Any, path: Path) -> Any:
    """What lies at a place; None where nothing does."""
    for part in path:
        try:
            arguments = arguments[part]
        except (KeyError, IndexError, TypeError):
            return None
    return arguments


def put(arguments: dict[str, Any], path: Path, value: Any) -> None:
    """Lay something at a place, and make the objects and lists on the way."""
    here: Any = arguments
    for part, below in pairwise(path):
        empty: Any = [] if isinstance(below, int) else {}
        if isinstance(part, int):
            if part == len(here):
                here.append(empty)
        elif not isinstance(here.get(part), list | dict):
            here[part] = empty
        here = here[part]
    if isinstance(path[-1], int) and path[-1] == len(here):
        here.append(value)
    else:
        here[path[-1]] = value


def take(arguments: dict[str, Any], path: Path) -> Any:
    """Take away what lies at a place, and the objects that it leaves empty; None where nothing does."""
    value, parent = look(arguments, path), look(arguments, path[:-1])
    if value is None or parent is None:
        return None
    del parent[path[-1]]
    if parent == {} and len(path) > 1:
        take(arguments, path[:-1])
    return value


def places_of_words(value: Any, path: Path = ()) -> list[tuple[Path, str]]:
    """Every fact in a call that is known by its words alone."""
    if (words := known_by_words(value)) is not None:
        return [(path, words)]
    if isinstance(value, dict):
        inside: list[tuple[str | int, Any]] = list(cast(dict[str, Any], value).items())
    elif isinstance(value, list):
        inside = list(enumerate(cast(list[Any], value)))
    else:
        return []
    return [each for part, below in inside for each in places_of_words(below, (*path, part))]
