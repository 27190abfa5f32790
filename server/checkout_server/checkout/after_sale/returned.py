"""What the session of a return page came to: from the ledger, after a look at the API if none was just taken."""

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto

from checkout_server.checkout.after_sale.facts import (
    SUCCEEDED,
    AttemptFacts,
    FactsOfPayment,
    KeyFacts,
    PaymentFacts,
    open_facts,
)
from checkout_server.checkout.after_sale.looking import attempt_id, look_at_session
from checkout_server.checkout.after_sale.return_address import digest_token
from checkout_server.checkout.desk import Desk
from checkout_server.checkout.ledger.contract import Entry
from checkout_server.checkout.ledger.sale_parts import Kind, ReturnPage, SalePart
from checkout_server.checkout.sessions.attempts import LATER_CHARGES, SETTLED, TAKES_MONEY
from checkout_server.checkout.sessions.life import end_of_session
from checkout_server.checkout.sessions.lookup import open_outcome
from checkout_server.checkout.sessions.sharing import ACTIVE
from checkout_server.checkout.sessions.states import SaleState, SessionFacts, state_of_session
from checkout_server.gateway.errors import GatewayError
from checkout_server.gateway.room import giving_way

LOOK_PAUSE_SECONDS = 5.0
LOOK_SECONDS = 10.0
"""How long a buyer waits for the API."""
KEYS_SHOWN_SECONDS = 3600.0


class ReturnState(Enum):
    """What a buyer is told."""

    PAID = auto()
    CONFIRMED = auto()
    """Of an order in which nothing was to be paid."""
    REFUNDED = auto()
    PARTLY_REFUNDED = auto()
    DISPUTED = auto()
    """The buyer's bank questions the charge, or took it back."""
    PROCESSING = auto()
    FAILED = auto()
    OPEN = auto()
    ENDED = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """The content of a return page."""

    state: ReturnState
    language: str | None
    """Of the session; None leaves it to the browser."""
    is_test: bool
    total: int | None = None
    """Minor units of what was paid."""
    currency: str | None = None
    license_keys: Sequence[str] = field(default=(), repr=False)
    are_keys_mailed: bool = False
    """Whether there are licence keys that are not shown."""
    checkout_url: str | None = field(default=None, repr=False)
    """Where the buyer can pay, while they can."""


async def find_returned(token: str, desk: Desk) -> Returned | None:
    """What a token's session came to; None where no page belongs to it.

    Raises:
        LedgerUnavailable: the ledger cannot be used.
        GatewayError: the API did not say whose sales these are.
    """
    if (digest := digest_token(token)) is None:
        return None
    page = await desk.ledger.find_return_page(digest, owner=await desk.find_owner())
    if page is None:
        return None
    now = desk.clock()
    if page.entry.session_id is not None and await desk.ledger.take_look(digest, now=now, pause=LOOK_PAUSE_SECONDS):
        with giving_way(), contextlib.suppress(GatewayError, TimeoutError):
            async with asyncio.timeout(LOOK_SECONDS):
                await look_at_session(page.entry, desk)
    return _content(page, await desk.ledger.list_parts(page.entry.preview_id), desk)


def _content(page: ReturnPage, parts: Sequence[SalePart], desk: Desk) -> Returned:
    entry, now = page.entry, desk.clock()
    payment_id, payment = _payment_that_counts(entry, parts, desk)
    outcome = open_outcome(entry, desk)
    facts = SessionFacts(
        ends_at=outcome.expires_at if outcome is not None else end_of_session(entry),
        has_page=outcome is not None and outcome.checkout_url is not None,
        can_charge=entry.can_charge,
    )
    is_test = entry.environment != "live_mode"
    if entry.session_id is None:  # its own answer is still awaited
        return Returned(state=ReturnState.PROCESSING, language=page.language, is_test=is_test)
    sale_state = state_of_session(payment.status if payment is not None else None, facts, now=now)
    state = _STATES.get(sale_state, ReturnState.PROCESSING)
    if state is ReturnState.PAID and payment is not None:
        if _is_disputed(payment_id, parts, desk):
            return Returned(state=ReturnState.DISPUTED, language=page.language, is_test=is_test)
        state = _after_success(payment_id, payment, parts, desk)
        shown, exist = _license_keys(payment_id, payment, parts, desk)
        if state is ReturnState.REFUNDED:
            shown, exist = [], False
        return Returned(
            state=state, language=page.language, is_test=is_test, total=payment.total, currency=payment.currency,
            license_keys=shown, are_keys_mailed=exist and not shown,
        )  # fmt: skip
    # An address is for one attempt: after a failed one the seller makes another.
    checkout_url = outcome.checkout_url if outcome is not None and state is ReturnState.OPEN else None
    return Returned(state=state, language=page.language, is_test=is_test, checkout_url=checkout_url)


