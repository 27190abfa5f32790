"""The payment API's rules between an order and its sale, on validated models: what no call alone can break.

Sources: the provider's guide and the official SDK's field comments.
"""

from collections.abc import Callable
from dataclasses import dataclass

from checkout_schemas.errors import Problem
from checkout_schemas.requests.create_checkout_session import CreateCheckoutSession
from checkout_schemas.requests.preview_checkout import BillingAddress, PreviewCheckout
from checkout_schemas.vocabularies.payment_methods import FALLBACK_PAYMENT_METHOD_TYPES
from checkout_schemas.web_addresses import holds_placeholder


@dataclass(frozen=True, slots=True)
class SaleRule:
    """A rule of ``create_checkout_session``. ``broken`` gives the paths to blame, none when the rule holds."""

    id: str
    broken: Callable[[PreviewCheckout, CreateCheckoutSession], list[str]]
    problem: str
    suggestion: str


AddressField = tuple[str, Callable[[BillingAddress], str | None]]

_MINIMAL_ADDRESS: tuple[AddressField, ...] = (
    ("country", lambda address: address.country),
    ("zipcode", lambda address: address.zipcode),
)
_FULL_ADDRESS: tuple[AddressField, ...] = (
    ("country", lambda address: address.country),
    ("state", lambda address: address.state),
    ("city", lambda address: address.city),
    ("street", lambda address: address.street),
    ("zipcode", lambda address: address.zipcode),
)


def asks_minimal_address(sale: CreateCheckoutSession) -> bool:
    """Whether country and zipcode are enough: the flag ``single_page`` makes ``minimal_address`` default to true."""
    if sale.minimal_address is not None:
        return sale.minimal_address
    return sale.feature_flags is not None and sale.feature_flags.single_page is True


def _missing_address(order: PreviewCheckout, sale: CreateCheckoutSession) -> list[str]:
    """What a confirmed session needs of the address. A saved payment method brings its own billing details."""
    if sale.confirm is not True or sale.payment_method_id is not None:
        return []
    address = order.billing_address
    fields = _MINIMAL_ADDRESS if asks_minimal_address(sale) else _FULL_ADDRESS
    return [f"billing_address.{name}" for name, read in fields if address is None or read(address) is None]


def _missing_tax_id(order: PreviewCheckout, sale: CreateCheckoutSession) -> list[str]:
    flags = sale.feature_flags
    required = sale.confirm is True and flags is not None and flags.require_tax_id is True
    return ["tax_id"] if required and order.tax_id is None else []


SALE_RULES: tuple[SaleRule, ...] = (
    SaleRule(
        "api.confirm.address", _missing_address,
        "is required with confirm", "make a new preview with it, or leave confirm out",
    ),
    SaleRule(
        "api.confirm.tax_id", _missing_tax_id,
        "is required with confirm and require_tax_id", "make a new preview with tax_id, or leave require_tax_id out",
    ),
)  # fmt: skip


def broken_sale_rules(order: PreviewCheckout, sale: CreateCheckoutSession) -> list[Problem]:
    """Every rule that the order and its sale break together."""
    return [
        Problem(path=path, problem=rule.problem, suggestion=rule.suggestion)
        for rule in SALE_RULES
        for path in rule.broken(order, sale)
    ]


def missing_fallbacks(sale: CreateCheckoutSession) -> list[str]:
    """Which of credit and debit a list of payment methods lacks: a warning, not an error (the guide)."""
    allowed = sale.allowed_payment_method_types
    return [] if allowed is None else [name for name in FALLBACK_PAYMENT_METHOD_TYPES if name not in allowed]


def unfilled_placeholders(sale: CreateCheckoutSession) -> list[str]:
    """A sentence for each URL that waits for somebody to fill it in. Other providers do; this one appends (the guide).

    What is appended to ``return_url`` is said; nothing is known to be appended to ``cancel_url``.
    """
    appended = "payment_id or subscription_id, status, license_key and email are appended to it instead"
    sentences = {
        f"return_url holds a placeholder that nobody fills in: {appended}.": sale.return_url,
        "cancel_url holds a placeholder that nobody fills in.": sale.cancel_url,
    }
    return [sentence for sentence, url in sentences.items() if url is not None and holds_placeholder(url)]
