"""The record of how a claim ended: writing it, and reading it back as a session.

A failure to write is logged, and never hides what happened upstream.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from checkout_server.checkout.desk import Desk
from checkout_server.checkout.ledger.contract import Entry, LedgerUnavailable, State
from checkout_server.checkout.sale.arguments import open_arguments
from checkout_server.checkout.sale.stages import PreparedSale, SoldSession
from checkout_server.checkout.sessions.life import KEPT_SECONDS
from checkout_server.checkout.sessions.outcome import Outcome
from checkout_server.checkout.sessions.states import SessionFacts, state_when_created
from checkout_server.gateway.errors import NotSent
from checkout_server.privacy.logs.events import emit
from checkout_server.privacy.vocabulary.event_names import Event
from checkout_server.privacy.vocabulary.fields import Failure

RECORD_SECONDS = 1.0
LONGEST_RECORD_SECONDS = 30.0
"""Seconds after which a record that failed is tried again: at first, doubled each time, and at most."""

MOST_UNSENT = 1_000
"""Ends that wait for the ledger of claims for which nothing was sent: while a disk is full, all that fail pile up. A
claim of more than that, if it was taken, is unknown when its lease ends."""

_ENDED: dict[State, Event] = {
    State.CREATED: "session.created",
    State.REFUSED: "session.refused",
    State.UNKNOWN: "session.unknown",
}


async def record_ending(
    sale: PreparedSale,
    claim_id: str,
    desk: Desk,
    state: State,
    *,
    outcome: Outcome | None = None,
    detail: str | None = None,
    failure: Failure | None = None,
) -> bool:
    """Record how a claim ended, and return whether that succeeded now; a record that failed is tried again later."""
    preview_id = sale.entry.preview_id
    session_id = outcome.session_id if outcome else None

    async def record() -> bool:
        recorded = await desk.ledger.finish(
            preview_id,
            claim_id=claim_id,
            state=state,
            session_id=session_id,
            outcome=outcome.seal(desk.sealer, preview_id) if outcome else None,
            detail=detail,
            purge_at=desk.clock() + KEPT_SECONDS,
            now=desk.clock(),
        )
        return recorded or await stands()

    async def stands() -> bool:
        """Whether it is recorded already: by an attempt whose answer was lost, or by who found it in the payments.

        Of a claim that ended with its lease, and was followed by another, there is nothing to add but a session.
        """
        entry = await desk.ledger.find(preview_id, owner=sale.owner, now=desk.clock())
        if entry is None:
            return False
        if entry.claim_id != claim_id:
            return session_id is None
        return (entry.state, entry.session_id) == (state, session_id)

    try:
        recorded = await record()
    except LedgerUnavailable:
        recorded = False
        desk.creations.start_late_record(preview_id, _record_later(record, preview_id))
    emit(
        _ENDED[state] if recorded else "session.not_recorded",
        preview_id=preview_id,
        session_id=session_id,
        environment=desk.environment,
        failure=failure,
    )
    return recorded


async def _record_later(record: Callable[[], Awaitable[bool]], preview_id: str) -> None:
    """Write the record whenever the ledger is back, so that the session is found and never made again."""
    recorded = await _once_it_is_back(record)
    emit("session.recorded_late" if recorded else "session.not_recorded", preview_id=preview_id)


async def _once_it_is_back(write: Callable[[], Awaitable[bool]]) -> bool:
    pause = RECORD_SECONDS
    while True:
        await asyncio.sleep(pause)
        pause = min(2 * pause, LONGEST_RECORD_SECONDS)
        with contextlib.suppress(LedgerUnavailable):
            return await write()


def end_unsent(sale: PreparedSale, claim_id: str, desk: Desk) -> None:
    """End a claim, once the ledger is back, that may have been taken although this was not answered.

    Nothing was sent for it. Its lease would end as unknown, and an operator would be asked about a charge.
    """
    entry = sale.entry
    # What is known of this attempt says nothing of an earlier one whose answer was lost.
    state = State.UNKNOWN if entry.state is State.UNKNOWN else State.REFUSED

    async def write() -> bool:
        return await desk.ledger.finish(
            entry.preview_id,
            claim_id=claim_id,
            state=state,
            session_id=None,
            outcome=None,
            detail=NotSent.name,
            purge_at=desk.clock() + KEPT_SECONDS,
            now=desk.clock(),
        )

    async def end() -> None:
        if await _once_it_is_back(write):
            emit(_ENDED[state], preview_id=entry.preview_id, environment=desk.environment, failure=NotSent.name)

    if desk.creations.late_records < MOST_UNSENT:
        # By its claim: the preview can be sold meanwhile, if it was not taken.
        desk.creations.start_late_record(claim_id, end())


def recorded_session(entry: Entry, desk: Desk) -> SoldSession:
    """The session that the ledger holds for a preview.

    Raises:
        SealBroken: it was sealed with a key that is gone.
    """
    outcome = Outcome.open(desk.sealer, entry.outcome or b"", entry.preview_id)
    facts = SessionFacts(
        ends_at=outcome.expires_at, has_page=outcome.checkout_url is not None, can_charge=entry.can_charge
    )
    return SoldSession(
        entry=entry,
        outcome=outcome,
        arguments=open_arguments(entry.arguments, desk.sealer, entry.preview_id) if entry.arguments else None,
        can_charge=entry.can_charge,
        replayed=True,
        state=state_when_created(facts),
    )
