"""Webhooks of the sandbox, as the official client unwraps them on a real socket."""

import asyncio
import base64
import hmac
import json
import re
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest
from dodopayments import DodoPayments, types
from pydantic import TypeAdapter
from standardwebhooks import WebhookVerificationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from checkout_server.listening.loopback import bound_socket, url_of
from checkout_server.sandbox import sale_documents
from checkout_server.sandbox.app import create_app
from checkout_server.sandbox.listener import running_app
from checkout_server.sandbox.payments import Payment
from checkout_server.sandbox.sessions import Sandbox
from checkout_server.sandbox.webhooks import TIMEOUT_SECONDS, Delivery, WebhookTarget, new_key, sending_webhooks

EVENT = TypeAdapter(types.UnwrapWebhookEvent)


@dataclass
class Merchant:
    """A server that writes webhooks down, and answers with the statuses that are set."""

    statuses: list[int] = field(default_factory=list[int])
    deliveries: asyncio.Queue[tuple[dict[str, str], str]] = field(
        default_factory=asyncio.Queue[tuple[dict[str, str], str]]
    )

    async def take(self, request: Request) -> Response:
        await self.deliveries.put((dict(request.headers), (await request.body()).decode()))
        return Response(status_code=self.statuses.pop(0) if self.statuses else 204)

    async def next(self, count: int) -> list[tuple[dict[str, str], str]]:
        return [await self.deliveries.get() for _ in range(count)]


@asynccontextmanager
async def telling(*keys: str, pauses: tuple[float, ...] = ()) -> AsyncGenerator[tuple[Sandbox, Merchant]]:
    merchant, sandbox = Merchant(), Sandbox()
    async with running_app(Starlette(routes=[Route("/hook", merchant.take, methods=["POST"])])) as url:
        target = WebhookTarget(f"{url}/hook", keys, pauses)
        async with sending_webhooks(sandbox, target, "http://sandbox.example"):
            yield sandbox, merchant


def sell(sandbox: Sandbox, *product_ids: str, status: str = "succeeded") -> Payment:
    cart = [{"product_id": each, "quantity": 1} for each in product_ids]
    return sandbox.pay(sandbox.create({"product_cart": cart, "customer": {"email": "a@b.co"}}), status)


def unwrapped(key: str, delivery: tuple[dict[str, str], str]) -> Any:
    headers, content = delivery
    with DodoPayments(bearer_token="any", webhook_key=key) as client:
        return EVENT.validate_python(client.webhooks.unwrap(content, headers=headers).to_dict())


@pytest.mark.requirement("sandbox.webhooks")
async def test_every_event_of_a_sale_verifies_and_has_the_official_shape() -> None:
    key = new_key()
    async with telling(key) as (sandbox, merchant):
        payment = sell(sandbox, "prod_digital_product", "prod_monthly_plan")
        events = [unwrapped(key, each) for each in await merchant.next(3)]
        sandbox.refund(payment, 100)
        sandbox.dispute(payment)
        sandbox.dispute(payment, "dispute_won")
        events += [unwrapped(key, each) for each in await merchant.next(3)]
        assert sorted(each.type for each in events) == [
            "dispute.opened", "dispute.won", "license_key.created", "payment.succeeded", "refund.succeeded",
            "subscription.active",
        ]  # fmt: skip
        assert {each.business_id for each in events} == {"bus_sandbox"}


@pytest.mark.requirement("sandbox.webhooks")
async def test_a_failed_attempt_is_told_with_its_reason() -> None:
    key = new_key()
    async with telling(key) as (sandbox, merchant):
        sell(sandbox, "prod_123", status="failed")
        [event] = [unwrapped(key, each) for each in await merchant.next(1)]
        assert (event.type, event.data.error_code) == ("payment.failed", "CARD_DECLINED")


@pytest.mark.requirement("sandbox.webhooks")
async def test_an_event_that_is_not_taken_comes_again_under_its_id_as_things_are_then() -> None:
    key = new_key()
    async with telling(key, pauses=(0.0, 1.1)) as (sandbox, merchant):
        merchant.statuses = [503, 500]
        payment = sell(sandbox, "prod_123")
        first = (await merchant.next(1))[0]
        payment.customer = replace(payment.customer, email="new@b.co")
        second, third = await merchant.next(2)
        assert len({headers["webhook-id"] for headers, _ in (first, second, third)}) == 1
        assert first[0]["webhook-signature"] != third[0]["webhook-signature"]
        assert int(first[0]["webhook-timestamp"]) < int(third[0]["webhook-timestamp"])
        assert [unwrapped(key, each).data.customer.email for each in (first, third)] == ["a@b.co", "new@b.co"]


@pytest.mark.requirement("sandbox.webhooks")
async def test_a_server_that_is_away_is_told_when_it_is_back() -> None:
    merchant, sandbox, listener = Merchant(), Sandbox(), bound_socket("127.0.0.1", 0)
    refused = asyncio.Event()
    target = WebhookTarget(f"{url_of(listener)}/hook", (new_key(),), (0.05,) * 1000)
    async with sending_webhooks(sandbox, target, ""):
        sell(sandbox, "prod_123")
        asyncio.get_running_loop().call_later(0.2, refused.set)
        await refused.wait()
        async with running_app(Starlette(routes=[Route("/hook", merchant.take, methods=["POST"])]), listener):
            assert len(await merchant.next(1)) == 1


