"""From an order to a preview: ask the API for the price, keep the order sealed, hand out the handle."""

import secrets
from datetime import UTC, datetime
from typing import Any

from checkout_schemas.errors import Problem
from checkout_schemas.requests.preview_checkout import PreviewCheckout
from checkout_schemas.results import Line, Preview, Recurring, SubscriptionTerms
from checkout_schemas.vocabularies.currencies import display
from checkout_server.checkout.desk import Desk
from checkout_server.checkout.ledger.contract import Entry, State
from checkout_server.checkout.orders import Renewal, SealedOrder
from checkout_server.checkout.policy.enforcement import asks_above, denied_order, denied_price
from checkout_server.checkout.refusals import policy_denied
from checkout_server.gateway import answers
from checkout_server.privacy.events import emit
from checkout_server.privacy.text import shown

UNUSED_LIFE = 3600.0
"""Seconds for which an unused preview is remembered after it expired, to say "expired" and not "not found"."""
NAME_LENGTH = 60
"""Characters of a product's name in a question to a person."""


async def preview_checkout(request: PreviewCheckout, desk: Desk) -> Preview:
    """Quote an order and keep it for ``create_checkout_session``.

    Raises:
        CheckoutRefusal: when the policy forbids the order or its price.
        GatewayError: when the API refused the order or did not answer.
        LedgerUnavailable: when the preview could not be kept.
    """
    body: dict[str, Any] = request.model_dump(mode="json", exclude_unset=True, exclude={"locale"})
    refuse_denied(denied_order(body, desk.policy))
    quote = await desk.gateway.preview(body, locale=request.locale)
    cycles = await desk.products.find_cycles(subscriptions_of(quote), desk.gateway, now=desk.clock())
    order = priced(body, quote, cycles)
    refuse_denied(denied_price(order, desk.policy))
    entry = await keep(order, desk)
    emit(
        "preview.quoted",
        preview_id=entry.preview_id,
        environment=desk.environment,
        country=quote.billing_country,
        currency=order.currency,
        total=order.total,
        recurring=order.recurring,
        count=len(quote.product_cart),
    )
    return _result(entry, order, request, quote, desk)


def refuse_denied(problems: list[Problem]) -> None:
    """Refuse what the policy forbids, all of it at once."""
    if problems:
        emit("policy.denied", paths=[problem.path for problem in problems])
        raise policy_denied(problems)


def subscriptions_of(quote: answers.Preview) -> set[str]:
    """The products of a quote that recur."""
    return {line.product_id for line in quote.product_cart if line.is_subscription}


def priced(body: dict[str, Any], quote: answers.Preview, cycles: dict[str, str | None]) -> SealedOrder:
    """An order with what its price is made of, as far as a later look or question needs it."""
    later, ending = quote.recurring_breakup, _ending_discount(quote)
    names = {line.product_id: _name(line) for line in quote.product_cart}
    return SealedOrder(
        order=body,
        currency=quote.currency,
        total=quote.current_breakup.total_amount,
        recurring=later.total_amount if later else None,
        undiscounted=_undiscounted(later) if later and ending else 0,
        lines=[(_name(row), row.quantity) for line in quote.product_cart for row in (line, *(line.addons or ()))],
        renewals=[
            Renewal(
                product_id=each.product_id,
                product=names.get(each.product_id, each.product_id),
                amount=each.recurring_amount,
                interval=cycles.get(each.product_id),
                next_date=_date(each.next_billing_date),
            )
            for each in quote.subscriptions or ()
        ]
        or (
            [
                Renewal(
                    product_id=None,
                    product=None,
                    amount=later.total_amount,
                    interval=_interval(cycles),
                    next_date=_date(quote.next_billing_date),
                )
            ]
            if later
            else []
        ),
        notes=_notes(quote, ending),
        cycles=cycles,
    )


def _ending_discount(quote: answers.Preview) -> int | None:
    """Billing cycles after which the first discount of a renewal ends."""
    later = quote.recurring_breakup
    cycles = [line.discount_cycle for line in quote.product_cart if line.is_subscription and line.discount_cycle]
    return min(cycles, default=None) if later is None or later.discount > 0 else None


