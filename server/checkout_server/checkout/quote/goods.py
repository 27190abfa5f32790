"""What a quote says of the goods themselves: whose chosen amount it is made with, and what they grant and meter."""

import asyncio
import contextlib
from collections import Counter

from checkout_schemas.requests.preview_checkout import PreviewCheckout
from checkout_server.checkout.desk import Desk
from checkout_server.checkout.orders import CreditGrant, MeterPrice
from checkout_server.gateway import answers

READ_SECONDS = 3.0
"""How long a quote waits for what is only worth a warning."""


def compare_amounts(order: PreviewCheckout, quote: answers.Preview) -> tuple[list[int], list[str]]:
    """Which amounts of the cart the quote is made with. The API ignores the amount of a product with a fixed price.

    A quote line shows it where its price before discounts is the amount for the whole quantity, in the product's own
    currency. An amount whose line is converted, merged with others or without that price is in neither list.

    Returns:
        The places of the cart lines whose amount was used, and the ids of the products whose amount was not.
    """
    rows = Counter((line.product_id, line.quantity, line.og_price) for line in quote.product_cart)
    used: list[int] = []
    unused: list[str] = []
    for place, item in enumerate(order.product_cart):
        if item.amount is None or not _is_comparable(item.product_id, order, quote):
            continue
        row = (item.product_id, item.quantity, item.amount * item.quantity)
        if rows[row]:
            rows[row] -= 1
            used.append(place)
        elif item.product_id not in unused:
            unused.append(item.product_id)
    return used, unused


def _is_comparable(product_id: str, order: PreviewCheckout, quote: answers.Preview) -> bool:
    """Whether the quote has the product in the lines of the cart, each with its price in the product's currency."""
    items = [item.quantity for item in order.product_cart if item.product_id == product_id]
    lines = [line for line in quote.product_cart if line.product_id == product_id]
    return sorted(items) == sorted(line.quantity for line in lines) and all(
        line.og_price is not None and line.og_currency == line.currency == quote.currency for line in lines
    )


async def find_minimum_prices(order: PreviewCheckout, quote: answers.Preview, desk: Desk) -> list[str]:
    """Ids of the pay-what-you-want products for which no amount was given; without those that cannot be read now."""
    bought_once = {line.product_id for line in quote.product_cart if not line.is_subscription}
    unpriced = {item.product_id for item in order.product_cart if item.amount is None} & bought_once
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(READ_SECONDS):
            products = await desk.products.find_readable(unpriced, desk.gateway, now=desk.clock())
            return [product_id for product_id, product in products.items() if product.pay_what_you_want]
    return []


def list_meters(quote: answers.Preview) -> list[MeterPrice]:
    """What usage costs, in an order that does not depend on the API's."""
    meters = [
        MeterPrice(
            product_id=line.product_id,
            name=meter.name,
            price_per_unit=meter.price_per_unit,
            free_units=meter.free_threshold or 0,
            # In which currency usage of a converted product is billed, the API does not say.
            currency=line.currency if line.og_currency in {None, line.currency} else None,
        )
        for line in quote.product_cart
        for meter in line.meters or ()
    ]
    return sorted(meters, key=lambda each: (each.product_id, each.name, each.price_per_unit, each.free_units))


def list_credits(quote: answers.Preview) -> list[CreditGrant]:
    """The credits that are granted, in an order that does not depend on the API's."""
    grants = [
        CreditGrant(
            product_id=line.product_id,
            credit_entitlement_id=grant.credit_entitlement_id,
            amount=grant.credits_amount,
        )
        for line in quote.product_cart
        for grant in line.credit_entitlements or ()
    ]
    return sorted(grants, key=lambda each: (each.product_id, each.credit_entitlement_id, each.amount))
