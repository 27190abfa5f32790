"""``install``: writes this server into a client's configuration, after showing what changes."""

import argparse
import difflib
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from checkout_server.clients.targets import TARGETS, Target
from checkout_server.privacy.lines import say

if TYPE_CHECKING:
    from checkout_server.clients.configuration import Change

PATHS = ("CHECKOUT_LEDGER", "CHECKOUT_POLICY")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("client", choices=TARGETS)
    parser.add_argument("--name", type=_name, default="dodo-checkout", help="the entry's name (default dodo-checkout)")
    parser.add_argument("--yes", action="store_true", help="do not ask")


def _name(text: str) -> str:
    """What every client accepts, Claude Code being the strictest."""
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", text):
        raise argparse.ArgumentTypeError("must be 1 to 64 letters, digits, - or _")
    return text


def run(arguments: argparse.Namespace) -> int:
    """0 when the entry is there, 1 when the file was left alone, 2 when nobody could be asked."""
    from checkout_server.clients import configuration, entry

    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:
        # A path can hold what the console cannot show, and the file may be written by then.
        reconfigure(errors="backslashreplace")
    target = TARGETS[arguments.client]
    path = target.path()
    try:
        wanted = entry.built(target.extra, _settings())
        change = configuration.planned(path, target, arguments.name, wanted)
        if change.after == change.before:
            print(f"{target.title} has this entry already: {path}")
            return 0
        _show(target, path, arguments.name, change)
        answer = _agreed(assume_yes=arguments.yes)
        if answer is not True:
            say("Nothing was changed.")
            return 2 if answer is None else 1
        backup = configuration.write(path, change, secret=entry.has_secret(change.new))
    except configuration.ConfigurationUnusable as error:
        say(str(error))
        return 1
    print(f"Written: {path}" + (f" (backup: {backup})" if backup else ""))
    print(target.afterwards)
    return 0


def _settings() -> dict[str, str]:
    """The settings of a client's server that are set now; a variable that it has no use for is not written down."""
    from checkout_server.settings import Settings

    names = sorted({str(field.alias) for field in Settings.model_fields.values()} - {"DODO_PAYMENTS_WEBHOOK_KEY"})
    return {name: _anywhere(name, os.environ[name]) for name in names if os.environ.get(name)}


def _anywhere(name: str, value: str) -> str:
    """A path that does not depend on the folder in which the client starts the server."""
    from checkout_server.settings import expanded

    return str(expanded(value).absolute()) if name in PATHS and "://" not in value else value


def _show(target: Target, path: Path, name: str, change: "Change") -> None:
    from checkout_server.clients import configuration, entry

    form = configuration.FORMATS[target.format]
    old, new = entry.displayed(change.old, change.new)
    now = "" if old is None else form.rendered(target.section, name, old)
    then = form.rendered(target.section, name, new)
    print(f"{target.title}: {path}")
    print("\n".join(difflib.unified_diff(now.splitlines(), then.splitlines(), "now", "then", lineterm="")))
    if "DODO_PAYMENTS_API_KEY" not in change.new["env"]:
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
