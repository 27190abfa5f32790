"""One entry in a TOML configuration; comments, order and layout of the rest stay."""

import re
import tomllib
from collections.abc import Mapping, MutableMapping
from typing import Any, cast

from checkout_server.clients.targets import Target

WELL_FORMED = "valid TOML"


def loaded(text: str, _target: Target) -> dict[str, Any]:
    """The file's content.

    Raises:
        ValueError: it is not TOML.
    """
    return tomllib.loads(text)


def rendered(target: Target, name: str, entry: Mapping[str, Any]) -> str:
    """The entry as it would stand in a file of its own."""
    import tomlkit

    return tomlkit.dumps({target.section: {name: entry}})  # pyright: ignore[reportUnknownMemberType] - tomlkit is untyped here


def with_entry(text: str, target: Target, name: str, entry: Mapping[str, Any]) -> str:
    """The text with the entry in it: a new one at its end, and one that is there changed key by key.

    Raises:
        ValueError: tomlkit cannot change the entry in this layout.
    """
    import tomlkit

    document = cast(MutableMapping[str, Any], tomlkit.parse(text))
    if name in document.get(target.section, ()):
        _update(document[target.section][name], entry)
        return tomlkit.dumps(document)  # pyright: ignore[reportUnknownMemberType] - tomlkit is untyped here
    # tomlkit would put it between the table above and the comments that belong to the table below.
    end = "\r\n" if "\r\n" in text else "\n"
    before = text if not text or text.endswith("\n") else text + end
    return before + (end if before else "") + rendered(target, name, entry).replace("\n", end)


def without_entry(text: str, target: Target, name: str) -> str:
    """The text without the tables of the entry; comments above and below them stay.

    tomlkit would take away what stands below a table with the table.
    """
    header = re.compile(rf"""[ \t]*\[[ \t]*{target.section}[ \t]*\.[ \t]*(["']?){re.escape(name)}\1[ \t]*[.\]]""")
    kept: list[str] = []
    below: list[str] = []
    """Blanks and comments, which belong to what comes after them."""
    inside = False
    for line in text.splitlines(keepends=True):
        if re.match(r"[ \t]*\[", line):
            inside = header.match(line) is not None
        if inside and not re.fullmatch(r"[ \t]*(#.*)?", line.rstrip("\r\n")):
            below.clear()
            continue
        if inside:
            below.append(line)
            continue
        kept += [*below, line]
        below.clear()
    if inside and not below and kept and not kept[-1].strip():
        kept.pop()  # the blank line above the last table
    return "".join([*kept, *below])


def _update(table: Any, wanted: Mapping[str, Any]) -> None:
    """Key by key: tomlkit counts what stands below a table, up to the next one, as the table's."""
    body: list[tuple[object | None, object]] = table.value.body
    below: list[tuple[object | None, object]] = []
    while body and body[-1][0] is None:
        below.insert(0, body.pop())
    for key in [key for key in table if key not in wanted]:
        del table[key]
    for key, value in wanted.items():
        if isinstance(value, dict) and isinstance(table.get(key), dict):
            _update(table[key], cast(dict[str, Any], value))
        elif table.get(key) != value:
            table[key] = value
    body.extend(below)
