"""``install``: writes this server into a client's configuration, after showing what changes."""

import argparse
import difflib
import os
import sys
from pathlib import Path
from typing import Any

from checkout_server.clients.configuration import ConfigurationUnusable, merged, read, write
from checkout_server.clients.targets import TARGETS, Target

SECRETS = ("DODO_PAYMENTS_API_KEY", "CHECKOUT_SECRET_KEYS")
MASK = "********"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("client", choices=TARGETS)
    parser.add_argument("--name", default="dodo-checkout", help="the entry's name (default dodo-checkout)")
    parser.add_argument("--yes", action="store_true", help="do not ask")


def run(arguments: argparse.Namespace) -> int:
    """0 when the entry is there, 1 when the file was left alone, 2 when nobody could be asked."""
    target = TARGETS[arguments.client]
    path = target.path()
    entry = _entry(target)
    secrets = [entry["env"][name] for name in SECRETS if name in entry["env"]]
    try:
        before = read(path)
        after = merged(before, target, arguments.name, entry, path)
        if after == before:
            print(f"{target.title} has this entry already: {path}")
            return 0
        _show(target, path, before, after, secrets)
        answer = _agreed(assume_yes=arguments.yes)
        if answer is not True:
            print("Nothing was changed.", file=sys.stderr)
            return 2 if answer is None else 1
        backup = write(path, after, secret=bool(secrets))
    except ConfigurationUnusable as error:
        print(error, file=sys.stderr)
        return 1
    print(f"Written: {path}" + (f" (backup: {backup})" if backup else ""))
    print(target.afterwards)
    return 0


def _entry(target: Target) -> dict[str, Any]:
    """Our entry: this interpreter, and the settings that are set now."""
    settings = {
        name: value
        for name, value in sorted(os.environ.items())
        if value and name.startswith(("DODO_PAYMENTS_", "CHECKOUT_"))
    }
    # The environment's own interpreter, not what it links to: that one would not find this package.
    command = str(Path(sys.executable).absolute())
    return {**target.extra, "command": command, "args": ["-m", "checkout_server"], "env": settings}


def _show(target: Target, path: Path, before: str, after: str, secrets: list[str]) -> None:
    print(f"{target.title}: {path}")
    diff = difflib.unified_diff(before.splitlines(), after.splitlines(), "now", "then", lineterm="")
    shown = "\n".join(diff)
    for secret in secrets:
        shown = shown.replace(secret, MASK)
    print(shown)
    if "DODO_PAYMENTS_API_KEY" not in os.environ:
        print("DODO_PAYMENTS_API_KEY is not set, so the embedded sandbox will serve.")


def _agreed(*, assume_yes: bool) -> bool | None:
    """The person's answer; None when there is nobody to ask."""
    if assume_yes:
        return True
    if not sys.stdin.isatty():
        print("There is no terminal to ask on; run it again with --yes.", file=sys.stderr)
        return None
    return input("Write this? [y/N] ").strip().lower() in {"y", "yes"}
