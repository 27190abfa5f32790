"""The lines of a quote: each one's share of its sums, as far as the API's numbers tell."""

from collections.abc import Iterator
from dataclasses import dataclass

from checkout_server.gateway import answers


@dataclass(frozen=True, slots=True)
class QuotedLine:
    """A product or an add-on for its whole quantity, in minor units of ``currency``."""

    row_id: str
    name: str | None
    quantity: int
    is_subscription: bool
    currency: str
    amount: int
    """Before tax and discount."""
    discount: int
    tax: int | None
    """None while the tax of the order is not known."""


@dataclass(frozen=True, slots=True)
class QuotedLines:
    """All lines of a quote.

    Args:
        lines: in the API's order, an add-on after its product.
        add_up: whether they sum to the quote's subtotal, discount and tax.
    """

    lines: list[QuotedLine]
    add_up: bool


def read_lines(quote: answers.Preview) -> QuotedLines:
    """The lines with their prices before discounts, or after them where only those can be in the quote's currency.

    In which currency the API gives the price before discounts of a converted product is not documented.
    """
    lines, reduced = (list(_lines(quote, before_discounts=each)) for each in (True, False))
    is_converted = any(row.og_currency not in {None, row.currency} for _, _, row in _rows(quote))
    if not _fits(lines, quote) and (is_converted or _fits(reduced, quote)):
        lines = reduced
    return QuotedLines(lines, _prices_add_up(lines, quote) and _taxes_add_up(lines, quote))


def chosen_addons(line: answers.CartLine) -> list[answers.AddonLine]:
    """The add-ons of a line, without those that the API lists for a buyer to choose."""
    return [addon for addon in line.addons or () if addon.quantity != 0]


def _rows(quote: answers.Preview) -> Iterator[tuple[str, bool, answers.PricedLine]]:
    for line in quote.product_cart:
        yield line.product_id, line.is_subscription, line
        for addon in chosen_addons(line):
            yield addon.addon_id, line.is_subscription, addon


def _lines(quote: answers.Preview, *, before_discounts: bool) -> Iterator[QuotedLine]:
    for row_id, is_subscription, row in _rows(quote):
        amount = row.discounted_price
        if before_discounts and row.og_price is not None:
            amount = max(row.og_price, amount)  # a discount is never negative
        yield QuotedLine(
            row_id=row_id,
            name=row.name,
            quantity=row.quantity,
            is_subscription=is_subscription,
            currency=row.currency,
            amount=amount,
            discount=amount - row.discounted_price,
            tax=row.tax if quote.current_breakup.tax is not None else None,
        )


def _fits(lines: list[QuotedLine], quote: answers.Preview) -> bool:
    """Whether the prices are in the quote's currency: they sum to what is due now or, of subscriptions, to renewals."""
    later, renewed = quote.recurring_breakup, [line for line in lines if line.is_subscription]
    return _prices_add_up(lines, quote) or (later is not None and _sums(renewed) == (later.subtotal, later.discount))


def _sums(lines: list[QuotedLine]) -> tuple[int, int]:
    return sum(line.amount for line in lines), sum(line.discount for line in lines)


def _prices_add_up(lines: list[QuotedLine], quote: answers.Preview) -> bool:
    now = quote.current_breakup
    return all(line.currency == quote.currency for line in lines) and _sums(lines) == (now.subtotal, now.discount)


def _taxes_add_up(lines: list[QuotedLine], quote: answers.Preview) -> bool:
    return sum(line.tax or 0 for line in lines) == (quote.current_breakup.tax or 0)
