"""A way to the payment API: what every request over it says, and the connections that carry it."""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version
from typing import Any

import httpx2
from pydantic import SecretStr

from checkout_server.gateway.body import ACCEPT_ENCODING
from checkout_server.gateway.tracing import traceparent

TIMEOUTS = httpx2.Timeout(30.0, connect=5.0).as_dict()
MOST_URLS = 100
"""Kept in parsed form: most requests go to the same few."""


def standing_headers(api_key: SecretStr) -> httpx2.Headers:
    """The headers of every request."""
    return httpx2.Headers(
        {
            "Authorization": f"Bearer {api_key.get_secret_value()}",
            "User-Agent": f"dodo-checkout-mcp/{version('dodo-checkout-mcp')}",
            "Accept": "application/json",
            "Accept-Encoding": ACCEPT_ENCODING,
        }
    )


@dataclass(slots=True)
class Channel:
    """Sends requests by an httpx transport, without httpx's client around it: redirects, cookies, sign-ins and merged
    URLs are of no use here and were a third of a request's cost."""

    base_url: str
    headers: httpx2.Headers
    transport: httpx2.AsyncBaseTransport
    trust_env: bool
    """Whether the transport follows the environment's proxies and certificates."""
    on_answer: Sequence[Callable[[httpx2.Response], None]] = ()
    """Shown the head of every answer."""
    is_closed: bool = False

    @asynccontextmanager
    async def stream(
        self, method: str, path: str, *, parameters: Mapping[str, Any] | None = None, content: bytes | None = None
    ) -> AsyncGenerator[httpx2.Response]:
        """Send one request; the block has its answer, whose body is not read yet.

        Raises:
            httpx2.HTTPError: it could not be sent, or was not answered.
        """
        url = _url_of(self.base_url, path)
        request = httpx2.Request(
            method,
            url if parameters is None else url.copy_merge_params(parameters),
            headers=self.headers,
            content=content,
            extensions={"timeout": TIMEOUTS},
        )
        if content is not None:
            request.headers["Content-Type"] = "application/json"
        if (parent := traceparent()) is not None:
            request.headers["traceparent"] = parent
        response = await self.transport.handle_async_request(request)
        try:
            response.request = request
            for hear in self.on_answer:
                hear(response)
            yield response
        finally:
            await response.aclose()

    async def aclose(self) -> None:
        """Close the connections."""
        self.is_closed = True
        await self.transport.aclose()


@lru_cache(maxsize=MOST_URLS)
def _url_of(base_url: str, path: str) -> httpx2.URL:
    return httpx2.URL(base_url.rstrip("/") + path)
