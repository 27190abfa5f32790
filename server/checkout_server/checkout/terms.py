"""What an order charges later and what its amounts leave out: in words, and whether it is still the same."""

from collections.abc import Callable
from datetime import date, timedelta

from checkout_schemas.requests.create_checkout_session import CreateCheckoutSession
from checkout_schemas.vocabularies.currencies import display
from checkout_server.checkout.orders import QuotedOrder, Renewal, lets_buyer_edit_addons

NameOf = Callable[[str], str]
"""How to name a product, by its id: a model reads the id, a person the quoted name."""


def later_charges(order: QuotedOrder, name_of: NameOf) -> list[str]:
    """Each renewal in words: ``USD 29.00 every month for prod_1 after a trial of 14 days, first on 2026-12-23``."""
    return [_renewal(each, order.currency, name_of) for each in order.renewals]


def _renewal(renewal: Renewal, currency: str, name_of: NameOf) -> str:
    words = [display(renewal.amount, currency), _every(renewal.interval)]
    if renewal.product_id is not None:
        words.append(f"for {name_of(renewal.product_id)}")
    if renewal.trial_days:
        words.append(f"after a trial of {_count(renewal.trial_days, 'day')}")
    sentence = " ".join(words)
    if renewal.next_date is None:
        return sentence
    return f"{sentence}, {'first' if renewal.trial_days else 'next'} on {renewal.next_date}"


def _every(interval: str | None) -> str:
    return f"every {interval.removeprefix('1 ')}" if interval else "at each renewal"


def _count(number: int, unit: str) -> str:
    return f"{number} {unit}" + ("" if number == 1 else "s")


def caveats(order: QuotedOrder, name_of: NameOf, sale: CreateCheckoutSession | None = None) -> list[str]:
    """How amounts were read and what a quote leaves out, a sentence each; the same for a model and for who approves.

    Args:
        order: what is sold.
        name_of: how products are named.
        sale: how it is sold, where that is known already.
    """
    read = [_as_read(each.amount, each.currency) for each in order.float_amounts]
    read += _mandate_as_read(sale) if sale is not None else []
    return [*dict.fromkeys(read), *_omissions(order, name_of, sale)]


def _mandate_as_read(sale: CreateCheckoutSession) -> list[str]:
    amount, field = sale.mandate_min_amount_inr_paise, "mandate_min_amount_inr_paise"
    return [_as_read(amount, "INR")] if amount is not None and sale.came_as_float(field) else []


def _as_read(amount: int, currency: str) -> str:
    return f"{amount} was read as {display(amount, currency)}, in minor units."


def _omissions(order: QuotedOrder, name_of: NameOf, sale: CreateCheckoutSession | None = None) -> list[str]:
    unquoted = [
        f"{name_of(each)} renews {_every(order.cycles.get(each))}; the quote does not say at which amount."
        for each in order.unquoted_renewals
    ]
    unused = [
        f"The amount given for {name_of(each)} is not used; the product is sold at its own price."
        for each in order.unused_amounts
    ]
    standing = [sentence for sentence, applies in _standing_caveats(order) if applies]
    edited = [_EDITED_ADDONS] if sale is not None and lets_buyer_edit_addons(sale) else []
    return [*standing, *edited, *unquoted, *unused]


_EDITED_ADDONS = "The buyer may add add-ons on the hosted page; these amounts lack them."


def _standing_caveats(order: QuotedOrder) -> list[tuple[str, bool]]:
    return [
        ("Tax is not included yet: it depends on the billing address.", order.tax == "not_known_yet"),
        ("Tax is not included: the merchant's own payment processor adds it.", order.tax == "added_by_merchant"),
        ("The tax id was not accepted; tax is quoted without it.", order.tax_id_refused),
        ("The billing_currency is not available; amounts are in another currency.", _is_converted(order)),
        ("The discount codes do not lower this price.", _has_codes(order) and not order.is_discounted),
        ("Usage is billed on top of these amounts.", order.usage_billed),
        (_after_trial(order), any(each.trial_days for each in order.renewals)),
        (_end_of_discount(order), bool(order.ending_discounts)),
        ("The buyer chooses products on the hosted page; these amounts lack them.", order.is_open),
        ("The merchant may charge any amount later, whenever they want (on-demand mandate).", order.is_on_demand),
    ]


def _is_converted(order: QuotedOrder) -> bool:
    wanted = order.order.billing_currency
    return wanted is not None and wanted != order.currency


def _has_codes(order: QuotedOrder) -> bool:
    return bool(order.order.discount_codes) or order.order.discount_code is not None


def _after_trial(order: QuotedOrder) -> str:
    amount = sum(each.amount for each in order.renewals if each.trial_days)
    return f"A trial comes first; the total leaves out what is charged after it: {display(amount, order.currency)}."


def _end_of_discount(order: QuotedOrder) -> str:
    cycles = _count(min(order.ending_discounts.values(), default=0), "billing cycle")
    amount = "" if order.undiscounted is None else f": {display(order.undiscounted, order.currency)} in total"
    return f"A discount ends after {cycles}; later renewals cost more{amount}."


def later_in_words(order: QuotedOrder) -> str:
    """All that is charged later and what is given for it, for the model."""
    sentences = [*later_charges(order, str), *_omissions(order, str), *_goods(order)]
    return "; ".join(each.removesuffix(".") for each in sentences)


def _goods(order: QuotedOrder) -> list[str]:
    usage = [
        f"Usage of {each.product_id} costs {each.price_per_unit} minor units a unit after {each.free_units} free units."
        for each in order.meters
    ]
    grants = [
        f"{each.product_id} grants {each.amount} credits of {each.credit_entitlement_id}." for each in order.credits
    ]
    return usage + grants


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
    """The API may list them in another order each time."""
    return sorted(order.renewals, key=lambda each: (each.product_id or "", each.amount, each.next_date or ""))
