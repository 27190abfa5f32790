"""``sales``: what was sold, refused and left unknown."""

import argparse
import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime

from checkout_schemas.vocabularies.currencies import display
from checkout_server.checkout.desk import Desk
from checkout_server.checkout.ledger.operations import Place, SaleRow
from checkout_server.checkout.principals import identify_principal
from checkout_server.cli.sales.pages import every_row
from checkout_server.privacy.text import shown

LISTED_SECONDS = 30 * 86_400.0
"""How old the sales are that are listed without ``--since``; what is unknown is, however old."""


async def list_sales(arguments: argparse.Namespace, desk: Desk) -> int:
    """Print one line for each sale that is asked for, and how many there are; 0."""
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:  # a reason may be in any language, which not every encoding has
        reconfigure(errors="backslashreplace")
    unknown = sum(await desk.ledger.count_unknown(environment=desk.environment, now=desk.clock()))
    for row in (rows := _in_order(await _find_sales(arguments, desk), arguments.order)):
        print(json.dumps(asdict(row) | {"at": _iso(row.at)}) if arguments.json else _line(row))
    if not arguments.json:
        print(f"{len(rows)} sales; {unknown} with an unknown outcome")
    return 0


async def _find_sales(arguments: argparse.Namespace, desk: Desk) -> list[SaleRow]:
    """All that are asked for, newest first. What is unknown is asked of the previews: their steps may be purged."""
    environment, principal, now = desk.environment, await _id_of(arguments.principal, desk), desk.clock()
    since = arguments.since

    async def read(after: Place, most: int) -> list[SaleRow]:
        if arguments.state == "unknown":
            return await desk.ledger.list_unknown_sales(
                environment=environment, after=after, now=now, most=most, principal=principal
            )
        return await desk.ledger.list_sales(
            environment=environment, after=after, state=arguments.state, most=most, principal=principal
        )

    if since is None:
        since = 0.0 if arguments.state == "unknown" else now - LISTED_SECONDS
    found = every_row(read, Place(since), lambda row: Place(row.at, row.preview_id))
    # A sale that takes a step while the pages are read stands on two of them.
    newest = {row.preview_id: row async for row in found}
    return sorted(newest.values(), key=lambda row: row.at, reverse=True)


async def _id_of(principal: str | None, desk: Desk) -> str | None:
    """By what the ledger knows a principal who is named by issuer and subject."""
    issuer, bar, subject = (principal or "").partition("|")
    if not bar:
        return principal
    await desk.ledger_key.load()
    return identify_principal(desk.ledger_key, issuer, subject, ()).id


def _in_order(rows: list[SaleRow], order: str | None) -> list[SaleRow]:
    """Newest first as they come; otherwise so within each principal or state, or by amount within each currency."""
    match order:
        case "principal":
            return sorted(rows, key=lambda row: row.principal)
        case "state":
            return sorted(rows, key=lambda row: row.state)
        case "amount":
            return sorted(rows, key=lambda row: (row.currency, -row.total))
        case _:
            return rows


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")


def _line(row: SaleRow) -> str:
    about = [_iso(row.at), shown(row.principal, 40), row.state, display(row.total, row.currency), row.preview_id]
    return "  ".join(each for each in (*about, row.session_id, shown(row.detail, 260)) if each)
