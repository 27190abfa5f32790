"""Attempts to pay, and what comes of them."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NamedTuple

from checkout_server.sandbox.body import Body
from checkout_server.sandbox.catalogue import Customer
from checkout_server.sandbox.pricing import Quote

DECLINES = tuple(
    """
    AUTHENTICATION_FAILURE AUTHENTICATION_REQUIRED AUTHENTICATION_TIMEOUT CARD_DECLINED CARD_NOT_ACTIVATED
    CARD_VELOCITY_EXCEEDED CUSTOMER_CANCELLED DO_NOT_HONOR EXPIRED_CARD FRAUDULENT GENERIC_DECLINE INCORRECT_CVC
    INCORRECT_NUMBER INSUFFICIENT_FUNDS INVALID_ACCOUNT INVALID_AMOUNT INVALID_CARD_NUMBER INVALID_CARD_OWNER
    INVALID_CVC INVALID_EXPIRY_YEAR INVALID_PIN INVALID_REQUEST INVALID_UPI_ID LIMIT_EXCEEDED LIVE_MODE_TEST_CARD
    LOST_CARD MANDATE_INVALID MANDATE_REQUIRED MANDATE_REQUIRED_SYSTEM NETWORK_ERROR NETWORK_TIMEOUT
    ORDER_CREATION_FAILED PAYMENT_METHOD_PROVIDER_DECLINED PAYMENT_METHOD_UNSUPPORTED PICKUP_CARD PROCESSING_ERROR
    PROVIDER_UNSUPPORTED REENTER_TRANSACTION REVOCATION_OF_AUTHORIZATION STOLEN_CARD TRANSACTION_NOT_ALLOWED
    TRANSACTION_NOT_APPROVED TRY_AGAIN_LATER UNKNOWN_ERROR
    """.split()
)
"""What the hosted page offers: the 44 reasons of the page "transaction failures", read in November 2026."""

DisputeStatus = Literal[
    "dispute_opened", "dispute_expired", "dispute_accepted", "dispute_cancelled", "dispute_challenged", "dispute_won",
    "dispute_lost",
]  # fmt: skip
SubscriptionStatus = Literal[
    "pending", "active", "on_hold", "paused", "cancelled", "failed", "expired", "past_due"
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """Money that went back to the buyer; ``amount`` in minor units of the payment's currency."""

    id: str
    amount: int
    created_at: datetime
    reason: str | None = None


@dataclass(slots=True, kw_only=True)
class Dispute:
    """A charge that the buyer's bank questions."""

    id: str
    amount: int
    created_at: datetime
    status: DisputeStatus = "dispute_opened"


@dataclass(frozen=True, slots=True, kw_only=True)
class LicenseKey:
    """What a paid product is unlocked with."""

    id: str
    key: str = field(repr=False)
    product_id: str
    created_at: datetime


@dataclass(slots=True, kw_only=True)
class Subscription:
    """A recurring line of a payment's cart."""

    id: str
    item: Body = field(repr=False)
    status: SubscriptionStatus = "pending"


@dataclass(frozen=True, slots=True)
class PaidBy:
    """What an attempt is paid with, as far as the merchant is told. A card's number is nowhere."""

    type: str = "credit"
    kind: str = "card"
    last_four: str | None = "4242"
    network: str | None = "visa"
    provider: str | None = None
    """Who asks the buyer to approve, by name; None for the bank of a card."""


@dataclass(slots=True, kw_only=True)
class Payment:
    """One attempt to pay a session."""

    id: str
    session_id: str
    order: Body = field(repr=False)
    """The session's, with what the buyer changed on the page."""
    quote: Quote
    customer: Customer = field(repr=False)
    status: str
    created_at: datetime
    updated_at: datetime
    subscriptions: list[Subscription]
    answers: dict[str, str] = field(default_factory=dict[str, str], repr=False)
    """By the keys of the custom fields."""
    paid_by: PaidBy = PaidBy()
    error_code: str | None = None
    three_ds: Literal["authenticated", "failed"] | None = None
    license_keys: list[LicenseKey] = field(default_factory=list[LicenseKey])
    refunds: list[Refund] = field(default_factory=list[Refund])
    disputes: list[Dispute] = field(default_factory=list[Dispute])

    @property
    def total(self) -> int:
        return self.quote.now.total

    @property
    def currency(self) -> str:
        return self.quote.document["currency"]

    @property
    def refunded(self) -> int:
        return sum(each.amount for each in self.refunds)

    @property
    def refund_status(self) -> Literal["partial", "full"] | None:
        """What went back of the whole payment."""
        if not self.refunds:
            return None
        return "full" if self.refunded >= self.total else "partial"

    @property
    def has_ended(self) -> bool:
        """Whether the buyer has to begin another attempt."""
        return self.status in {"failed", "cancelled"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What a buyer filled in on the page."""

    email: str = field(repr=False)
    name: str = field(repr=False)
    changes: Body = field(default_factory=Body, repr=False)
    """Of the order: its discount codes, its address."""
    answers: dict[str, str] = field(default_factory=dict[str, str], repr=False)
    phone: str = field(default="", repr=False)
    paid_by: PaidBy = PaidBy()


class Event(NamedTuple):
    """Something that the merchant is told of, by the name that the provider's webhooks have for it."""

    type: str
    subject: Payment | tuple[Payment, Subscription | LicenseKey | Refund | Dispute]
