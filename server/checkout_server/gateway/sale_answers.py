"""What the API tells of a sale: payments in full, and what webhooks carry.

Shapes: the official SDK's ``Payment``, ``Subscription``, ``Refund``, ``Dispute``, ``LicenseKey`` and webhook events.
"""

from typing import Annotated, Any

from pydantic import Field, SecretStr

from checkout_server.gateway.answers import Answer, Payment
from checkout_server.gateway.fields import ApiId, Charge, Currency, Moment, OrNone, Word


class Buyer(Answer):
    """Who paid, of whom only the id is read."""

    customer_id: ApiId


class WholePayment(Payment):
    """``GET /payments/{id}``, or the payment of an event."""

    customer: OrNone[Buyer] = None

    total_amount: OrNone[Charge] = None
    currency: OrNone[Currency] = None
    updated_at: OrNone[Moment] = None
    subscription_ids: OrNone[list[ApiId]] = None
    subscription_id: OrNone[ApiId] = None


class Subscription(Answer):
    """The subscription of an event."""

    subscription_id: ApiId
    status: OrNone[Word] = None
    metadata: Annotated[OrNone[dict[str, Any]], Field(repr=False)] = None


class Refund(Answer):
    """The refund of an event."""

    refund_id: ApiId
    payment_id: ApiId
    status: OrNone[Word] = None


class Dispute(Answer):
    """The dispute of an event."""

    dispute_id: ApiId
    payment_id: ApiId
    dispute_status: OrNone[Word] = None


class LicenseKey(Answer):
    """A row of ``GET /license_keys``, or the key of an event."""

    key_id: Annotated[ApiId, Field(validation_alias="id")]
    key: SecretStr
    created_at: Moment
    payment_id: OrNone[ApiId] = None


class WebhookEvent(Answer):
    """What a webhook carries."""

    type: Word
    data: Annotated[dict[str, Any], Field(repr=False)]
