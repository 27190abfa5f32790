"""What a person is asked before a sale that needs their approval.

The question is a pure function of the stored preview and of the sale, so that both protocol eras ask it once, and an
answer counts for nothing else: another attempt, buyer or order has another reference.
"""

import hmac
import json

from checkout_schemas.requests.create_checkout_session import Customer
from checkout_schemas.vocabularies.currencies import display
from checkout_server.checkout.caveats import caveats
from checkout_server.checkout.desk import Desk
from checkout_server.checkout.orders import QuotedOrder
from checkout_server.checkout.quote.pricing import NAME_LENGTH
from checkout_server.checkout.sale.repeats import REPEATED
from checkout_server.checkout.sale.stages import PreparedSale
from checkout_server.checkout.terms import later_charges
from checkout_server.checkout.wire import checkout_body
from checkout_server.privacy.text import masked_email, plain

ENVIRONMENTS = {
    "sandbox": "SANDBOX: no money moves",
    "test_mode": "TEST MODE: no money moves",
    "live_mode": "LIVE: real money is charged",
}
LINES_IN_SIGHT = 20
"""Lines of a cart above which the amount due is told before them too."""
CUSTOMER_LENGTH = 40
"""Characters of a customer's id."""


def write_question(sale: PreparedSale, desk: Desk) -> str:
    """What the person reads: the whole cart as it is sent, every charge, and everything that the amounts leave out."""
    order, cart = sale.order, _cart(sale.order)
    due_now = display(order.total, order.currency)

    def name_of(row_id: str) -> str:
        return _quoted(order.names.get(row_id, row_id))

    return "\n".join(
        [
            f"Approve this sale? {ENVIRONMENTS[desk.environment]}.",
            # A long cart would push the amount out of sight.
            *([f"{len(cart)} lines; due now: {due_now}"] if len(cart) > LINES_IN_SIGHT else []),
            # All of it, however long: a cart could hide its dearest line behind cheap ones.
            *(f"- {line}" for line in cart),
            f"Due now: {due_now}",
            *(f"Then: {each}" for each in later_charges(order, name_of)),
            *_mandate(sale),
            *caveats(order, name_of, sale.request),
            *([REPEATED[sale.others.recent]] if sale.others.recent is not None else []),
            f"Customer: {_customer(sale.request.customer)}",
            _charge(sale),
            f"Reference: {_reference(sale)}",
        ]
    )


def _cart(order: QuotedOrder) -> list[str]:
    lines: list[str] = []
    for place, item in enumerate(order.order.product_cart):
        price = ""
        if item.amount is not None and place in order.used_amounts:
            price = f", {display(item.amount, order.currency)} each"
        lines.append(f"{item.quantity} × {_named(item.product_id, order)}{price}")
        lines += [f"{addon.quantity} × {_named(addon.addon_id, order)}" for addon in item.addons or ()]
        lines += [
            f"grants {grant.credits_amount} credits (overrides the product's default)"
            for grant in item.credit_entitlements or ()
        ]
    if order.is_open:
        lines.append("what the buyer chooses from a collection; its price is added")
    return lines


def _named(row_id: str, order: QuotedOrder) -> str:
    return _quoted(order.names.get(row_id, row_id))


def _quoted(name: str) -> str:
    """A name cannot end its own quotation, nor pass for anything but text."""
    return f"“{plain(name, NAME_LENGTH)}”"


def _mandate(sale: PreparedSale) -> list[str]:
    mandate = sale.request.mandate_min_amount_inr_paise
    if mandate is None:
        return []
    return [f"Mandate: later charges of up to {display(mandate, 'INR')}, and of the amounts above, need no new consent"]


def _customer(customer: Customer | None) -> str:
    named = (customer.email or customer.customer_id) if customer is not None else None
    if named is None:
        return "new; entered on the hosted page"
    return masked_email(named) or "***" if "@" in named else plain(named, CUSTOMER_LENGTH) or "***"


def _charge(sale: PreparedSale) -> str:
    method = sale.request.payment_method_id
    if method is not None:
        return f"The saved payment method ending in {method[-4:] if len(method) > 8 else '***'} is charged at once."
    if sale.can_charge:
        return "The payment is confirmed at once."
    return "The buyer pays on the hosted page."


def _reference(sale: PreparedSale) -> str:
    """Ties the answer to this very attempt: another one, or another customer, method or order, has another.

    Under the preview's own random id: a replica whose first sealing key is another must ask the same question.
    """
    content = [checkout_body(sale.order.order, sale.request), sale.entry.attempts, sale.entry.state.value]
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hmac.digest(sale.entry.preview_id.encode(), canonical.encode(), "sha256").hex()[:8]
