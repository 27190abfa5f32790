"""The payments of a session, all of them: a buyer whose first try failed makes another."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from checkout_server.checkout.desk import Desk
from checkout_server.checkout.sessions.life import CLOCK_MARGIN_SECONDS, SESSION_SECONDS
from checkout_server.checkout.sessions.unread import Unread
from checkout_server.gateway.payment_answers import DisputeStatus, ListedPayment, WholePayment

PAGE_SIZE = 100
PAGES = 3
"""Nobody makes more payments in a day than these hold."""
_LATER_CHARGES = {"renewal", "plan_change", "on_demand"}
_TAKES_MONEY = (
    "succeeded", "processing", "requires_capture", "partially_captured", "partially_captured_and_capturable",
    "requires_merchant_action",
)  # fmt: skip
"""Statuses that no later attempt undoes, in the order in which they count."""
_SETTLED: frozenset[DisputeStatus] = frozenset({"dispute_won", "dispute_cancelled"})
"""The money stays with the merchant."""


@dataclass(frozen=True, slots=True)
class Attempts:
    """What the API says of the payments of a session."""

    status: str | None
    """Of all together: that one failed says nothing against one that succeeded."""
    payment_id: str | None
    """Of the payment that decides it."""
    payment: WholePayment | None = None
    """That payment; None where it could not be read."""
    row: ListedPayment | None = None
    """The same as the list has it; None where that could not be read."""
    succeeded: int = 0
    """How many took money."""

    @property
    def is_refunded(self) -> bool:
        return any(each is not None and each.refund_status is not None for each in (self.payment, self.row))

    @property
    def dispute(self) -> DisputeStatus | None:
        """Where a dispute stands by which the money may go, or is gone."""
        disputes = (self.payment.disputes if self.payment else None) or []
        stand: list[DisputeStatus | None] = [
            *(each.dispute_status for each in disputes),
            self.row.dispute_status if self.row else None,
        ]
        return next((each for each in stand if each is not None and each not in _SETTLED), None)


async def read_attempts(
    session_id: str | None, payment_id: str, status: str | None, began: datetime | None, desk: Desk, unread: Unread
) -> Attempts:
    """Read the payments of a session from its newest on.

    The others are looked for among those of the same customer, since a page is for one.

    Args:
        session_id: which session; None where the payment does not name it, which then stands alone.
        payment_id: its newest payment.
        status: the payment's, as the session has it.
        began: when the session began, by the API's clock.
        desk: the context of the call.
        unread: takes note of what cannot be read.
    """
    newest = await unread.none_if_refused("the payment", desk.gateway.get_payment(payment_id))
    if newest is None:
        return Attempts(status, payment_id)
    rows = await _list(session_id, newest, began, desk, unread)
    attempts = _decide(payment_id, status, newest, rows)
    if attempts.payment_id in {payment_id, None}:
        return replace(attempts, payment=newest)
    other = await unread.none_if_refused("the payment", desk.gateway.get_payment(attempts.payment_id or ""))
    return replace(attempts, payment=other)


async def _list(
    session_id: str | None, newest: WholePayment, began: datetime | None, desk: Desk, unread: Unread
) -> list[ListedPayment]:
    found = list[ListedPayment]()
    life, margin = timedelta(seconds=SESSION_SECONDS), timedelta(seconds=CLOCK_MARGIN_SECONDS)
    if began is None and newest.created_at is not None:
        began = newest.created_at - life
    if session_id is None or newest.customer is None or began is None:
        return found
    for page_number in range(PAGES):
        page = await unread.none_if_refused(
            "the list of payments",
            desk.gateway.list_payments(
                page_number=page_number,
                page_size=PAGE_SIZE,
                created_at_gte=began - margin,
                created_at_lte=began + life + margin,
                customer_id=newest.customer.customer_id,
            ),
        )
        found += page.items if page is not None else ()
        if page is None or page.is_last:
            break
    return [row for row in found if row.checkout_session_id == session_id and row.charge_type not in _LATER_CHARGES]


def _decide(payment_id: str, status: str | None, newest: WholePayment, rows: list[ListedPayment]) -> Attempts:
    """Of several reports of one payment the one counts by which money was taken: none is taken back by a status."""
    statuses = [(payment_id, status), (payment_id, newest.status), *((row.payment_id, row.status) for row in rows)]
    taking = [(each, of) for each in _TAKES_MONEY for of, its in statuses if its == each]
    decided, decisive = taking[0] if taking else (status, payment_id)
    return Attempts(
        decided,
        decisive,
        row=next((row for row in rows if row.payment_id == decisive), None),
        succeeded=len({of for of, its in statuses if its == "succeeded"}),
    )
