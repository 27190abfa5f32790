"""What the payments list says of a request that can charge: before it leaves, and after it was refused."""

import contextlib

from checkout_server.checkout import refusals
from checkout_server.checkout.desk import Desk
from checkout_server.checkout.ledger.contract import Entry, LedgerUnavailable, State
from checkout_server.checkout.sale.stages import PreparedSale
from checkout_server.checkout.sessions.found import outcome_of_payment, record_found_session
from checkout_server.checkout.sessions.payments import find_forgotten_payment, find_payment
from checkout_server.checkout.sessions.search import NOTHING_SEARCHED, Found
from checkout_server.gateway.errors import GatewayError, NoAnswer


async def refuse_if_paid_before(sale: PreparedSale, desk: Desk) -> None:
    """Charge nothing that was paid for already: a ledger that lost its last writes takes it for unsold.

    Raises:
        CheckoutRefusal: ``preview_used``.
        GatewayError: the payments list could not be read, or not to its end.
        LedgerUnavailable: the ledger cannot be read.
    """
    found = await find_forgotten_payment(sale.entry, desk)
    if found.payment is not None:
        current = await desk.ledger.find(sale.entry.preview_id, owner=sale.owner, now=desk.clock())
        if current is not None and current.state is not State.QUOTED:
            return  # not forgotten: another call sold it meanwhile, and the claim will fail
        if (outcome := outcome_of_payment(sale.entry, found.payment)) is not None:
            with contextlib.suppress(LedgerUnavailable):  # it is found again at the next call
                await record_found_session(sale.entry, outcome, sale.owner, desk)
        raise refusals.sold_before()
    if not found.is_complete:
        raise NoAnswer("list_payments")


async def find_payment_of_refused(claimed: Entry, desk: Desk) -> Found:
    """What a request that could charge made after all, although a refusal was answered."""
    try:
        return await find_payment(claimed, desk)
    except GatewayError:
        return NOTHING_SEARCHED
