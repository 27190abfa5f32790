"""One entry in a YAML configuration; every other line of the file stays.

PyYAML says where an entry lies, and the text is changed there: what goes through a model comes back laid out anew.
"""

import json
import re
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from checkout_server.clients.targets import Target

WELL_FORMED = "YAML with a table at its root and no repeated names"
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


@dataclass(frozen=True, slots=True)
class Section:
    """Where the servers stand: each one's first line and the one after its last, and the column of all."""

    entries: dict[str, tuple[int, int]]
    column: int
    end: int


def loaded(text: str, target: Target) -> dict[str, Any]:
    """The file's content; empty for an empty file.

    Raises:
        ValueError: it is not YAML, repeats a name, or has no table at its root.
    """
    import yaml

    try:
        root = _composed(text)
        content: Any = yaml.safe_load(text)
    except yaml.YAMLError:
        raise ValueError from None
    if root is not None:
        _refuse_repeated_names(root)
    content = {} if content is None else content
    if not isinstance(content, dict):
        raise ValueError
    if cast(dict[str, Any], content).get(target.section, ...) is None:
        content[target.section] = [] if target.listed else {}  # a name with nothing after it
    return cast(dict[str, Any], content)


def _composed(text: str) -> Any:
    import yaml

    return cast(Any, yaml).compose(text, Loader=yaml.SafeLoader)


def _refuse_repeated_names(node: Any) -> None:
    names: set[Hashable] = set()
    for each in node.value if node.id != "scalar" else ():
        if node.id == "mapping":
            key, each = each
            if key.value in names:
                raise ValueError
            names.add(key.value if key.id == "scalar" else id(key))
        _refuse_repeated_names(each)


def rendered(target: Target, name: str, entry: Mapping[str, Any]) -> str:
    """The entry as it would stand in a file of its own."""
    return "\n".join([f"{target.section}:", *_item(target, name, entry, "  ")])


def with_entry(text: str, target: Target, name: str, entry: Mapping[str, Any]) -> str:
    """The text of a well-formed file with the entry in it.

    Raises:
        ValueError: the section is not laid out in lines, or comments inside the entry would be lost.
    """
    lines = text.split("\n")
    section = _section(text, lines, target)
    if isinstance(section, tuple):
        (begin, end), new = section, rendered(target, name, entry).split("\n")
    else:
        begin, end = section.entries.get(name, (section.end, section.end))
        new = list(_item(target, name, entry, " " * section.column))
    if any(re.search(r"(^|\s)#", line) for line in lines[begin:end]):
        raise ValueError
    return _replaced(lines, begin, end, new)


def without_entry(text: str, target: Target, name: str) -> str:
    """The text of a well-formed file without the entry that is in it, and the comments inside it.

    Raises:
        ValueError: the section is not laid out in lines.
    """
    lines = text.split("\n")
    section = _section(text, lines, target)
    if isinstance(section, tuple):
        raise ValueError
    # The last entry leaves an empty section, which clients read more surely than a name with nothing after it.
    empty = f"{' ' * section.column}{'[]' if target.listed else '{}'}"
    return _replaced(lines, *section.entries[name], [empty] if len(section.entries) == 1 else [])


def _section(text: str, lines: list[str], target: Target) -> Section | tuple[int, int]:
    """Where the servers stand; where there are none yet, the lines in whose place the section comes."""
    root = _composed(text)
    for key, value in root.value if root is not None else ():
        if key.value != target.section:
            continue
        if value.id == "scalar" or not value.value:
            return key.start_mark.line, _end(value, lines)
        if value.flow_style:
            raise ValueError
        entries = {
            name: (node.start_mark.line, _end(content, lines)) for name, node, content in _entries(value, target)
        }
        first = value.start_mark if target.listed else value.value[0][0].start_mark
        return Section(entries, first.column, max(end for _, end in entries.values()))
    end = len(lines) - (not lines[-1].strip())
    return end, end


def _entries(section: Any, target: Target) -> Iterator[tuple[str, Any, Any]]:
    """Each entry's name, the node with which it begins, and its content."""
    if not target.listed:
        yield from ((key.value, key, content) for key, content in section.value)
        return
    for item in section.value:
        yield next(value.value for key, value in item.value if key.value == "name"), item, item


def _end(node: Any, lines: list[str]) -> int:
    """The line after a node's last: its end is where the next thing begins."""
    line, column = int(node.end_mark.line), int(node.end_mark.column)
    end = line + (lines[line][:column].strip() != "")
    while end > int(node.start_mark.line) + 1 and re.fullmatch(r"\s*(#.*)?", lines[end - 1]):
        end -= 1
    return end


def _replaced(lines: list[str], begin: int, end: int, new: list[str]) -> str:
    carriage = "\r" if lines[0].endswith("\r") else ""
    before = lines[:begin]
    if new and begin == len(lines):  # the file's last line has no end of its own
        before[-1] += carriage
    return "\n".join([*before, *(line + carriage for line in new), *(lines[end:] or [""])])


def _item(target: Target, name: str, entry: Mapping[str, Any], indentation: str) -> Iterator[str]:
    fields = _fields(entry, indentation + "  ")
    if target.listed:
        yield f"{indentation}- {next(fields).strip()}"
    else:
        yield f"{indentation}{_key(name)}:"
    yield from fields


def _fields(entry: Mapping[str, Any], indentation: str) -> Iterator[str]:
    for name, value in entry.items():
        if isinstance(value, dict) and value:
            yield f"{indentation}{_key(name)}:"
            yield from _fields(cast(dict[str, Any], value), indentation + "  ")
        else:
            # JSON is YAML, and in quotation marks a text stays one in each of its versions.
            yield f"{indentation}{_key(name)}: {json.dumps(value, ensure_ascii=False)}"


def _key(name: str) -> str:
    return name if _WORD.fullmatch(name) else json.dumps(name, ensure_ascii=False)
