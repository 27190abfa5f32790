"""``install``: writes this server into a client's configuration, after showing what changes."""

import argparse
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from checkout_server.cli import client_file
from checkout_server.cli.client_file import NotOffered
from checkout_server.clients.targets import TARGETS, Target
from checkout_server.privacy.logs.lines import say

if TYPE_CHECKING:
    from checkout_server.clients.entry import Server


def add_arguments(parser: argparse.ArgumentParser) -> None:
    client_file.add_arguments(parser)
    parser.add_argument("--http", type=_url, metavar="URL", help="a running server: https, or http on this machine")
    parser.add_argument("--print", action="store_true", help="print the entry, without any secret, and write nothing")


def _url(text: str) -> str:
    """An address without anything secret in it, since it is shown; without TLS on this machine only."""
    from urllib.parse import urlsplit

    from checkout_schemas.web_addresses import is_loopback

    try:
        parts = urlsplit(text)
        plain = bool(parts.hostname) and not ("@" in parts.netloc or parts.query or parts.fragment)
        secure = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))
    except ValueError:
        plain = secure = False
    if not (plain and secure and text.isascii() and text.isprintable()):
        raise argparse.ArgumentTypeError("must be https://HOST/PATH, or http:// on this machine")
    return text


def run(arguments: argparse.Namespace) -> int:
    """0 when the entry is there, 1 when the file was left alone, 2 when nobody could be asked."""
    from checkout_server.clients import configuration, entry

    target = TARGETS[arguments.client]
    shared = arguments.scope == "project"
    try:
        path = client_file.find_path(arguments)
        server = _server(target, url=arguments.http, shared=shared, printed=arguments.print)
        wanted = entry.written(server, target.form, arguments.name)
        if arguments.print:
            _print_snippet(target, path, arguments.name, wanted)
            return 0
        change = configuration.planned(path, target, arguments.name, wanted)
        if change.after == change.before:
            print(f"{target.title} has this entry already: {path}")
            return 0
        secret = not shared and entry.has_secret(change.new or {}, target.form)
        return client_file.ask_and_write(path, arguments, change, secret=secret)
    except (NotOffered, configuration.ConfigurationUnusable) as error:
        say(str(error))
        return 1


def _server(target: Target, *, url: str | None, shared: bool, printed: bool) -> "Server":
    """What the entry says. A file that others read, and a terminal, get no secret but the name of its variable."""
    from checkout_server.clients.entry import Server
    from checkout_server.clients.program import lasting_command

    if url is not None:
        if target.form.url is None:
            raise NotOffered(f"{target.title} takes no servers over HTTP from this file.")
        return Server(url=url)
    settings = _settings()
    if shared or printed:
        settings |= _names_of_secrets(target, settings, printed=printed)
    return Server(lasting_command(), settings)


def _names_of_secrets(target: Target, settings: Mapping[str, str], *, printed: bool) -> dict[str, str]:
    """In place of each secret, its variable's name in the client's form; on a terminal, failing that, a placeholder.

    Raises:
        NotOffered: the client has no such form.
    """
    from checkout_server.clients.entry import may_be_shared

    secrets = [name for name, value in settings.items() if not may_be_shared(name, value)]
    names, reference = " and ".join(secrets), target.form.reference
    if not secrets:
        return {}
    if reference is not None:
        say(f"{target.title} takes {names} from the environment in which it runs.")
    elif printed:
        say(f"Put your own in the place of {names} in <>.")
    else:
        raise NotOffered(
            f"A project's file is read by others, and {target.title} cannot name a variable in it: run the command "
            f"again with --scope user, or without {names}."
        )
    return {name: (reference or "<NAME>").replace("NAME", name) for name in secrets}


def _settings() -> dict[str, str]:
    """The settings of a client's server that are set now; a variable that it has no use for is not written down."""
    from checkout_server.settings import Settings

    names = sorted({str(field.alias) for field in Settings.model_fields.values()} - {"DODO_PAYMENTS_WEBHOOK_KEY"})
    return {name: _anywhere(name, os.environ[name]) for name in names if os.environ.get(name)}


def _anywhere(name: str, value: str) -> str:
    """A path that does not depend on the folder in which the client starts the server."""
    from checkout_server.clients.entry import PATHS
    from checkout_server.settings.model import expanded

    return str(expanded(value).absolute()) if name in PATHS and "://" not in value else value


def _print_snippet(target: Target, path: Path, name: str, wanted: dict[str, Any]) -> None:
    from checkout_server.clients import configuration

    print(configuration.FORMATS[target.format].rendered(target, name, wanted))
    say(f"This belongs in {path}")
