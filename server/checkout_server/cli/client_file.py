"""What ``install`` and ``uninstall`` share: whose file it is, what of a change is shown, and a person's yes."""

import argparse
import difflib
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from checkout_server.clients.targets import TARGETS, Target
from checkout_server.privacy.logs.lines import say

if TYPE_CHECKING:
    from checkout_server.clients.configuration import Change


class NotOffered(Exception):
    """The client has no such configuration. The text says so."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("client", choices=TARGETS)
    parser.add_argument(
        "--scope", choices=("user", "project"), default="user", help="the file of this folder's project"
    )
    parser.add_argument("--name", type=_name, default="dodo-checkout", help="the entry's name (default dodo-checkout)")
    parser.add_argument("--yes", action="store_true", help="do not ask")


def _name(text: str) -> str:
    """What every client accepts, Claude Code being the strictest."""
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", text):
        raise argparse.ArgumentTypeError("must be 1 to 64 letters, digits, - or _")
    return text


def find_path(arguments: argparse.Namespace) -> Path:
    """The file that is to change.

    Raises:
        NotOffered: the client has none for a project.
    """
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:
        # A path can hold what the console cannot show, and the file may be written by then.
        reconfigure(errors="backslashreplace")
    target = TARGETS[arguments.client]
    path = target.path(arguments.scope)
    if path is None:
        raise NotOffered(f"{target.title} has no configuration of its own for a project. Leave --scope project out.")
    return path


def ask_and_write(path: Path, arguments: argparse.Namespace, change: "Change", *, secret: bool) -> int:
    """0 when the file was written, 1 when the person said no, 2 when nobody could be asked.

    Raises:
        ConfigurationUnusable: as ``configuration.write``.
    """
    from checkout_server.clients import configuration

    target = TARGETS[arguments.client]
    _show(target, path, arguments.name, change)
    answer = _agreed(assume_yes=arguments.yes)
    if answer is not True:
        say("Nothing was changed.")
        return 2 if answer is None else 1
    backup = configuration.write(path, change, secret=secret, shared=arguments.scope == "project")
    print(f"Written: {path}" + (f" (backup: {backup})" if backup else ""))
    print(target.afterwards)
    return 0


def _show(target: Target, path: Path, name: str, change: "Change") -> None:
    from checkout_server.clients import configuration, entry

    form = configuration.FORMATS[target.format]
    shown = entry.displayed(change.old, change.new, target.form)
    now, then = ("" if each is None else form.rendered(target, name, each) for each in shown)
    print(f"{target.title}: {path}")
    print("\n".join(difflib.unified_diff(now.splitlines(), then.splitlines(), "now", "then", lineterm="")))
    server = entry.read(change.new, target.form)
    if server is not None and server.url is None and "DODO_PAYMENTS_API_KEY" not in server.env:
        print("DODO_PAYMENTS_API_KEY is not set, so the embedded sandbox will serve.")


def _agreed(*, assume_yes: bool) -> bool | None:
    """The person's answer; None when there is nobody to ask."""
    if assume_yes:
        return True
    if not sys.stdin.isatty():
        say("There is no terminal to ask on; run it again with --yes.")
        return None
    try:
        # input() would print the question on stderr, which is the log's.
        print("Write this? [y/N] ", end="", flush=True)
        return input().strip().lower() in {"y", "yes"}
    except EOFError:
        print()
        return False
