"""A client's configuration file: read, changed in one entry only, replaced in one step."""

import os
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from checkout_server.clients import json_file, toml_file, yaml_file
from checkout_server.clients.entry import is_ours, merged
from checkout_server.clients.targets import Target

FORMATS = {"json": json_file, "jsonc": json_file, "toml": toml_file, "yaml": yaml_file}


class ConfigurationUnusable(Exception):
    """The client's file cannot be edited safely and was left alone. The text says why, without its content."""


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of one file. The two texts are equal when nothing has to be done."""

    before: str = field(repr=False)
    after: str = field(repr=False)
    old: Mapping[str, Any] | None = field(repr=False)
    new: Mapping[str, Any] | None = field(repr=False)


def read(path: Path) -> str:
    """The file's text; empty when there is none.

    Raises:
        ConfigurationUnusable: it cannot be read.
    """
    try:
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError):
        raise ConfigurationUnusable(f"{path} cannot be read as UTF-8 text; it was left alone.") from None


def our_entries(path: Path, target: Target) -> dict[str, Mapping[str, Any]]:
    """The entries of a client's file that reach this server, by name, in the client's own form.

    Raises:
        ConfigurationUnusable: it cannot be read, or is malformed.
    """
    servers = _servers(path, _content(path, read(path), target), target)
    return {name: entry for name, entry in servers.items() if is_ours(entry, target.form, name)}


def planned(path: Path, target: Target, name: str, entry: Mapping[str, Any]) -> Change:
    """The change that puts the entry into the file; nothing is written.

    Raises:
        ConfigurationUnusable: the file is malformed, the name is another server's, or something else would change.
    """
    before = read(path)
    text = before if before.removeprefix("\ufeff").strip() else before + target.beginning
    content = _content(path, text, target)
    servers = _servers(path, content, target)
    old = _ours(path, servers, target, name)
    new = merged(old, entry, target.form)
    if new == old:
        return Change(before, before, old, new)
    after = _edited(path, target, content, {**servers, name: new}, FORMATS[target.format].with_entry, text, name, new)
    return Change(before, after, old, new)


def planned_removal(path: Path, target: Target, name: str) -> Change:
    """The change that takes the entry out of the file; nothing is written.

    Raises:
        ConfigurationUnusable: as ``planned``.
    """
    text = read(path)
    content = _content(path, text, target)
    servers = _servers(path, content, target)
    old = _ours(path, servers, target, name)
    if old is None:
        return Change(text, text, None, None)
    left = {each: entry for each, entry in servers.items() if each != name}
    return Change(
        text, _edited(path, target, content, left, FORMATS[target.format].without_entry, text, name), old, None
    )


def _content(path: Path, text: str, target: Target) -> dict[str, Any]:
    form = FORMATS[target.format]
    try:
        return form.loaded(text, target)
    except (ValueError, RecursionError):
        raise _left_alone(path, f"is not {form.WELL_FORMED}") from None


def _servers(path: Path, content: Mapping[str, Any], target: Target) -> dict[str, Any]:
    """The entries by name, whether the file lists them or names them."""
    section: Any = content.get(target.section, [] if target.listed else {})
    if not target.listed and isinstance(section, dict):
        return cast(dict[str, Any], section)
    if target.listed and isinstance(section, list):
        items = [cast(dict[str, Any], item) for item in cast(list[Any], section) if isinstance(item, dict)]
        by_name = {str(item["name"]): item for item in items if isinstance(item.get("name"), str)}
        if len(by_name) == len(cast(list[Any], section)):
            return by_name
    raise _left_alone(path, f"has no {'list' if target.listed else 'table'} of servers in {target.section}")


def _ours(path: Path, servers: Mapping[str, Any], target: Target, name: str) -> dict[str, Any] | None:
    old = servers.get(name)
    if old is not None and not is_ours(old, target.form, name):
        raise ConfigurationUnusable(f"{path} has another server of that name; it was left alone. Choose a --name.")
    return old


def _edited(
    path: Path,
    target: Target,
    content: Mapping[str, Any],
    servers: Mapping[str, Any],
    edit: Callable[..., str],
    text: str,
    *what: Any,
) -> str:
    """The edited text, once it has been read again and has these servers and nothing else that is new."""
    try:
        after = edit(text, target, *what)
        again = FORMATS[target.format].loaded(after, target)
        kept = _servers(path, again, target) == servers and _rest(again, target) == _rest(content, target)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        # The editor of a format knows fewer layouts than its reader.
        kept, after = False, text
    if not kept:
        raise _left_alone(path, "is laid out so that this entry cannot be changed without losing something else")
    return after


def _rest(content: Mapping[str, Any], target: Target) -> dict[str, Any]:
    return {name: value for name, value in content.items() if name != target.section}


def _left_alone(path: Path, why: str) -> ConfigurationUnusable:
    return ConfigurationUnusable(f"{path} {why}; it was left alone. Mend it, or add what --print shows.")


def write(path: Path, change: Change, *, secret: bool, shared: bool = False) -> Path | None:
    """Replace the file's content in one step; the backup of what was there, if anything.

    A symbolic link is followed. The file's mode is kept; with ``secret`` only its owner may read it. A new file is its
    owner's alone, unless it is ``shared``.

    Raises:
        ConfigurationUnusable: the file changed since it was read, or it or its folder cannot be written.
    """
    # Clients rewrite these files while they run, and a person takes time to answer.
    if read(path) != change.before:
        raise ConfigurationUnusable(f"{path} changed in the meantime; it was left alone. Run the command again.")
    target = path.resolve()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        backup = _back_up(target) if target.exists() else None
        mode = target.stat().st_mode & 0o777 if backup is not None else 0o644 if shared else 0o600
        descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}-")
        temporary = Path(name)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
                file.write(change.after)
            with suppress(OSError):
                temporary.chmod(mode & 0o600 if secret else mode)
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)
    except (OSError, UnicodeEncodeError):
        raise ConfigurationUnusable(f"{target} cannot be written; check its folder. Nothing was changed.") from None
    return backup


def _back_up(path: Path) -> Path:
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
    backup = path.with_name(f"{path.name}.{stamp}.bak")
    descriptor = os.open(backup, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(path.read_bytes())
    return backup
