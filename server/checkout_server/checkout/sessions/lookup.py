"""``get_checkout_session``: where a sale stands, by its session or by its preview."""

import contextlib
import secrets
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from checkout_schemas.requests.get_checkout_session import GetCheckoutSession
from checkout_schemas.results import SessionState, SessionStatus
from checkout_server.checkout import refusals
from checkout_server.checkout.desk import Desk
from checkout_server.checkout.ledger.contract import Entry, LedgerUnavailable, Owner, State
from checkout_server.checkout.ledger.principals import Others
from checkout_server.checkout.sessions.answers import ANSWERS, next_step_of
from checkout_server.checkout.sessions.attempts import Attempts, read_attempts
from checkout_server.checkout.sessions.found import UNSOLD, outcome_of_payment, record_found_session
from checkout_server.checkout.sessions.life import SESSION_SECONDS, end_of_session
from checkout_server.checkout.sessions.outcome import Outcome
from checkout_server.checkout.sessions.particulars import Particulars, read_particulars
from checkout_server.checkout.sessions.payments import find_forgotten_payment, find_payment
from checkout_server.checkout.sessions.search import NOTHING_SEARCHED, Found
from checkout_server.checkout.sessions.states import (
    SaleState,
    SessionFacts,
    state_of_dispute,
    state_of_payment,
    state_of_session,
    state_without_session,
)
from checkout_server.checkout.sessions.unread import Unread
from checkout_server.gateway import answers
from checkout_server.gateway.errors import GatewayError, NotFound
from checkout_server.gateway.payment_answers import Payment
from checkout_server.privacy.sealing import SealBroken
from checkout_server.privacy.text import masked_email, masked_name


@dataclass(frozen=True, slots=True)
class AskedSession:
    """A session, as the API answered for it just now."""

    state: SaleState
    facts: SessionFacts
    answer: answers.SessionStatus | None
    """None where the API does not know the session any more."""
    attempts: Attempts | None = None
    """None while the buyer has begun no payment."""


@dataclass(frozen=True, slots=True)
class Answered:
    """Where a sale stands, and what the tool tells of it."""

    state: SaleState
    status: SessionStatus

    def updated(self, **values: object) -> "Answered":
        return replace(self, status=self.status.model_copy(update=values))


async def look_up_sale(request: GetCheckoutSession, desk: Desk) -> Answered:
    """Where a sale stands at present.

    Raises:
        CheckoutRefusal: the preview is not known here.
        GatewayError: the API does not know the session or did not answer.
        LedgerUnavailable: the ledger cannot be read.
    """
    owner = await desk.find_owner()
    entry = await find_asked(request, owner, desk)
    if request.session_id is not None:
        if entry is None:
            return await _answer_of_foreign_session(request.session_id, desk)
        answered = await _answer_of_session(request.session_id, entry, open_outcome(entry, desk), desk)
        return answered.updated(session_id=None)  # the caller has it
    if entry is None:
        raise refusals.preview_not_found()
    if entry.session_id is not None:
        return await _answer_of_session(entry.session_id, entry, open_outcome(entry, desk), desk)
    found = await _search_payments(entry, desk)
    if found.payment is not None:
        return await _answer_of_found_payment(entry, found.payment, owner, desk)
    state = state_without_session(entry, now=desk.clock())
    unchecked = _may_be_forgotten(entry) and not found.is_complete
    return _answer(SaleState.QUOTED_UNCHECKED if unchecked else state, None, Particulars(), desk)


async def find_asked(request: GetCheckoutSession, owner: Owner, desk: Desk) -> Entry | None:
    """The preview that a look is about; None of a session that nobody here made, and of an unknown preview.

    Another principal's session is answered as one that does not exist: the API is asked for an id that nobody has, so
    that the answer, the time that it takes and every failure are those of such an id.

    Raises:
        GatewayError: the session is another principal's.
        LedgerUnavailable: the ledger cannot be read.
    """
    now = desk.clock()
    if request.session_id is None:
        return await desk.ledger.find(request.preview_id or "", owner=owner, now=now)
    found = await desk.ledger.find_session(request.session_id, owner=owner, now=now)
    if found is Others.SESSION:
        await desk.gateway.get_session(f"cks_{secrets.token_urlsafe(12)}")
        raise NotFound("get_session", status=404)
    return found


