"""At most one session per preview: claim, send, record.

The claim is written before the request leaves. What the answer proves is recorded; what it does not prove is
unknown, and said to be. The request itself is never repeated here, and runs in a task of its own so that
nobody's cancellation can cut it.
"""

import asyncio
import contextlib
import secrets
from collections.abc import Awaitable, Callable
from typing import Any

from checkout_schemas.rules import missing_fallbacks
from checkout_server.checkout import refusals
from checkout_server.checkout.desk import Desk
from checkout_server.checkout.ledger.contract import Claim, Entry, LedgerUnavailable, State
from checkout_server.checkout.orders import Outcome, confirms, digest_of
from checkout_server.checkout.sale import Sale
from checkout_server.checkout.standing import LEASE_SECONDS, joined, watch
from checkout_server.gateway.answers import Session
from checkout_server.gateway.errors import GatewayError, NotSent, RateLimited, Refused, UnreadableAnswer
from checkout_server.privacy.events import emit
from checkout_server.privacy.vocabulary import Event, Failure

SESSION_SECONDS = 24 * 3600.0
CONFIRMED_SESSION_SECONDS = 15 * 60.0
"""How long a session lives (the provider's guide, "Session Validity")."""
KEPT_SECONDS = 7 * 24 * 3600.0
"""How long after its end a preview's outcome can still be asked for."""
RECORD_SECONDS = 1.0
RECORD_ATTEMPTS = 120
"""How often, and how many times, a record that could not be written is tried again."""


async def create_session(sale: Sale, desk: Desk) -> tuple[Outcome, bool]:
    """Create the session of a prepared and, where needed, approved sale.

    Returns:
        How it ended, and whether an earlier call made it.

    Raises:
        CheckoutRefusal: the outcome is unknown, or too many were created this hour.
        GatewayError: the API provably refused, or was not reached.
        PreviewUsedUp: the same, of a request that could charge.
        LedgerUnavailable: the claim could not be written; nothing was sent.
    """
    if sale.outcome is not None:
        return sale.outcome, True
    if sale.entry.preview_id in desk.creations:
        return await joined(sale.entry.preview_id, desk), True
    task = desk.start_creation(sale.entry.preview_id, _claim_and_send(sale.entry, sale.body, desk))
    return await asyncio.shield(task)


async def _claim_and_send(entry: Entry, body: dict[str, Any], desk: Desk) -> tuple[Outcome, bool]:
    can_charge = confirms(body)
    claim_id = secrets.token_urlsafe(12)
    claimed = await desk.ledger.claim(
        entry.preview_id,
        principal=desk.principal,
        environment=desk.environment,
        claim_id=claim_id,
        from_state=entry.state,
        can_charge=can_charge,
        now=desk.clock(),
        lease_seconds=LEASE_SECONDS,
        hourly_limit=desk.policy.limits.creations_per_hour,
    )
    if claimed is Claim.TOO_MANY:
        raise refusals.too_many_creations()
    if claimed is Claim.NOT_FREE:
        return await watch(entry.preview_id, desk), True
    emit("session.claimed", preview_id=entry.preview_id, total=entry.total, currency=entry.currency)
    try:
        session = await desk.gateway.create(body)
        if session.checkout_url is None and not can_charge:
            raise UnreadableAnswer("create")  # nobody could pay
    except GatewayError as error:
        proven = _proves_refusal(error, can_charge=can_charge)
        await _record(
            entry,
            claim_id,
            desk,
            # What a refusal proves of this attempt says nothing of an earlier one whose answer was lost.
            State.REFUSED if proven and entry.state is not State.UNKNOWN else State.UNKNOWN,
            detail=error.code or error.name,
            failure=error.name,
        )
        if proven and can_charge:
            raise refusals.PreviewUsedUp(error) from None
        if proven:
            raise
        raise refusals.outcome_unknown(second_attempt=not can_charge) from None
    except BaseException as error:
        # A cancellation at shutdown, or a defect of ours: whatever was sent may have been answered.
        await asyncio.shield(_record(entry, claim_id, desk, State.UNKNOWN, detail="interrupted", failure="interrupted"))
        if isinstance(error, Exception):
            emit("session.crashed", preview_id=entry.preview_id, error=error)
            raise refusals.outcome_unknown(second_attempt=not can_charge) from None
        raise
    outcome = _outcome(session, body, desk)
    if not await _record(entry, claim_id, desk, State.CREATED, outcome=outcome):
        outcome.warnings.append(
            "The session exists but could not be recorded here yet: keep session_id, do not create again."
        )
    return outcome, False


def _proves_refusal(error: GatewayError, *, can_charge: bool) -> bool:
    """Whether an error proves that no session was made: nothing left, or a 4xx answered.

    A 429 to a request that can charge is not proof enough.
    """
    if isinstance(error, RateLimited) and can_charge:
        return False
    return isinstance(error, NotSent | Refused)


def _outcome(session: Session, body: dict[str, Any], desk: Desk) -> Outcome:
    lacking = missing_fallbacks(body)
    warnings = [f"allowed_payment_method_types lacks {' and '.join(lacking)}: the buyer may find no method to pay by."]
    return Outcome(
        session_id=session.session_id,
        checkout_url=session.checkout_url,
        payment_id=session.payment_id,
        expires_at=desk.clock() + (CONFIRMED_SESSION_SECONDS if confirms(body) else SESSION_SECONDS),
        warnings=warnings if lacking else [],
        sold=digest_of(body),
    )


_ENDED: dict[State, Event] = {
    State.CREATED: "session.created",
    State.REFUSED: "session.refused",
    State.UNKNOWN: "session.unknown",
}


async def _record(
    entry: Entry,
    claim_id: str,
    desk: Desk,
    state: State,
    *,
    outcome: Outcome | None = None,
    detail: str | None = None,
    failure: Failure | None = None,
) -> bool:
    """Record how a claim ended. A failure to do so is logged, and never hides what happened upstream."""
    session_id = outcome.session_id if outcome else None

    async def finish() -> bool:
        return await desk.ledger.finish(
            entry.preview_id,
            claim_id=claim_id,
            state=state,
            session_id=session_id,
            outcome=outcome.seal(desk.sealer, entry.preview_id) if outcome else None,
            detail=detail,
            purge_at=desk.clock() + KEPT_SECONDS,
            now=desk.clock(),
        )

    try:
        recorded = await finish()
    except LedgerUnavailable:
        recorded = False
        desk.start_later(_record_later(finish, entry.preview_id))
    emit(
        _ENDED[state] if recorded else "session.not_recorded",
        preview_id=entry.preview_id,
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
