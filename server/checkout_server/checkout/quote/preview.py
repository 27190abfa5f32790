"""``preview_checkout``: quote an order, store it, and warn of what a seller should know."""

import secrets

from checkout_schemas.requests.preview_checkout import PreviewCheckout
from checkout_schemas.results import Preview
from checkout_server.checkout.desk import Desk
from checkout_server.checkout.ledger.contract import Entry, State
from checkout_server.checkout.orders import QuotedOrder
from checkout_server.checkout.policy.enforcement import denied_order, denied_price, refuse_denied
from checkout_server.checkout.quote.pricing import price_order
from checkout_server.checkout.quote.refused_cart import find_refused_rows
from checkout_server.checkout.quote.result import preview_result
from checkout_server.checkout.rates import count_preview
from checkout_server.checkout.wire import preview_body
from checkout_server.gateway.errors import Refused
from checkout_server.privacy.logs.events import emit
from checkout_server.privacy.vocabulary.checks import CHECKS

UNUSED_LIFE = 3600.0
"""Seconds for which an unused preview is remembered after it expired, to say "expired" and not "not found"."""


async def preview_checkout(request: PreviewCheckout, desk: Desk) -> Preview:
    """Quote an order and store it for ``create_checkout_session``.

    Raises:
        CheckoutRefusal: the policy forbids the order or its price, the minute has no room for another preview, or the
            API refused rows of its cart.
        GatewayError: the API refused the order, did not answer, or quoted another cart.
        LedgerUnavailable: the preview could not be stored.
    """
    refuse_denied(denied_order(request, desk.policy))
    await count_preview(desk)
    try:
        quote = await desk.gateway.preview(preview_body(request), locale=request.locale)
    except Refused as refusal:
        raise await find_refused_rows(refusal, request, desk) from None
    order = await price_order(request, quote, desk)
    refuse_denied(denied_price(order, desk.policy))
    entry = await store_preview(order, desk)
    emit(
        "preview.quoted",
        preview_id=entry.preview_id,
        environment=desk.environment,
        country=quote.billing_country,
        currency=order.currency,
        total=order.total,
        recurring=order.recurring,
        count=len(quote.product_cart),
    )
    return preview_result(entry, order, quote, desk)


async def store_preview(order: QuotedOrder, desk: Desk) -> Entry:
    """Store a new preview of an order.

    Raises:
        GatewayError: the API could not say which merchant account its key belongs to.
        LedgerUnavailable: it could not be stored.
    """
    owner = await desk.find_owner()
    preview_id = _new_preview_id()
    now = desk.clock()
    expires_at = now + desk.policy.preview.ttl_seconds
    entry = Entry(
        preview_id=preview_id,
        principal=owner.principal,
        environment=owner.environment,
        account=owner.account,
        state=State.QUOTED,
        order=order.seal(desk.sealer, preview_id),
        currency=order.currency,
        total=order.total,
        created_at=now,
        expires_at=expires_at,
        purge_at=expires_at + UNUSED_LIFE,
    )
    desk.purge_when_due()
    await desk.ledger.add(entry)
    return entry


def _new_preview_id() -> str:
    """Random, and one that the log shows: one in 50,000 holds as many digits in a row as a phone number."""
    while not CHECKS["preview_id"](preview_id := f"prv_{secrets.token_urlsafe(12)}"):
        pass
    return preview_id
