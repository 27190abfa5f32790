"""Every state that a sale can be in, by the ledger, the API's answer and the clock."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from checkout_server.checkout.ledger.contract import Entry, State
from checkout_server.checkout.sessions.life import CLOCK_MARGIN_SECONDS, end_of_session
from checkout_server.gateway.payment_answers import DisputeStatus


class SaleState(Enum):
    """Where a sale stands. ``sessions/answers.py`` says what is told of each."""

    QUOTED = auto()
    QUOTED_EXPIRED = auto()
    QUOTED_UNCHECKED = auto()
    """Unsold by the ledger, and the payments list could not be asked whether that is so."""
    IN_PROGRESS = auto()
    REFUSED = auto()
    REFUSED_EXPIRED = auto()
    REFUSED_CHARGE = auto()
    UNKNOWN = auto()
    UNKNOWN_TWICE = auto()
    UNKNOWN_EXPIRED = auto()
    UNKNOWN_OVER = auto()
    UNKNOWN_CHARGE = auto()
    UNKNOWN_CHARGE_OVER = auto()
    OPEN = auto()
    OPEN_ELSEWHERE = auto()
    OPEN_WITHOUT_PAGE = auto()
    NEEDS_BUYER = auto()
    CHARGE_NOT_DONE = auto()
    PROCESSING = auto()
    FAILED = auto()
    FAILED_WITHOUT_PAGE = auto()
    FAILED_ELSEWHERE = auto()
    CANCELLED = auto()
    PAID = auto()
    REFUNDED = auto()
    DISPUTED = auto()
    DISPUTE_OVER = auto()
    """The money is the buyer's."""
    EXPIRED = auto()
    PAYMENT_NOT_KNOWN = auto()
    FORGOTTEN = auto()


def state_without_session(entry: Entry, *, now: float) -> SaleState:
    """The state of a preview for which the ledger knows no session, at ``now`` in epoch seconds."""
    expired = entry.expires_at <= now
    match entry.state:
        case State.CLAIMED:
            return SaleState.IN_PROGRESS
        case State.REFUSED if entry.can_charge:
            return SaleState.REFUSED_CHARGE
        case State.REFUSED:
            return SaleState.REFUSED_EXPIRED if expired else SaleState.REFUSED
        case State.UNKNOWN | State.CREATED:
            over = end_of_session(entry) + CLOCK_MARGIN_SECONDS <= now
            if entry.can_charge:
                return SaleState.UNKNOWN_CHARGE_OVER if over else SaleState.UNKNOWN_CHARGE
            if over:
                return SaleState.UNKNOWN_OVER
            if expired:
                return SaleState.UNKNOWN_EXPIRED
            return SaleState.UNKNOWN_TWICE if entry.lost_before else SaleState.UNKNOWN
        case State.QUOTED:
            return SaleState.QUOTED_EXPIRED if expired else SaleState.QUOTED


_BY_PAYMENT: Mapping[str | None, tuple[SaleState, SaleState]] = {
    "succeeded": (SaleState.PAID, SaleState.PAID),
    "processing": (SaleState.PROCESSING, SaleState.PROCESSING),
    "requires_merchant_action": (SaleState.PROCESSING, SaleState.PROCESSING),
    "requires_capture": (SaleState.PROCESSING, SaleState.PROCESSING),
    "partially_captured": (SaleState.PROCESSING, SaleState.PROCESSING),
    "partially_captured_and_capturable": (SaleState.PROCESSING, SaleState.PROCESSING),
    "failed": (SaleState.FAILED, SaleState.FAILED_WITHOUT_PAGE),
    "cancelled": (SaleState.CANCELLED, SaleState.CANCELLED),
    "requires_customer_action": (SaleState.NEEDS_BUYER, SaleState.CHARGE_NOT_DONE),
    "requires_payment_method": (SaleState.OPEN, SaleState.CHARGE_NOT_DONE),
    "requires_confirmation": (SaleState.OPEN, SaleState.CHARGE_NOT_DONE),
    None: (SaleState.OPEN, SaleState.CHARGE_NOT_DONE),
}
"""The API's payment statuses (SDK: ``IntentStatus``), with a page that the buyer can be given and without."""

_OUTLIVES_ITS_PAGE = frozenset({SaleState.PAID, SaleState.PROCESSING, SaleState.PAYMENT_NOT_KNOWN})
"""What stays as it is when the session ends."""


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """What is known of a session beside its payment."""

    ends_at: float | None
    """Epoch seconds; None when nobody says when it began."""
    has_page: bool
    """Whether this server knows the page."""
    can_charge: bool
    """Whether it was to charge by itself."""
    is_ours: bool = True
    """Whether the ledger knows the session."""


def state_of_session(payment_status: str | None, session: SessionFacts, *, now: float) -> SaleState:
    """The state of a session whose payment the API was asked for, at ``now`` in epoch seconds."""
    with_page, without_page = _BY_PAYMENT.get(
        payment_status, (SaleState.PAYMENT_NOT_KNOWN, SaleState.PAYMENT_NOT_KNOWN)
    )
    state = with_page if session.has_page else without_page
    if state in _OUTLIVES_ITS_PAGE:
        return state
    if session.ends_at is not None and session.ends_at <= now:
        return SaleState.EXPIRED
    if state is SaleState.CHARGE_NOT_DONE and not session.is_ours:
        return SaleState.OPEN_ELSEWHERE
    if state is SaleState.FAILED_WITHOUT_PAGE and not session.is_ours:
        return SaleState.FAILED_ELSEWHERE
    if state is SaleState.CHARGE_NOT_DONE and not session.can_charge:
        return SaleState.OPEN_WITHOUT_PAGE
    return state


def state_of_payment(payment_status: str | None, session: SessionFacts, *, now: float) -> SaleState:
    """By a payment alone: it carries our mark, so the preview was sold, whatever else is odd in it."""
    if payment_status is None:
        return SaleState.PAYMENT_NOT_KNOWN
    return state_of_session(payment_status, session, now=now)


def state_of_dispute(status: DisputeStatus) -> SaleState:
    """The state of a sale with a dispute by which the money may go, or is gone."""
    return SaleState.DISPUTED if status in _UNDECIDED else SaleState.DISPUTE_OVER


_UNDECIDED: frozenset[DisputeStatus] = frozenset({"dispute_opened", "dispute_challenged"})


def state_when_created(session: SessionFacts) -> SaleState | None:
    """The state of a session that was just created; None of one that charges without a page: only the API can tell."""
    if session.has_page:
        return SaleState.OPEN
    return None if session.can_charge else SaleState.OPEN_WITHOUT_PAGE


def may_have_charged(state: SaleState, session: SessionFacts) -> bool:
    """Whether another sale of the same order could charge the buyer twice."""
    return state in _MAY_HAVE_CHARGED or (session.can_charge and state in _STILL_OPEN)


_MAY_HAVE_CHARGED = frozenset(
    {
        SaleState.CHARGE_NOT_DONE,
        SaleState.NEEDS_BUYER,
        SaleState.PROCESSING,
        SaleState.PAID,
        SaleState.REFUNDED,
        SaleState.DISPUTED,
        SaleState.DISPUTE_OVER,
        SaleState.PAYMENT_NOT_KNOWN,
        SaleState.FORGOTTEN,
    }
)
_STILL_OPEN = frozenset({SaleState.OPEN, SaleState.OPEN_WITHOUT_PAGE})
