"""The ways to pay that the hosted page offers for an order."""

from dataclasses import dataclass

from checkout_server.sandbox.body import Body, part
from checkout_server.sandbox.pricing import converted

CARD_TYPES = frozenset({"credit", "debit"})


@dataclass(frozen=True, slots=True)
class Method:
    """A method other than a card, by the name that its provider gives it."""

    type: str
    name: str
    kind: str
    """The payment's ``payment_method``."""
    currency: str | None = None
    """The only one that it pays in."""
    country: str | None = None
    """The only billing country that it serves."""
    minimum: int = 0
    """Cents of a US dollar."""


# Currencies, countries and minimums: the provider's page "testing process", read in November 2026.
_METHODS = {
    method.type: method
    for method in (
        Method("upi_collect", "UPI", "upi", "INR", "IN"),
        Method("apple_pay", "Apple Pay", "wallet"),
        Method("google_pay", "Google Pay", "wallet"),
        Method("amazon_pay", "Amazon Pay", "wallet"),
        Method("cashapp", "Cash App Pay", "wallet", "USD", "US"),
        Method("paypal", "PayPal", "wallet"),
        Method("klarna", "Klarna", "pay_later", minimum=5001),
        Method("affirm", "Affirm", "pay_later", "USD", "US", minimum=5001),
        Method("afterpay_clearpay", "Afterpay / Clearpay", "pay_later", minimum=5001),
        Method("sunbit", "Sunbit", "pay_later", "USD", "US", minimum=5001),
        Method("bancontact_card", "Bancontact", "bank_redirect", "EUR", "BE"),
        Method("eps", "EPS", "bank_redirect", "EUR", "AT"),
        Method("ideal", "iDEAL", "bank_redirect", "EUR", "NL"),
        Method("multibanco", "Multibanco", "bank_transfer", "EUR", "PT"),
        Method("przelewy24", "Przelewy24", "bank_redirect", "PLN", "PL"),
    )
}
_USUAL = ("upi_collect", "google_pay", "paypal", "ideal", "klarna")
"""Made up: what is offered beside cards where the order does not say."""


def takes_cards(order: Body) -> bool:
    """Whether an order can be paid by card."""
    allowed: list[str] | None = order.get("allowed_payment_method_types")
    return allowed is None or not CARD_TYPES.isdisjoint(allowed)


def other_methods(order: Body, document: Body) -> list[Method]:
    """Those beside cards that an order allows, and that suit what is due, its currency and its country."""
    allowed: list[str] | None = order.get("allowed_payment_method_types")
    types = [each for each in dict.fromkeys(_USUAL if allowed is None else allowed) if each not in CARD_TYPES]
    methods = [_METHODS.get(each) or Method(each, each.replace("_", " ").title(), each) for each in types]
    currency, country = document["currency"], part(order, "billing_address").get("country")
    due = converted(document["total_price"], currency, "USD")
    return [
        each
        for each in methods
        if each.currency in {None, currency} and each.country in {None, country} and each.minimum <= due
    ]
