"""The third guard, price drift: what was shown must be what is sold."""

from checkout_schemas.errors import PriceChange, PricedAt
from checkout_schemas.vocabularies.currencies import display
from checkout_server.checkout.desk import Desk
from checkout_server.checkout.orders import QuotedOrder
from checkout_server.checkout.policy.enforcement import denied_price, refuse_denied
from checkout_server.checkout.quote.preview import store_preview
from checkout_server.checkout.quote.pricing import price_order
from checkout_server.checkout.refusals import price_changed
from checkout_server.checkout.sale.stages import FoundSale
from checkout_server.checkout.terms import is_same_price, is_same_terms, later_in_words
from checkout_server.checkout.wire import checkout_body
from checkout_server.privacy.events import emit


def price_may_have_changed(sale: FoundSale, desk: Desk) -> bool:
    """Whether the price must be asked for again: the preview is old, or more is known now that can change it."""
    age = desk.clock() - sale.entry.created_at
    customer = sale.request.customer
    return (
        not 0 <= age < desk.policy.preview.requote_after_seconds  # also a clock that jumped back
        or sale.can_charge
        or (customer is not None and customer.customer_id is not None)
    )


async def refuse_changed_price(sale: FoundSale, desk: Desk) -> None:
    """Quote the whole request again. Everything that a question says of the price must still hold.

    Raises:
        CheckoutRefusal: ``policy_denied``; or ``price_changed`` with old and new amounts and a fresh preview of the
            same order.
        GatewayError: the price could not be asked for.
    """
    old = sale.order
    quote = await desk.gateway.preview(checkout_body(old.order, sale.request))
    new = await price_order(old.order, quote, desk, earlier=old)
    refuse_denied(denied_price(new, desk.policy), at_creation=True)
    same_amounts = is_same_price(old, new)
    if same_amounts and is_same_terms(old, new, seconds=desk.clock() - sale.entry.created_at):
        return
    fresh = await store_preview(new, desk)
    emit(
        "price.changed",
        preview_id=fresh.preview_id,
        currency=new.currency,
        total=new.total,
        recurring=new.recurring,
        previous_total=old.total,
        previous_recurring=old.recurring,
    )
    was, now = (_priced_at(each, with_terms=same_amounts) for each in (old, new))
    raise price_changed(PriceChange(preview_id=fresh.preview_id, old=was, new=now))


def _priced_at(order: QuotedOrder, *, with_terms: bool) -> PricedAt:
    shown = {"total": display(order.total, order.currency)}
    if with_terms or order.undiscounted is not None:
        shown["later"] = later_in_words(order)
    if order.recurring is not None:
        shown["recurring"] = display(order.recurring, order.currency)
    if len(order.renewals) > 1:
        parts = " + ".join(display(each.amount, order.currency) for each in order.renewals)
        shown["recurring"] = f"{shown['recurring']} ({parts})" if "recurring" in shown else parts
    return PricedAt(currency=order.currency, total=order.total, recurring=order.recurring, display=shown)
