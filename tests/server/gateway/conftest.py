"""A payment API that does what a script says, on a real socket, and a gateway that talks to it."""

import asyncio
import copy
import functools
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest
from pydantic import SecretStr

from api_documents import DOCUMENTS
from checkout_server.gateway.client import Gateway
from checkout_server.gateway.retries import Retrying
from checkout_server.privacy.logs.events import EventRecord

REQUESTS = {"gateway.answered", "gateway.failed"}
"""Events of every request."""
MOMENT = datetime(2026, 11, 23, tzinfo=UTC)
API_KEY = "sk_test_NOBODY_MAY_SEE_THIS"


@dataclass(frozen=True)
class Heard:
    """A request as it arrived."""

    method: str
    target: str
    headers: dict[str, str]
    body: Any
    connection: int
    """Which of the connections it came over, counted from 1."""


Step = bytes | str | tuple[bytes, str]


def _parts(step: Step) -> tuple[bytes, str]:
    if isinstance(step, tuple):
        return step
    return (step, "") if isinstance(step, bytes) else (b"", step)


@dataclass
class ScriptedApi:
    """Takes the steps of ``script`` in turn, one a request; the last is repeated.

    A step is the bytes to answer with, or what to do with a request that has been read:
    ``drop`` (close), ``reset``, ``hang`` (until the client goes), ``trickle`` (a body that never ends).
    Bytes followed by a verb are a tuple: ``(b"HTTP/1.1 200 …", "hang")``.
    """

    url: str = ""
    script: list[Step] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)
    connections: int = 0
    drops_at_once: bool = False
    """Whether a connection is closed before anything is read from it."""
    drops_reused: bool = False
    """Whether any but the first request of a connection is dropped, as by a server whose patience just ended."""
    closed: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when a connection was closed from this side."""

    @staticmethod
    def http(status: int, body: object = b"", **headers: str) -> bytes:
        """An answer; what is not bytes becomes JSON."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        head = {"content-length": str(len(content)), "content-type": "application/json"}
        head |= {name.replace("_", "-"): value for name, value in headers.items()}
        lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
        return f"HTTP/1.1 {status} Whatever\r\n{lines}\r\n".encode() + content

    def answers(self, status: int, body: object = b"", **headers: str) -> None:
        """From now on, this."""
        self.script = [self.http(status, body, **headers)]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        number, first = self.connections, True
        try:
            while not self.drops_at_once:
                start = await reader.read(1)
                if not start.isalpha():  # the end, or a TLS handshake
                    break
                self.heard.append(await self._request(start, reader, number))
                if self.drops_reused and not first:
                    break
                first = False
                step = self.script[min(len(self.heard), len(self.script)) - 1]
                content, verb = _parts(step)
                writer.write(content)
                await writer.drain()
                if verb:
                    await self._end(verb, reader, writer)
                    break
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the client went
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()
            self.closed.set()

    async def _end(self, verb: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if verb == "hang":
            await reader.read(1)
        elif verb == "reset":
            writer.transport.abort()
        elif verb == "trickle":
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n")
            while not writer.is_closing():
                writer.write(b" ")
                await writer.drain()
                await asyncio.sleep(0.01)
        else:
            assert verb == "drop"

    async def _request(self, start: bytes, reader: asyncio.StreamReader, number: int) -> Heard:
        head = (start + await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        method, target, _ = head[0].split(" ")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in head[1:] if line)}
        content = await reader.readexactly(int(headers.get("content-length", "0")))
        return Heard(method, target, headers, json.loads(content) if content else None, number)


@pytest.fixture
async def api() -> AsyncIterator[ScriptedApi]:
    """The scripted payment API."""
    scripted = ScriptedApi()
    tasks: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.create_task(scripted.serve(reader, writer)))

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    scripted.url = f"http://{host}:{port}"
    yield scripted
    server.close()
    for task in tasks:
        task.cancel()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert [each for each in outcomes if isinstance(each, Exception)] == []
    await server.wait_closed()


@pytest.fixture
def waits() -> list[float]:
    """The seconds that gateways of the test wanted to wait between attempts; nobody really waits."""
    return []


_certificate_store = functools.cache(httpx2.create_ssl_context)


@pytest.fixture(autouse=True)
def _one_certificate_store(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loading the trusted certificates takes longer than a test; all gateways share them here."""
    monkeypatch.setattr(httpx2, "create_ssl_context", _certificate_store)


OpenGateway = Callable[..., Gateway]


@pytest.fixture
async def open_gateway(api: ScriptedApi, waits: list[float]) -> AsyncIterator[OpenGateway]:
    """Makes gateways to the scripted API; keywords go before these defaults. The jitter is always its upper bound."""
    opened: list[Gateway] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    def open_one(**overrides: Any) -> Gateway:
        defaults: dict[str, Any] = {
            "base_url": api.url,
            "api_key": SecretStr(API_KEY),
            "trust_env": False,
            "retrying": Retrying(sleep=sleep, jitter=lambda _low, high: high),
        }
        opened.append(Gateway(**(defaults | overrides)))
        return opened[-1]

    yield open_one
    for gateway in opened:
        await gateway.aclose()


@pytest.fixture
def gateway(open_gateway: OpenGateway) -> Gateway:
    """A gateway to the scripted API."""
    return open_gateway()


Call = Callable[[Gateway, str], Awaitable[Any]]


@pytest.fixture
def call() -> Call:
    """Calls an operation of the gateway by its name, with arguments that do not matter."""
    operations: dict[str, Callable[[Gateway], Awaitable[Any]]] = {
        "list_products": lambda gateway: gateway.list_products(page_number=0, page_size=20, recurring=None),
        "get_product": lambda gateway: gateway.get_product("prod_1"),
        "list_addons": lambda gateway: gateway.list_addons(page_number=0, page_size=20),
        "list_saved_methods": lambda gateway: gateway.list_saved_methods("cus_1"),
        "preview": lambda gateway: gateway.preview({"product_cart": []}),
        "create": lambda gateway: gateway.create({"product_cart": []}),
        "get_session": lambda gateway: gateway.get_session("cks_1"),
        "list_payments": lambda gateway: gateway.list_payments(
            page_number=0, page_size=20, created_at_gte=MOMENT, created_at_lte=MOMENT
        ),
        "get_payment": lambda gateway: gateway.get_payment("pay_1"),
        "get_subscription": lambda gateway: gateway.get_subscription("sub_1"),
        "list_license_keys": lambda gateway: gateway.list_license_keys(
            page_number=0, page_size=20, customer_id="cus_1", created_at_gte=MOMENT
        ),
    }
    return lambda gateway, operation: operations[operation](gateway)


@pytest.fixture
def unused_port() -> Iterator[int]:
    """A port that refuses connections for as long as the test runs."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


@pytest.fixture
def documents() -> dict[str, Any]:
    """What the API answers to each operation, every field set, in the shapes of the official SDK's types."""
    return copy.deepcopy(DOCUMENTS)


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Callable[[], list[tuple[str, dict[str, Any]]]]:
    """What the log told so far besides the requests themselves: events and their fields."""

    def events() -> list[tuple[str, dict[str, Any]]]:
        lines = [record.line for record in caplog.records if isinstance(record, EventRecord)]
        return [(line.event, dict(line.fields)) for line in lines if line.event not in REQUESTS]

    return events
