"""Settling an unknown outcome: by what the payments list says now, or by what an operator found out."""

from enum import Enum, auto

from checkout_server.checkout.desk import Desk
from checkout_server.checkout.ledger.contract import Entry, Owner, State
from checkout_server.checkout.sessions.found import outcome_of_payment, record_found_session
from checkout_server.checkout.sessions.life import KEPT_SECONDS, end_of_session
from checkout_server.checkout.sessions.outcome import Outcome
from checkout_server.checkout.sessions.payments import find_payment
from checkout_server.checkout.sessions.search import Found
from checkout_server.privacy.logs.events import emit

SEARCHES = 15
"""One after the other, for one preview and a person who waits: what a process has read, the next one reads anew."""


class Settling(Enum):
    """What asking the payments list came to."""

    FOUND = auto()
    NOT_FOUND = auto()
    UNFINISHED = auto()
    """The time ran out; the search goes on at the next call."""
    WITHOUT_SESSION = auto()
    """There is a payment, which names no session that could be recorded."""


class Recording(Enum):
    """What recording by hand came to."""

    DONE = auto()
    SETTLED_MEANWHILE = auto()
    """Somebody else's record stands."""
    PAYMENT_FOUND = auto()
    """Nothing was to have been created, but there is a payment."""
    UNFINISHED = auto()
    """Nothing was to have been created, but the payments list was not read to its end."""


async def settle_by_payments(entry: Entry, owner: Owner, desk: Desk, *, searches: int = 1) -> Settling:
    """Ask the payments list, and record the session that it proves.

    Args:
        entry: the preview.
        owner: whose it is.
        desk: where it was sold.
        searches: how many times at most the search goes on where its time ran out.

    Raises:
        GatewayError: the payments list cannot be read.
        LedgerUnavailable: what was found could not be recorded.
    """
    found = await _find_payment(entry, desk, searches)
    if found.payment is None:
        return Settling.NOT_FOUND if found.is_complete else Settling.UNFINISHED
    outcome = outcome_of_payment(entry, found.payment)
    if outcome is None:
        return Settling.WITHOUT_SESSION
    await record_found_session(entry, outcome, owner, desk)
    return Settling.FOUND


async def _find_payment(entry: Entry, desk: Desk, searches: int) -> Found:
    found = await find_payment(entry, desk)
    for _ in range(searches - 1):
        if found.payment is not None or found.is_complete:
            break
        found = await find_payment(entry, desk)
    return found


async def settle_manually(entry: Entry, desk: Desk, *, session_id: str | None, by: str, because: str) -> Recording:
    """Record what an operator found out, with who and why.

    That there is no session cannot be taken back, and lets the order be sold again: the payments list must agree.

    Args:
        entry: the preview.
        desk: where it was sold.
        session_id: the session that exists; None where there is certainly none.
        by: who found it out.
        because: how, in words without personal data of a buyer.

    Raises:
        GatewayError: the payments list must agree, and cannot be read.
        LedgerUnavailable: it could not be recorded.
    """
    if session_id is None:
        found = await _find_payment(entry, desk, SEARCHES)
        if found.payment is not None:
            return Recording.PAYMENT_FOUND
        if not found.is_complete:
            return Recording.UNFINISHED
    now = desk.clock()
    outcome = None
    if session_id is not None:
        outcome = Outcome(
            session_id=session_id,
            checkout_url=None,
            payment_id=None,
            expires_at=end_of_session(entry),
            warnings=["The answer to its creation was lost, and with it the checkout_url."],
        )
    settled = await desk.ledger.finish(
        entry.preview_id,
        claim_id=entry.claim_id or "",
        state=State.REFUSED if outcome is None else State.CREATED,
        session_id=session_id,
        outcome=outcome.seal(desk.sealer, entry.preview_id) if outcome else None,
        detail=f"settled by {by}: {because}",
        purge_at=now + KEPT_SECONDS,
        now=now,
    )
    if not settled:
        return Recording.SETTLED_MEANWHILE
    emit("session.settled", preview_id=entry.preview_id, session_id=session_id, environment=desk.environment)
    return Recording.DONE
