"""The parts of the provider's webhooks that we use. Shapes: the official SDK's webhook events."""

from typing import Annotated, Any

from pydantic import Field

from checkout_server.gateway.answers import Answer
from checkout_server.gateway.fields import ApiId, Moment, OrNone, Word
from checkout_server.gateway.payment_answers import Payment


class WebhookEvent(Answer):
    """What a webhook carries."""

    type: Word
    data: Annotated[dict[str, Any], Field(repr=False)]


class ReportedPayment(Payment):
    """The payment of an event."""

    updated_at: OrNone[Moment] = None
    subscription_id: OrNone[ApiId] = None
    subscription_ids: OrNone[list[ApiId]] = None


class ReportedSubscription(Answer):
    """The subscription of an event."""

    subscription_id: ApiId
    status: OrNone[Word] = None
    metadata: Annotated[OrNone[dict[str, Any]], Field(repr=False)] = None


class ReportedRefund(Answer):
    """The refund of an event."""

    refund_id: ApiId
    payment_id: ApiId
    status: OrNone[Word] = None


class ReportedDispute(Answer):
    """The dispute of an event."""

    dispute_id: ApiId
    payment_id: ApiId
    dispute_status: OrNone[Word] = None
