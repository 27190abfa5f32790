"""Asking the API what a session came to, and storing what it says."""

from datetime import datetime

from checkout_server.checkout.after_sale.facts import (
    SUCCEEDED,
    AttemptFacts,
    FactsOfPayment,
    KeyFacts,
    PaymentFacts,
    sealed_part,
)
from checkout_server.checkout.desk import Desk
from checkout_server.checkout.ledger.contract import Entry
from checkout_server.checkout.ledger.sale_parts import Kind
from checkout_server.checkout.sessions.attempts import Attempts, read_attempts
from checkout_server.checkout.sessions.unread import Unread
from checkout_server.gateway.payment_answers import Payment, WholePayment

PAGE_SIZE = 100


async def look_at_session(entry: Entry, desk: Desk) -> None:
    """Store the session's payments, read as ``get_checkout_session`` does, and once one succeeded, its disputes and
    licence keys.

    Raises:
        GatewayError: the API did not answer.
        LedgerUnavailable: something could not be stored.
    """
    session = await desk.gateway.get_session(entry.session_id or "")
    if session.payment_id is None:
        return
    # What cannot be read is not stored, and read at the next look.
    attempts = await read_attempts(
        entry.session_id, session.payment_id, session.payment_status, session.created_at, desk, Unread()
    )
    await _store_payments(entry, attempts, desk)
    payment = attempts.payment
    if attempts.status != SUCCEEDED or payment is None:
        return
    for each in payment.disputes or ():
        if each.dispute_id is not None:
            of = FactsOfPayment(status=each.dispute_status, payment_id=attempts.payment_id)
            await desk.ledger.store_part(
                sealed_part(each.dispute_id, entry.preview_id, Kind.DISPUTE, desk.clock(), of, desk.sealer)
            )
    if (began := session.created_at or payment.created_at) is not None:
        await _look_for_keys(entry, payment, began, attempts, desk)


async def _store_payments(entry: Entry, attempts: Attempts, desk: Desk) -> None:
    for payment_id, payment in attempts.read.items():
        status = attempts.status if payment_id == attempts.payment_id else payment.status
        facts = PaymentFacts.of(payment).model_copy(update={"session_id": entry.session_id, "status": status})
        as_of = _last_change(payment, desk)
        await desk.ledger.store_part(sealed_part(payment_id, entry.preview_id, Kind.PAYMENT, as_of, facts, desk.sealer))


def _last_change(payment: Payment, desk: Desk) -> float:
    """Since when a payment is as it was read, in epoch seconds; a row of the list does not say it."""
    if isinstance(payment, WholePayment) and payment.updated_at is not None:
        return payment.updated_at.timestamp()
    return desk.clock()


async def _look_for_keys(entry: Entry, payment: WholePayment, began: datetime, attempts: Attempts, desk: Desk) -> None:
    """Until there are some; and once they are found, who else can know the page."""
    payment_id, parts = attempts.payment_id or "", await desk.ledger.list_parts(entry.preview_id)
    if payment.customer is None or any(part.part_id == attempt_id(payment_id) for part in parts):
        return
    if not any(part.kind is Kind.LICENSE_KEY for part in parts):
        rows = await desk.gateway.list_license_keys(
            page_number=0,
            page_size=PAGE_SIZE,
            customer_id=payment.customer.customer_id,
            created_at_gte=began,
        )
        keys = [(key.key_id, key) for key in rows.items if key.payment_id == payment_id and key.key_id is not None]
        for key_id, key in keys:
            facts = KeyFacts.of(key)
            await desk.ledger.store_part(
                sealed_part(key_id, entry.preview_id, Kind.LICENSE_KEY, facts.created_at, facts, desk.sealer)
            )
        if not keys:  # none yet, or none ever
            return
    is_sole = set(attempts.read) == {payment_id}
    if is_sole and not attempts.are_all_read:  # the next look may read them all
        return
    await desk.ledger.store_part(
        sealed_part(
            attempt_id(payment_id), entry.preview_id, Kind.SOLE_ATTEMPT, desk.clock(), AttemptFacts(is_sole=is_sole),
            desk.sealer,
        )
    )  # fmt: skip


def attempt_id(payment_id: str) -> str:
    """Under which the ledger knows what was found out about a payment's session."""
    return f"attempt:{payment_id}"
