"""Webhooks to the merchant's server, signed by the Standard Webhooks scheme and sent again until they are taken."""

import asyncio
import base64
import json
import secrets
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

import httpx2

from checkout_server.sandbox import sale_documents
from checkout_server.sandbox.body import Body
from checkout_server.sandbox.documents import BUSINESS_ID
from checkout_server.sandbox.payments import Dispute, Event, LicenseKey, Payment, Refund, Subscription
from checkout_server.sandbox.sessions import Sandbox

PAUSES = (5.0, 30.0, 300.0, 1800.0)
"""Seconds before each further attempt; the provider's go on for longer."""
TIMEOUT_SECONDS = 15.0


def new_key() -> str:
    """A signing key in the provider's spelling."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()


@dataclass(frozen=True, slots=True)
class WebhookTarget:
    """Where webhooks go, and what signs them.

    Raises:
        ValueError: a key is not one.
    """

    url: str
    keys: tuple[str, ...] = field(repr=False)
    """Each signs, as the provider's old and new key do for a day after a rotation."""
    pauses: tuple[float, ...] = PAUSES

    def __post_init__(self) -> None:
        self.signatures("", datetime.now(UTC), "")

    def signatures(self, event_id: str, moment: datetime, content: str) -> str:
        """The header's value."""
        from standardwebhooks.webhooks import EmptyWebhookSecretError, Webhook

        try:
            return " ".join(Webhook(key).sign(event_id, moment, content) for key in self.keys)
        except EmptyWebhookSecretError:
            raise ValueError("a webhook key is empty") from None


@asynccontextmanager
async def sending_webhooks(sandbox: Sandbox, target: WebhookTarget, public_url: str) -> AsyncGenerator[None]:
    """Send every event of the sandbox, which is at ``public_url``, while the block runs.

    An event's document is made for each attempt: like the provider's, it says how things are when it is sent, which may
    be later than what it tells of. The id of an event stays; its time and its signatures are those of the attempt.
    """
    async with httpx2.AsyncClient(timeout=TIMEOUT_SECONDS, trust_env=False) as client:
        deliveries: set[asyncio.Task[None]] = set()

        def send(event: Event) -> None:
            delivery = asyncio.create_task(_deliver(event, target, public_url, client))
            deliveries.add(delivery)
            delivery.add_done_callback(deliveries.discard)

        sandbox.on_event.append(send)
        try:
            yield
        finally:
            sandbox.on_event.remove(send)
            for each in deliveries:
                each.cancel()
            await asyncio.gather(*deliveries, return_exceptions=True)


async def _deliver(event: Event, target: WebhookTarget, public_url: str, client: httpx2.AsyncClient) -> None:
    event_id, happened_at = f"msg_{secrets.token_hex(14)}", datetime.now(UTC)
    for pause in (0.0, *target.pauses):
        await asyncio.sleep(pause)
        content = json.dumps(event_document(event, public_url, happened_at), ensure_ascii=False)
        now = datetime.now(UTC)
        headers = {
            "content-type": "application/json",
            "webhook-id": event_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": target.signatures(event_id, now, content),
        }
        with suppress(httpx2.HTTPError):
            if (await client.post(target.url, content=content.encode(), headers=headers)).is_success:
                return


def event_document(event: Event, public_url: str, happened_at: datetime) -> Body:
    """The body of a webhook, as things are now."""
    return {
        "business_id": BUSINESS_ID,
        "type": event.type,
        "timestamp": happened_at.isoformat(),
        "data": _data(event, public_url),
    }


def _data(event: Event, public_url: str) -> Body:
    match event.subject:
        case Payment() as payment:
            return {"payload_type": "Payment"} | sale_documents.whole_payment(payment, public_url)
        case payment, Subscription() as subscription:
            return {"payload_type": "Subscription"} | sale_documents.subscription(payment, subscription)
        case payment, LicenseKey() as key:
            return {"payload_type": "LicenseKey"} | sale_documents.license_key(payment, key)
        case payment, Refund() as refund:
            return {"payload_type": "Refund"} | sale_documents.refund(payment, refund)
        case payment, Dispute() as dispute:
            return {"payload_type": "Dispute"} | sale_documents.dispute(payment, dispute)
