"""The sandbox's hosted page in a real browser, with a shop to return to."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx2
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from browser import browsing
from checkout_server.sandbox.app import create_app
from checkout_server.sandbox.listener import running_app
from checkout_server.sandbox.sessions import Sandbox, Session

PAYS, NO_FUNDS, ASKS_BANK, STOLEN = "4242424242424242", "4000000000009995", "4000002760003184", "4000000000009979"
ADDRESS = {"street": "Hauptstr. 1", "city": "Berlin", "country": "DE", "zipcode": "10115"}
CUSTOMER = {"email": "customer@example.com", "name": "Jane"}
CART = [{"product_id": "prod_digital_product", "quantity": 1}]


@dataclass
class Visit:
    """A buyer in front of a session's page."""

    page: Any
    session: Session
    sandbox: Sandbox
    shop: str
    requests: list[tuple[str, str]]
    """Every address that the browser asked for, with what it sent."""
    complaints: list[str]
    """What the browser's console said."""

    async def pay(self, number: str = PAYS) -> None:
        await type_card(self.page, number)
        await self.page.click("#pay")


async def type_card(page: Any, number: str = PAYS) -> None:
    """Fill in a card, spaced as it is on a real one."""
    await page.fill("#card_number", " ".join(number[start : start + 4] for start in range(0, 16, 4)))
    await page.fill("#expiry", "12/34")
    await page.fill("#cvc", "123")


@asynccontextmanager
async def visiting(
    *, sandbox: Sandbox | None = None, browser: dict[str, Any] | None = None, **order: Any
) -> AsyncGenerator[Visit]:
    """A browser on the page of a new session, which asks for nothing but a card unless the order says otherwise."""

    async def landing(_request: Request) -> PlainTextResponse:
        return PlainTextResponse("the shop")

    sandbox = sandbox or Sandbox()
    shop_app = Starlette(routes=[Route("/{path:path}", landing)])
    async with (
        running_app(create_app(sandbox)) as url,
        running_app(shop_app) as shop,
        browsing(**browser or {}) as page,
    ):
        body = {
            "product_cart": CART,
            "customer": CUSTOMER,
            "billing_address": ADDRESS,
            "billing_currency": "USD",
            "return_url": f"{shop}/return?kept=1",
            "cancel_url": f"{shop}/cart",
        } | order
        async with httpx2.AsyncClient(base_url=url, headers={"Authorization": "Bearer x"}) as http:
            answer = await http.post("/checkouts", json=body)
            assert answer.status_code == 200, answer.text
        requests: list[tuple[str, str]] = []
        complaints: list[str] = []
        page.on("request", lambda request: requests.append((request.url, request.post_data or "")))
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        await page.goto(answer.json()["checkout_url"])
        session = sandbox.sessions[answer.json()["session_id"]]
        yield Visit(page, session, sandbox, shop, requests, complaints)
