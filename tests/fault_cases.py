"""What can happen to a creation on its way: one table for the tests and for ``bench/faults.py``.

The upstream is the sandbox, which really makes sessions, behind faults on a real socket.
"""

import asyncio
import json
import os
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.utils import format_datetime
from pathlib import Path
from typing import Any, NamedTuple

import httpx2
from mcp import Client
from mcp_types import ElicitResult

from checkout_server.app import build_server, open_desk
from checkout_server.checkout.desk import Desk
from checkout_server.gateway.client import Gateway
from checkout_server.sandbox.app import create_app
from checkout_server.sandbox.sessions import Sandbox
from checkout_server.settings import Settings, load_settings
from forms import approving

Fault = Callable[["Exchange"], Awaitable[None]]


@dataclass
class Exchange:
    """One ``POST /checkouts``, and the connection to answer it on."""

    upstream: "FaultyUpstream"
    writer: asyncio.StreamWriter
    request: httpx2.Request

    async def create(self) -> httpx2.Response:
        """What the sandbox answers; the session exists afterwards."""
        return await self.upstream.sell(self.request)

    async def answer(self, status: int, content: Any, *, pieces: int = 1, pause: float = 0.0) -> None:
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        date = format_datetime(self.upstream.sandbox.clock(), usegmt=True)
        head = f"HTTP/1.1 {status} X\r\ndate: {date}\r\ncontent-type: application/json\r\n"
        head += f"content-length: {len(body)}\r\n\r\n"
        whole = head.encode() + body
        size = -(-len(whole) // pieces)
        for start in range(0, len(whole), size):
            self.writer.write(whole[start : start + size])
            await self.writer.drain()
            await asyncio.sleep(pause)

    def drop(self) -> None:
        self.writer.transport.abort()


async def no_fault(exchange: Exchange) -> None:
    made = await exchange.create()
    await exchange.answer(made.status_code, made.content)


def refuse(status: int, code: str) -> Fault:
    async def fault(exchange: Exchange) -> None:
        await exchange.answer(status, {"code": code, "message": "no"})

    return fault


def create_then_answer(status: int, content: Any) -> Fault:
    async def fault(exchange: Exchange) -> None:
        await exchange.create()
        await exchange.answer(status, content)

    return fault


async def drop_before(exchange: Exchange) -> None:
    exchange.drop()


async def drop_after(exchange: Exchange) -> None:
    await exchange.create()
    exchange.drop()


async def hang(exchange: Exchange) -> None:
    await exchange.create()
    await asyncio.Event().wait()


async def slow(exchange: Exchange) -> None:
    made = await exchange.create()
    await exchange.answer(made.status_code, made.content, pieces=8, pause=0.02)


async def hold(exchange: Exchange) -> None:
    """Create, and answer when released."""
    made = await exchange.create()
    await exchange.upstream.released.wait()
    await exchange.answer(made.status_code, made.content)


class Case(NamedTuple):
    """A fault, and the only true thing that can be said after it."""

    fault: Fault
    creates: bool
    """Whether a request that meets it makes a session."""
    confirmed: str
    """What a caller who confirms is told: ``session``, or the code of an error."""
    hosted: str
    """What a caller who does not confirm is told."""


CASES: dict[str, Case] = {
    "no fault": Case(no_fault, True, "session", "session"),
    "422": Case(refuse(422, "INVALID_REQUEST_BODY"), False, "gateway_refused", "gateway_refused"),
    "429": Case(refuse(429, "TOO_MANY_REQUESTS"), False, "outcome_unknown", "rate_limited"),
    "500 after creating": Case(
        create_then_answer(500, {"code": "INTERNAL_SERVER_ERROR"}), True, "outcome_unknown", "outcome_unknown"
    ),
    "connection dropped before creating": Case(drop_before, False, "outcome_unknown", "outcome_unknown"),
    "connection dropped after creating": Case(drop_after, True, "outcome_unknown", "outcome_unknown"),
    "hang past the deadline": Case(hang, True, "outcome_unknown", "outcome_unknown"),
    "slow answer": Case(slow, True, "session", "session"),
    "garbage body": Case(create_then_answer(200, b"<html>"), True, "outcome_unknown", "outcome_unknown"),
    "missing fields": Case(create_then_answer(200, {"checkout_url": None}), True, "outcome_unknown", "outcome_unknown"),
}


RESTORED, BUSY = "ledger restored from a backup", "lost answer in a busy shop"
"""What goes wrong elsewhere than on the way; rows of the table after the cases."""
NEWER = 600
"""Payments that a busy shop takes after a lost one."""


@dataclass
class FaultyUpstream:
    """The sandbox behind a socket where each ``POST /checkouts`` meets the fault that is set."""

    fault: Fault = no_fault
    fault_of_searches: Fault = no_fault
    """What each ``GET /payments`` meets."""
    searches: list[str] = field(default_factory=list)
    """Queries of every ``GET /payments`` that came."""
    url: str = ""
    sandbox: Sandbox = field(default_factory=Sandbox)
    posts: list[Any] = field(default_factory=list)
    """Bodies of every ``POST /checkouts`` that came."""
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when a ``POST /checkouts`` has come."""
    released: asyncio.Event = field(default_factory=asyncio.Event)
    _handlers: set[asyncio.Task[None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._app = httpx2.ASGITransport(create_app(self.sandbox))

    async def sell(self, request: httpx2.Request) -> httpx2.Response:
        response = await self._app.handle_async_request(request)
        await response.aread()
        return response

    def posts_of(self, preview_id: str) -> int:
        return sum(body["metadata"]["mcp_preview_id"] == preview_id for body in self.posts)

    def sessions_of(self, preview_id: str) -> set[str]:
        """Ids of the sessions that were really made for a preview."""
        made = self.sandbox.sessions.values()
        return {each.id for each in made if each.order["metadata"]["mcp_preview_id"] == preview_id}

    def sell_to_others(self, count: int) -> None:
        """Take payments for other previews."""
        for number in range(count):
            order = {"product_cart": [{"product_id": "prod_premium_plan", "quantity": 1}]}
            buyer = {"customer": {"customer_id": "cus_123"}, "payment_method_id": "pm_abc123", "confirm": True}
            self.sandbox.create(order | buyer | {"metadata": {"mcp_preview_id": f"other{number}"}})

    def forget(self) -> None:
        """Be as if new."""
        self.posts.clear()
        self.searches.clear()
        self.sandbox.sessions.clear()
        self.sandbox.payments.clear()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        handler = asyncio.current_task()
        assert handler is not None
        self._handlers.add(handler)
        try:
            while True:
                await self._exchange(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass  # cancelled by the end of the upstream only; on Python 3.11 the server's own callback would complain
        finally:
            self._handlers.discard(handler)
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        method, target, _ = first.split(" ")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        exchange = Exchange(self, writer, httpx2.Request(method, self.url + target, headers=headers, content=body))
        if (method, exchange.request.url.path) == ("GET", "/payments"):
            self.searches.append(exchange.request.url.query.decode())
            return await self.fault_of_searches(exchange)
        if (method, target) != ("POST", "/checkouts"):
            return await no_fault(exchange)
        self.posts.append(json.loads(body))
        self.arrived.set()
        await self.fault(exchange)

    @asynccontextmanager
    async def running(self) -> AsyncGenerator["FaultyUpstream"]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            yield self
        finally:
            server.close()
            handlers = list(self._handlers)
            for handler in handlers:
                handler.cancel()
            await asyncio.gather(*handlers, return_exceptions=True)


MODES = {"2026": "auto", "2025": "legacy"}
"""The protocol era and the client's mode that speaks it."""


async def accept(context: Any, params: Any) -> ElicitResult:
    """A person who approves."""
    return approving(params)


def environment(folder: Path, url: str) -> dict[str, str]:
    """Settings of a server that sells from an upstream, and nothing of the tester's own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DODO_PAYMENTS_", "CHECKOUT_"))}
    ours = {"DODO_PAYMENTS_API_KEY": "test_key", "DODO_PAYMENTS_BASE_URL": url}
    return kept | ours | {"CHECKOUT_LEDGER": str(folder / "ledger.db"), "CHECKOUT_LOG_LEVEL": "WARNING"}


def settings(folder: Path, url: str) -> Settings:
    """The same, for a desk in this process."""
    names = (field.alias for field in Settings.model_fields.values())
    ours = environment(folder, url)
    return load_settings(**{name: ours[name] for name in names if name in ours})


@asynccontextmanager
async def opened(folder: Path, url: str, *, era: str = "2026") -> AsyncGenerator[tuple[Client, Desk]]:
    """A client of a server in this process, with a person who approves; and the server's desk."""
    async with (
        open_desk(settings(folder, url)) as desk,
        Client(build_server(desk), mode=MODES[era], elicitation_callback=accept) as client,
    ):
        yield client, desk


async def call(client: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    """A tool's structured content, be it a result or an error."""
    return (await client.call_tool(tool, arguments)).structured_content or {}


def word(result: dict[str, Any]) -> str:
    """What a caller was told: ``session``, or the code of an error."""
    return result["error"]["code"] if "error" in result else "session"


@asynccontextmanager
async def hasty_desk(settings: Settings, deadline: float) -> AsyncGenerator[Desk]:
    """A desk that waits for the answer to a creation only so many seconds."""
    assert settings.api_key is not None
    gateway = Gateway(base_url=settings.base_url, api_key=settings.api_key, creation_deadline=deadline)
    async with open_desk(settings) as desk:
        patient, desk.gateway = desk.gateway, gateway
        try:
            yield desk
        finally:
            await desk.creations.drain()
            await patient.aclose()
            await gateway.aclose()
