"""Price drift: what was shown must be what is sold."""

from typing import Any

from checkout_schemas.errors import PriceChange, PricedAt
from checkout_schemas.vocabularies.currencies import display
from checkout_server.checkout.desk import Desk
from checkout_server.checkout.ledger.contract import Entry
from checkout_server.checkout.orders import SealedOrder, confirms
from checkout_server.checkout.policy.enforcement import denied_price
from checkout_server.checkout.quoting import keep, priced, refuse_denied, subscriptions_of
from checkout_server.checkout.refusals import price_changed
from checkout_server.checkout.terms import later_in_words, same_price, same_terms
from checkout_server.privacy.events import emit


def needs_requote(entry: Entry, body: dict[str, Any], desk: Desk) -> bool:
    """Whether the price must be asked for again: the preview is old, or more is known now that can change it."""
    age = desk.clock() - entry.created_at
    return (
        not 0 <= age < desk.policy.preview.requote_after_seconds  # also a clock that jumped back
        or confirms(body)
        or "customer_id" in (body.get("customer") or {})
    )


async def refuse_another_price(entry: Entry, order: SealedOrder, body: dict[str, Any], desk: Desk) -> None:
    """Quote the whole request again. Everything that a question says of the price must still hold.

    Raises:
        CheckoutRefusal: ``price_changed`` with old and new amounts and a fresh preview of the same order.
        GatewayError: the price could not be asked for.
    """
    quote = await desk.gateway.preview(body)
    cycles = await desk.products.find_cycles(subscriptions_of(quote), desk.gateway, now=desk.clock(), trusted_seconds=0)
    now = priced(order.order, quote, order.cycles | cycles)
    same_amounts = same_price(order, now)
    if same_amounts and same_terms(order, now, seconds=desk.clock() - entry.created_at):
        return
    refuse_denied(denied_price(now, desk.policy))
    fresh = await keep(now, desk)
    emit(
        "price.changed",
        preview_id=fresh.preview_id,
        currency=now.currency,
        total=now.total,
        recurring=now.recurring,
        previous_total=order.total,
        previous_recurring=order.recurring,
    )
    old, new = (_priced_at(each, with_terms=same_amounts) for each in (order, now))
    raise price_changed(PriceChange(preview_id=fresh.preview_id, old=old, new=new))


def _priced_at(order: SealedOrder, *, with_terms: bool) -> PricedAt:
    shown = {"total": display(order.total, order.currency)}
    if with_terms:
        shown["later"] = later_in_words(order)
    if order.recurring is not None:
        shown["recurring"] = display(order.recurring, order.currency)
    if len(order.renewals) > 1:
        parts = " + ".join(display(each.amount, order.currency) for each in order.renewals)
        shown["recurring"] = f"{shown['recurring']} ({parts})" if "recurring" in shown else parts
    return PricedAt(currency=order.currency, total=order.total, recurring=order.recurring, display=shown)