def _undiscounted(later: answers.Breakup) -> int:
    discounted = later.subtotal - later.discount
    tax = later.tax or 0
    return later.subtotal + (-(-tax * later.subtotal // discounted) if discounted > 0 else tax)


def _notes(quote: answers.Preview, ending: int | None) -> list[str]:
    notes = {
        "Usage is billed on top of these amounts.": any(line.is_usage_based for line in quote.product_cart),
        f"A discount ends after {ending} billing cycle(s); later renewals cost more.": ending is not None,
    }
    return [sentence for sentence, applies in notes.items() if applies]


def _name(line: answers.CartLine | answers.AddonLine) -> str:
    return shown(line.name, NAME_LENGTH) or (line.product_id if isinstance(line, answers.CartLine) else line.addon_id)


def _date(moment: datetime | None) -> str | None:
    return moment.date().isoformat() if moment else None


async def keep(order: SealedOrder, desk: Desk) -> Entry:
    """Store a new preview of an order."""
    preview_id = f"prv_{secrets.token_urlsafe(16)}"
    now = desk.clock()
    expires_at = now + desk.policy.preview.ttl_seconds
    entry = Entry(
        preview_id=preview_id,
        principal=desk.principal,
        environment=desk.environment,
        state=State.QUOTED,
        order=order.seal(desk.sealer, preview_id),
        currency=order.currency,
        total=order.total,
        created_at=now,
        expires_at=expires_at,
        purge_at=expires_at + UNUSED_LIFE,
    )
    await desk.sweep()
    await desk.ledger.add(entry)
    return entry


def _interval(cycles: dict[str, str | None]) -> str | None:
    """The one billing cycle of all subscriptions, if they have one in common and it is known."""
    different = set(cycles.values())
    return different.pop() if len(different) == 1 else None


def _result(
    entry: Entry,
    order: SealedOrder,
    request: PreviewCheckout,
    quote: answers.Preview,
    desk: Desk,
) -> Preview:
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
        recurring=_recurring(quote, order.cycles),
        subscriptions=[_terms(each, order.cycles, currency) for each in quote.subscriptions or ()] or None,
        warnings=_warnings(order, request, quote, desk) or None,
    )


def _displays(currency: str, **amounts: int | None) -> dict[str, str]:
    return {name: display(amount, currency) for name, amount in amounts.items() if amount is not None}


def _lines(product: answers.CartLine) -> list[Line]:
    kind = "subscription" if product.is_subscription else "one_time"
    rows: list[tuple[str, answers.CartLine | answers.AddonLine]] = [(product.product_id, product)]
    rows += [(addon.addon_id, addon) for addon in product.addons or ()]
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


def _recurring(quote: answers.Preview, cycles: dict[str, str | None]) -> Recurring | None:
    later = quote.recurring_breakup
    if later is None:
        return None
    return Recurring(
        amount=later.total_amount,
        tax=later.tax,
        interval=_interval(cycles),
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


def _warnings(order: SealedOrder, request: PreviewCheckout, quote: answers.Preview, desk: Desk) -> list[str]:
    """What a seller should know before quoting these amounts; none of it is the API's own text."""
    codes = request.discount_codes or request.discount_code
    found = {
        "Tax is not included yet: it depends on the billing address.": (
            quote.current_breakup.tax is None and not quote.is_byop
        ),
        "Tax is not included: the merchant's own payment processor adds it.": quote.is_byop,
        "The tax id was not accepted; tax is quoted without it.": quote.tax_id_err_msg is not None,
        "The billing_currency is not available for this order; amounts are in another currency.": (
            request.billing_currency is not None and request.billing_currency != quote.currency
        ),
        "The discount codes do not lower this price.": bool(codes) and quote.current_breakup.discount == 0,
        "The dates and amounts of several subscriptions differ: see subscriptions.": bool(quote.subscriptions),
        "The buyer chooses products on the hosted page; these amounts lack them.": order.is_open,
        "A person will be asked to approve the sale of this order.": asks_above(order, desk.policy),
    }  # fmt: skip
    return [sentence for sentence, applies in found.items() if applies] + order.notes
