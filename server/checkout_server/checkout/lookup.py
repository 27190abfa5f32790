"""Where a session stands: by its id, or by its preview, also when the answer to its creation was lost."""

import contextlib
from datetime import UTC, datetime

from checkout_schemas.requests.create_checkout_session import PREVIEW_ID_KEY
from checkout_schemas.requests.get_checkout_session import GetCheckoutSession
from checkout_schemas.results import SessionState, SessionStatus
from checkout_server.checkout import refusals
from checkout_server.checkout.creation import CONFIRMED_SESSION_SECONDS, KEPT_SECONDS, SESSION_SECONDS
from checkout_server.checkout.desk import Desk
from checkout_server.checkout.ledger.contract import Entry, LedgerUnavailable, State
from checkout_server.checkout.orders import Outcome
from checkout_server.gateway.answers import Payment
from checkout_server.privacy.sealing import SealBroken
from checkout_server.privacy.text import masked_email, masked_name, shown

PAYMENT_PAGE_SIZE = 100
PAYMENT_PAGES = 5
"""How far back the payments list is searched for a lost session, from the newest."""
CLOCK_SKEW = 24 * 3600.0
"""Seconds by which our clock may be ahead of the API's: a charged session that is overlooked costs more than pages."""

_STATES: dict[str, SessionState] = {
    "succeeded": "paid",
    "failed": "failed",
    "cancelled": "cancelled",
    "processing": "processing",
    "requires_merchant_action": "processing",
    "requires_capture": "processing",
    "partially_captured": "processing",
    "partially_captured_and_capturable": "processing",
    "requires_customer_action": "open",
    "requires_payment_method": "open",
    "requires_confirmation": "open",
}
"""The API's payment statuses in terms of what a seller does next. One that is not here is ``unknown``."""

_WITHOUT_SESSION: dict[State, tuple[SessionState, str]] = {
    State.QUOTED: (
        "not_created",
        "Nothing was created. Call create_checkout_session with this preview_id while the preview is valid.",
    ),
    State.CLAIMED: ("in_progress", "The session is being created. Ask again in a few seconds."),
    State.REFUSED: ("refused", "The creation failed for certain; nothing was created. Start with preview_checkout."),
    State.UNKNOWN: (
        "unknown",
        "Whether a session exists is not known, and no payment carries this preview so far. Ask again later.",
    ),
}
"""What is known of a preview that has no session, and what to do next."""

_NEXT: dict[SessionState, str] = {
    "open": "The buyer has not paid yet. Ask again later.",
    "processing": "The payment is being processed. Ask again later; do not create another session.",
    "paid": "The payment succeeded. Nothing is left to do.",
    "failed": "The payment failed. The buyer can try again on the same page; or start with preview_checkout.",
    "cancelled": "The payment was cancelled. Start with preview_checkout if the buyer wants to go on.",
    "unknown": "The payment has a status that is not known here. Ask again later; do not create another session.",
}
"""What to do next about a session."""
_OPEN_WITH_URL = "The buyer has not paid yet. Give them checkout_url, and ask again later."


async def get_session(request: GetCheckoutSession, desk: Desk) -> SessionStatus:
    """The present status of a session.

    Raises:
        CheckoutRefusal: the preview is not known here.
        GatewayError: the API does not know the session or did not answer.
    """
    if request.session_id is not None:
        return await _session(request.session_id, None, None, desk)
    preview_id = request.preview_id or ""
    entry = await desk.ledger.find(preview_id, owner=desk.owner, now=desk.clock())
    if entry is None:
        raise refusals.preview_not_found()
    if entry.session_id is not None:
        return await _session(entry.session_id, preview_id, _checkout_url(entry, desk), desk)
    if entry.state is State.UNKNOWN and (payment := await _payment_of(entry, desk)) is not None:
        return await _resolved(entry, payment, desk)
    return _without_session(entry, desk)


async def _session(session_id: str, preview_id: str | None, checkout_url: str | None, desk: Desk) -> SessionStatus:
    answer = await desk.gateway.get_session(session_id)
    status = "open" if answer.payment_status is None else _STATES.get(answer.payment_status, "unknown")
    return SessionStatus(
        session_id=session_id,
        preview_id=preview_id,
        environment=desk.environment,
        status=status,
        payment_status=shown(answer.payment_status, 64),
        payment_id=answer.payment_id,
        checkout_url=checkout_url if status in {"open", "failed"} else None,
        customer_email=masked_email(answer.customer_email),
        customer_name=masked_name(answer.customer_name),
        next_step=_OPEN_WITH_URL if status == "open" and checkout_url else _NEXT[status],
    )


def _checkout_url(entry: Entry, desk: Desk) -> str | None:
    """Where the buyer pays, unless it was sealed with a key that is gone: where the session stands is told anyway."""
    if entry.outcome is None:
        return None
    with contextlib.suppress(SealBroken):
        return Outcome.open(desk.sealer, entry.outcome, entry.preview_id).checkout_url
    return None


def _without_session(entry: Entry, desk: Desk) -> SessionStatus:
    status, next_step = _WITHOUT_SESSION[entry.state]
    return SessionStatus(preview_id=entry.preview_id, environment=desk.environment, status=status, next_step=next_step)


async def _payment_of(entry: Entry, desk: Desk) -> Payment | None:
    """The payment whose metadata carries this preview, if there is one already.

    Where a second attempt made another session, one that is paid says more than a newer one that is not.
    """
    since = datetime.fromtimestamp(entry.created_at - CLOCK_SKEW, UTC)
    for page in range(PAYMENT_PAGES):
        rows = await desk.gateway.list_payments(page_number=page, page_size=PAYMENT_PAGE_SIZE, created_at_gte=since)
        found = [
            row for row in rows
            if row.metadata.get(PREVIEW_ID_KEY) == entry.preview_id and row.checkout_session_id is not None
        ]  # fmt: skip
        if found:
            return next((row for row in found if row.status == "succeeded"), found[0])
        if len(rows) < PAYMENT_PAGE_SIZE:
            break
    return None


async def _resolved(entry: Entry, payment: Payment, desk: Desk) -> SessionStatus:
    """Record what the payments list proves: the session was created."""
    session_id = payment.checkout_session_id or ""
    outcome = Outcome(
        session_id=session_id,
        checkout_url=None,
        payment_id=payment.payment_id,
        expires_at=entry.created_at + (CONFIRMED_SESSION_SECONDS if entry.can_charge else SESSION_SECONDS),
        warnings=["The answer to its creation was lost, and with it the checkout_url."],
        sold=None,
    )
    with contextlib.suppress(LedgerUnavailable):  # what was found is told all the same, and can be found again
        await desk.ledger.finish(
            entry.preview_id,
            claim_id=entry.claim_id or "",
            state=State.CREATED,
            session_id=session_id,
            outcome=outcome.seal(desk.sealer, entry.preview_id),
            detail="found_in_payments",
            purge_at=desk.clock() + KEPT_SECONDS,
            now=desk.clock(),
        )
    return await _session(session_id, entry.preview_id, None, desk)
