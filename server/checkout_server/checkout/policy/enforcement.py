"""What a policy refuses. Every refusal of a call comes at once, by field."""

from collections.abc import Iterator
from dataclasses import dataclass

from checkout_schemas.errors import Problem
from checkout_schemas.requests.create_checkout_session import CreateCheckoutSession
from checkout_schemas.requests.preview_checkout import PreviewCheckout
from checkout_schemas.vocabularies.currencies import display
from checkout_server.checkout.orders import QuotedOrder, charges_at_once
from checkout_server.checkout.policy.document import Policy
from checkout_server.checkout.policy.return_urls import denied_return_urls
from checkout_server.checkout.refusals import policy_denied
from checkout_server.privacy.events import emit

NAMED_AT_MOST = 10
"""Longer lists of what is allowed are not read out to the model."""
_SEE_LIST = "list_products shows what is sold here"


@dataclass(frozen=True, slots=True)
class Charge:
    """An amount that a sale can lead to, in minor units, and the field to blame for it."""

    currency: str
    amount: int
    path: str
    currency_path: str


def refuse_denied(problems: list[Problem], *, at_creation: bool = False) -> None:
    """Refuse what the policy forbids, all of it at once.

    Raises:
        CheckoutRefusal: ``policy_denied``.
    """
    if problems:
        emit("policy.denied", paths=[problem.path for problem in problems])
        raise policy_denied(problems, at_creation=at_creation)


def denied_order(order: PreviewCheckout, policy: Policy) -> list[Problem]:
    """Everything that the policy forbids about what is bought, before it is priced."""
    return [
        *_denied_products(order, policy),
        *_denied_collection(order, policy),
        *_denied_codes(order, policy),
        *_denied_country(order, policy),
    ]


def _denied_products(order: PreviewCheckout, policy: Policy) -> Iterator[Problem]:
    products, most = policy.allow.products, policy.limits.max_quantity
    for index, item in enumerate(order.product_cart):
        line = f"product_cart[{index}]"
        if products is not None and item.product_id not in products:
            yield _denied(f"{line}.product_id", "is not a product that may be sold here", _SEE_LIST)
        rows = [(line, item.quantity)]
        rows += [(f"{line}.addons[{place}]", addon.quantity) for place, addon in enumerate(item.addons or ())]
        for path, quantity in rows:
            if most is not None and quantity > most:
                yield _denied(f"{path}.quantity", "is above the limit", f"use at most {most}")


def _denied_collection(order: PreviewCheckout, policy: Policy) -> Iterator[Problem]:
    # The buyer chooses on the page: neither the products nor the total are known here.
    bounded = policy.allow.products is not None or policy.limits.max_total is not None
    if order.product_collection_id is not None and bounded:
        yield _denied(
            "product_collection_id", "cannot be checked against the policy", f"name the products; {_SEE_LIST}"
        )


def _denied_codes(order: PreviewCheckout, policy: Policy) -> Iterator[Problem]:
    allowed = policy.allow.discount_codes
    if allowed is None:
        return
    known = {code.casefold() for code in allowed}
    repair = "ask the buyer whether to go on without it"
    for index, code in enumerate(order.discount_codes or ()):
        if code.casefold() not in known:
            yield _denied(f"discount_codes[{index}]", "is not a code that may be used here", repair)
    if order.discount_code is not None and order.discount_code.casefold() not in known:
        yield _denied("discount_code", "is not a code that may be used here", repair)


def _denied_country(order: PreviewCheckout, policy: Policy) -> Iterator[Problem]:
    countries, path = policy.allow.countries, "billing_address.country"
    if countries is None:
        return
    if order.billing_address is None:
        yield _denied(path, "must be given", "ask the buyer for their billing country")
    elif order.billing_address.country not in countries:
        yield _denied(path, "is not a country that is sold to", _only("sold to", countries))


def denied_price(order: QuotedOrder, policy: Policy) -> list[Problem]:
    """What the policy forbids about a price: each amount that the order can lead to is held to the limit."""
    return list(dict.fromkeys([*_denied_currencies(order, policy), *_above_limit(order, policy)]))


