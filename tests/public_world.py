"""A shop with its public listener on a real socket, a provider that signs webhooks, and a buyer with a browser."""

import base64
import json
import re
import secrets
import time
import tomllib
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
from mcp import Client
from standardwebhooks import Webhook

from checkout_server.app import build_server, open_desk
from checkout_server.checkout.after_sale.returned import LOOK_PAUSE_SECONDS
from checkout_server.checkout.desk import Desk
from checkout_server.checkout.ledger.sale_parts import SalePart
from checkout_server.public.app import public_app
from checkout_server.sandbox import sale_documents
from checkout_server.sandbox.listener import running_app
from checkout_server.sandbox.payments import Dispute, Event, LicenseKey, Payment, Refund, Subscription
from checkout_server.sandbox.sessions import Session
from fault_cases import accept, call, settings
from faulty_upstream import FaultyUpstream
from orders import ORDER

KEY, OLD_KEY, STRANGERS_KEY = (f"whsec_{base64.b64encode(letter * 24).decode()}" for letter in (b"k", b"o", b"s"))
WEBHOOKS = "/webhooks/dodo"


ENGLISH: dict[str, str] = tomllib.loads(files("checkout_server.words").joinpath("en.toml").read_text())
NOWHERE = "/checkout/return/AAAAAAAAAAAAAAAAAAAAAA"


def document(event: Event) -> dict[str, Any]:
    """What the provider sends of an event, as things are now."""
    match event.subject:
        case Payment() as payment:
            data = sale_documents.whole_payment(payment, "http://127.0.0.1")
        case payment, Subscription() as subscription:
            data = sale_documents.subscription(payment, subscription)
        case payment, LicenseKey() as key:
            data = sale_documents.license_key(payment, key)
        case payment, Refund() as refund:
            data = sale_documents.refund(payment, refund)
        case payment, Dispute() as dispute:
            data = sale_documents.dispute(payment, dispute)
    now = datetime.now(UTC).isoformat()
    return {"business_id": "bus_sandbox", "type": event.type, "timestamp": now, "data": data}


def signed(body: bytes, webhook_id: str, *, key: str = KEY, age: float = 0.0) -> dict[str, str]:
    """The headers of a body that was signed so many seconds ago."""
    at = datetime.now(UTC) - timedelta(seconds=age)
    return {
        "content-type": "application/json",
        "webhook-id": webhook_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(key).sign(webhook_id, at, body.decode()),
    }


@dataclass
class PublicWorld:
    """A shop, and both ends of its public listener."""

    client: Client
    desk: Desk
    upstream: FaultyUpstream
    http: httpx2.AsyncClient
    """At the public listener."""
    events: list[Event] = field(default_factory=list[Event])
    """All that the provider has to tell."""
    results: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    """Of every call of a tool."""

    later: float = 0.0
    """Seconds by which every clock is ahead."""

    def __post_init__(self) -> None:
        self.upstream.sandbox.on_event.append(self.events.append)
        self.upstream.sandbox.clock = lambda: datetime.now(UTC) + timedelta(seconds=self.later)
        self.desk.clock = lambda: time.time() + self.later

    async def call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        self.results.append(await call(self.client, tool, **arguments))
        return self.results[-1]

    async def sell(self, product_id: str = "prod_digital_product", **rest: Any) -> Session:
        """A session for a product, on the hosted page."""
        cart = {"product_cart": [{"product_id": product_id, "quantity": 1}]}
        preview_id = (await self.call("preview_checkout", **ORDER | cart))["preview_id"]
        customer = {"customer": {"email": "buyer@example.com", "name": "Bo Buyer"}}
        created = await self.call("create_checkout_session", preview_id=preview_id, **customer | rest)
        return self.upstream.sandbox.sessions[created["session_id"]]

    @staticmethod
    def preview_id(session: Session) -> str:
        return session.order["metadata"]["mcp_preview_id"]

    @staticmethod
    def path(session: Session) -> str:
        """Of the page that the buyer of a session returns to."""
        return urlsplit(session.order["return_url"]).path

    async def post(self, body: bytes, headers: dict[str, str]) -> int:
        """The status that a webhook is answered with."""
        answer = await self.http.post(WEBHOOKS, content=body, headers=headers)
        assert answer.content == b"", "nothing is said beside the status"
        return answer.status_code

    async def send(self, told: Any, webhook_id: str | None = None, **how: Any) -> int:
        """Send an event, or whatever else, signed; the status that it is answered with."""
        body = json.dumps(document(told) if isinstance(told, Event) else told).encode()
        return await self.post(body, signed(body, webhook_id or f"msg_{secrets.token_hex(8)}", **how))

    async def parts(self, session: Session) -> list[SalePart]:
        """What the ledger knows of a sale."""
        return await self.desk.ledger.list_parts(self.preview_id(session))

    async def known(self, session: Session) -> list[tuple[str, str]]:
        """The kinds and ids of the parts of a sale that were reported."""
        return sorted((part.kind.value, part.part_id) for part in await self.parts(session) if part.content)


@asynccontextmanager
async def open_world(folder: Path, *, keys: Sequence[str] = (KEY,)) -> AsyncGenerator[PublicWorld]:
    async with (
        FaultyUpstream().running() as upstream,
        open_desk(settings(folder, upstream.url)) as desk,
        Client(build_server(desk), elicitation_callback=accept) as client,
        running_app(public_app(desk, keys)) as url,
        httpx2.AsyncClient(base_url=url, trust_env=False) as http,
    ):
        desk.public_url = url
        yield PublicWorld(client, desk, upstream, http)


async def page(world: PublicWorld, session: Session, **headers: str) -> str:
    answer = await world.http.get(world.path(session), headers=headers)
    assert answer.status_code == 200
    return answer.text


def title(html: str) -> str:
    return re.findall("<h1>(.*)</h1>", html)[0]


def shows(html: str, name: str) -> bool:
    """Whether a page has an element of this id."""
    return f'id="{name}"' in html


async def wait_for_next_look(world: PublicWorld) -> None:
    world.later += LOOK_PAUSE_SECONDS
