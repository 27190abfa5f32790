"""An upstream that misbehaves as told, on a real socket."""

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import postgres

Fault = Callable[["Exchange"], Awaitable[None]]


@dataclass
class Exchange:
    """One request, and the connection to answer it on."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any
    writer: asyncio.StreamWriter
    upstream: "ScriptedUpstream"

    async def answer(self, status: int, content: Any, headers: str = "") -> None:
        raw = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.writer.write(f"HTTP/1.1 {status} X\r\ncontent-length: {len(raw)}\r\n{headers}\r\n".encode() + raw)
        await self.writer.drain()

    def drop(self) -> None:
        self.writer.transport.abort()


@dataclass
class ScriptedUpstream:
    """Answers each request by the next step of its script; the last step repeats.

    Whose account it is can be asked for at any time: ``GET /brands`` takes no step and is not recorded. Nor does a
    product, which it does not know, and ``GET /payments``, which finds none.
    """

    script: list[Fault]
    url: str = ""
    requests: list[tuple[str, str, Any]] = field(default_factory=list)
    connections: int = 0
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    released: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def created(self) -> list[Any]:
        return [body for method, path, body in self.requests if (method, path) == ("POST", "/checkouts")]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                first, *lines = head.decode().split("\r\n")
                method, target, _ = first.split(" ")
                headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines if line)}
                raw = await reader.readexactly(int(headers.get("content-length", "0")))
                body = json.loads(raw) if raw else None
                if (method, target) == ("GET", "/brands"):
                    await Exchange(method, target, headers, body, writer, self).answer(200, BRANDS)
                    continue
                if target.startswith("/products/"):
                    await Exchange(method, target, headers, body, writer, self).answer(404, NOT_FOUND)
                    continue
                if (method, target.partition("?")[0]) == ("GET", "/payments"):
                    await Exchange(method, target, headers, body, writer, self).answer(200, {"items": []})
                    continue
                self.requests.append((method, target.partition("?")[0], body))
                step = self.script[min(len(self.requests), len(self.script)) - 1]
                self.arrived.set()
                await step(Exchange(method, target, headers, body, writer, self))
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


def answer(status: int, content: Any, headers: str = "") -> Fault:
    async def step(exchange: Exchange) -> None:
        await exchange.answer(status, content, headers)

    return step


async def drop(exchange: Exchange) -> None:
    """Close the connection after the request was read."""
    exchange.drop()


async def hang(exchange: Exchange) -> None:
    """Answer only when released."""
    await exchange.upstream.released.wait()
    exchange.drop()


async def truncate(exchange: Exchange) -> None:
    """Promise more than is sent."""
    exchange.writer.write(b'HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{"session_id":')
    await exchange.writer.drain()
    exchange.drop()


BRANDS = {"items": [{"brand_id": "bus_scripted", "business_id": "bus_scripted", "enabled": True}]}
NOT_FOUND = {"code": "NOT_FOUND", "message": "no such product"}
PREVIEW = {
    "billing_country": "US",
    "currency": "USD",
    "current_breakup": {"subtotal": 1000, "discount": 0, "tax": None, "total_amount": 1000},
    "is_byop": False,
    "payment_method_required": True,
    "product_cart": [],
    "total_price": 1000,
}
SESSION = {"session_id": "cks_1", "checkout_url": "https://checkout.example/session/cks_1"}


async def quote(exchange: Exchange) -> None:
    """Answer a preview of the cart that came: the same products, at made-up prices."""
    lines = [
        {
            "product_id": item["product_id"],
            "quantity": item["quantity"],
            "name": "Made up",
            "currency": "USD",
            "discounted_price": 1000,
            "is_subscription": False,
            "is_usage_based": False,
        }
        for item in exchange.body["product_cart"]
    ]
    await exchange.answer(200, PREVIEW | {"product_cart": lines})


class Upstreams:
    """The steps of a script, and what runs one."""

    def __init__(self, run: Callable[..., AbstractAsyncContextManager[ScriptedUpstream]]) -> None:
        self.run = run
        self.answer = answer
        self.drop, self.hang, self.truncate = drop, hang, truncate
        self.preview = quote
        self.session = answer(200, SESSION)


@asynccontextmanager
async def _running(*script: Fault) -> AsyncGenerator[ScriptedUpstream]:
    upstream = ScriptedUpstream(list(script))
    server = await asyncio.start_server(upstream.serve, "127.0.0.1", 0)
    upstream.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield upstream
    finally:
        upstream.released.set()
        server.close()
        close_clients = getattr(server, "close_clients", None)  # Python 3.13; before, close() does not wait for them
        if close_clients is not None:
            close_clients()
        await asyncio.sleep(0)


@pytest.fixture
def sell(tmp_path: Path) -> Callable[..., AbstractAsyncContextManager[tuple[Any, Any]]]:
    """Opens a client of a server in memory over an upstream, and the server's desk."""

    @asynccontextmanager
    async def selling(url: str, *, policy: str = "") -> AsyncGenerator[tuple[Any, Any]]:
        from mcp import Client

        from checkout_server.app import build_server, open_desk
        from checkout_server.settings import load_settings

        (tmp_path / "policy.toml").write_text(policy, encoding="utf-8")
        settings = load_settings(
            DODO_PAYMENTS_API_KEY="test_key",
            DODO_PAYMENTS_BASE_URL=url,
            CHECKOUT_LEDGER=str(tmp_path / "ledger.db"),
            CHECKOUT_POLICY=str(tmp_path / "policy.toml"),
        )
        async with open_desk(settings) as desk, Client(build_server(desk)) as client:
            yield client, desk

    return selling


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Any]:
    """A PostgreSQL that no test stops."""
    with postgres.start_or_skip("shared") as server:
        yield server


@pytest.fixture
async def empty_url(postgres_server: Any) -> str:
    return await postgres.empty_database(postgres_server)


@pytest.fixture
def upstreams() -> Upstreams:
    return Upstreams(_running)
