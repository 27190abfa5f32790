"""From the API's answer to the order that is shown, stored and held against later quotes."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from checkout_schemas.requests.preview_checkout import CartItem, PreviewCheckout
from checkout_server.checkout.catalogue.cache import TRUSTED_SECONDS
from checkout_server.checkout.desk import Desk
from checkout_server.checkout.orders import FloatAmount, QuotedOrder, Renewal, TaxIdStatus, TaxStatus
from checkout_server.checkout.quote.goods import compare_amounts, find_minimum_prices, list_credits, list_meters
from checkout_server.checkout.quote.lines import chosen_addons, read_lines
from checkout_server.gateway import answers
from checkout_server.gateway.errors import UnreadableAnswer
from checkout_server.privacy.logs.events import emit
from checkout_server.privacy.text import shown

NAME_LENGTH = 60
"""Characters of a product's name in a question to a person."""


async def price_order(
    order: PreviewCheckout, quote: answers.Preview, desk: Desk, *, earlier: QuotedOrder | None = None
) -> QuotedOrder:
    """The order at the price that the API quoted.

    Args:
        order: what was asked for.
        quote: what the API answered.
        desk: where it is sold.
        earlier: the same order as it was quoted before. Billing cycles are then read anew, and one that cannot be read
            is the one that was read before.

    Raises:
        UnreadableAnswer: the quote is for another cart than the one that was sent.
    """
    _refuse_another_cart(order, quote)
    renewed = [line.product_id for line in _renewed_lines(quote)]
    known = earlier.cycles if earlier is not None else {}
    cycles = known | await desk.products.find_cycles(
        set(renewed), desk.gateway, now=desk.clock(), trusted_seconds=TRUSTED_SECONDS if earlier is None else 0.0
    )
    ending = _ending_discounts(quote)
    now = quote.current_breakup
    used_amounts, unused_amounts = compare_amounts(order, quote)
    return QuotedOrder(
        version=3,
        order=order,
        currency=quote.currency,
        total=now.total_amount,
        recurring=quote.recurring_breakup.total_amount if quote.recurring_breakup else None,
        undiscounted=_undiscounted(quote) if ending else None,
        ending_discounts=ending,
        renewals=_renewals(quote, cycles, renewed),
        names=_names(quote),
        renewed=renewed,
        tax=_tax_status(quote),
        tax_included=sorted({line.product_id for line in quote.product_cart if line.tax_inclusive}),
        tax_id=_tax_id_status(quote),
        assumed_country=quote.billing_country if order.billing_address is None else None,
        converted_from=sorted({line.og_currency or line.currency for line in quote.product_cart} - {quote.currency}),
        lines_add_up=read_lines(quote).add_up,
        sums_add_up=now.subtotal - now.discount + (now.tax or 0) == now.total_amount,
        is_discounted=any(each.discount for each in (now, quote.recurring_breakup) if each),
        used_amounts=used_amounts,
        unused_amounts=unused_amounts,
        # The amounts of the cart are the same each time it is quoted.
        at_minimum=earlier.at_minimum if earlier is not None else await find_minimum_prices(order, quote, desk),
        trial_needs_card=quote.payment_method_required if _has_trial(quote) else None,
        usage_billed=any(line.is_usage_based for line in quote.product_cart),
        meters=list_meters(quote),
        credits=list_credits(quote),
        cycles=cycles,
        on_demand_currencies=_on_demand_currencies(order, quote),
        # Only the call that brought the order knows how its amounts came.
        float_amounts=earlier.float_amounts if earlier is not None else _float_amounts(order, quote),
    )


def _has_trial(quote: answers.Preview) -> bool:
    return bool(quote.trial_period_days) or any(each.trial_period_days for each in quote.subscriptions or ())


def _tax_id_status(quote: answers.Preview) -> TaxIdStatus | None:
    if quote.tax_id_err_msg is not None:
        return "refused"
    return "accepted" if quote.tax_id_format_name is not None else None


def _float_amounts(order: PreviewCheckout, quote: answers.Preview) -> list[FloatAmount]:
    currencies = {line.product_id: line.og_currency or line.currency for line in quote.product_cart}
    found = [
        FloatAmount(amount=item.amount, currency=currencies.get(item.product_id, quote.currency))
        for item in order.product_cart
        if item.amount is not None and item.came_as_float("amount")
    ]
    on_demand = order.subscription_data.on_demand if order.subscription_data is not None else None
    if on_demand is not None and on_demand.product_price is not None and on_demand.came_as_float("product_price"):
        found += [
            FloatAmount(amount=on_demand.product_price, currency=currency)
            for currency in _on_demand_currencies(order, quote)
        ]
    return found


