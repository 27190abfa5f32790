"""One request to the payment API and its answer, with every failure typed by what it proves."""

import asyncio
import contextlib
import json
import re
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast

import httpx2

from checkout_server.gateway.api_codes import API_CODES, PROVEN_REFUSALS
from checkout_server.gateway.body import read_body
from checkout_server.gateway.channel import Channel
from checkout_server.gateway.errors import (
    BY_STATUS,
    GatewayError,
    NoAnswer,
    NotSent,
    Refused,
    ServerFailed,
    UnreadableAnswer,
)
from checkout_server.gateway.failure_kinds import with_kind
from checkout_server.gateway.rate_limits import rates_of, read_retry_after
from checkout_server.gateway.reading import parse_json
from checkout_server.gateway.tracing import request_span, tell_status
from checkout_server.privacy.logs.events import emit
from checkout_server.privacy.vocabulary.fields import Fields, Method, Operation
from checkout_server.privacy.vocabulary.routes import route_of

ResultT = TypeVar("ResultT")
Json = Mapping[str, Any]

CODE_SECONDS = 5.0
"""How long the body of an error is waited for: its status has said what counts, the code is an extra."""

_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")
_REQUEST_ID_HEADERS = ("x-request-id", "request-id")

# httpcore raises these before the first byte of the request: while it waits for a place in the pool, connects,
# shakes hands, asks a proxy for a tunnel, or (LocalProtocolError) composes the head.
_NOTHING_LEFT = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.LocalProtocolError,
    httpx2.PoolTimeout,
    httpx2.ProxyError,
    httpx2.UnsupportedProtocol,
)
# OSError: the deadline's TimeoutError, and ssl.SSLError, which httpcore lets through when a record is broken.
_LOST = (httpx2.HTTPError, httpx2.StreamError, OSError)


async def exchange(
    channel: Channel,
    operation: Operation,
    method: Method,
    path: str,
    read: Callable[[object], ResultT],
    *,
    attempt: int = 1,
    parameters: Json | None = None,
    body: Json | None = None,
    deadline: float,
) -> ResultT:
    """Send one request, once, and read its answer, all within ``deadline`` seconds.

    ``read`` turns the JSON document into the result, and raises a ``ValueError`` for one that it cannot use.
    Causes are cut off from what is raised: their texts hold URLs and what the API said.

    Raises:
        GatewayError: typed by what the failure proves.
    """
    started = time.perf_counter()
    about = Fields(operation=operation, method=method, route=route_of(path), attempt=attempt)
    with request_span(method, about.get("route")) as span:
        failure: GatewayError
        try:
            # The read time-out bounds each read; only the deadline bounds a body that keeps trickling.
            async with (
                asyncio.timeout(deadline) as timer,
                channel.stream(
                    method,
                    path,
                    parameters=parameters,
                    content=None if body is None else json.dumps(body, separators=(",", ":")).encode(),
                ) as response,
            ):
                about |= rates_of(response.headers)
                answer = await _answer(operation, response, read, timer)
                about |= Fields(status=response.status_code, request_id=_request_id(response.headers))
                emit("gateway.answered", **(about | _lasted(started)))
                tell_status(span, response.status_code)
                return answer
        except GatewayError as error:
            failure = error
        except _NOTHING_LEFT as error:
            failure = with_kind(NotSent(operation), error, channel)
        except _LOST as error:
            failure = with_kind(NoAnswer(operation), error, channel)
        about |= Fields(
            failure=failure.name, status=failure.status, gateway_code=failure.code, request_id=failure.request_id,
            kind=failure.kind, variable=failure.variable,
        )  # fmt: skip
        emit("gateway.failed", **(about | _lasted(started)))
        tell_status(span, failure.status, failure.name)
        raise failure from None


def _lasted(started: float) -> Fields:
    return Fields(duration_ms=round((time.perf_counter() - started) * 1000))


async def _answer(
    operation: str, response: httpx2.Response, read: Callable[[object], ResultT], timer: asyncio.Timeout
) -> ResultT:
    status = response.status_code
    request_id = _request_id(response.headers)
    if status >= 400:
        # From here on only the code is timed: a deadline must not make "no answer" of a status that was read.
        seconds = min(CODE_SECONDS, (timer.when() or 0.0) - asyncio.get_running_loop().time())
        timer.reschedule(None)
        raise await _failure(operation, response, request_id, seconds)
    if response.is_success:
        content = await read_body(response)
        if content is not None:
            with contextlib.suppress(ValueError, RecursionError):
                return read(parse_json(content))
    raise UnreadableAnswer(operation, status=status, request_id=request_id)


async def _failure(operation: str, response: httpx2.Response, request_id: str | None, seconds: float) -> GatewayError:
    status = response.status_code
    code = await _code(response, seconds)
    kind = ServerFailed if status >= 500 and code not in PROVEN_REFUSALS else BY_STATUS.get(status, Refused)
    failure = kind(operation, status=status, code=code, request_id=request_id)
    failure.retry_after = read_retry_after(response.headers.get("retry-after"))
    return failure


async def _code(response: httpx2.Response, seconds: float) -> str | None:
    """The API's code, if it is one that we know. A body that cannot be read costs the code and nothing else."""
    try:
        async with asyncio.timeout(seconds):
            content = json.loads(await read_body(response) or b"null")
    except (*_LOST, ValueError, RecursionError):
        return None
    code = cast(dict[str, object], content).get("code") if isinstance(content, dict) else None
    return code if isinstance(code, str) and code in API_CODES else None


def _request_id(headers: httpx2.Headers) -> str | None:
    found = (headers.get(name, "") for name in _REQUEST_ID_HEADERS)
    return next((each for each in found if _REQUEST_ID.fullmatch(each)), None)
