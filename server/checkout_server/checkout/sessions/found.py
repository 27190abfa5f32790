"""Recording what the payments list proves: that a preview was sold."""

from checkout_server.checkout.desk import Desk
from checkout_server.checkout.ledger.contract import Entry, Owner, State
from checkout_server.checkout.sessions.life import KEPT_SECONDS, SESSION_SECONDS, end_of_session
from checkout_server.checkout.sessions.outcome import Outcome
from checkout_server.gateway.payment_answers import Payment
from checkout_server.privacy.logs.events import emit

FOUND = "found_in_payments"
"""The detail of the step in the ledger."""
UNSOLD = frozenset({State.QUOTED, State.REFUSED})
"""What the ledger takes for unsold: a payment that is found shows that it forgot the sale."""


def outcome_of_payment(entry: Entry, payment: Payment) -> Outcome | None:
    """The session that was paid for; None where the payment does not name it."""
    if payment.checkout_session_id is None:
        return None
    # Of a sale that the ledger forgot nobody knows when its session began, nor how long it lives.
    forgotten = entry.state in UNSOLD
    return Outcome(
        session_id=payment.checkout_session_id,
        checkout_url=None,
        payment_id=payment.payment_id,
        expires_at=entry.expires_at + SESSION_SECONDS if forgotten else end_of_session(entry),
        warnings=["The answer to its creation was lost, and with it the checkout_url."],
    )


async def record_found_session(entry: Entry, outcome: Outcome, owner: Owner, desk: Desk) -> bool:
    """Record a found session as the preview's; False where something else was recorded meanwhile.

    Raises:
        LedgerUnavailable: it could not be recorded, and can be found again.
    """
    now = desk.clock()
    sealed, purge_at = outcome.seal(desk.sealer, entry.preview_id), now + KEPT_SECONDS
    if entry.state in UNSOLD:
        recorded = await desk.ledger.restore_sale(
            entry.preview_id, owner=owner, session_id=outcome.session_id, outcome=sealed, detail=FOUND,
            purge_at=purge_at, now=now,
        )  # fmt: skip
    else:
        recorded = await desk.ledger.finish(
            entry.preview_id, claim_id=entry.claim_id or "", state=State.CREATED, session_id=outcome.session_id,
            outcome=sealed, detail=FOUND, purge_at=purge_at, now=now,
        )  # fmt: skip
    if recorded:
        emit(
            "session.settled",
            preview_id=entry.preview_id,
            session_id=outcome.session_id,
            environment=desk.environment,
        )
    return recorded