def _refuse_another_cart(order: PreviewCheckout, quote: answers.Preview) -> None:
    """Stop where the quote sums up another cart: a person would approve what is not sold.

    What a buyer picks from a collection is nobody's to compare.
    """
    if order.product_collection_id is None and _count_units(order.product_cart) != _count_units(quote.product_cart):
        emit("quote.differs", count=len(quote.product_cart))
        raise UnreadableAnswer("preview")


def _count_units(cart: Sequence[CartItem] | Sequence[answers.CartLine]) -> Counter[tuple[str, str]]:
    """Units of each product, and of each of its add-ons, however they are spread over lines."""
    units: Counter[tuple[str, str]] = Counter()
    for line in cart:
        units[line.product_id, ""] += line.quantity
        for addon in line.addons or ():
            units[line.product_id, addon.addon_id] += addon.quantity
    return units


def _renewed_lines(quote: answers.Preview) -> list[answers.CartLine]:
    return [line for line in quote.product_cart if line.is_subscription]


def _ending_discounts(quote: answers.Preview) -> dict[str, int]:
    """Billing cycles after which the first discount of each renewed product ends; none where no renewal has one."""
    later = quote.recurring_breakup
    if later is not None and later.discount <= 0:
        return {}
    ending: dict[str, int] = {}
    for line in _renewed_lines(quote):
        if line.discount_cycle is not None:
            ending[line.product_id] = min(line.discount_cycle, ending.get(line.product_id, line.discount_cycle))
    return ending


def _undiscounted(quote: answers.Preview) -> int | None:
    """What all renewals cost without their discount, with the tax on the whole price; rounded up.

    By the rates of the lines where they account for the tax that is quoted, else in proportion to the price.
    """
    later = quote.recurring_breakup
    if later is None:
        return None
    discounted = later.subtotal - later.discount
    added_tax = max(0, later.total_amount - discounted)
    rate = 0 if quote.is_byop or later.tax is None else _highest_rate(quote)
    more_tax = _share(later.discount, rate, 10_000)
    if discounted > 0 and added_tax > _share(discounted, rate, 10_000):
        more_tax = max(more_tax, _share(later.discount, added_tax, discounted))
    return later.subtotal + added_tax + more_tax


def _highest_rate(quote: answers.Preview) -> int:
    """Basis points of tax that are added to a renewed product or add-on; a price that holds its tax adds none."""
    rows = [row for line in _renewed_lines(quote) for row in (line, *chosen_addons(line))]
    return max((row.tax_rate or 0 for row in rows if not row.tax_inclusive), default=0)


def _share(amount: int, part: int, whole: int) -> int:
    """``amount × part / whole``, rounded up."""
    return -(-amount * part // whole)


def _renewals(quote: answers.Preview, cycles: dict[str, str | None], renewed: Iterable[str]) -> list[Renewal]:
    """One for each subscription where the API lists them one by one; else one for all."""
    if quote.subscriptions:
        return [
            Renewal(
                product_id=each.product_id,
                amount=each.recurring_amount,
                due_now=each.amount_due_now,
                interval=cycles.get(each.product_id),
                next_date=_date(each.next_billing_date),
                trial_days=each.trial_period_days or None,
            )
            for each in quote.subscriptions
        ]
    if quote.recurring_breakup is None:
        return []
    return [
        Renewal(
            amount=quote.recurring_breakup.total_amount,
            interval=common_interval(cycles, renewed),
            next_date=_date(quote.next_billing_date),
            trial_days=quote.trial_period_days or None,
        )
    ]


def common_interval(cycles: dict[str, str | None], renewed: Iterable[str]) -> str | None:
    """The one billing cycle of all subscriptions; None if they differ or the cycle of one is not known."""
    different = {cycles.get(product_id) for product_id in renewed}
    return different.pop() if len(different) == 1 else None


def _on_demand_currencies(order: PreviewCheckout, quote: answers.Preview) -> list[str]:
    """The API takes a price without a currency to be in the product's own."""
    data = order.subscription_data
    if data is None or data.on_demand is None:
        return []
    if data.on_demand.product_currency is not None:
        return [data.on_demand.product_currency]
    return sorted({line.og_currency or quote.currency for line in _renewed_lines(quote)}) or [quote.currency]


def _names(quote: answers.Preview) -> dict[str, str]:
    named: list[tuple[str, answers.CartLine | answers.AddonLine]] = []
    for line in quote.product_cart:
        named += [(line.product_id, line), *((addon.addon_id, addon) for addon in chosen_addons(line))]
    return {row_id: shown(row.name, NAME_LENGTH) or row_id for row_id, row in named}


def _tax_status(quote: answers.Preview) -> TaxStatus:
    if quote.is_byop:
        return "added_by_merchant"
    if quote.current_breakup.tax is None:
        return "not_known_yet"
    return "quoted"


def _date(moment: datetime | None) -> str | None:
    return moment.date().isoformat() if moment else None
