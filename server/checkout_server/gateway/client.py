"""The HTTP client of the payment API."""

import asyncio
import contextlib
import itertools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from typing import Any
from urllib.parse import quote

import httpx2
from pydantic import SecretStr

from checkout_server.gateway.answers import Page, Payment, Preview, Product, Session, SessionStatus
from checkout_server.gateway.errors import NotSent, UnreadableAnswer
from checkout_server.gateway.exchange import AnswerT, Json, exchange
from checkout_server.gateway.retries import Retrying
from checkout_server.privacy.tripwire import in_flight
from checkout_server.privacy.vocabulary import Method, Operation

DEADLINE = 40.0
"""Seconds for one request and its whole answer."""
KEEPALIVE_SECONDS = 20.0
"""Idle connections are closed before servers usually do."""

BaseUrl = str | Callable[[], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class _Connections:
    pooled: httpx2.AsyncClient
    fresh: httpx2.AsyncClient
    """Opens a connection for each request. A server may close an idle connection just as a request is on its way;
    a read is simply repeated then, but a creation would end as unknown for no good reason."""


class Gateway:
    """Typed requests to one account of the payment API.

    Every method raises a ``GatewayError``. Reads and previews go over pooled connections and are repeated (see
    ``retries``); a creation has a connection of its own and never is.

    Args:
        base_url: the API's; or what starts a server and returns its, at the first request.
        trust_env: whether proxies of the environment are used.
        creation_deadline: seconds for the whole exchange of a creation.
    """

    def __init__(
        self,
        *,
        base_url: BaseUrl,
        api_key: SecretStr,
        trust_env: bool = True,
        creation_deadline: float = DEADLINE,
        retrying: Retrying | None = None,
    ) -> None:
        self._base_url = base_url
        self._api_key = api_key
        self._trust_env = trust_env
        self._creation_deadline = creation_deadline
        self._retrying = retrying or Retrying()
        self._opened: _Connections | None = None
        self._opening = asyncio.Lock()
        self._closed = False

    async def list_products(self, *, page_number: int, page_size: int, recurring: bool | None) -> list[Product]:
        """``GET /products``; pages count from 0."""
        parameters: dict[str, Any] = {"page_number": page_number, "page_size": page_size}
        if recurring is not None:
            parameters["recurring"] = "true" if recurring else "false"
        return (await self._repeatable("list_products", "GET", "/products", Page[Product], parameters)).items

    async def get_product(self, product_id: str) -> Product:
        """``GET /products/{id}``."""
        return await self._repeatable("get_product", "GET", f"/products/{_segment(product_id)}", Product)

    async def preview(self, body: Json, *, locale: str | None = None) -> Preview:
        """``POST /checkouts/preview``: prices, and changes nothing."""
        parameters = {"locale": locale} if locale else None
        return await self._repeatable("preview", "POST", "/checkouts/preview", Preview, parameters, body)

    async def create(self, body: Json) -> Session:
        """``POST /checkouts``: one request, whatever happens to it.

        Raises:
            NotSent: provably nothing left.
            Refused: the API answered that nothing was made.
            NoAnswer, ServerFailed, UnreadableAnswer: a session may exist.
        """
        connections = await self._connections("create")
        session = await exchange(
            connections.fresh, "create", "POST", "/checkouts", Session, body=body, deadline=self._creation_deadline
        )
        if session.checkout_url is None and body.get("confirm") is not True:
            raise UnreadableAnswer("create")  # nobody could pay
        secrets = (session.client_secret, session.publishable_key)
        in_flight.note(*(each.get_secret_value() for each in secrets if each is not None))
        return session

    async def get_session(self, session_id: str) -> SessionStatus:
        """``GET /checkouts/{id}``."""
        path = f"/checkouts/{_segment(session_id)}"
        status = await self._repeatable("get_session", "GET", path, SessionStatus)
        in_flight.note(status.customer_email, status.customer_name)
        return status

    async def list_payments(
        self, *, page_number: int, page_size: int, created_at_gte: datetime | None
    ) -> list[Payment]:
        """``GET /payments``, newest first; pages count from 0."""
        parameters: dict[str, Any] = {"page_number": page_number, "page_size": page_size}
        if created_at_gte is not None:
            parameters["created_at_gte"] = created_at_gte.isoformat()
        return (await self._repeatable("list_payments", "GET", "/payments", Page[Payment], parameters)).items

    async def aclose(self) -> None:
        """Close the connections. What is asked for afterwards is not sent."""
        self._closed = True
        async with self._opening:
            if self._opened is not None:
                await self._opened.pooled.aclose()
                await self._opened.fresh.aclose()

    async def _repeatable(
        self,
        operation: Operation,
        method: Method,
        path: str,
        shape: type[AnswerT],
        parameters: Json | None = None,
        body: Json | None = None,
    ) -> AnswerT:
        attempts = itertools.count(1)

        async def attempt() -> AnswerT:
            connections = await self._connections(operation)
            return await exchange(
                connections.pooled, operation, method, path, shape, attempt=next(attempts),
                parameters=parameters, body=body, deadline=DEADLINE,
            )  # fmt: skip

        return await self._retrying.run(attempt)

    async def _connections(self, operation: str) -> _Connections:
        async with self._opening:
            if self._opened is None and not self._closed:
                # A base URL, proxy or certificate store that cannot be used; the texts may hold credentials.
                with contextlib.suppress(httpx2.InvalidURL, ImportError, OSError, ValueError):
                    self._opened = await self._open()
            if self._opened is None or self._closed:
                raise NotSent(operation)
            return self._opened

    async def _open(self) -> _Connections:
        base_url = self._base_url if isinstance(self._base_url, str) else await self._base_url()
        verify = httpx2.create_ssl_context(trust_env=self._trust_env)

        def client(keepalive: int) -> httpx2.AsyncClient:
            return httpx2.AsyncClient(
                base_url=base_url,
                timeout=httpx2.Timeout(30.0, connect=5.0),
                limits=httpx2.Limits(
                    max_connections=100, max_keepalive_connections=keepalive, keepalive_expiry=KEEPALIVE_SECONDS
                ),
                headers={
                    "Authorization": f"Bearer {self._api_key.get_secret_value()}",
                    "User-Agent": f"dodo-checkout-mcp/{version('dodo-checkout-mcp')}",
                    "Accept": "application/json",
                },
                follow_redirects=False,
                trust_env=self._trust_env,
                verify=verify,
            )

        return _Connections(pooled=client(20), fresh=client(0))


def _segment(text: str) -> str:
    """One segment of a path. Dots too: ``..`` would be resolved and another resource asked for."""
    return quote(text, safe="").replace(".", "%2E")
