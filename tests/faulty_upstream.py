"""The sandbox, which really makes sessions, behind faults on a real socket."""

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.utils import format_datetime
from typing import Any

import httpx2

from checkout_server.sandbox.app import create_app
from checkout_server.sandbox.sessions import Sandbox

CREATIONS, SEARCHES, QUOTES = "POST /checkouts", "GET /payments", "POST /checkouts/preview"
"""Requests by their method and path."""

Fault = Callable[["Exchange"], Awaitable[None]]


@dataclass
class Exchange:
    """One request, and the connection to answer it on."""

    upstream: "FaultyUpstream"
    writer: asyncio.StreamWriter
    request: httpx2.Request

    async def create(self) -> httpx2.Response:
        """What the sandbox answers; a session exists afterwards."""
        return await self.upstream.sell(self.request)

    async def answer(
        self,
        status: int,
        content: Any,
        headers: Mapping[str, str] | None = None,
        *,
        pieces: int = 1,
        pause: float = 0.0,
    ) -> None:
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        date = format_datetime(self.upstream.sandbox.clock(), usegmt=True)
        fields = {"date": date, "content-type": "application/json", "content-length": str(len(body)), **(headers or {})}
        head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        whole = f"HTTP/1.1 {status} X\r\n{head}\r\n".encode() + body
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


def answer(status: int, content: Any, headers: Mapping[str, str] | None = None) -> Fault:
    async def fault(exchange: Exchange) -> None:
        await exchange.answer(status, content, headers)

    return fault


def refuse(status: int, code: str) -> Fault:
    return answer(status, {"code": code, "message": "no"})


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


async def truncate(exchange: Exchange) -> None:
    """Promise more than is sent."""
    exchange.writer.write(b'HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{"session_id":')
    await exchange.writer.drain()
    exchange.drop()


async def hang(exchange: Exchange) -> None:
    await exchange.create()
    await asyncio.Event().wait()


async def ignore(exchange: Exchange) -> None:
    """Do nothing, and never answer."""
    await asyncio.Event().wait()


async def slow(exchange: Exchange) -> None:
    made = await exchange.create()
    await exchange.answer(made.status_code, made.content, pieces=8, pause=0.02)


async def hold(exchange: Exchange) -> None:
    """Create, and answer when released."""
    made = await exchange.create()
    await exchange.upstream.released.wait()
    await exchange.answer(made.status_code, made.content)


@dataclass
class FaultyUpstream:
    """The sandbox behind a socket where each request meets the fault that is set for it."""

    fault: Fault = no_fault
    """What each ``POST /checkouts`` meets."""
    faults: dict[str, Fault] = field(default_factory=dict[str, Fault])
    """Method and path → what each such request meets."""
    otherwise: Fault = no_fault
    """What any other request meets."""
    url: str = ""
    sandbox: Sandbox = field(default_factory=Sandbox)
    requests: list[httpx2.Request] = field(default_factory=list[httpx2.Request])
    """All that came."""
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when a ``POST /checkouts`` has come."""
    released: asyncio.Event = field(default_factory=asyncio.Event)
    _handlers: set[asyncio.Task[None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._app = httpx2.ASGITransport(create_app(self.sandbox))

    @property
    def posts(self) -> list[Any]:
        """Bodies of every ``POST /checkouts`` that came."""
        return [json.loads(each.content) for each in self.requests if _name(each) == CREATIONS]

    @property
    def searches(self) -> list[str]:
        """Queries of every ``GET /payments`` that came."""
        return [each.url.query.decode() for each in self.requests if _name(each) == SEARCHES]

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
        self.requests.clear()
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
        self.requests.append(exchange.request)
        name = _name(exchange.request)
        if name == CREATIONS:
            self.arrived.set()
            return await self.fault(exchange)
        await self.faults.get(name, self.otherwise)(exchange)

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


def _name(request: httpx2.Request) -> str:
    return f"{request.method} {request.url.path}"