async def _search_payments(entry: Entry, desk: Desk) -> Found:
    """Search for what was sold where the ledger cannot know it.

    Raises:
        GatewayError: the payments list cannot be read, and the answer to a creation was lost.
    """
    if entry.state is State.UNKNOWN:
        return await find_payment(entry, desk)
    if _may_be_forgotten(entry):
        with contextlib.suppress(GatewayError):
            return await find_forgotten_payment(entry, desk)
    return NOTHING_SEARCHED


def _may_be_forgotten(entry: Entry) -> bool:
    """Whether a ledger that lost its last writes may show the preview like this although it was sold.

    Not after a charge that was refused: nothing is tried again with that preview.
    """
    return entry.state in UNSOLD and not entry.can_charge


async def ask_for_session(
    session_id: str, facts: SessionFacts | None, desk: Desk, unread: Unread | None = None
) -> AskedSession:
    """Ask the API where a session and its payments stand.

    Args:
        session_id: which one.
        facts: what the ledger knows of it; None when it was made elsewhere.
        desk: the context of the call.
        unread: takes note of what cannot be read of its payments; what is known is returned all the same.

    Raises:
        GatewayError: the API does not know a session that was made elsewhere, or did not answer.
    """
    try:
        answer = await desk.gateway.get_session(session_id)
    except NotFound:
        if facts is None:
            raise
        return AskedSession(SaleState.FORGOTTEN, facts, None)
    facts = facts or _facts_of_foreign_session(answer)
    if answer.payment_id is None:
        return AskedSession(state_of_session(answer.payment_status, facts, now=desk.clock()), facts, answer)
    attempts = await read_attempts(
        session_id, answer.payment_id, answer.payment_status, answer.created_at, desk, unread or Unread()
    )
    state = _after_payment(state_of_session(attempts.status, facts, now=desk.clock()), attempts)
    return AskedSession(state, facts, answer, attempts)


def _after_payment(state: SaleState, attempts: Attempts) -> SaleState:
    """The state, with what became of a payment that succeeded."""
    if state is not SaleState.PAID:
        return state
    if attempts.dispute is not None:
        return state_of_dispute(attempts.dispute)
    return SaleState.REFUNDED if attempts.is_refunded else state


def _facts_of_foreign_session(answer: answers.SessionStatus) -> SessionFacts:
    """The API does not say whether it was confirmed, so it may live as long as one that was not."""
    begun = answer.created_at
    ends_at = begun.timestamp() + SESSION_SECONDS if begun is not None else None
    return SessionFacts(ends_at=ends_at, has_page=False, can_charge=False, is_ours=False)


def _facts_of_entry(entry: Entry, outcome: Outcome | None) -> SessionFacts:
    return SessionFacts(
        ends_at=outcome.expires_at if outcome is not None else end_of_session(entry),
        has_page=outcome is not None and outcome.checkout_url is not None,
        can_charge=entry.can_charge,
    )


def open_outcome(entry: Entry, desk: Desk) -> Outcome | None:
    """The recorded outcome; None if it was sealed with a key that is gone, since the status is reported anyway."""
    if entry.outcome is not None:
        with contextlib.suppress(SealBroken):
            return Outcome.open(desk.sealer, entry.outcome, entry.preview_id)
    return None


async def _answer_of_foreign_session(session_id: str, desk: Desk) -> Answered:
    """The status, and nothing of whom it was sold to, what was paid or where: whoever knows an id is not its seller."""
    unread = Unread()
    state = (await ask_for_session(session_id, None, desk, unread)).state
    told = SessionStatus(
        environment=desk.environment,
        status=ANSWERS[state].status,
        next_step=ANSWERS[state].next_step,
        warnings=unread.sentences() or None,
    )
    return Answered(state, told)


