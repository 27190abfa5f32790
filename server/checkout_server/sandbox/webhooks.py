"""Webhooks to the merchant's server, signed by the Standard Webhooks scheme and sent again until they are taken."""

import asyncio
import base64
import json
import secrets
from collections.abc import AsyncGenerator, MutableSequence
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


@dataclass(slots=True, kw_only=True)
class Delivery:
    """An event, and what the merchant's server answered."""

    event_type: str
    happened_at: datetime
    answers: list[int | None] = field(default_factory=list[int | None])
    """Statuses, one for each attempt; None where no answer came."""
    is_over: bool = False
    """Whether there are no more attempts."""

    @property
    def is_taken(self) -> bool:
        last = self.answers[-1] if self.answers else None
        return last is not None and 200 <= last < 300


@asynccontextmanager
async def sending_webhooks(
    sandbox: Sandbox, target: WebhookTarget, public_url: str, deliveries: MutableSequence[Delivery] | None = None
) -> AsyncGenerator[None]:
    """Send every event of the sandbox, which is at ``public_url``, while the block runs.

    An event's document is made for each attempt: like the provider's, it says how things are when it is sent, which may
    be later than what it tells of. The id of an event stays; its time and its signatures are those of the attempt.

    Args:
        deliveries: to which each event is added, with its answers as they come.
    """
    async with httpx2.AsyncClient(timeout=TIMEOUT_SECONDS, trust_env=False) as client:
        sending: set[asyncio.Task[None]] = set()

        def send(event: Event) -> None:
            delivery = Delivery(event_type=event.type, happened_at=datetime.now(UTC))
            if deliveries is not None:
                deliveries.append(delivery)
            task = asyncio.create_task(_deliver(event, delivery, target, public_url, client))
            sending.add(task)
            task.add_done_callback(sending.discard)

        sandbox.on_event.append(send)
        try:
            yield
        finally:
            sandbox.on_event.remove(send)
            for each in sending:
                each.cancel()
            await asyncio.gather(*sending, return_exceptions=True)


async def _deliver(
    event: Event, delivery: Delivery, target: WebhookTarget, public_url: str, client: httpx2.AsyncClient
) -> None:
    event_id = f"msg_{secrets.token_hex(14)}"
    for pause in (0.0, *target.pauses):
        await asyncio.sleep(pause)
        content = json.dumps(event_document(event, public_url, delivery.happened_at), ensure_ascii=False)
        now = datetime.now(UTC)
        headers = {
            "content-type": "application/json",
            "webhook-id": event_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": target.signatures(event_id, now, content),
        }
        answer: int | None = None
        with suppress(httpx2.HTTPError):
            answer = (await client.post(target.url, content=content.encode(), headers=headers)).status_code
        delivery.answers.append(answer)
        if delivery.is_taken:
            break
    delivery.is_over = True


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