_STATES: Mapping[SaleState, ReturnState] = {
    SaleState.PAID: ReturnState.PAID,
    SaleState.FAILED: ReturnState.FAILED,
    SaleState.FAILED_WITHOUT_PAGE: ReturnState.FAILED,
    SaleState.CANCELLED: ReturnState.FAILED,
    SaleState.OPEN: ReturnState.OPEN,
    SaleState.NEEDS_BUYER: ReturnState.OPEN,
    SaleState.OPEN_WITHOUT_PAGE: ReturnState.OPEN,
    SaleState.EXPIRED: ReturnState.ENDED,
}
"""Whatever else there is, a buyer waits."""


def _payment_that_counts(entry: Entry, parts: Sequence[SalePart], desk: Desk) -> tuple[str | None, PaymentFacts | None]:
    """The attempt that took money, and else the newest: a paid session stays paid whatever else was tried."""
    known = [
        (part.part_id, facts)
        for part in parts
        if part.kind is Kind.PAYMENT and (facts := open_facts(part, PaymentFacts, desk.sealer)) is not None
        # A renewal belongs to the sale too, and is no attempt to pay its session, though it may carry the session's id.
        if facts.session_id == entry.session_id and facts.charge_type not in LATER_CHARGES
    ]
    known.sort(key=lambda each: each[1].created_at or 0.0, reverse=True)
    taking = [each for status in TAKES_MONEY for each in known if each[1].status == status]
    return (taking or known or [(None, None)])[0]


def _after_success(payment_id: str | None, payment: PaymentFacts, parts: Sequence[SalePart], desk: Desk) -> ReturnState:
    if payment.refund_status == "full":
        return ReturnState.REFUNDED
    if payment.refund_status is not None or SUCCEEDED in _stand(Kind.REFUND, payment_id, parts, desk):
        return ReturnState.PARTLY_REFUNDED
    return ReturnState.PAID if payment.total != 0 else ReturnState.CONFIRMED


def _is_disputed(payment_id: str | None, parts: Sequence[SalePart], desk: Desk) -> bool:
    return any(status not in SETTLED for status in _stand(Kind.DISPUTE, payment_id, parts, desk))


def _stand(kind: Kind, payment_id: str | None, parts: Sequence[SalePart], desk: Desk) -> list[str]:
    """Where the refunds or disputes of this payment stand; those of a renewal are not the sale's."""
    known = [open_facts(part, FactsOfPayment, desk.sealer) for part in parts if part.kind is kind]
    of_payment = [each for each in known if each is not None and each.payment_id == payment_id]
    return [each.status for each in of_payment if each.status is not None]


def _license_keys(
    payment_id: str | None, payment: PaymentFacts, parts: Sequence[SalePart], desk: Desk
) -> tuple[list[str], bool]:
    """The active keys that may be shown, and whether there are any.

    Whoever tries to pay on the hosted page, an agent too, is sent back here. Only where nobody else tried it was the
    buyer alone who came to know this page.
    """
    keys = [
        facts
        for part in parts
        if part.kind is Kind.LICENSE_KEY
        and (facts := open_facts(part, KeyFacts, desk.sealer)) is not None
        and facts.payment_id == payment_id
        and facts.status in ACTIVE
    ]
    attempts = [
        open_facts(part, AttemptFacts, desk.sealer)
        for part in parts
        if part.kind is Kind.SOLE_ATTEMPT and part.part_id == attempt_id(payment_id or "")
    ]
    if not any(each is not None and each.is_sole for each in attempts):
        return [], bool(keys)
    now = desk.clock()
    until = [max(each.created_at, payment.created_at or 0.0) + KEYS_SHOWN_SECONDS for each in keys]
    return [each.key for each, end in zip(keys, until, strict=True) if now < end], bool(keys)
