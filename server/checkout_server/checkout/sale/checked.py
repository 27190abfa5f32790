"""What the payments list says of a sale: before "nothing was created" is told, before a charge, and after its refusal.

A ledger that lost its last writes takes what was sold for unsold.
"""

import contextlib

from checkout_server.checkout import refusals
from checkout_server.checkout.desk import Desk
from checkout_server.checkout.ledger.contract import Entry, LedgerUnavailable, Owner
from checkout_server.checkout.sessions.found import UNSOLD, outcome_of_payment, record_found_session
from checkout_server.checkout.sessions.payments import find_forgotten_payment, find_payment
from checkout_server.checkout.sessions.search import NOTHING_SEARCHED, Found
from checkout_server.checkout.sessions.states import SaleState
from checkout_server.gateway.errors import GatewayError, NoAnswer

FRESH_SECONDS = 5.0
"""How long what the payments list said counts: the way from the guards to the claim is shorter, a person's answer is
not."""


def is_fresh(searched_at: float | None, desk: Desk) -> bool:
    """Whether the payments list was asked just now; not after the clock jumped back."""
    return searched_at is not None and 0 <= desk.clock() - searched_at < FRESH_SECONDS


async def is_sold_by_another(entry: Entry, owner: Owner, desk: Desk) -> bool:
    """Whether another call sold this unsold preview since it was read. A sale that the ledger forgot is refused.

    Raises:
        CheckoutRefusal: ``preview_used``: it was paid for before.
        GatewayError: the payments list could not be read, or not to its end.
        LedgerUnavailable: the ledger cannot be read.
    """
    found = await find_forgotten_payment(entry, desk)
    if found.payment is not None:
        current = await desk.ledger.find(entry.preview_id, owner=owner, now=desk.clock())
        if current is not None and current.state not in UNSOLD:
            return True
        if (outcome := outcome_of_payment(entry, found.payment)) is not None:
            with contextlib.suppress(LedgerUnavailable):  # it is found again at the next call
                await record_found_session(entry, outcome, owner, desk)
        raise refusals.sold_before()
    if not found.is_complete:
        raise NoAnswer("list_payments")
    return False


async def refusal_of_expired(entry: Entry, state: SaleState, owner: Owner, desk: Desk) -> refusals.CheckoutRefusal:
    """What a preview is refused with whose time is over and which the ledger takes for unsold.

    Raises:
        LedgerUnavailable: the ledger cannot be read.
    """
    try:
        if await is_sold_by_another(entry, owner, desk):
            return refusals.sold_before()
    except refusals.CheckoutRefusal as refusal:
        return refusal
    except GatewayError:
        return refusals.unchecked()
    return refusals.refused_in(state)


async def find_payment_of_refused(claimed: Entry, desk: Desk) -> Found:
    """What a request that could charge made after all, although a refusal was answered."""
    try:
        return await find_payment(claimed, desk)
    except GatewayError:
        return NOTHING_SEARCHED
