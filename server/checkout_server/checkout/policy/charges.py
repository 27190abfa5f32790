"""The amounts that a sale can lead to, which a policy bounds."""

from dataclasses import dataclass

from checkout_schemas.requests.create_checkout_session import CreateCheckoutSession
from checkout_server.checkout.orders import QuotedOrder

ON_DEMAND_PRICE = "subscription_data.on_demand.product_price"
ON_DEMAND_CURRENCY = "subscription_data.on_demand.product_currency"


@dataclass(frozen=True, slots=True)
class Charge:
    """An amount that a sale can lead to, in minor units, and the fields to blame for it."""

    currency: str
    amount: int
    path: str
    currency_path: str


def list_charges(order: QuotedOrder) -> list[Charge]:
    """Every amount that an order can lead to, of each subscription and of all together.

    That is now, at renewals, once a discount has ended, and on demand.
    """
    known = [order.total, order.recurring, order.undiscounted]
    for renewal in order.renewals:
        known += [renewal.due_now, renewal.amount]
    charges = [
        Charge(order.currency, amount, "product_cart", "billing_currency") for amount in known if amount is not None
    ]
    if order.on_demand is not None and order.on_demand.product_price is not None:
        price = order.on_demand.product_price
        charges += [
            Charge(currency, price, ON_DEMAND_PRICE, ON_DEMAND_CURRENCY) for currency in order.on_demand_currencies
        ]
    return charges


def list_mandate(sale: CreateCheckoutSession) -> list[Charge]:
    """Up to this much, later charges need no new consent of the buyer."""
    amount, path = sale.mandate_min_amount_inr_paise, "mandate_min_amount_inr_paise"
    return [Charge("INR", amount, path, path)] if amount is not None else []
