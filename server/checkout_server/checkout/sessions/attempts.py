"""The payments of a session, all of them: a buyer whose first try failed makes another."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from checkout_server.checkout.desk import Desk
from checkout_server.checkout.sessions.life import SESSION_SECONDS
from checkout_server.checkout.sessions.unread import Unread
from checkout_server.gateway.payment_answers import DisputeStatus, ListedPayment, Payment, WholePayment
from checkout_server.gateway.reading import Rows

PAGE_SIZE = 100
PAGES = 3
"""Of all payments in the time of a session, and of those of one customer."""
MARGIN = timedelta(minutes=1)
"""Around that time: two tables of the API need not round alike."""
LATER_CHARGES = frozenset({"renewal", "plan_change", "on_demand"})
"""Kinds of charges that may carry the session's id and are not payments of the sale."""
TAKES_MONEY = (
    "succeeded", "processing", "requires_capture", "partially_captured", "partially_captured_and_capturable",
    "requires_merchant_action",
)  # fmt: skip
"""Statuses that no later attempt undoes, in the order in which they count."""
SETTLED: frozenset[DisputeStatus] = frozenset({"dispute_won", "dispute_cancelled"})
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
    read: Mapping[str, Payment] = field(default_factory=dict[str, Payment], repr=False)
    """By their ids all that were read, each in the most detail that it was read in."""
    are_all_read: bool = False
    """Whether the session has no others."""

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
        return next((each for each in stand if each is not None and each not in SETTLED), None)


async def read_attempts(
    session_id: str | None, payment_id: str, status: str | None, began: datetime | None, desk: Desk, unread: Unread
) -> Attempts:
    """Read the payments of a session from its newest on.

    The others are looked for among all of the shop's in that time: a page that names no customer takes whichever e-mail
    is typed, and each is a customer of its own.

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
    rows, are_all = await _list(session_id, newest, began, desk, unread)
    attempts = _decide(payment_id, status, newest, rows)
    if attempts.payment_id in {payment_id, None}:
        decisive: WholePayment | None = newest
    else:
        decisive = await unread.none_if_refused("the payment", desk.gateway.get_payment(attempts.payment_id or ""))
    read: dict[str, Payment] = {each.payment_id: each for each in rows if each.payment_id is not None}
    read[payment_id] = newest
    if decisive is not None:
        read[attempts.payment_id or payment_id] = decisive
    return replace(attempts, payment=decisive, read=read, are_all_read=are_all)


async def _list(
    session_id: str | None, newest: WholePayment, began: datetime | None, desk: Desk, unread: Unread
) -> tuple[list[ListedPayment], bool]:
    """The session's rows in the list of payments, and whether they are all."""
    span = _span(newest, began)
    if session_id is None or span is None:
        return [], False
    rows, last = await _read_pages(span, None, desk, unread)
    if last is not None and not last.is_last:
        unread.end_early()
        if newest.customer is not None:  # so that at least those of one buyer are found in the busiest shop
            rows += (await _read_pages(span, newest.customer.customer_id, desk, unread))[0]
    own = [row for row in rows if row.checkout_session_id == session_id and row.charge_type not in LATER_CHARGES]
    return own, last is not None and last.is_last


def _span(newest: WholePayment, began: datetime | None) -> tuple[datetime, datetime] | None:
    """The time in which the session's payments began; None where nobody says when it was.

    Whatever begins after a payment succeeded finds the session paid.
    """
    life = timedelta(seconds=SESSION_SECONDS)
    if began is None:
        if newest.created_at is None:
            return None
        began = newest.created_at - life
    ends = began + life
    if newest.status == "succeeded" and newest.created_at is not None and newest.updated_at is not None:
        ends = min(ends, max(newest.created_at, newest.updated_at))
    return began - MARGIN, ends + MARGIN


async def _read_pages(
    span: tuple[datetime, datetime], customer_id: str | None, desk: Desk, unread: Unread
) -> tuple[list[ListedPayment], Rows[ListedPayment] | None]:
    """Rows of the list of payments, and the last page that was read; None where one could not be."""
    found = list[ListedPayment]()
    page: Rows[ListedPayment] | None = None
    for page_number in range(PAGES):
        page = await unread.none_if_refused(
            "the list of payments",
            desk.gateway.list_payments(
                page_number=page_number,
                page_size=PAGE_SIZE,
                created_at_gte=span[0],
                created_at_lte=span[1],
                customer_id=customer_id,
            ),
        )
        found += page.items if page is not None else ()
        if page is None or page.is_last:
            break
    return found, page


def _decide(payment_id: str, status: str | None, newest: WholePayment, rows: list[ListedPayment]) -> Attempts:
    """Of several reports of one payment the one counts by which money was taken: none is taken back by a status."""
    statuses = [(payment_id, status), (payment_id, newest.status), *((row.payment_id, row.status) for row in rows)]
    taking = [(each, of) for each in TAKES_MONEY for of, its in statuses if its == each]
    decided, decisive = taking[0] if taking else (status, payment_id)
    return Attempts(
        decided,
        decisive,
        row=next((row for row in rows if row.payment_id == decisive), None),
        succeeded=len({of for of, its in statuses if its == "succeeded"}),
    )
