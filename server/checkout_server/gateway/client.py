"""The HTTP client of the payment API."""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from typing import Any, TypeVar, cast
from urllib.parse import quote

import httpx2
from pydantic import SecretStr, TypeAdapter, ValidationError

from checkout_server.gateway.answers import Answer, Page, Payment, Preview, Product, Session, SessionStatus
from checkout_server.gateway.api_codes import API_CODES
from checkout_server.gateway.errors import (
    BY_STATUS,
    GatewayError,
    NoAnswer,
    NotSent,
    RateLimited,
    Refused,
    ServerFailed,
    UnreadableAnswer,
)
from checkout_server.gateway.retries import Retrying

AnswerT = TypeVar("AnswerT", bound=Answer)
Json = Mapping[str, Any]

MAX_ANSWER_BYTES = 4 * 1024 * 1024
CREATION_DEADLINE = 40.0
"""Seconds for the whole exchange of a creation; the read time-out alone would let a slow body run on."""
KEEPALIVE_SECONDS = 20.0
"""Idle connections are closed before servers usually do: a creation should not meet a dying one."""

_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")
_NOTHING_LEFT = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.PoolTimeout,
    httpx2.ProxyError,
    httpx2.UnsupportedProtocol,
)

BaseUrl = str | Callable[[], Awaitable[str]]


class Gateway:
    """Typed requests to one account of the payment API, over pooled connections.

    Every method raises a ``GatewayError``. Reads and previews are repeated (see ``retries``); ``create`` never is.

    Args:
        base_url: the API's; or what starts a server and returns its, at the first request.
        trust_env: whether proxies of the environment are used.
    """

    def __init__(
        self,
        *,
        base_url: BaseUrl,
        api_key: SecretStr,
        trust_env: bool = True,
        creation_deadline: float = CREATION_DEADLINE,
        retrying: Retrying | None = None,
    ) -> None:
        self._base_url = base_url
        self._api_key = api_key
        self._trust_env = trust_env
        self._creation_deadline = creation_deadline
        self._retrying = retrying or Retrying()
        self._opened: httpx2.AsyncClient | None = None
        self._opening = asyncio.Lock()

    async def list_products(self, *, page_number: int, page_size: int, recurring: bool | None) -> list[Product]:
        """``GET /products``; pages count from 0."""
        parameters: dict[str, Any] = {"page_number": page_number, "page_size": page_size}
        if recurring is not None:
            parameters["recurring"] = "true" if recurring else "false"
        return (await self._read("list_products", "/products", Page[Product], parameters)).items

    async def get_product(self, product_id: str) -> Product:
        """``GET /products/{id}``."""
        return await self._read("get_product", f"/products/{quote(product_id, safe='')}", Product)

    async def preview(self, body: Json, *, locale: str | None = None) -> Preview:
        """``POST /checkouts/preview``: prices, and changes nothing."""
        parameters = {"locale": locale} if locale else None
        return await self._retrying.run(
            lambda: self._exchange("preview", "POST", "/checkouts/preview", Preview, parameters, body)
        )

    async def create(self, body: Json) -> Session:
        """``POST /checkouts``: one request, whatever happens to it.

        Raises:
            NotSent: provably nothing left.
            Refused: the API answered that nothing was made.
            NoAnswer, ServerFailed, UnreadableAnswer: a session may exist.
        """
        try:
            async with asyncio.timeout(self._creation_deadline):
                return await self._exchange("create", "POST", "/checkouts", Session, None, body)
        except TimeoutError:
            raise NoAnswer("create") from None

    async def get_session(self, session_id: str) -> SessionStatus:
        """``GET /checkouts/{id}``."""
        return await self._read("get_session", f"/checkouts/{quote(session_id, safe='')}", SessionStatus)

    async def list_payments(
        self, *, page_number: int, page_size: int, created_at_gte: datetime | None
    ) -> list[Payment]:
        """``GET /payments``, newest first; pages count from 0."""
        parameters: dict[str, Any] = {"page_number": page_number, "page_size": page_size}
        if created_at_gte is not None:
            parameters["created_at_gte"] = created_at_gte.isoformat()
        return (await self._read("list_payments", "/payments", Page[Payment], parameters)).items

    async def aclose(self) -> None:
        """Close the pooled connections."""
        if self._opened is not None:
            await self._opened.aclose()

    async def _client(self) -> httpx2.AsyncClient:
        async with self._opening:
            if self._opened is None:
                base_url = self._base_url if isinstance(self._base_url, str) else await self._base_url()
                self._opened = httpx2.AsyncClient(
                    base_url=base_url,
                    timeout=httpx2.Timeout(30.0, connect=5.0),
                    limits=httpx2.Limits(
                        max_connections=100, max_keepalive_connections=20, keepalive_expiry=KEEPALIVE_SECONDS
                    ),
                    headers={
                        "Authorization": f"Bearer {self._api_key.get_secret_value()}",
                        "User-Agent": f"dodo-checkout-mcp/{version('dodo-checkout-mcp')}",
                        "Accept": "application/json",
                    },
                    follow_redirects=False,
                    trust_env=self._trust_env,
                )
            return self._opened

    async def _read(self, operation: str, path: str, shape: type[AnswerT], parameters: Json | None = None) -> AnswerT:
        return await self._retrying.run(lambda: self._exchange(operation, "GET", path, shape, parameters))

    async def _exchange(
        self,
        operation: str,
        method: str,
        path: str,
        shape: type[AnswerT],
        parameters: Json | None,
        body: Json | None = None,
    ) -> AnswerT:
        """One request and its answer. Causes are cut off: their texts hold URLs and what the API said."""
        client = await self._client()
        failure: GatewayError
        try:
            async with client.stream(
                method,
                path,
                params=parameters,
                content=None if body is None else json.dumps(body, separators=(",", ":")).encode(),
                headers=None if body is None else {"Content-Type": "application/json"},
            ) as response:
                return await _answer(operation, response, shape)
        except GatewayError as error:
            failure = error
        except _NOTHING_LEFT:
            failure = NotSent(operation)
        except httpx2.DecodingError:
            failure = UnreadableAnswer(operation)
        except (httpx2.HTTPError, httpx2.StreamError):
            failure = NoAnswer(operation)
        raise failure from None


