"""The form of the sandbox's hosted page, read and posted without a browser."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from html.parser import HTMLParser
from typing import Any

import httpx2

from checkout_server.sandbox.app import create_app
from checkout_server.sandbox.listener import running_app
from checkout_server.sandbox.payments import Payment
from checkout_server.sandbox.sessions import Sandbox

CART = [{"product_id": "prod_team_plan", "quantity": 1, "addons": [{"addon_id": "addon_seat", "quantity": 2}]}]
Attributes = dict[str, str | None]


class Fields(HTMLParser):
    """The fields of a page by name, with their attributes, and the ways to pay."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: dict[str, Attributes] = {}
        self.ways: list[str | None] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        name = attributes.get("name")
        if tag in {"input", "select"} and name == "method":
            self.ways.append(attributes.get("value"))
        elif tag in {"input", "select"} and name:
            self.found[name] = attributes

    def required(self) -> set[str]:
        return {name for name, attributes in self.found.items() if "required" in attributes}

    def fixed(self) -> set[str]:
        return {name for name, attributes in self.found.items() if "readonly" in attributes}


class Asking:
    """A session's page."""

    def __init__(self, http: httpx2.AsyncClient, sandbox: Sandbox) -> None:
        self.http, self.sandbox = http, sandbox

    async def fields(self, **form: str) -> Fields:
        return Fields((await self.http.post("/price", data=form)).text)

    async def pay(self, **form: str) -> Payment:
        answer = await self.http.post("/pay", data=form)
        assert answer.status_code == 200, answer.text.partition('role="alert">')[2][:100]
        return self.sandbox.payments[-1]

    async def refuses(self, **form: str) -> bool:
        answer = await self.http.post("/pay", data=form)
        return answer.status_code == 422 and not self.sandbox.payments


@asynccontextmanager
async def asking(**order: Any) -> AsyncGenerator[Asking]:
    sandbox = Sandbox()
    session = sandbox.create({"product_cart": CART} | order)
    async with (
        running_app(create_app(sandbox)) as url,
        httpx2.AsyncClient(base_url=f"{url}/session/{session.id}") as http,
    ):
        yield Asking(http, sandbox)
