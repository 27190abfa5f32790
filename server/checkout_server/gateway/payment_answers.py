"""The parts of the API's answers about what was paid that we use. Shapes: the official SDK's response types.

A payment's metadata may carry the preview whose outcome is looked for, so nothing else that is odd hides a payment.
"""

from typing import Annotated, Any, Literal

from pydantic import AliasChoices, Field

from checkout_server.gateway.answers import Answer
from checkout_server.gateway.fields import (
    ApiId,
    Charge,
    Currency,
    Moment,
    OrNone,
    PageUrl,
    Switch,
    Text,
    Whole,
    Word,
)

DisputeStatus = Literal[
    "dispute_opened", "dispute_expired", "dispute_accepted", "dispute_cancelled", "dispute_challenged", "dispute_won",
    "dispute_lost",
]  # fmt: skip
SubscriptionStatus = Literal[
    "pending", "active", "on_hold", "paused", "cancelled", "failed", "expired", "past_due"
]  # fmt: skip


class Payer(Answer):
    """Who paid; their name and address are not read."""

    customer_id: Annotated[ApiId, Field(repr=False)]


class Payment(Answer):
    """What a row of ``GET /payments`` and ``GET /payments/{id}`` have in common."""

    payment_id: OrNone[ApiId] = None
    created_at: OrNone[Moment] = None
    status: OrNone[Word] = None
    currency: OrNone[Currency] = None
    total_amount: OrNone[Charge] = None
    charge_type: OrNone[Literal["new", "renewal", "plan_change", "on_demand"]] = None
    """None where no subscription is charged."""
    customer: Annotated[OrNone[Payer], Field(repr=False)] = None
    refund_status: OrNone[Literal["partial", "full"]] = None
    """None while nothing has been refunded."""
    checkout_session_id: OrNone[ApiId] = None
    metadata: Annotated[dict[str, Any], Field(repr=False)]


class ListedPayment(Payment):
    """A row of ``GET /payments``."""

    has_license_key: OrNone[Switch] = None
    dispute_status: OrNone[DisputeStatus] = None
    """Of the newest dispute."""


class Refund(Answer):
    amount: OrNone[Charge] = None
    status: OrNone[Literal["succeeded", "failed", "pending", "review"]] = None


class Dispute(Answer):
    """A charge that the buyer's bank questions."""

    dispute_id: OrNone[ApiId] = None
    dispute_status: OrNone[DisputeStatus] = None


class CustomFieldResponse(Answer):
    """What the buyer answered to a custom field."""

    key: Annotated[Text, Field(repr=False)]
    value: Annotated[Text, Field(repr=False)]


class WholePayment(Payment):
    """``GET /payments/{id}``."""

    updated_at: OrNone[Moment] = None
    tax: OrNone[Whole] = None
    subscription_ids: OrNone[list[ApiId]] = None
    refunds: OrNone[list[Refund]] = None
    disputes: OrNone[list[Dispute]] = None
    error_code: OrNone[Word] = None
    custom_field_responses: Annotated[OrNone[list[CustomFieldResponse]], Field(repr=False)] = None
    invoice_url: Annotated[OrNone[PageUrl], Field(repr=False)] = None
    """Without a signature: whoever has it reads the buyer's name and address."""


class Subscription(Answer):
    """``GET /subscriptions/{id}``."""

    subscription_id: ApiId
    product_id: OrNone[ApiId] = None
    status: OrNone[SubscriptionStatus] = None
    next_billing_date: OrNone[Moment] = None
    cancel_at_next_billing_date: OrNone[Switch] = None


class LicenseKey(Answer):
    """A row of ``GET /license_keys``, or the key of an event."""

    key_id: Annotated[OrNone[ApiId], Field(validation_alias=AliasChoices("id"))] = None
    created_at: OrNone[Moment] = None
    key: Annotated[Text, Field(repr=False)]
    payment_id: OrNone[ApiId] = None
    status: OrNone[Literal["active", "expired", "disabled"]] = None