async def _answer(operation: str, response: httpx2.Response, shape: type[AnswerT]) -> AnswerT:
    status = response.status_code
    request_id = response.headers.get("x-request-id", "")
    request_id = request_id if _REQUEST_ID.fullmatch(request_id) else None
    if response.is_success:
        content = await _bounded(response)
        if content is not None:
            try:
                return TypeAdapter(shape).validate_json(content)
            except ValidationError:
                pass
    elif response.is_client_error:
        # The status alone proves the refusal; a body that cannot be read only costs the code.
        raise await _refusal(operation, response, request_id)
    elif status >= 500:
        raise ServerFailed(operation, status=status, request_id=request_id)
    raise UnreadableAnswer(operation, status=status, request_id=request_id)


async def _bounded(response: httpx2.Response) -> bytes | None:
    """The body, or None when it is too large to be an answer."""
    content = bytearray()
    async for chunk in response.aiter_bytes():
        content += chunk
        if len(content) > MAX_ANSWER_BYTES:
            return None
    return bytes(content)


async def _refusal(operation: str, response: httpx2.Response, request_id: str | None) -> Refused:
    code: object = None
    try:
        content = json.loads(await _bounded(response) or b"null")
        code = cast(dict[str, object], content).get("code") if isinstance(content, dict) else None
    except (ValueError, RecursionError, httpx2.HTTPError):
        pass
    known = code if isinstance(code, str) and code in API_CODES else None
    kind = BY_STATUS.get(response.status_code, Refused)
    refusal = kind(operation, status=response.status_code, code=known, request_id=request_id)
    if isinstance(refusal, RateLimited):
        refusal.retry_after = _retry_after(response.headers.get("retry-after"))
    return refusal


def _retry_after(header: str | None) -> float | None:
    """Seconds of a ``Retry-After`` header: a number, or an HTTP date (RFC 9110, section 10.2.3)."""
    if header is None:
        return None
    if header.strip().isdecimal():
        return float(header)
    try:
        moment = parsedate_to_datetime(header)
    except ValueError:
        return None
    return max(0.0, (moment.astimezone(UTC) - datetime.now(UTC)).total_seconds())
