"""How the amounts of an order were read and what they leave out: one list of sentences for a model and for a person.

A sentence stands in the preview, in the question to who approves and in the created session alike. It is made from the
sealed order and the sale alone, so that a question does not change between asking and answering.
"""

from collections.abc import Callable, Iterable

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
    return [sentence for sentence, applies in _sentences(order, name_of) if applies]


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


def _sentences(order: QuotedOrder, name_of: NameOf) -> list[tuple[str, bool]]:
    """Each with whether it applies."""

    def named(product_ids: Iterable[str]) -> str:
        return ", ".join(name_of(each) for each in product_ids)

    return [
        ("Tax is not included yet: it depends on the billing address.", order.tax == "not_known_yet"),
        ("Tax is not included: the merchant's own payment processor adds it.", order.tax == "added_by_merchant"),
        (
            f"No billing address was given; the payment API assumed the country {order.assumed_country}.",
            order.assumed_country is not None,
        ),
        (
            f"billing_address lacks {' and '.join(_missing_for_tax(order))}: tax may still change.",
            bool(_missing_for_tax(order)),
        ),
        (f"The price of {named(order.tax_included)} includes the tax shown.", bool(order.tax_included)),
        ("The tax id was accepted.", order.tax_id == "accepted"),
        ("The tax id was not accepted; tax is quoted without it.", order.tax_id == "refused"),
        ("The billing_currency is not available; amounts are in another currency.", _is_converted(order)),
        (
            f"Prices listed in {', '.join(order.converted_from)} were converted to {order.currency}.",
            bool(order.converted_from),
        ),
        ("The discount codes do not lower this price.", _has_codes(order) and not order.is_discounted),
        (f"No amount was given for {named(order.at_minimum)}: quoted at the minimum.", bool(order.at_minimum)),
        (_usage(order, name_of), order.usage_billed),
        (_after_trial(order), _has_trial(order)),
        ("The buyer needs a card to start the trial.", order.trial_needs_card is True),
        ("The trial starts without a card.", order.trial_needs_card is False),
        (_end_of_discount(order), bool(order.ending_discounts)),
        ("The buyer chooses products on the hosted page; these amounts lack them.", order.is_open),
        ("The merchant may charge any amount later, whenever they want (on-demand mandate).", order.is_on_demand),
        *(
            (f"{name_of(each)} renews {every(order.cycles.get(each))}; the quote does not say at which amount.", True)
            for each in order.unquoted_renewals
        ),
        *(
            (f"The amount given for {name_of(each)} is not used; the product is sold at its own price.", True)
            for each in order.unused_amounts
        ),
    ]


_NEEDED_FOR_TAX = {"US": ("state", "zipcode"), "CA": ("state", "zipcode")}
"""By country: what its tax depends on beside the country."""


def _missing_for_tax(order: QuotedOrder) -> list[str]:
    address = order.order.billing_address
    if address is None or order.tax == "added_by_merchant":
        return []
    return [name for name in _NEEDED_FOR_TAX.get(address.country, ()) if getattr(address, name) is None]


def _is_converted(order: QuotedOrder) -> bool:
    wanted = order.order.billing_currency
    return wanted is not None and wanted != order.currency


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