def _denied_currencies(order: QuotedOrder, policy: Policy) -> Iterator[Problem]:
    allowed = policy.allow.currencies
    if allowed is None:
        return
    priced = {"billing_currency": order.currency}
    data = order.order.subscription_data
    if data is not None and data.on_demand is not None and data.on_demand.product_currency is not None:
        priced["subscription_data.on_demand.product_currency"] = data.on_demand.product_currency
    for path, currency in priced.items():
        if currency not in allowed:
            yield _denied(path, "is not a currency that is sold in", _only("sold in", allowed))


def _above_limit(order: QuotedOrder, policy: Policy) -> Iterator[Problem]:
    limits = policy.limits.max_total
    if limits is None:
        return
    for charge in charges_of(order):
        most = limits.get(charge.currency)
        if most is None:
            named = _only("sold in", tuple(limits))
            yield _denied(charge.currency_path, "has no limit in the policy and is refused", named)
        elif charge.amount > most:
            allowed = f"the limit for one charge is {display(most, charge.currency)}"
            yield _denied(charge.path, "costs more than the policy allows", allowed)
    if order.usage_billed or order.unquoted_renewals:
        yield _denied("product_cart", "leads to charges that no limit can bound", _SEE_LIST)


def charges_of(order: QuotedOrder) -> list[Charge]:
    """Every amount that an order can lead to: now, for each subscription, at renewals, and on demand."""
    amounts = [
        order.total,
        *order.due_now,
        *([order.recurring] if order.recurring is not None else []),
        *(each.amount for each in order.renewals),
        *([order.undiscounted] if order.undiscounted is not None else []),
    ]
    charges = [Charge(order.currency, amount, "product_cart", "billing_currency") for amount in amounts]
    data = order.order.subscription_data
    if data is not None and data.on_demand is not None and data.on_demand.product_price is not None:
        on_demand = "subscription_data.on_demand"
        charges.append(
            Charge(
                currency=data.on_demand.product_currency or order.currency,
                amount=data.on_demand.product_price,
                path=f"{on_demand}.product_price",
                currency_path=f"{on_demand}.product_currency",
            )
        )
    return charges


def asks_above(order: QuotedOrder, policy: Policy, sale: CreateCheckoutSession | None = None) -> bool:
    """Whether a person is asked because of an amount; also where there is none, or not all of it is known."""
    above = policy.confirm.ask_above
    if above is None:
        return False
    mandate = sale.mandate_min_amount_inr_paise if sale is not None else None
    return (
        any(charge.amount > above.get(charge.currency, -1) for charge in charges_of(order))
        or order.is_open
        or order.is_on_demand
        or order.usage_billed
        or bool(order.unquoted_renewals)
        or (mandate is not None and mandate > above.get("INR", -1))
    )


def denied_sale(sale: CreateCheckoutSession, policy: Policy, environment: str) -> list[Problem]:
    """Everything that the policy forbids about how it is sold."""
    found = denied_return_urls(sale, policy, environment)
    if charges_at_once(sale) and policy.confirm.mode == "never":
        repair = "leave confirm and payment_method_id out; the buyer pays on the hosted page"
        found.append(_denied("confirm", "is not allowed here", repair))
    if sale.payment_method_id is not None and not policy.confirm.saved_payment_methods:
        found.append(_denied("payment_method_id", "is not allowed here", "leave confirm and payment_method_id out"))
    mandate, limits = sale.mandate_min_amount_inr_paise, policy.limits.max_total
    if mandate is not None and limits is not None and mandate > limits.get("INR", -1):
        found.append(_denied("mandate_min_amount_inr_paise", "is above the limit for one charge", "leave it out"))
    return found


def _only(what: str, allowed: tuple[str, ...]) -> str:
    """What is allowed instead, where it can be read out."""
    if not allowed:
        return "nothing is allowed by the operator's policy"
    if len(allowed) > NAMED_AT_MOST:
        return "the operator's policy lists what is"
    return f"{what}: {', '.join(allowed)}"


def _denied(path: str, problem: str, suggestion: str | None = None) -> Problem:
    return Problem(path=path, problem=problem, suggestion=suggestion)
