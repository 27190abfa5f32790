"""Where a preview stands for a call that wants to create its session, alone or beside other calls."""

import asyncio

from checkout_server.checkout import refusals
from checkout_server.checkout.desk import Desk
from checkout_server.checkout.ledger.contract import Entry, LedgerUnavailable, State
from checkout_server.checkout.orders import Outcome

LEASE_SECONDS = 60.0
"""A claim whose process died becomes unknown after this; longer than the gateway's deadline for a creation."""
WATCH_SECONDS = 0.2
"""How often another process's creation is looked at."""


async def usable(preview_id: str, desk: Desk) -> Entry:
    """The preview, unless nothing can be done with it any more.

    Raises:
        CheckoutRefusal: it is not known here, expired, or used up by an attempt that could charge.
    """
    entry = await desk.ledger.find(preview_id, owner=desk.owner, now=desk.clock())
    if entry is None:
        raise refusals.preview_not_found()
    if entry.state in {State.REFUSED, State.UNKNOWN} and entry.can_charge:
        raise (
            refusals.refused_for_good()
            if entry.state is State.REFUSED
            else refusals.outcome_unknown(second_attempt=False)
        )
    if entry.state not in {State.CREATED, State.CLAIMED} and entry.expires_at <= desk.clock():
        if entry.state is State.UNKNOWN:
            raise refusals.outcome_unknown(second_attempt=False)
        raise refusals.preview_expired()
    return entry


async def joined(preview_id: str, desk: Desk) -> Outcome:
    """The outcome of a creation that another call has in hand, here or in another process."""
    if (running := desk.creations.get(preview_id)) is not None:
        outcome, _ = await asyncio.shield(running)
        return outcome
    return await watch(preview_id, desk)


async def watch(preview_id: str, desk: Desk) -> Outcome:
    """Wait for a creation that another process has in hand, at most as long as its lease.

    By the loop's time: the desk's clock may be set back, and the call would hang for as long.
    """
    loop = asyncio.get_running_loop()
    until = loop.time() + LEASE_SECONDS
    while True:
        try:
            entry = await usable(preview_id, desk)
        except LedgerUnavailable:
            raise refusals.still_in_progress() from None  # not "nothing was sent": the other may have sent
        if entry.outcome is not None:
            return Outcome.open(desk.sealer, entry.outcome, preview_id)
        if entry.state is not State.CLAIMED:
            raise (
                refusals.outcome_unknown(second_attempt=True)
                if entry.state is State.UNKNOWN
                else refusals.refused_elsewhere()
            )
        if loop.time() >= until:
            raise refusals.still_in_progress()
        await asyncio.sleep(WATCH_SECONDS)