@pytest.mark.requirement("sandbox.webhooks")
async def test_an_event_carries_what_the_api_answers_and_a_signature_anybody_can_work_out() -> None:
    key = new_key()
    async with telling(key) as (sandbox, merchant):
        payment = sell(sandbox, "prod_digital_product", "prod_monthly_plan")
        refund, dispute = sandbox.refund(payment, 100), sandbox.dispute(payment)
        deliveries = await merchant.next(5)
    where = "http://sandbox.example"
    sent = {json.loads(content)["type"]: json.loads(content) for _, content in deliveries}
    assert {name: each["data"] for name, each in sent.items()} == {
        "payment.succeeded": {"payload_type": "Payment"} | sale_documents.whole_payment(payment, where),
        "subscription.active": {"payload_type": "Subscription"}
        | sale_documents.subscription(payment, payment.subscriptions[0]),
        "license_key.created": {"payload_type": "LicenseKey"}
        | sale_documents.license_key(payment, payment.license_keys[0]),
        "refund.succeeded": {"payload_type": "Refund"} | sale_documents.refund(payment, refund),
        "dispute.opened": {"payload_type": "Dispute"} | sale_documents.dispute(payment, dispute),
    }
    for headers, content in deliveries:
        told = datetime.fromisoformat(json.loads(content)["timestamp"])
        assert abs((told - datetime.now(UTC)).total_seconds()) < 60
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{content}".encode()
        digest = hmac.digest(base64.b64decode(key.removeprefix("whsec_")), signed, "sha256")
        assert headers["webhook-signature"] == f"v1,{base64.b64encode(digest).decode()}"
        assert headers["webhook-id"].startswith("msg_")
        assert headers["content-type"] == "application/json"


@pytest.mark.requirement("sandbox.webhooks")
def test_attempts_are_made_for_more_than_half_an_hour() -> None:
    target = WebhookTarget("https://shop.example/hook", (new_key(),))
    assert (target.pauses, TIMEOUT_SECONDS) == ((5.0, 30.0, 300.0, 1800.0), 15.0)


async def shown_webhooks(url: str) -> str:
    """That section of the front page, as words."""
    async with httpx2.AsyncClient() as http:
        section = (await http.get(url)).text.partition('id="webhooks"')[2].partition("</section>")[0]
    return " ".join(re.sub("<[^>]*>", " ", section).split())


@pytest.mark.requirement("sandbox.front_page")
async def test_the_front_page_tells_which_webhooks_were_sent_and_how_they_were_answered() -> None:
    merchant, sandbox, deliveries = Merchant(statuses=[503]), Sandbox(), deque[Delivery]()
    async with (
        running_app(create_app(sandbox, deliveries=deliveries)) as url,
        running_app(Starlette(routes=[Route("/hook", merchant.take, methods=["POST"])])) as shop,
        sending_webhooks(sandbox, WebhookTarget(f"{shop}/hook", (new_key(),), (0.0,)), url, deliveries),
    ):
        assert "Nothing sent yet." in await shown_webhooks(url)
        payment = sell(sandbox, "prod_123")
        assert "payment.succeeded being sent ·" in await shown_webhooks(url)
        await merchant.next(2)
        merchant.statuses = [500, 410]
        sandbox.refund(payment, 1)
        await merchant.next(2)
        async with asyncio.timeout(20):
            while "then 410 · 20" not in (words := await shown_webhooks(url)):
                pass
    assert words.index("refund.succeeded 500, then 410 · 20") < words.index("payment.succeeded 503, then 204 · 20")


@pytest.mark.requirement("sandbox.front_page")
async def test_the_front_page_tells_how_webhooks_are_sent_and_which_found_nobody() -> None:
    silent = Delivery(event_type="payment.failed", happened_at=datetime.now(UTC), answers=[None])
    async with running_app(create_app()) as url:
        assert "None are sent. Start the sandbox with --webhook-url URL to send them." in await shown_webhooks(url)
    async with running_app(create_app(deliveries=[silent])) as url:
        assert "payment.failed no answer , sent again later ·" in await shown_webhooks(url)


@pytest.mark.requirement("sandbox.webhooks")
async def test_both_keys_sign_during_a_rotation_and_no_other_verifies() -> None:
    old, new = new_key(), new_key()
    async with telling(old, new) as (sandbox, merchant):
        sell(sandbox, "prod_123")
        [delivery] = await merchant.next(1)
        assert unwrapped(old, delivery) == unwrapped(new, delivery)
        with pytest.raises(WebhookVerificationError):
            unwrapped(new_key(), delivery)


@pytest.mark.requirement("sandbox.webhooks")
@pytest.mark.parametrize("key", ["", "whsec_", "whsec_a"])
def test_what_is_no_key_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        WebhookTarget("https://shop.example/hook", (key,))
