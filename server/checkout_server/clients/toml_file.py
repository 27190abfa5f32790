"""One entry in a TOML configuration; comments, order and layout of the rest stay."""

import tomllib
from collections.abc import Mapping, MutableMapping
from typing import Any, cast

WELL_FORMED = "valid TOML"


def loaded(text: str) -> dict[str, Any]:
    """The file's content.

    Raises:
        ValueError: it is not TOML.
    """
    return tomllib.loads(text)


def rendered(section: str, name: str, entry: Mapping[str, Any]) -> str:
    """The entry as it would stand in a file of its own."""
    import tomlkit

    return tomlkit.dumps({section: {name: entry}})  # pyright: ignore[reportUnknownMemberType] - tomlkit is untyped here


def with_entry(text: str, section: str, name: str, entry: Mapping[str, Any]) -> str:
    """The text with the entry in it.

    Raises:
        ValueError: tomlkit cannot add the entry to this layout.
    """
    import tomlkit

    document = cast(MutableMapping[str, Any], tomlkit.parse(text))
    if section not in document:
        document[section] = tomlkit.table(is_super_table=True)
    servers = document[section]
    if name in servers:
        _update(servers[name], entry)
    else:
        servers[name] = tomlkit.item(dict(entry))
    return tomlkit.dumps(document)  # pyright: ignore[reportUnknownMemberType] - tomlkit is untyped here


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
