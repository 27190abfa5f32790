"""``token``: makes, lists and revokes the bearer tokens with which clients may call ``serve``."""

import argparse
import asyncio
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from checkout_server.checkout.ledger.static_tokens import MOST_LISTED
from checkout_server.checkout.principal import TOKEN_ID

if TYPE_CHECKING:
    from checkout_server.checkout.desk import Desk
    from checkout_server.settings import Settings

SCOPES = ("read", "preview", "create", "confirm")
DEFAULT_SCOPES = ("read", "preview", "create")
_NAME = re.compile(r"(?!.*[0-9]{7})[A-Za-z0-9][A-Za-z0-9 ._-]{0,39}")
"""No e-mail address and no phone number: the ledger holds nothing of a person in the clear."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="create|list|revoke", required=True)
    create = actions.add_parser("create", help="make a token and show it, this once")
    create.add_argument("name", type=_name, help="who will hold it, such as support-bot; no e-mail address")
    default = ", ".join(DEFAULT_SCOPES)
    create.add_argument(
        "--scope", action="append", choices=SCOPES, help=f"what it allows; may be repeated (default {default})"
    )
    actions.add_parser("list", help="show who holds tokens, without the tokens")
    revoke = actions.add_parser("revoke", help="refuse a token from now on, on every replica")
    revoke.add_argument("token_id", type=_token_id, help="as token list shows it")


def _name(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise argparse.ArgumentTypeError("must be up to 40 letters, digits, blanks and . _ -")
    return text


def _token_id(text: str) -> str:
    if not TOKEN_ID.fullmatch(text):
        raise argparse.ArgumentTypeError("must be an id as token list shows it")
    return text


def run(arguments: argparse.Namespace) -> int:
    """0; 2 when something must be mended first."""
    from checkout_server.checkout.ledger.contract import LedgerUnavailable
    from checkout_server.checkout.policy.document import PolicyUnusable
    from checkout_server.cli.start import stopped
    from checkout_server.privacy.logs.install import set_level
    from checkout_server.privacy.sealing import KeyUnusable
    from checkout_server.settings import SettingsError, load_settings

    try:
        settings = load_settings()
        set_level("WARNING", settings.log_format)
        return asyncio.run(_run(arguments, settings))
    except (SettingsError, KeyUnusable, PolicyUnusable) as error:
        return stopped(str(error))
    except LedgerUnavailable as error:
        return stopped(error.sentence)


async def _run(arguments: argparse.Namespace, settings: "Settings") -> int:
    from checkout_server.app import open_desk
    from checkout_server.cli.ledger_place import ledger_place

    async with open_desk(settings, serves=False) as desk:
        match arguments.action:
            case "create":
                return await _create(arguments, desk, ledger_place(settings))
            case "list":
                return await _list(desk)
            case _:
                return await _revoke(arguments, desk)


async def _create(arguments: argparse.Namespace, desk: "Desk", ledger: str) -> int:
    from checkout_server.authorization.static_tokens import make_token
    from checkout_server.checkout.principal import Scope
    from checkout_server.privacy.logs.lines import say

    scopes = [Scope(f"checkout:{word}") for word in SCOPES if word in (arguments.scope or DEFAULT_SCOPES)]
    is_first = not await desk.ledger.has_tokens()
    token, stored = make_token(arguments.name, scopes, now=desk.clock())
    await desk.ledger.store_token(stored)
    say(f"{stored.token_id} for {stored.name}: {stored.scopes}. Keep it secret; it is not shown again.")
    say(f"It is for the servers whose ledger is {ledger}.")
    if is_first:
        say("This is the ledger's first token: servers that are already running ask for tokens after a restart.")
    print(token)
    return 0


async def _list(desk: "Desk") -> int:
    rows = await desk.ledger.list_tokens(most=MOST_LISTED)
    for row in rows:
        ended = f"revoked {_day(row.revoked_at)}" if row.revoked_at is not None else "active"
        print("  ".join((row.token_id, _day(row.created_at), ended, f"...{row.ending}", row.name, row.scopes)))
    print(f"{sum(row.revoked_at is None for row in rows)} of {len(rows)} tokens are active")
    return 0


def _day(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="minutes").removesuffix("+00:00") + "Z"


async def _revoke(arguments: argparse.Namespace, desk: "Desk") -> int:
    from checkout_server.cli.start import stopped

    if not await desk.ledger.revoke_token(arguments.token_id, now=desk.clock()):
        return stopped("There is no active token of that id; token list shows the ids.")
    print(f"{arguments.token_id}  revoked")
    return 0
