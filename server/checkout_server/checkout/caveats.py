"""How the amounts of an order were read and what they leave out: one list of sentences for a model and for a person.

A sentence stands in the preview, in the question to who approves and in the created session alike. It is made from the
sealed order and the sale alone, so that a question does not change between asking and answering.
"""

from collections.abc import Callable, Iterable, Mapping

from checkout_schemas.requests.create_checkout_session import CreateCheckoutSession
from checkout_schemas.vocabularies.currencies import display, display_fraction
from checkout_server.checkout.orders import MeterPrice, QuotedOrder, lets_buyer_edit_addons

NameOf = Callable[[str], str]
"""How to name a product, by its id: a model reads the id, a person the quoted name."""


def caveats(order: QuotedOrder, name_of: NameOf, sale: CreateCheckoutSession | None = None) -> list[str]:
    """Every sentence that applies.

    Args:
        order: what is sold.
        name_of: how products are named.
        sale: how it is sold, where that is known already.
    """
    read = [_as_read(each.amount, each.currency) for each in order.float_amounts]
    read += _mandate_as_read(sale) if sale is not None else []
    edited = [_EDITED_ADDONS] if sale is not None and lets_buyer_edit_addons(sale) else []
    return [*dict.fromkeys(read), *omissions(order, name_of), *_about_lines(order), *edited]


def omissions(order: QuotedOrder, name_of: NameOf) -> list[str]:
    """What the amounts of the quote leave out, and what they were made with."""
    return [sentence for says in OMISSIONS.values() for sentence in says(order, name_of)]


def every(interval: str | None) -> str:
    return f"every {interval.removeprefix('1 ')}" if interval else "at each renewal"


def count(number: int, unit: str) -> str:
    return f"{number} {unit}" + ("" if number == 1 else "s")


def _mandate_as_read(sale: CreateCheckoutSession) -> list[str]:
    amount, field = sale.mandate_min_amount_inr_paise, "mandate_min_amount_inr_paise"
    return [_as_read(amount, "INR")] if amount is not None and sale.came_as_float(field) else []


def _as_read(amount: int, currency: str) -> str:
    return f"{amount} was read as {display(amount, currency)}, in minor units."


_EDITED_ADDONS = "The buyer may add add-ons on the hosted page; these amounts lack them."


Says = Callable[[QuotedOrder, NameOf], Iterable[str]]
"""The sentences about an order; none where there is nothing to say."""


def _if(applies: Callable[[QuotedOrder], bool], sentence: str | Callable[[QuotedOrder, NameOf], str]) -> Says:
    def says(order: QuotedOrder, name_of: NameOf) -> list[str]:
        if not applies(order):
            return []
        return [sentence if isinstance(sentence, str) else sentence(order, name_of)]

    return says


def _named(product_ids: Iterable[str], name_of: NameOf) -> str:
    return ", ".join(name_of(each) for each in product_ids)