async def _answer_of_session(session_id: str, entry: Entry, outcome: Outcome | None, desk: Desk) -> Answered:
    unread = Unread()
    asked = await ask_for_session(session_id, _facts_of_entry(entry, outcome), desk, unread)
    answer, has_page = asked.answer, ANSWERS[asked.state].has_page
    attempts = asked.attempts
    if attempts is None and answer is not None:
        attempts = Attempts(answer.payment_status, answer.payment_id)
    particulars = await read_particulars(asked.state, asked.attempts, entry, desk, unread)
    return _answer(asked.state, attempts, particulars, desk).updated(
        session_id=session_id,
        checkout_url=outcome.checkout_url if outcome is not None and has_page else None,
        expires_at=_told_end(asked.state, asked.facts),
        customer_email=masked_email(answer.customer_email) if answer else None,
        customer_name=masked_name(answer.customer_name) if answer else None,
    )


def _answer(state: SaleState, attempts: Attempts | None, particulars: Particulars, desk: Desk) -> Answered:
    """What a state and the payments tell, without what only the session does."""
    status, known = ANSWERS[state].status, state is not SaleState.PAYMENT_NOT_KNOWN
    told = SessionStatus(
        environment=desk.environment,
        status=status,
        payment_status=_told_beside(status, attempts.status) if attempts and known else None,
        payment_id=attempts.payment_id if attempts else None,
        paid=particulars.paid,
        failure=particulars.failure,
        subscriptions=particulars.subscriptions,
        shared=particulars.shared,
        withheld=particulars.withheld,
        next_step=next_step_of(state, particulars.subscriptions),
        warnings=particulars.warnings,
    )
    return Answered(state, told)


def _told_beside(status: SessionState, payment_status: str | None) -> str | None:
    """The API's word, where ours does not say it already: what was paid, given back or is disputed succeeded."""
    return None if payment_status in {status, "succeeded"} else payment_status


def _told_end(state: SaleState, session: SessionFacts) -> datetime | None:
    """When the session ends, where it may still be paid."""
    if session.ends_at is None or ANSWERS[state].status not in {"open", "failed"}:
        return None
    return datetime.fromtimestamp(session.ends_at, UTC).replace(microsecond=0)


async def _answer_of_found_payment(entry: Entry, payment: Payment, owner: Owner, desk: Desk) -> Answered:
    """Record what the payments list proves, that the session was created, and return its status."""
    outcome = outcome_of_payment(entry, payment)
    if outcome is None:
        return await _answer_of_payment(entry, payment, desk)
    with contextlib.suppress(LedgerUnavailable):  # what was found is returned all the same, and can be found again
        if not await record_found_session(entry, outcome, owner, desk):
            # Its own call recorded it meanwhile, with the page.
            entry = await desk.ledger.find(entry.preview_id, owner=owner, now=desk.clock()) or entry
            return await _answer_of_session(outcome.session_id, entry, open_outcome(entry, desk) or outcome, desk)
    answered = await _answer_of_session(outcome.session_id, entry, outcome, desk)
    # The payments list may know earlier than the session that money moved.
    return await _answer_of_payment(entry, payment, desk) if answered.status.status in _UNPAID else answered


_UNPAID = frozenset({"open", "expired", "failed", "cancelled"})


async def _answer_of_payment(entry: Entry, payment: Payment, desk: Desk) -> Answered:
    """By the payment alone: it carries our mark, so the preview was sold, whatever else is odd in it."""
    facts, unread = SessionFacts(ends_at=end_of_session(entry), has_page=False, can_charge=True), Unread()
    attempts = Attempts(payment.status, None)
    if payment.payment_id is not None:
        attempts = await read_attempts(
            payment.checkout_session_id, payment.payment_id, payment.status, None, desk, unread
        )
    state = _after_payment(state_of_payment(attempts.status, facts, now=desk.clock()), attempts)
    particulars = await read_particulars(state, attempts, entry, desk, unread)
    return _answer(state, attempts, particulars, desk).updated(
        session_id=payment.checkout_session_id, expires_at=_told_end(state, facts)
    )
