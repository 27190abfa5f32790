"""The provider's webhooks, as far as they can be about a sale."""

from typing import Literal

WebhookType = Literal[
    "payment.succeeded", "payment.failed", "payment.processing", "payment.cancelled", "refund.succeeded",
    "refund.failed", "dispute.opened", "dispute.expired", "dispute.accepted", "dispute.cancelled",
    "dispute.challenged", "dispute.won", "dispute.lost", "subscription.active", "subscription.renewed",
    "subscription.on_hold", "subscription.past_due", "subscription.paused", "subscription.unpaused",
    "subscription.cancelled", "subscription.failed", "subscription.expired", "subscription.plan_changed",
    "subscription.updated", "subscription.update_payment_method", "license_key.created",
]  # fmt: skip
"""By the name that the SDK's ``WebhookEventType`` gives them."""
