"""What ``preview_checkout`` answers."""

from datetime import UTC, date, datetime

from checkout_schemas.results import Line, Preview, Recurring
from checkout_schemas.vocabularies.currencies import display, display_number
from checkout_server.checkout.caveats import caveats
from checkout_server.checkout.desk import Desk
from checkout_server.checkout.ledger.contract import Entry
from checkout_server.checkout.orders import QuotedOrder
from checkout_server.checkout.policy.enforcement import asks_above
from checkout_server.checkout.quote.lines import QuotedLine, read_lines
from checkout_server.checkout.quote.pricing import common_interval
from checkout_server.gateway import answers
from checkout_server.privacy.text import shown


def preview_result(entry: Entry, order: QuotedOrder, quote: answers.Preview, desk: Desk) -> Preview:
    """The quote field by field, with its handle and what the seller should know. What is 0 by itself is left out."""
    now, currency = quote.current_breakup, quote.currency
    sums = {"subtotal": now.subtotal, "discount": now.discount or None, "tax": now.tax, "total": now.total_amount}
    address, lines = order.order.billing_address, read_lines(quote).lines
    is_mixed = len({each.is_subscription for each in lines}) > 1
    return Preview(
        preview_id=entry.preview_id,
        expires_at=datetime.fromtimestamp(entry.expires_at, UTC).replace(microsecond=0),
        environment=desk.environment,
        currency=currency,
        subtotal=now.subtotal,
        discount=sums["discount"],
        tax=now.tax,
        total=now.total_amount,
        display={name: display(amount, currency) for name, amount in sums.items() if amount is not None},
        billing_country=quote.billing_country if address and address.country != quote.billing_country else None,
        lines=[_line(each, currency, is_mixed=is_mixed) for each in lines],
        recurring=_recurring(quote, order) or None,
        warnings=_warnings(order, desk) or None,
    )


def _displays(currency: str, **amounts: int | None) -> dict[str, str]:
    """The amounts as text, without the currency of the whole order."""
    return {name: display_number(amount, currency) for name, amount in amounts.items() if amount is not None}


def _line(line: QuotedLine, currency: str, *, is_mixed: bool) -> Line:
    """A line, with what it is in an order of both kinds."""
    discount = line.discount or None
    return Line(
        product_id=line.row_id,
        name=shown(line.name),
        quantity=line.quantity,
        amount=line.amount,
        discount=discount,
        tax=line.tax,
        currency=line.currency if line.currency != currency else None,
        kind="subscription" if is_mixed and line.is_subscription else None,
        display=_displays(line.currency, amount=line.amount, discount=discount, tax=line.tax),
    )


def _recurring(quote: answers.Preview, order: QuotedOrder) -> list[Recurring]:
    """One for each subscription where the API lists them one by one, as it does with several; else one for all."""
    currency, later = quote.currency, quote.recurring_breakup
    if quote.subscriptions:
        return [
            Recurring(
                product_id=each.product_id,
                due_now=each.amount_due_now,
                total=each.recurring_amount,
                tax=each.recurring_tax,
                interval=order.cycles.get(each.product_id),
                next_date=_day(each.next_billing_date),
                trial_days=each.trial_period_days or None,
                display=_displays(
                    currency, due_now=each.amount_due_now, total=each.recurring_amount, tax=each.recurring_tax
                ),
            )
            for each in quote.subscriptions
        ]
    if later is None:
        return []
    return [
        Recurring(
            total=later.total_amount,
            tax=later.tax,
            interval=common_interval(order.cycles, order.renewed),
            next_date=_day(quote.next_billing_date),
            trial_days=quote.trial_period_days or None,
            display=_displays(currency, total=later.total_amount, tax=later.tax),
        )
    ]


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment is not None else None


def _warnings(order: QuotedOrder, desk: Desk) -> list[str]:
    """What a seller should know before quoting these amounts; none of it is the API's own text."""
    asked = asks_above(order, desk.policy)
    return caveats(order, str) + (["A person will be asked to approve the sale of this order."] if asked else [])
