"""One entry in a JSON configuration; every other byte of the file stays, comments too where the client reads them."""

import json
import re
from collections.abc import Mapping
from typing import Any, cast

from checkout_server.clients.targets import Target

WELL_FORMED = "JSON that this client reads, with an object at its root and no repeated names"
_BLANK = re.compile(r"[ \t\r\n]*")
_BOM = "\ufeff"
_STRING = r'"(?:[^"\\]|\\.)*"'
_STRING_OR_COMMENT = re.compile(rf"{_STRING}|//[^\r\n]*|/\*.*?\*/", re.DOTALL)
_STRING_OR_LAST_COMMA = re.compile(rf"{_STRING}|,(?=\s*[}}\]])", re.DOTALL)
_REST_OF_LINE = re.compile(r"[ \t]*(,?)[ \t]*(//[^\r\n]*|/\*[^\r\n]*?\*/)?")

Span = tuple[int, int, int]
"""Where a member's name begins, and where its value begins and ends."""


def loaded(text: str, target: Target) -> dict[str, Any]:
    """The file's content; empty for an empty file.

    Raises:
        ValueError: it is not JSON as the client reads it, repeats a name, or has no object at its root.
    """
    plain = _without_last_commas(_without_comments(text))
    if plain != text and target.format == "json":
        raise ValueError
    plain = plain.removeprefix(_BOM)
    content: Any = json.loads(plain, object_pairs_hook=_once, parse_constant=_not_json) if plain.strip() else {}
    if not isinstance(content, dict):
        raise ValueError
    return cast(dict[str, Any], content)


def _without_comments(text: str) -> str:
    """With blanks in their place, so that every other character is where it was."""
    return _STRING_OR_COMMENT.sub(lambda found: found[0] if found[0][0] == '"' else " " * len(found[0]), text)


def _without_last_commas(text: str) -> str:
    return _STRING_OR_LAST_COMMA.sub(lambda found: " " if found[0] == "," else found[0], text)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A reader keeps one of two equal names, and which one is its own affair."""
    if len(dict(pairs)) < len(pairs):
        raise ValueError
    return dict(pairs)


def _not_json(_constant: str) -> None:
    """NaN and Infinity, which only Python reads."""
    raise ValueError


def rendered(target: Target, name: str, entry: Mapping[str, Any]) -> str:
    """The entry as it would stand in a file of its own."""
    return json.dumps({target.section: {name: entry}}, indent=2, ensure_ascii=False)


def with_entry(text: str, target: Target, name: str, entry: Mapping[str, Any]) -> str:
    """The text of a well-formed file with the entry in it.

    Raises:
        ValueError: the entry that is there has comments, which would be lost.
    """
    if not text.removeprefix(_BOM).strip():
        text = text[: text.startswith(_BOM)] + "{}\n"
    root = _without_comments(text).index("{")
    members = _members(text, root)
    if target.section not in members:
        return _inserted(text, root, 1, target.section, {name: entry})
    _, start, _ = members[target.section]
    servers = _members(text, start)
    if name not in servers:
        return _inserted(text, start, 2, name, entry)
    _, begin, end = servers[name]
    if _without_comments(text)[begin:end] != text[begin:end]:
        raise ValueError
    return text[:begin] + _value(text, 2, entry) + text[end:]


def without_entry(text: str, target: Target, name: str) -> str:
    """The text of a well-formed file without the entry that is in it; comments beside it stay."""
    plain = _without_comments(text)
    _, start, _ = _members(text, plain.index("{"))[target.section]
    begin, _, end = _members(text, start)[name]
    after = _after_blank(plain, end)
    if plain[after] == ",":
        before, end = text[:begin], after + 1
    else:
        comma = len(plain[:begin].rstrip()) - 1
        before = text[:comma] + text[comma + 1 : begin] if plain[comma] == "," else text[:begin]
    line, indentation = before.rstrip(" \t"), before
    if line.endswith("\n") and re.match(r"[ \t]*\r?\n", text[end:]):
        indentation = re.sub(r"\r?\n\Z", "", line)
    return indentation + text[end:]


def _members(text: str, start: int) -> dict[str, Span]:
    """The members of the object that opens at ``start``."""
    text = _without_last_commas(_without_comments(text))
    decoder = json.JSONDecoder()
    spans: dict[str, Span] = {}
    at = _after_blank(text, start + 1)
    while text[at] != "}":
        begin = at
        name, at = decoder.raw_decode(text, at)
        value = _after_blank(text, _after_blank(text, at) + 1)
        _, end = decoder.raw_decode(text, value)
        spans[name] = (begin, value, end)
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
        end = _after_blank(_without_comments(text), start + 1)
        return text[:end].rstrip() + member + _line(text, depth - 1) + text[end:]
    end = max(end for _, _, end in spans.values())
    rest = cast(re.Match[str], _REST_OF_LINE.match(text, end))
    if rest[2] is None:
        return text[:end] + "," + member + text[end:]
    # A comment beside the last member stays beside it.
    beside = text[end : rest.end()].replace(",", "", len(rest[1]))
    return text[:end] + "," + beside + member + rest[1] + text[rest.end() :]


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
    indented = re.search(r'^([ \t]+)"', text, re.MULTILINE)
    return indented[1] if indented else "  "
