"""Requests of the older protocol era that belong to no session, each answered by itself (see ADR 43)."""

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Any

import anyio
from mcp.server.runner import modern_error_data
from mcp.server.streamable_http import check_accept_headers
from mcp.server.transport_security import TransportSecurityMiddleware
from mcp.shared.dispatcher import CallOptions
from mcp.shared.exceptions import NoBackChannelError
from mcp.shared.inbound import MCP_PROTOCOL_VERSION_HEADER
from mcp.shared.jsonrpc_dispatcher import progress_token_from_params
from mcp.shared.message import ServerMessageMetadata
from mcp.shared.transport_context import TransportContext
from mcp_types import (
    DEFAULT_NEGOTIATED_VERSION,
    JSONRPCError,
    JSONRPCMessage,
    JSONRPCNotification,
    JSONRPCRequest,
    JSONRPCResponse,
)
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from checkout_server.app import CheckoutServer
from checkout_server.calls.beside import running_beside
from checkout_server.transports.envelopes import (
    dumped,
    is_request_without_id,
    read_message,
    refuse_accept,
    refuse_body,
)

ATTENDED_AFTER_SECONDS = 1.0
"""From then on a call is cut when its client has gone."""
PING_SECONDS = 15.0
"""Between the bytes that keep the connection of a long call alive, as in the SDK's own streams."""

_STREAM = [
    (b"content-type", b"text/event-stream"),
    (b"cache-control", b"no-cache, no-transform"),
    (b"connection", b"keep-alive"),
    (b"x-accel-buffering", b"no"),
]
_about_content = TransportSecurityMiddleware()


async def answer_without_session(
    server: CheckoutServer, body: bytes, scope: Scope, receive: Receive, send: Send
) -> None:
    """Answer a POST whose body was read. With JSON; with a stream of events once there is something to tell before."""
    request = Request(scope, receive)
    refusal = await _about_content.validate_request(request, is_post=True)
    if refusal is None and not all(check_accept_headers(request)):
        refusal = _json(dumped(refuse_accept()), 406)
    if refusal is not None:
        await refusal(scope, receive, send)
        return
    message = _read(body)
    if message is None:
        await _json(dumped(refuse_body(body)), 400)(scope, receive, send)
        return
    if not isinstance(message, JSONRPCRequest):
        await Response(status_code=202)(scope, receive, send)  # there is no session that it could tell anything
        return
    exchange = _Exchange(request, message, send)
    with anyio.CancelScope() as call:
        async with running_beside(partial(exchange.attend, call), after=ATTENDED_AFTER_SECONDS):
            answer = await _answer(server, exchange, message)
        content = answer.model_dump_json(by_alias=True, exclude_unset=True).encode()
        if exchange.is_stream:
            await exchange.end(content)
        else:
            await _json(content, 200)(scope, receive, send)


def _read(body: bytes) -> JSONRPCMessage | None:
    """The message; None for what is to be refused."""
    try:
        message = read_message(body)
    except ValueError:
        return None
    return None if is_request_without_id(message) else message


def _json(content: bytes, status: int) -> Response:
    return Response(content, status_code=status, media_type="application/json")


async def _answer(
    server: CheckoutServer, exchange: "_Exchange", request: JSONRPCRequest
) -> JSONRPCResponse | JSONRPCError:
    try:
        result = await server.answer_alone(exchange, exchange.version, request.method, request.params)
    except Exception as error:  # noqa: BLE001 - the protocol's errors as they are, and one sentence for all others
        return JSONRPCError(jsonrpc="2.0", id=request.id, error=modern_error_data(error))
    return JSONRPCResponse(jsonrpc="2.0", id=request.id, result=result)


class _Exchange:
    """The SDK's view of one request and its answer, on which nothing can be asked. See ``DispatchContext``."""

    can_send_request = False

    def __init__(self, request: Request, message: JSONRPCRequest, send: Send) -> None:
        self.version = request.headers.get(MCP_PROTOCOL_VERSION_HEADER, DEFAULT_NEGOTIATED_VERSION)
        self.transport = TransportContext(kind="streamable-http", can_send_request=False, headers=request.headers)
        self.request_id = message.id
        self.message_metadata = ServerMessageMetadata(request_context=request, can_send_request=False)
        self.cancel_requested = anyio.Event()
        self.is_stream = False
        self._progress_token = progress_token_from_params(message.params)
        self._receive, self._send = request.receive, send
        self._writing = asyncio.Lock()

    async def send_raw_request(
        self, method: str, params: Mapping[str, Any] | None, opts: CallOptions | None = None
    ) -> dict[str, Any]:
        raise NoBackChannelError(method)

    async def notify(self, method: str, params: Mapping[str, Any] | None, opts: CallOptions | None = None) -> None:
        told = JSONRPCNotification(jsonrpc="2.0", method=method, params=None if params is None else dict(params))
        await self._write(_event(told.model_dump_json(by_alias=True, exclude_none=True).encode()))

    async def progress(self, progress: float, total: float | None = None, message: str | None = None) -> None:
        if self._progress_token is not None:
            told = {"progressToken": self._progress_token, "progress": progress, "total": total, "message": message}
            await self.notify("notifications/progress", {name: each for name, each in told.items() if each is not None})

    async def attend(self, call: anyio.CancelScope) -> None:
        """Keep the connection alive until the client has gone, and cut the call then."""
        gone = asyncio.ensure_future(self._wait_until_gone())
        try:
            while not (await asyncio.wait({gone}, timeout=PING_SECONDS))[0]:
                await self._write(b": ping\r\n\r\n")
        finally:
            gone.cancel()
        call.cancel()

    async def end(self, content: bytes) -> None:
        """End a stream with the answer."""
        await self._write(_event(content), more_body=False)

    async def _wait_until_gone(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def _write(self, content: bytes, *, more_body: bool = True) -> None:
        async with self._writing:
            if not self.is_stream:
                await self._send({"type": "http.response.start", "status": 200, "headers": _STREAM})
                self.is_stream = True  # not before: what is cut here has begun nothing
            await self._send({"type": "http.response.body", "body": content, "more_body": more_body})


def _event(content: bytes) -> bytes:
    return b"event: message\r\ndata: " + content + b"\r\n\r\n"
