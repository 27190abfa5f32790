"""Replicas of a server, and a client whose every request is led to one of them, as a load balancer leads it."""

import json
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from evals.upstream import running_upstream
from processes import server_environment
from shops import ERAS, http_server

OLD, NEW = "ab" * 32, "cd" * 32
"""Sealing keys."""


@dataclass
class LoadBalancer(httpx2.AsyncBaseTransport):
    """Sends each request to the replica that ``choose`` names by number: of the request's count and its message."""

    urls: list[str]
    choose: Callable[[int, Any], int]
    sent: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])
    """Replica and method of the protocol; of an answer to a question ``answer``, of no message HTTP's method."""

    def __post_init__(self) -> None:
        self._onward = httpx2.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        message = json.loads(request.content) if request.method == "POST" else {"method": request.method}
        number = self.choose(len(self.sent), message)
        self.sent.append((number, message.get("method", "answer")))
        url = httpx2.URL(self.urls[number])
        headers = request.headers.copy()
        headers["host"] = url.netloc.decode()
        onward = httpx2.Request(
            request.method, url, headers=headers, content=request.content, extensions=request.extensions
        )
        return await self._onward.handle_async_request(onward)

    async def aclose(self) -> None:
        await self._onward.aclose()


def in_turn(count: int, _message: Any) -> int:
    return count % 2


@asynccontextmanager
async def balanced_client(
    balancer: LoadBalancer, era: str, person: Any = None, token: str | None = None
) -> AsyncGenerator[Client]:
    """A client behind the load balancer, that can ask a person or not, with a bearer token or without."""
    headers = None if token is None else {"authorization": f"Bearer {token}"}
    async with (
        httpx2.AsyncClient(transport=balancer, timeout=30, headers=headers) as http,
        Client(
            streamable_http_client("http://127.0.0.1/mcp", http_client=http),
            mode=ERAS[era],
            elicitation_callback=person,
        ) as client,
    ):
        yield client


@asynccontextmanager
async def replicas(folder: Path, *settings: dict[str, str]) -> AsyncGenerator[tuple[list[str], Any]]:
    """Server processes of one ledger, with settings of their own; their URLs, and the API that they sell through."""
    async with running_upstream() as upstream, AsyncExitStack() as stack:
        urls: list[str] = []
        for number, own in enumerate(settings):
            environment = server_environment(folder / "ledger.db", upstream.url, **{"CHECKOUT_SECRET_KEYS": OLD} | own)
            urls.append(await stack.enter_async_context(http_server(environment, folder / f"errors{number}")))
        yield urls, upstream
