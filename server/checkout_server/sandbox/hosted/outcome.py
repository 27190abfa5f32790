"""How a buyer pays, and what the attempt comes to."""

import re
from dataclasses import dataclass
from datetime import date

from checkout_server.sandbox.body import Body, part
from checkout_server.sandbox.cards import PAYING_CARD, Card, find_card
from checkout_server.sandbox.catalogue import SavedMethod
from checkout_server.sandbox.hosted.asked import flag
from checkout_server.sandbox.hosted.reading import Form, Unacceptable
from checkout_server.sandbox.methods import Method, other_methods, takes_cards
from checkout_server.sandbox.payments import DECLINES, PaidBy
from checkout_server.sandbox.sessions import Session

UPI_PAYS, UPI_FAILS = "success@upi", "failure@upi"
"""The provider's page "testing process", read in November 2026."""
_EXPIRY = re.compile(r"(0[1-9]|1[0-2])\s*/\s*(?:20)?([0-9]{2})")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an attempt comes to."""

    status: str
    paid_by: PaidBy
    error_code: str = "GENERIC_DECLINE"


def saved_methods(session: Session, document: Body) -> list[SavedMethod]:
    """Those of the buyer that the page shows: where the order says so, and in the currency of what is due.

    They are those of the customer whom the order names: whoever types an address on the page sees nobody's cards.
    """
    named, customer = part(session.order, "customer"), session.customer
    if session.order.get("show_saved_payment_methods") is not True or customer is None:
        return []
    if customer.id != named.get("customer_id") and customer.email.casefold() != str(named.get("email")).casefold():
        return []
    return [each for each in customer.methods if not each.currencies or document["currency"] in each.currencies]


def read_outcome(session: Session, order: Body, document: Body, form: Form, today: date) -> Outcome:
    """What a form's way to pay comes to. A form that names none pays with a test card that pays.

    Raises:
        Unacceptable: the way is not offered, or the card is not a test card.
    """
    chosen = form.get("method") or "card"
    reason = form.get("reason", "")
    if reason and reason not in DECLINES:
        raise Unacceptable("problem_field")
    outcome = _read(chosen, session, order, document, form, today)
    if reason:
        return Outcome("failed", outcome.paid_by, reason)
    if order.get("force_3ds") and outcome.status == "succeeded" and outcome.paid_by.kind == "card":
        return Outcome("requires_customer_action", outcome.paid_by)
    return outcome


def _read(chosen: str, session: Session, order: Body, document: Body, form: Form, today: date) -> Outcome:
    if chosen in {each.id for each in saved_methods(session, document)}:
        return _by_card(PAYING_CARD)
    if chosen == "card" and (takes_cards(order) or "card_number" not in form):
        return _by_card(_card(order, form, today))
    method = next((each for each in other_methods(order, document) if each.type == chosen), None)
    if method is None:
        raise Unacceptable("problem_field")
    return _by_other(method, form)


def _by_card(card: Card) -> Outcome:
    paid_by = PaidBy(last_four=card.last_four, network=card.network)
    if card.is_challenged:
        return Outcome("requires_customer_action", paid_by)
    return Outcome("succeeded", paid_by) if card.error_code is None else Outcome("failed", paid_by, card.error_code)


def _by_other(method: Method, form: Form) -> Outcome:
    paid_by = PaidBy(method.type, method.kind, None, None, method.name)
    if method.type != "upi_collect":
        return Outcome("requires_customer_action", paid_by)
    upi_id = form.get("upi_id", UPI_PAYS).strip().lower()
    if upi_id not in {UPI_PAYS, UPI_FAILS}:
        raise Unacceptable("problem_field")
    return Outcome("succeeded" if upi_id == UPI_PAYS else "failed", paid_by)


def _card(order: Body, form: Form, today: date) -> Card:
    if "card_number" not in form:
        return PAYING_CARD
    card = find_card(form["card_number"])
    if card is None:
        raise Unacceptable("problem_card")
    expiry = _EXPIRY.fullmatch(form.get("expiry", "12/34").strip())
    if expiry is None or not re.fullmatch("[0-9]{3}", form.get("cvc", "123").strip()):
        raise Unacceptable("problem_field")
    if (2000 + int(expiry[2]), int(expiry[1])) < (today.year, today.month):
        raise Unacceptable("declined_expired")
    if flag(order, "require_cardholder_name", default=False) and not form.get("cardholder", "-").strip():
        raise Unacceptable("problem_required")
    return card
