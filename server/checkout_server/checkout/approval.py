"""A person's approval: when it is needed, and what the person is asked.

Nothing that a model can type counts. The question is a pure function of the stored preview and of the sale, so that
both protocol eras ask it once, and an answer counts for nothing else.
"""

import json
from typing import Any, cast

from checkout_schemas.vocabularies.currencies import display
from checkout_server.checkout.desk import Desk
from checkout_server.checkout.orders import Json, Renewal, confirms
from checkout_server.checkout.policy.enforcement import asks_above, mandate_of
from checkout_server.checkout.sale import Sale
from checkout_server.checkout.terms import in_words
from checkout_server.privacy.text import masked_email, shown

ENVIRONMENTS = {
    "sandbox": "SANDBOX: no money moves",
    "test_mode": "TEST MODE: no money moves",
    "live_mode": "LIVE: real money is charged",
}
_QUOTES = str.maketrans(dict.fromkeys('“”„‟«»"＂″‶〝〞〟❝❞', "'"))
"""A name cannot end its own quotation."""


def fields_to_approve(sale: Sale, desk: Desk) -> list[str]:
    """What of a sale a person must approve; nothing when it may go on without one."""
    if sale.outcome is not None:
        return []
    unattended = desk.policy.confirm.mode == "unattended" and desk.environment != "live_mode"
    charging = [] if unattended else [name for name in ("confirm", "payment_method_id") if sale.body.get(name)]
    return charging + (["preview_id"] if asks_above(sale.order, desk.policy, mandate=mandate_of(sale.body)) else [])


def question(sale: Sale, desk: Desk) -> str:
    """What the person reads. Names come from outside: one line, stripped, cut and quoted."""
    order, currency = sale.order, sale.order.currency
    lines = [f"Approve this sale? {ENVIRONMENTS[desk.environment]}."]
    # All of them, however many: a cart could hide its dearest line behind cheap ones.
    lines += [f"- {quantity} × {_quoted(name)}" for name, quantity in order.lines]
    if order.is_open:
        lines.append("- what the buyer chooses from a collection; its price is added")
    lines += [f"- grants {amount} credits in place of the product's own number" for amount in _credits(order.order)]
    lines.append(f"Due now: {display(order.total, currency)}")
    lines += [f"Then: {in_words(each, currency, _of(each))}" for each in order.renewals]
    if order.is_on_demand:
        lines.append("Then: charges of any amount, whenever the merchant makes them (on-demand mandate)")
    if (mandate := mandate_of(sale.body)) is not None:
        lines.append(
            f"Mandate: later charges of up to {display(mandate, 'INR')}, and of the amounts above, need no new consent"
        )
    lines += order.notes
    lines.append(f"Customer: {_customer(sale.body.get('customer') or {})}")
    lines.append(_charge(sale.body))
    lines.append(f"Reference: {_reference(sale, desk)}")
    return "\n".join(lines)


def _quoted(name: str) -> str:
    return f"“{name.translate(_QUOTES)}”"


def _of(renewal: Renewal) -> str:
    return f" for {_quoted(renewal.product)}" if renewal.product else ""


def _credits(order: Json) -> list[str]:
    items = cast(list[Json], order.get("product_cart") or [])
    grants = [grant for item in items for grant in cast(list[Json], item.get("credit_entitlements") or [])]
    return [grant["credits_amount"] for grant in grants]


def _customer(customer: dict[str, Any]) -> str:
    named = customer.get("email") or customer.get("customer_id")
    if named is None:
        return "new; entered on the hosted page"
    return masked_email(named) or "***" if "@" in named else shown(named, 40) or "***"


def _charge(body: dict[str, Any]) -> str:
    method = body.get("payment_method_id")
    if method is not None:
        return f"The saved payment method ending in {method[-4:] if len(method) > 8 else '***'} is charged at once."
    if confirms(body):
        return "The payment is confirmed at once."
    return "The buyer pays on the hosted page."


def _reference(sale: Sale, desk: Desk) -> str:
    """Ties the answer to this very sale: another customer, method or order has another reference."""
    canonical = json.dumps(sale.body, sort_keys=True, separators=(",", ":"))
    return desk.sealer.fingerprint(canonical.encode(), purpose="approval")[:8]
