"""Waiting for a creation that another call started, here or in another process."""

import asyncio
import contextlib
from dataclasses import replace

from checkout_server.calls.deadline import CALL_SECONDS, seconds_left
from checkout_server.calls.stage import note_step
from checkout_server.checkout import refusals
from checkout_server.checkout.desk import Desk
from checkout_server.checkout.ledger.contract import Entry, LedgerUnavailable, Owner, State
from checkout_server.checkout.sale.record import recorded_session
from checkout_server.checkout.sale.recorded_failure import failure_of
from checkout_server.checkout.sale.stages import SoldSession
from checkout_server.checkout.sessions.answers import ANSWERS, Refuses
from checkout_server.checkout.sessions.states import SaleState, state_without_session

MOST_SECONDS = 45.0
"""The most that another process's creation is watched: longer than the gateway's deadline for one."""
WATCH_SECONDS = 0.2
"""How often another process's creation is looked at."""


async def wait_for_creation(preview_id: str, owner: Owner, desk: Desk) -> SoldSession:
    """The session that another call creates, as soon as it is there.

    Raises:
        CheckoutRefusal: that creation failed, its process died, or it takes too long.
        GatewayError, PreviewUsedUp: as that creation.
    """
    if (running := desk.creations.find(preview_id)) is not None:
        note_step("waiting_for_creation")
        await asyncio.wait({running}, timeout=seconds_left(CALL_SECONDS))
        if not running.done():
            raise refusals.refused_in(SaleState.IN_PROGRESS)
        return replace(running.result(), replayed=True)
    return await watch_creation(preview_id, owner, desk)


async def watch_creation(preview_id: str, owner: Owner, desk: Desk) -> SoldSession:
    """Wait for a creation that another process runs, until its record or the end of its lease.

    Measured by the loop's time: if the desk's clock were set back, the call would hang for as long.

    Raises:
        CheckoutRefusal: how that creation ended is not known, its process died, or it takes too long.
        GatewayError, PreviewUsedUp: as that creation.
    """
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds_left(MOST_SECONDS)
    note_step("waiting_for_creation")
    while True:
        try:
            entry = await desk.ledger.find(preview_id, owner=owner, now=desk.clock())
        except LedgerUnavailable:
            raise refusals.refused_in(SaleState.IN_PROGRESS) from None  # not "nothing was sent": the other may have
        if entry is None:
            raise refusals.preview_not_found()
        if entry.state is State.CREATED:
            return recorded_session(entry, desk)
        if entry.state is State.REFUSED:
            raise await _failure_elsewhere(entry, desk)
        if entry.state is not State.CLAIMED:
            refuse_unless_sellable(entry, now=desk.clock())
            raise refusals.outcome_unknown() if entry.state is State.UNKNOWN else refusals.refused_elsewhere()
        if loop.time() >= until:
            raise refusals.refused_in(SaleState.IN_PROGRESS)
        await asyncio.sleep(WATCH_SECONDS)


async def _failure_elsewhere(entry: Entry, desk: Desk) -> Exception:
    """What the caller of a creation was told that another process ran, and that certainly failed."""
    failure = None
    with contextlib.suppress(LedgerUnavailable):
        ends = [row.detail for row in await desk.ledger.audit(entry.preview_id) if row.event == State.REFUSED]
        failure = failure_of(ends[-1]) if ends else None
    if failure is not None:
        return refusals.PreviewUsedUp(failure) if entry.can_charge else failure
    refuse_unless_sellable(entry, now=desk.clock())
    return refusals.refused_elsewhere()


def refuse_unless_sellable(entry: Entry, *, now: float) -> None:
    """Refuse a preview that can make no session any more.

    Raises:
        CheckoutRefusal: as ``sessions/answers.py`` says of its state.
    """
    state = state_without_session(entry, now=now)
    if isinstance(ANSWERS[state].creation, Refuses):
        raise refusals.refused_in(state)