OMISSIONS: Mapping[str, Says] = {
    "tax not known yet": _if(
        lambda order: order.tax == "not_known_yet", "Tax is not included yet: it depends on the billing address."
    ),
    "tax of the merchant's processor": _if(
        lambda order: order.tax == "added_by_merchant",
        "Tax is not included: the merchant's own payment processor adds it.",
    ),
    "assumed country": _if(
        lambda order: order.assumed_country is not None,
        lambda order, _: f"No billing address was given; the payment API assumed the country {order.assumed_country}.",
    ),
    "address too short for tax": _if(
        lambda order: bool(_missing_for_tax(order)),
        lambda order, _: f"billing_address lacks {' and '.join(_missing_for_tax(order))}: tax may still change.",
    ),
    "tax included": _if(
        lambda order: bool(order.tax_included),
        lambda order, name_of: f"The price of {_named(order.tax_included, name_of)} includes the tax shown.",
    ),
    "tax id accepted": _if(lambda order: order.tax_id == "accepted", "The tax id was accepted."),
    "tax id refused": _if(
        lambda order: order.tax_id == "refused", "The tax id was not accepted; tax is quoted without it."
    ),
    "another currency": _if(
        lambda order: order.order.billing_currency not in {None, order.currency},
        "The billing_currency is not available; amounts are in another currency.",
    ),
    "converted prices": _if(
        lambda order: bool(order.converted_from),
        lambda order, _: f"Prices listed in {', '.join(order.converted_from)} were converted to {order.currency}.",
    ),
    "codes without effect": _if(
        lambda order: _has_codes(order) and not order.is_discounted, "The discount codes do not lower this price."
    ),
    "minimum price": _if(
        lambda order: bool(order.at_minimum),
        lambda order, name_of: f"No amount was given for {_named(order.at_minimum, name_of)}: quoted at the minimum.",
    ),
    "usage": _if(lambda order: order.usage_billed, lambda order, name_of: _usage(order, name_of)),
    "trial": _if(lambda order: _has_trial(order), lambda order, _: _after_trial(order)),
    "trial with a card": _if(
        lambda order: order.trial_needs_card is True, "The buyer needs a card to start the trial."
    ),
    "trial without a card": _if(lambda order: order.trial_needs_card is False, "The trial starts without a card."),
    "discount that ends": _if(lambda order: bool(order.ending_discounts), lambda order, _: _end_of_discount(order)),
    "collection": _if(
        lambda order: order.is_open, "The buyer chooses products on the hosted page; these amounts lack them."
    ),
    "on-demand mandate": _if(
        lambda order: order.is_on_demand,
        "The merchant may charge any amount later, whenever they want (on-demand mandate).",
    ),
    "renewal at an unknown amount": lambda order, name_of: (
        f"{name_of(each)} renews {every(order.cycles.get(each))}; the quote does not say at which amount."
        for each in order.unquoted_renewals
    ),
    "unused amount": lambda order, name_of: (
        f"The amount given for {name_of(each)} is not used; the product is sold at its own price."
        for each in order.unused_amounts
    ),
}
"""In the order in which they are told."""

_NEEDED_FOR_TAX = {"US": ("state", "zipcode"), "CA": ("state", "zipcode")}
"""By country: what its tax depends on beside the country."""


def _missing_for_tax(order: QuotedOrder) -> list[str]:
    address = order.order.billing_address
    if address is None or order.tax == "added_by_merchant":
        return []
    return [name for name in _NEEDED_FOR_TAX.get(address.country, ()) if getattr(address, name) is None]


def _has_codes(order: QuotedOrder) -> bool:
    return bool(order.order.discount_codes) or order.order.discount_code is not None


def _usage(order: QuotedOrder, name_of: NameOf) -> str:
    prices = "; ".join(f"{name_of(each.product_id)} at {_price_of_usage(each)}" for each in order.meters)
    return "Usage is billed on top of these amounts" + (f": {prices}." if prices else ".")


def _price_of_usage(meter: MeterPrice) -> str:
    price = f"{meter.price_per_unit} minor units"
    if meter.currency is not None:
        price = display_fraction(meter.price_per_unit, meter.currency)
    return f"{price} a unit" + (f" after {meter.free_units:,} free units" if meter.free_units else "")


def _after_trial(order: QuotedOrder) -> str:
    amount = display(sum(each.amount for each in order.renewals if each.trial_days), order.currency)
    return f"A trial comes first; the total leaves out what is charged after it: {amount}."


def _end_of_discount(order: QuotedOrder) -> str:
    cycles = count(min(order.ending_discounts.values(), default=0), "billing cycle")
    amount = "" if order.undiscounted is None else f": {display(order.undiscounted, order.currency)} in total"
    return f"A discount ends after {cycles}; later renewals cost more{amount}."


def _has_trial(order: QuotedOrder) -> bool:
    return any(each.trial_days for each in order.renewals)


def _about_lines(order: QuotedOrder) -> list[str]:
    """Why the lines do not sum to the order's amounts, or the amounts to the total. The tax has a sentence above."""
    if not order.lines_add_up and (_has_trial(order) or order.is_on_demand):
        return ["The lines of subscriptions show their full price, not what is due now."]
    if order.tax_included or (order.lines_add_up and order.sums_add_up):
        return []
    return ["The lines do not add up to the order's amounts; only its total is charged."]
