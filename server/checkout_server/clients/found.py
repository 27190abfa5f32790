"""The entries for this server that clients' files have, as they stand there."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from checkout_server.clients.configuration import FORMATS, ConfigurationUnusable, read
from checkout_server.clients.entry import is_ours
from checkout_server.clients.targets import TARGETS, Target


@dataclass(frozen=True, slots=True)
class FoundEntry:
    """One entry of one client."""

    client: str
    """As ``install`` names it."""
    name: str
    command: tuple[str, ...] = field(repr=False)
    """The program and its arguments; empty where the server is reached at a URL."""
    env: Mapping[str, str] = field(repr=False)


def find_entries() -> Iterator[FoundEntry]:
    """Every entry for this server, of every client that ``install`` knows. A file that cannot be read has none."""
    for client, target in TARGETS.items():
        for name, entry in _entries(target).items():
            if is_ours(entry):
                yield FoundEntry(client, name, _command(entry), _env(entry))


def _entries(target: Target) -> dict[str, dict[str, Any]]:
    try:
        content = FORMATS[target.format].loaded(read(target.path()))
    except (ConfigurationUnusable, ValueError, RecursionError):
        return {}
    section: Any = content.get(target.section)
    return cast(dict[str, dict[str, Any]], section) if isinstance(section, dict) else {}


def _command(entry: Mapping[str, Any]) -> tuple[str, ...]:
    args: Any = entry.get("args")
    words = [entry.get("command"), *(cast(list[Any], args) if isinstance(args, list) else [])]
    return tuple(str(each) for each in words if each is not None)


def _env(entry: Mapping[str, Any]) -> dict[str, str]:
    env: Any = entry.get("env")
    return {name: str(value) for name, value in cast(dict[str, Any], env).items()} if isinstance(env, dict) else {}
