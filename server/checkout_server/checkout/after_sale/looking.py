"""Asking the API what a session came to, and storing what it says."""

from datetime import datetime

from checkout_server.checkout.after_sale.facts import SUCCEEDED, AttemptFacts, KeyFacts, PaymentFacts, sealed_part
from checkout_server.checkout.desk import Desk
from checkout_server.checkout.ledger.contract import Entry
from checkout_server.checkout.ledger.sale_parts import Kind
from checkout_server.gateway.answers import SessionStatus
from checkout_server.gateway.payment_answers import WholePayment

PAGE_SIZE = 100
MOST_PAGES = 3
"""Of payments that are searched for other attempts."""


async def look_at_session(entry: Entry, desk: Desk) -> None:
    """Store the session's newest payment and, once it succeeded, its licence keys.

    Raises:
        GatewayError: the API did not answer.
        LedgerUnavailable: something could not be stored.
    """
    session = await desk.gateway.get_session(entry.session_id or "")
    if session.payment_id is None:
        return
    payment = await desk.gateway.get_payment(session.payment_id)
    as_of = payment.updated_at.timestamp() if payment.updated_at is not None else desk.clock()
    facts = PaymentFacts.of(payment).model_copy(update={"session_id": entry.session_id})
    await desk.ledger.store_part(
        sealed_part(session.payment_id, entry.preview_id, Kind.PAYMENT, as_of, facts, desk.sealer)
    )
    if payment.status == SUCCEEDED:
        await _look_for_keys(entry, session, payment, desk)


async def _look_for_keys(entry: Entry, session: SessionStatus, payment: WholePayment, desk: Desk) -> None:
    """Until there are some; and once they are found, who else can know the page."""
    payment_id, parts = session.payment_id or "", await desk.ledger.list_parts(entry.preview_id)
    if (
        session.created_at is None
        or payment.customer is None
        or any(part.part_id == attempt_id(payment_id) for part in parts)
    ):
        return
    if not any(part.kind is Kind.LICENSE_KEY for part in parts):
        rows = await desk.gateway.list_license_keys(
            page_number=0,
            page_size=PAGE_SIZE,
            customer_id=payment.customer.customer_id,
            created_at_gte=session.created_at,
        )
        keys = [(key.key_id, key) for key in rows.items if key.payment_id == payment_id and key.key_id is not None]
        for key_id, key in keys:
            facts = KeyFacts.of(key)
            await desk.ledger.store_part(
                sealed_part(key_id, entry.preview_id, Kind.LICENSE_KEY, facts.created_at, facts, desk.sealer)
            )
        if not keys:  # none yet, or none ever
            return
    attempt = AttemptFacts(is_sole=await _is_sole_attempt(session, payment, desk))
    await desk.ledger.store_part(
        sealed_part(attempt_id(payment_id), entry.preview_id, Kind.SOLE_ATTEMPT, desk.clock(), attempt, desk.sealer)
    )


async def _is_sole_attempt(session: SessionStatus, payment: WholePayment, desk: Desk) -> bool:
    """Whether the payments list proves that nobody else tried to pay the session, under whatever name."""
    if session.created_at is None or payment.created_at is None:
        return False
    for page in range(MOST_PAGES):
        rows = await desk.gateway.list_payments(
            page_number=page, page_size=PAGE_SIZE, created_at_gte=session.created_at, created_at_lte=_end(payment)
        )
        if any(
            row.checkout_session_id == session.session_id and row.payment_id != session.payment_id for row in rows.items
        ):
            return False
        if rows.is_last:
            return True
    return False


def _end(payment: WholePayment) -> datetime:
    """Whatever began later found the session paid."""
    return max(each for each in (payment.created_at, payment.updated_at) if each is not None)


def attempt_id(payment_id: str) -> str:
    """Under which the ledger knows what was found out about a payment's session."""
    return f"attempt:{payment_id}"
