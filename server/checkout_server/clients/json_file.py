"""One entry in a JSON configuration; every other byte of the file stays."""

import json
import re
from collections.abc import Mapping
from typing import Any, cast

WELL_FORMED = "plain JSON with an object at its root (comments, trailing commas and repeated names cannot be kept)"
_BLANK = re.compile(r"[ \t\r\n]*")
_BOM = "\ufeff"


def loaded(text: str) -> dict[str, Any]:
    """The file's content; empty for an empty file.

    Raises:
        ValueError: it is not JSON, repeats a name, or has no object at its root.
    """
    text = text.removeprefix(_BOM)
    content: Any = json.loads(text, object_pairs_hook=_once, parse_constant=_not_json) if text.strip() else {}
    if not isinstance(content, dict):
        raise ValueError
    return cast(dict[str, Any], content)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A reader keeps one of two equal names, and which one is its own affair."""
    if len(dict(pairs)) < len(pairs):
        raise ValueError
    return dict(pairs)


def _not_json(_constant: str) -> None:
    """NaN and Infinity, which only Python reads."""
    raise ValueError


def rendered(section: str, name: str, entry: Mapping[str, Any]) -> str:
    """The entry as it would stand in a file of its own."""
    return json.dumps({section: {name: entry}}, indent=2)


def with_entry(text: str, section: str, name: str, entry: Mapping[str, Any]) -> str:
    """The text of a well-formed file with the entry in it."""
    if not text.removeprefix(_BOM).strip():
        text = "{}\n"
    root = text.index("{")
    members = _members(text, root)
    if section not in members:
        return _inserted(text, root, 1, section, {name: entry})
    start, _ = members[section]
    servers = _members(text, start)
    if name not in servers:
        return _inserted(text, start, 2, name, entry)
    begin, end = servers[name]
    return text[:begin] + _value(text, 2, entry) + text[end:]


def _members(text: str, start: int) -> dict[str, tuple[int, int]]:
    """Where each value of the object that opens at ``start`` begins and ends."""
    decoder = json.JSONDecoder()
    spans: dict[str, tuple[int, int]] = {}
    at = _after_blank(text, start + 1)
    while text[at] != "}":
        name, at = decoder.raw_decode(text, at)
        begin = _after_blank(text, _after_blank(text, at) + 1)
        _, end = decoder.raw_decode(text, begin)
        spans[name] = (begin, end)
        at = _after_blank(text, end)
        if text[at] == ",":
            at = _after_blank(text, at + 1)
    return spans


def _after_blank(text: str, at: int) -> int:
    return cast(re.Match[str], _BLANK.match(text, at)).end()


def _inserted(text: str, start: int, depth: int, name: str, value: Mapping[str, Any]) -> str:
    """A member more, at the end of the object that opens at ``start``."""
    member = _line(text, depth) + f"{json.dumps(name, ensure_ascii=False)}: {_value(text, depth, value)}"
    spans = _members(text, start)
    if not spans:
        end = _after_blank(text, start + 1)
        return text[: start + 1] + member + _line(text, depth - 1) + text[end:]
    end = max(end for _, end in spans.values())
    return text[:end] + "," + member + text[end:]


def _value(text: str, depth: int, value: Mapping[str, Any]) -> str:
    indent = _indentation(text)
    return json.dumps(value, indent=indent, ensure_ascii=False).replace("\n", _line(text, depth))


def _line(text: str, depth: int) -> str:
    """A new line at that depth, in the file's manner; nothing in a file of one line."""
    indent = _indentation(text)
    return "" if indent is None else ("\r\n" if "\r\n" in text else "\n") + indent * depth


def _indentation(text: str) -> str | None:
    if "\n" not in text.strip() and text.removeprefix(_BOM).strip() != "{}":
        return None
    indented = re.search(r"^([ \t]+)\S", text, re.MULTILINE)
    return indented[1] if indented else "  "
