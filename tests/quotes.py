"""Changes to the quotes that the sandbox answers with, each a function of one quote."""

from collections.abc import Callable
from typing import Any

QUOTES = "/checkouts/preview"
"""Path of the API's quotes."""

Change = Callable[[Any], Any]


def setting(**fields: Any) -> Change:
    """Other fields of the quote itself."""
    return lambda quote: quote | fields


def with_lines(*changes: dict[str, Any]) -> Change:
    """Other fields of the cart lines, in their order."""

    def changed(quote: Any) -> Any:
        for line, fields in zip(quote["product_cart"], changes, strict=True):
            line.update(fields)
        return quote

    return changed


def with_subscriptions(*changes: dict[str, Any]) -> Change:
    """Other fields of the subscriptions that are listed one by one, in their order."""

    def changed(quote: Any) -> Any:
        for each, fields in zip(quote["subscriptions"], changes, strict=True):
            each.update(fields)
        return quote

    return changed


def renewing_at(subtotal: int, discount: int, tax: int | None, total: int) -> Change:
    """Another breakup of the renewals."""
    breakup = {"subtotal": subtotal, "discount": discount, "tax": tax, "total_amount": total}
    return setting(recurring_breakup=breakup)


def chained(*changes: Change) -> Change:
    def changed(quote: Any) -> Any:
        for change in changes:
            quote = change(quote)
        return quote

    return changed
