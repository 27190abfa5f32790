"""Recording how a claim ended. A failure to do so is logged, and never hides what happened upstream."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from checkout_server.checkout.desk import Desk
from checkout_server.checkout.ledger.contract import LedgerUnavailable, State
from checkout_server.checkout.sale.stages import PreparedSale
from checkout_server.checkout.sessions.life import KEPT_SECONDS
from checkout_server.checkout.sessions.outcome import Outcome
from checkout_server.privacy.events import emit
from checkout_server.privacy.vocabulary import Event, Failure

RECORD_SECONDS = 1.0
RECORD_ATTEMPTS = 120
"""Seconds between attempts to write a record that failed, and the number of attempts."""

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

    async def finish() -> bool:
        return await desk.ledger.finish(
            preview_id,
            claim_id=claim_id,
            state=state,
            session_id=session_id,
            outcome=outcome.seal(desk.sealer, preview_id) if outcome else None,
            detail=detail,
            purge_at=desk.clock() + KEPT_SECONDS,
            now=desk.clock(),
        )

    try:
        recorded = await finish()
    except LedgerUnavailable:
        recorded = False
        desk.creations.start_late_record(preview_id, _record_later(finish, preview_id))
    emit(
        _ENDED[state] if recorded else "session.not_recorded",
        preview_id=preview_id,
        session_id=session_id,
        environment=desk.environment,
        failure=failure,
    )
    return recorded


async def _record_later(finish: Callable[[], Awaitable[bool]], preview_id: str) -> None:
    """Write the record once the ledger is back, so that the session is found and never made again."""
    for _ in range(RECORD_ATTEMPTS):
        await asyncio.sleep(RECORD_SECONDS)
        with contextlib.suppress(LedgerUnavailable):
            emit("session.recorded_late" if await finish() else "session.not_recorded", preview_id=preview_id)
            return
