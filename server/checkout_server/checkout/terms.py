"""What an order charges later: in words, and whether it is still the same."""

from datetime import date, timedelta

from checkout_schemas.vocabularies.currencies import display
from checkout_server.checkout.caveats import NameOf, count, every, omissions
from checkout_server.checkout.orders import QuotedOrder, Renewal


def later_charges(order: QuotedOrder, name_of: NameOf) -> list[str]:
    """Each renewal in words: ``USD 29.00 every month for prod_1 after a trial of 14 days, first on 2026-12-23``."""
    return [_renewal(each, order.currency, name_of) for each in order.renewals]


def _renewal(renewal: Renewal, currency: str, name_of: NameOf) -> str:
    words = [display(renewal.amount, currency), every(renewal.interval)]
    if renewal.product_id is not None:
        words.append(f"for {name_of(renewal.product_id)}")
    if renewal.trial_days:
        words.append(f"after a trial of {count(renewal.trial_days, 'day')}")
    sentence = " ".join(words)
    if renewal.next_date is None:
        return sentence
    return f"{sentence}, {'first' if renewal.trial_days else 'next'} on {renewal.next_date}"


def later_in_words(order: QuotedOrder) -> str:
    """All that is charged later and what is given for it, for the model."""
    grants = [
        f"{each.product_id} grants {each.amount} credits of {each.credit_entitlement_id}." for each in order.credits
    ]
    return "; ".join(each.removesuffix(".") for each in [*later_charges(order, str), *omissions(order, str), *grants])


def is_same_price(old: QuotedOrder, new: QuotedOrder) -> bool:
    """Whether the same is charged now, at renewals and once a discount has ended.

    Of several subscriptions each counts: one may rise by what another falls.
    """
    return _amounts(old) == _amounts(new)


def _amounts(order: QuotedOrder) -> tuple[object, ...]:
    renewals = [(each.product_id, each.due_now, each.amount) for each in _by_product(order)]
    return order.currency, order.total, order.recurring, order.undiscounted, renewals


def is_same_terms(old: QuotedOrder, new: QuotedOrder, *, seconds: float) -> bool:
    """Whether it is charged as often, from the same day on, after the same trial, for the same, with the same left out.

    Names of products are not compared, since only ids are sold, nor is the billing country that the API assumes: where
    it matters, the tax differs.

    Args:
        old: as it was shown.
        new: as it is.
        seconds: between the two. A renewal that is counted from today moves on with it.
    """
    return (
        _conditions(old) == _conditions(new)
        and len(old.renewals) == len(new.renewals)
        and not (new.tax == "not_known_yet" and old.tax != "not_known_yet")  # what becomes known stands in the total
        and all(
            before.interval == after.interval
            and (before.trial_days or 0) == (after.trial_days or 0)
            and _is_same_day(before, after, within=timedelta(days=1, seconds=abs(seconds)))
            for before, after in zip(_by_product(old), _by_product(new), strict=True)
        )
    )


def _conditions(order: QuotedOrder) -> tuple[object, ...]:
    return (
        order.usage_billed,
        order.ending_discounts,
        order.tax == "added_by_merchant",
        order.tax_included,
        order.trial_needs_card,
        sorted(order.renewed),
        order.unused_amounts,
        order.meters,
        order.credits,
    )


def _is_same_day(before: Renewal, after: Renewal, *, within: timedelta) -> bool:
    """Whether it is charged next on the same day.

    A date that is not repeated follows from the same billing cycle. One that comes anew was never shown to anybody.
    """
    if after.next_date is None:
        return before.next_date is None or after.interval is not None
    if before.next_date is None:
        return False
    return abs(date.fromisoformat(after.next_date) - date.fromisoformat(before.next_date)) <= within


def _by_product(order: QuotedOrder) -> list[Renewal]:
    """The API may list them in another order each time, also those of one product."""

    def place(each: Renewal) -> tuple[object, ...]:
        return each.product_id or "", each.amount, each.next_date or "", each.due_now or 0, each.trial_days or 0

    return sorted(order.renewals, key=place)
