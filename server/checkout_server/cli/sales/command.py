"""The ``sales`` command: its arguments, and which of its two parts they mean."""

import argparse
import asyncio
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from checkout_server.cli.sales.evidence import WHO, WHY, who, why

if TYPE_CHECKING:
    from checkout_server.checkout.desk import Desk
    from checkout_server.settings import Settings

STATES = ("created", "refused", "unknown", "claimed")
ORDERS = ("time", "principal", "state", "amount")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_SESSION = re.compile(r"[A-Za-z0-9_-]{1,64}")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    states = parser.add_mutually_exclusive_group()
    states.add_argument(
        "--unknown", dest="state", action="store_const", const="unknown", help="only those whose outcome is unknown"
    )
    states.add_argument("--state", choices=STATES, help="only those of this state")
    parser.add_argument("--principal", help="only those of this principal: an id as listed, or ISSUER|SUBJECT")
    since = "such as 90m, 24h, 7d or 2026-11-23 (default 30d; for what is unknown, however old it is)"
    parser.add_argument("--since", type=_moment, help=since)
    parser.add_argument("--order", choices=ORDERS, help="of the lines; newest (default time) or largest first")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    actions = parser.add_subparsers(dest="action", metavar="[settle]")
    settle = actions.add_parser("settle", help="ask the payments list about what is unknown, or record what you found")
    settle.add_argument("preview_id", nargs="?", help="one preview; without it, all whose outcome is unknown")
    ending = settle.add_mutually_exclusive_group()
    ending.add_argument("--session", type=_session, help="the session that you found in the dashboard")
    ending.add_argument("--nothing-was-created", action="store_true", help="you made sure that there is none")
    settle.add_argument("--by", type=who, help=f"who found it out: {WHO}")
    settle.add_argument("--because", type=why, help=f"how, and nothing of a buyer: {WHY}")


def _session(text: str) -> str:
    if not _SESSION.fullmatch(text):
        raise argparse.ArgumentTypeError("must be an id of 1 to 64 letters, digits, _ or -")
    return text


def _moment(text: str) -> float:
    """Epoch seconds of a moment, or of so long ago."""
    try:
        if found := re.fullmatch(r"([0-9]{1,6})([mhd])", text):
            return (datetime.now(UTC) - int(found[1]) * _UNITS[found[2]]).timestamp()
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError):  # so long ago, the calendar had no year
        raise argparse.ArgumentTypeError("must be such as 90m, 24h, 7d or 2026-11-23") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def run(arguments: argparse.Namespace) -> int:
    """0; 1 when something is still unknown after settling; 2 when something must be mended first."""
    from checkout_server.checkout.ledger.contract import LedgerUnavailable
    from checkout_server.checkout.policy.document import PolicyUnusable
    from checkout_server.cli.start import stopped
    from checkout_server.privacy.logs.install import set_level
    from checkout_server.privacy.sealing import KeyUnusable
    from checkout_server.settings import SettingsError, load_settings

    if arguments.action == "settle" and (sentence := _what_does_not_fit(arguments)):
        return stopped(sentence)
    try:
        settings = load_settings()
        set_level("WARNING", settings.log_format)
        return asyncio.run(_run(arguments, settings))
    except (SettingsError, KeyUnusable, PolicyUnusable) as error:
        return stopped(str(error))
    except LedgerUnavailable as error:
        return stopped(error.sentence)


def _what_does_not_fit(arguments: argparse.Namespace) -> str | None:
    """What ``settle`` would leave unused or still needs, if anything."""
    if any((arguments.state, arguments.principal, arguments.since is not None, arguments.order, arguments.json)):
        return (
            "sales settle takes none of the options that choose what is listed: leave them out, and name a preview_id "
            "to settle one alone."
        )
    if arguments.session or arguments.nothing_was_created:
        if not (arguments.preview_id and arguments.by and arguments.because):
            return "sales settle records what you found with a preview_id, --by and --because."
    elif arguments.by or arguments.because:
        return (
            "sales settle records --by and --because with what you found: add --session or --nothing-was-created, "
            "or leave both out to ask the payments list."
        )
    return None


async def _run(arguments: argparse.Namespace, settings: "Settings") -> int:
    from checkout_server.app import open_desk

    async with open_desk(settings, serves=False) as desk:
        return await carry_out(arguments, desk)


async def carry_out(arguments: argparse.Namespace, desk: "Desk") -> int:
    """The command at an open desk: see ``run``."""
    if arguments.action == "settle":
        from checkout_server.cli.sales.settle import settle

        return await settle(arguments, desk)
    from checkout_server.cli.sales.listing import list_sales

    return await list_sales(arguments, desk)
