"""``sales settle``: ends what is unknown, by the payments list or by what an operator found out."""

import argparse

from checkout_server.checkout.desk import Desk
from checkout_server.checkout.ledger.contract import Entry
from checkout_server.checkout.ledger.operations import Place
from checkout_server.checkout.sessions.settle import SEARCHES, Recording, Settling, settle_by_payments, settle_manually
from checkout_server.cli.sales.pages import every_row
from checkout_server.cli.start import stopped
from checkout_server.gateway.errors import GatewayError

_TOLD = {
    Settling.FOUND: "found in the payments list and recorded",
    Settling.NOT_FOUND: "no payment; look into the dashboard, then record what you find with --session or "
    "--nothing-was-created",
    Settling.UNFINISHED: "not found yet; there are many payments: name this preview, and the search takes longer",
    Settling.WITHOUT_SESSION: "paid for, but the payment names no session; record it with --session",
}


async def settle(arguments: argparse.Namespace, desk: Desk) -> int:
    """0; 1 when something of this account is still unknown; 2 when something must be mended first."""
    try:
        owner = await desk.find_owner()
    except GatewayError:
        return stopped("The payment API does not say which merchant account its key belongs to; run doctor.")
    now, named = desk.clock(), arguments.preview_id

    async def read(after: Place, most: int) -> list[Entry]:
        return await desk.ledger.list_unknown(owner=owner, after=after, now=now, most=most, preview_id=named)

    entries = [entry async for entry in every_row(read, Place(0.0), _place_of)]
    if named is not None and not entries:
        return stopped(
            "No preview of that id has an unknown outcome in this API key's merchant account. sales --unknown lists "
            "those of all accounts; another account's is settled with an API key of that account."
        )
    if arguments.session or arguments.nothing_was_created:
        [entry] = entries
        return await _record(arguments, entry, desk)
    unknown = sum(await desk.ledger.count_unknown(environment=desk.environment, now=now))
    left = 0
    for entry in entries:
        try:
            settling = await settle_by_payments(entry, owner, desk, searches=1 if named is None else SEARCHES)
        except GatewayError:
            return stopped("The payments list cannot be read; run doctor.")
        left += settling is not Settling.FOUND
        print(f"{entry.preview_id}  {_TOLD[settling]}")
    print(f"{len(entries)} asked about, {left} still unknown")
    if named is None and (elsewhere := unknown - len(entries)) > 0:
        print(f"{elsewhere} not asked about: of another merchant account, and settled with an API key of that account")
    return 1 if left else 0


async def _record(arguments: argparse.Namespace, entry: Entry, desk: Desk) -> int:
    try:
        recording = await settle_manually(
            entry, desk, session_id=arguments.session, by=arguments.by, because=arguments.because
        )
    except GatewayError:
        return stopped("The payments list cannot be read, so nothing was recorded; run doctor.")
    match recording:
        case Recording.PAYMENT_FOUND:
            return stopped(
                "The payments list has a payment of this preview, so nothing was recorded; "
                "sales settle with the preview_id alone records it."
            )
        case Recording.UNFINISHED:
            return stopped("The payments list was not read to its end, so nothing was recorded; run it again later.")
        case _:
            told = "recorded" if recording is Recording.DONE else "was settled meanwhile"
            print(f"{entry.preview_id}  {told}")
            return 0


def _place_of(entry: Entry) -> Place:
    return Place(entry.created_at if entry.claimed_at is None else entry.claimed_at, entry.preview_id)
