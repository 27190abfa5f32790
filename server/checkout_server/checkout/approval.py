"""A person's approval: when it is needed, and what the person is asked.

Nothing that a model can type counts. The question is a pure function of the stored preview and of the sale, so that
both protocol eras ask it once, and an answer counts for nothing else.
"""

import hashlib
import json
from typing import Any

from checkout_schemas.vocabularies.currencies import display
from checkout_server.checkout.creation import Sale
from checkout_server.checkout.desk import Desk

ENVIRONMENTS = {
    "sandbox": "SANDBOX, no money moves",
    "test_mode": "TEST MODE, no money moves",
    "live_mode": "LIVE, real money",
}
SHOWN_LINES = 10


def fields_to_approve(sale: Sale, desk: Desk) -> list[str]:
    """What of a sale a person must approve; nothing when it may go on without one."""
    if sale.outcome is not None:
        return []
    paths: list[str] = []
    unattended = desk.policy.confirm.mode == "unattended" and desk.environment != "live_mode"
    if not unattended:
        paths += [name for name in ("confirm", "payment_method_id") if sale.body.get(name)]
    above = desk.policy.confirm.ask_above
    if above is not None and max(sale.order.total, sale.order.recurring or 0) > above.get(sale.order.currency, -1):
        # A currency that is not named has no amount up to which nobody is asked.
        paths.append("preview_id")
    return paths


def question(sale: Sale, desk: Desk) -> str:
    """What the person reads. Names come from outside: one line, stripped, cut and quoted."""
    order = sale.order
    lines = [f"Approve this sale? ({ENVIRONMENTS[desk.environment]})"]
    for name, quantity in order.lines[:SHOWN_LINES]:
        lines.append(f"- {quantity} × “{name}”")
    if len(order.lines) > SHOWN_LINES:
        lines.append(f"- and {len(order.lines) - SHOWN_LINES} more products")
    lines.append(f"Due now: {display(order.total, order.currency)}")
    if order.recurring is not None:
        every = f" every {order.interval}" if order.interval else " at each renewal"
        since = f", next on {order.next_date}" if order.next_date else ""
        lines.append(f"Then: {display(order.recurring, order.currency)}{every}{since}")
    lines.append(_charge(sale.body))
    lines.append(f"Reference: {_reference(sale.body)}")
    return "\n".join(lines)


def _charge(body: dict[str, Any]) -> str:
    method = body.get("payment_method_id")
    if method is not None:
        return f"The customer's saved payment method ending in …{str(method)[-4:]} is charged at once."
    if body.get("confirm"):
        return "The payment is confirmed at once."
    return "The buyer pays on the hosted page."


def _reference(body: dict[str, Any]) -> str:
    """Ties the answer to this very sale: another customer, method or order has another reference."""
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:8]
