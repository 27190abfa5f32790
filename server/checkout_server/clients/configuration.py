"""A client's configuration file: read, changed in one entry only, replaced in one step."""

import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from checkout_server.clients import json_file, toml_file
from checkout_server.clients.entry import is_ours, merged
from checkout_server.clients.targets import Target

FORMATS = {"json": json_file, "toml": toml_file}


class ConfigurationUnusable(Exception):
    """The client's file cannot be edited safely and was left alone. The text says why, without its content."""


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of one file. The two texts are equal when the entry is there already."""

    before: str = field(repr=False)
    after: str = field(repr=False)
    old: Mapping[str, Any] | None = field(repr=False)
    new: Mapping[str, Any] = field(repr=False)


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


def planned(path: Path, target: Target, name: str, entry: Mapping[str, Any]) -> Change:
    """The change that puts the entry into the file; nothing is written.

    Raises:
        ConfigurationUnusable: the file is malformed, the name is another server's, or something else would change.
    """
    text = read(path)
    form = FORMATS[target.format]
    try:
        content = form.loaded(text)
    except (ValueError, RecursionError):
        raise _left_alone(path, f"is not {form.WELL_FORMED}") from None
    section: Any = content.get(target.section, {})
    if not isinstance(section, dict):
        raise _left_alone(path, f"has no table of servers in {target.section}")
    servers = cast(dict[str, Any], section)
    old = servers.get(name)
    if old is not None and not is_ours(old):
        raise ConfigurationUnusable(f"{path} has another server of that name; it was left alone. Choose a --name.")
    new = merged(old, entry)
    if new == old:
        return Change(text, text, old, new)
    try:
        after = form.with_entry(text, target.section, name, new)
        kept = form.loaded(after) == {**content, target.section: {**servers, name: new}}
    except (ValueError, LookupError, TypeError, AttributeError):
        # The editor of a format knows fewer layouts than its reader.
        kept, after = False, text
    if not kept:
        raise _left_alone(path, "is laid out so that this entry cannot be added without changing others")
    return Change(text, after, old, new)


def _left_alone(path: Path, why: str) -> ConfigurationUnusable:
    return ConfigurationUnusable(f"{path} {why}; it was left alone. Mend it, or add the entry by hand.")


def write(path: Path, change: Change, *, secret: bool) -> Path | None:
    """Replace the file's content in one step; the backup of what was there, if anything.

    A symbolic link is followed. The file's mode is kept; with ``secret`` only its owner may read it.

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
        mode = target.stat().st_mode & 0o777 if backup is not None else 0o600
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
