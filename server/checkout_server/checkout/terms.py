"""What a sale charges later: in words, and whether it is still the same."""

from datetime import date, timedelta

from checkout_schemas.vocabularies.currencies import display
from checkout_server.checkout.orders import Renewal, SealedOrder


def in_words(renewal: Renewal, currency: str, of: str = "") -> str:
    """``USD 29.00 every month, next on 2026-12-23``; ``of`` says what for."""
    every = f" every {renewal.interval.removeprefix('1 ')}" if renewal.interval else " at each renewal"
    since = f", next on {renewal.next_date}" if renewal.next_date else ""
    return f"{display(renewal.amount, currency)}{every}{of}{since}"


def later_in_words(order: SealedOrder) -> str:
    """All that is charged later, without names."""
    return "; ".join([*(in_words(each, order.currency) for each in order.renewals), *order.notes])


def same_price(old: SealedOrder, new: SealedOrder) -> bool:
    """Whether the same is charged now and at renewals. Of several subscriptions each counts: one may rise by what
    another falls."""
    return _amounts(old) == _amounts(new)


def same_terms(old: SealedOrder, new: SealedOrder, *, seconds: float) -> bool:
    """Whether it is charged as often, from the same day on, with the same notes.

    Args:
        old: as it was shown.
        new: as it is.
        seconds: between the two. A renewal that is counted from today moves on with it.
    """
    day = timedelta(days=1)
    pairs = list(zip(_by_product(old), _by_product(new), strict=True))
    return old.notes == new.notes and all(
        before.interval == after.interval
        and abs(_day(after, before) - _day(before, after)) <= day + timedelta(seconds=abs(seconds))
        for before, after in pairs
    )


def _amounts(order: SealedOrder) -> tuple[str, int, int | None, list[tuple[str, int]]]:
    renewals = [(each.product_id or "", each.amount) for each in _by_product(order)]
    return order.currency, order.total, order.recurring, renewals


def _by_product(order: SealedOrder) -> list[Renewal]:
    """The API may list them in another order each time."""
    return sorted(order.renewals, key=lambda each: (each.product_id or "", each.amount, each.next_date or ""))


def _day(renewal: Renewal, other: Renewal) -> date:
    """Of the next charge. One that is not told is no other one."""
    return date.fromisoformat(renewal.next_date or other.next_date or "0001-01-01")
