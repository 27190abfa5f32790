"""The third guard, price drift: what was shown must be what is sold."""

from checkout_schemas.errors import PriceChange, PricedAt
from checkout_schemas.vocabularies.currencies import display
from checkout_server.checkout.desk import Desk
from checkout_server.checkout.orders import QuotedOrder
from checkout_server.checkout.policy.enforcement import denied_price, refuse_denied
from checkout_server.checkout.quote.preview import store_preview
from checkout_server.checkout.quote.pricing import price_order
from checkout_server.checkout.quote.refused_cart import find_refused_rows
from checkout_server.checkout.refusals import price_changed
from checkout_server.checkout.sale.stages import FoundSale
from checkout_server.checkout.terms import is_same_price, is_same_terms, later_in_words
from checkout_server.checkout.wire import checkout_body
from checkout_server.gateway.errors import Refused
from checkout_server.privacy.logs.events import emit


def price_may_have_changed(sale: FoundSale, desk: Desk) -> bool:
    """Whether the price must be asked for again: the preview is old, or more is known now that can change it."""
    age = desk.clock() - sale.entry.created_at
    customer = sale.request.customer
    return (
        sale.order.quoted_for_a_sale
        or not 0 <= age < desk.policy.preview.requote_after_seconds  # also a clock that jumped back
        or sale.can_charge
        or (customer is not None and customer.customer_id is not None)
    )


async def refuse_changed_price(sale: FoundSale, desk: Desk) -> None:
    """Quote the whole request again. Everything that a question says of the price must still hold.

    Raises:
        CheckoutRefusal: ``policy_denied``; ``price_changed`` with old and new amounts and a fresh preview of the same
            order; or ``gateway_refused`` with the rows of the cart that the API refuses by now.
        GatewayError: the price could not be asked for.
    """
    old = sale.order
    try:
        quote = await desk.gateway.preview(checkout_body(old.order, sale.request), locale=old.order.locale)
    except Refused as refusal:
        raise await find_refused_rows(refusal, old.order, desk, at_creation=True) from None
    new = await price_order(old.order, quote, desk, earlier=old)
    refuse_denied(denied_price(new, desk.policy), at_creation=True)
    same_terms = is_same_terms(old, new, seconds=desk.clock() - sale.entry.created_at)
    if is_same_price(old, new) and same_terms:
        return
    fresh = await store_preview(new.model_copy(update={"quoted_for_a_sale": True}), desk)
    emit(
        "price.changed",
        preview_id=fresh.preview_id,
        currency=new.currency,
        total=new.total,
        recurring=new.recurring,
        previous_total=old.total,
        previous_recurring=old.recurring,
    )
    with_terms = not same_terms or old.undiscounted != new.undiscounted
    was, now = (_priced_at(each, with_terms=with_terms) for each in (old, new))
    raise price_changed(PriceChange(preview_id=fresh.preview_id, old=was, new=now))


def _priced_at(order: QuotedOrder, *, with_terms: bool) -> PricedAt:
    """What ``price_changed`` tells of a quote: of several subscriptions each one's amounts, and the terms if asked."""
    due_now = _sum([each.due_now for each in order.renewals if each.due_now is not None], order.currency)
    renewals = _sum([each.amount for each in order.renewals], order.currency)
    shown = {"total": display(order.total, order.currency)}
    if len(order.renewals) > 1:
        shown["total"] += f" (of it for subscriptions {due_now})"
    if order.recurring is not None:
        shown["recurring"] = display(order.recurring, order.currency)
        shown["recurring"] += f" ({renewals})" if len(order.renewals) > 1 else ""
    elif order.renewals:
        shown["recurring"] = renewals
    if with_terms:
        shown["later"] = later_in_words(order) or "nothing"
    return PricedAt(currency=order.currency, total=order.total, recurring=order.recurring, display=shown)


def _sum(amounts: list[int], currency: str) -> str:
    return " + ".join(display(amount, currency) for amount in amounts)
