"""Merges one entry into a client's configuration file: nothing else in it changes."""

import json
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from checkout_server.clients.targets import Target


class ConfigurationUnusable(Exception):
    """The client's file cannot be edited safely and was left alone. The text says why."""


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


def merged(text: str, target: Target, name: str, entry: Mapping[str, Any], path: Path) -> str:
    """The file's text with the entry in it; the same text when it is there already.

    Raises:
        ConfigurationUnusable: the file is malformed, or its servers are not a table.
    """
    merge = _merged_toml if target.format == "toml" else _merged_json
    return merge(text, target.section, name, entry, path)


def _malformed(path: Path, what: str) -> ConfigurationUnusable:
    return ConfigurationUnusable(f"{path} is not {what}; it was left alone. Mend it, or add the entry by hand.")


def _merged_json(text: str, section: str, name: str, entry: Mapping[str, Any], path: Path) -> str:
    """JSON, with the file's own indentation. Comments would be lost, so a file with comments is left alone."""
    try:
        content: Any = json.loads(text.removeprefix("\ufeff")) if text.strip() else {}
    except (ValueError, RecursionError):
        raise _malformed(path, "plain JSON (comments and trailing commas cannot be kept)") from None
    settings: dict[str, Any] = cast(dict[str, Any], content) if isinstance(content, dict) else {section: None}
    if not isinstance(settings.get(section, {}), dict):
        raise _malformed(path, f"an object with an object in {section}")
    if settings.get(section, {}).get(name) == entry:
        return text
    settings.setdefault(section, {})[name] = dict(entry)
    return json.dumps(settings, indent=_indentation(text), ensure_ascii=False) + "\n"


def _indentation(text: str) -> int | str:
    for line in text.splitlines():
        blank = line[: len(line) - len(line.lstrip())]
        if blank:
            return "\t" if blank.startswith("\t") else len(blank)
    return 2


def _merged_toml(text: str, section: str, name: str, entry: Mapping[str, Any], path: Path) -> str:
    """TOML, with comments, order and layout kept."""
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        document = tomlkit.parse(text)
    except TOMLKitError:
        raise _malformed(path, "valid TOML") from None
    servers = cast(dict[str, Any], document).get(section)
    if servers is None:
        servers = tomlkit.table(is_super_table=True)
        document.append(section, servers)  # pyright: ignore[reportUnknownMemberType] - tomlkit is untyped here
    if not isinstance(servers, dict):
        raise _malformed(path, f"TOML with a table {section}")
    table = cast(dict[str, Any], servers)
    if table.get(name) is not None and table[name].unwrap() == entry:
        return text
    table[name] = tomlkit.item(dict(entry))
    return tomlkit.dumps(document)  # pyright: ignore[reportUnknownMemberType] - tomlkit is untyped here


def write(path: Path, text: str, *, secret: bool) -> Path | None:
    """Replace the file's content in one step; the backup of what was there, if anything.

    A symbolic link is followed. The file's mode is kept; with ``secret`` only its owner may read it.

    Raises:
        ConfigurationUnusable: the file or its folder cannot be written.
    """
    target = path.resolve()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        backup = _back_up(target) if target.exists() else None
        mode = target.stat().st_mode & 0o777 if backup is not None else 0o600
        descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}-")
        temporary = Path(name)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
                file.write(text)
            with suppress(OSError):
                temporary.chmod(mode & 0o600 if secret else mode)
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError:
        raise ConfigurationUnusable(f"{target} cannot be written; check its folder. Nothing was changed.") from None
    return backup


def _back_up(path: Path) -> Path:
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
    backup = path.with_name(f"{path.name}.{stamp}.bak")
    descriptor = os.open(backup, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(path.read_bytes())
    return backup
