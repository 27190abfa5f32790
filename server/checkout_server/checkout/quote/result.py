"""What ``preview_checkout`` answers."""

from datetime import UTC, datetime

from checkout_schemas.results import Line, Preview, Recurring, SubscriptionTerms
from checkout_schemas.vocabularies.currencies import display
from checkout_server.checkout.desk import Desk
from checkout_server.checkout.ledger.contract import Entry
from checkout_server.checkout.orders import QuotedOrder
from checkout_server.checkout.policy.enforcement import asks_above
from checkout_server.checkout.quote.pricing import chosen_addons, common_interval
from checkout_server.checkout.terms import caveats
from checkout_server.gateway import answers
from checkout_server.privacy.text import shown


def preview_result(entry: Entry, order: QuotedOrder, quote: answers.Preview, desk: Desk) -> Preview:
    """The quote field by field, with its handle and what the seller should know."""
    now, currency = quote.current_breakup, quote.currency
    return Preview(
        preview_id=entry.preview_id,
        expires_at=datetime.fromtimestamp(entry.expires_at, UTC).replace(microsecond=0),
        environment=desk.environment,
        currency=currency,
        subtotal=now.subtotal,
        discount=now.discount,
        tax=now.tax,
        total=now.total_amount,
        display=_displays(currency, subtotal=now.subtotal, discount=now.discount, tax=now.tax, total=now.total_amount),
        billing_country=quote.billing_country,
        lines=[line for product in quote.product_cart for line in _lines(product)],
        recurring=_recurring(quote, order),
        subscriptions=[_terms(each, order.cycles, currency) for each in quote.subscriptions or ()] or None,
        warnings=_warnings(order, quote, desk) or None,
    )


def _displays(currency: str, **amounts: int | None) -> dict[str, str]:
    return {name: display(amount, currency) for name, amount in amounts.items() if amount is not None}


def _lines(product: answers.CartLine) -> list[Line]:
    kind = "subscription" if product.is_subscription else "one_time"
    rows: list[tuple[str, answers.CartLine | answers.AddonLine]] = [(product.product_id, product)]
    rows += [(addon.addon_id, addon) for addon in chosen_addons(product)]
    return [
        Line(
            product_id=row_id,
            name=shown(row.name),
            quantity=row.quantity,
            amount=row.discounted_price,
            currency=row.currency,
            tax=row.tax,
            kind=kind,
            display=_displays(row.currency, amount=row.discounted_price, tax=row.tax),
        )
        for row_id, row in rows
    ]


def _recurring(quote: answers.Preview, order: QuotedOrder) -> Recurring | None:
    later = quote.recurring_breakup
    if later is None:
        return None
    return Recurring(
        amount=later.total_amount,
        tax=later.tax,
        interval=common_interval(order.cycles, order.renewed),
        next_date=quote.next_billing_date,
        trial_days=quote.trial_period_days or None,
        display=_displays(quote.currency, amount=later.total_amount, tax=later.tax),
    )


def _terms(each: answers.SubscriptionQuote, cycles: dict[str, str | None], currency: str) -> SubscriptionTerms:
    return SubscriptionTerms(
        product_id=each.product_id,
        due_now=each.amount_due_now,
        amount=each.recurring_amount,
        interval=cycles.get(each.product_id),
        next_date=each.next_billing_date,
        trial_days=each.trial_period_days or None,
        display=_displays(currency, due_now=each.amount_due_now, amount=each.recurring_amount),
    )


def _warnings(order: QuotedOrder, quote: answers.Preview, desk: Desk) -> list[str]:
    """What a seller should know before quoting these amounts; none of it is the API's own text."""
    found = {
        "The dates and amounts of several subscriptions differ: see subscriptions.": bool(quote.subscriptions),
        "A person will be asked to approve the sale of this order.": asks_above(order, desk.policy),
    }
    return caveats(order, str) + [sentence for sentence, applies in found.items() if applies]
