"""The entries for this server that clients' files have, as they stand there."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from checkout_server.clients import entry
from checkout_server.clients.configuration import ConfigurationUnusable, our_entries
from checkout_server.clients.targets import TARGETS


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
    """Every entry for this server in this user's own files, of every client that ``install`` knows.

    A file that cannot be read has none. Files of a project are left out: whoever looks at an entry starts its command,
    and a project can come from anyone.
    """
    for client, target in TARGETS.items():
        with suppress(ConfigurationUnusable):
            for name, found in our_entries(target.user(), target).items():
                server = entry.read(found, target.form)
                if server is not None:
                    yield FoundEntry(client, name, server.command, server.env)
