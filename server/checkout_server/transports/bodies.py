"""The bodies of requests over HTTP: bounded, and never repeated to whoever sent them."""

import contextlib
import json

from mcp_types import JSONRPCError
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from checkout_server.transports.envelopes import dumped, refuse_body, refuse_too_large

MAX_BODY = 1024 * 1024
_REPEATING = ("Parse error", "Validation error")
"""How the SDK's refusals begin that go on with what was wrong in the body."""
READ_AT_MOST = 16 * MAX_BODY
"""Bytes of a body that is too large, after which no more are taken. Most clients read an answer after they sent all."""


class BoundedBodies:
    """Reads a request whole before the SDK sees it, and puts the SDK's refusal of an envelope into words of ours."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        declared = Headers(scope=scope).get("content-length", "")
        too_large = declared.isdecimal() and int(declared) > READ_AT_MOST
        read = None if too_large else await _read(receive)
        if read is None:
            await _refused(refuse_too_large(MAX_BODY), 413)(scope, receive, send)
            return
        body, last = read
        pending: list[Message] = [last]

        async def replayed() -> Message:
            return pending.pop() if pending else await receive()

        await self._app(scope, replayed, _Answering(send, body).send)


async def _read(receive: Receive) -> tuple[bytes, Message] | None:
    """The body, and the message that holds it whole, or says that the client went; None where it is too large."""
    body, size = bytearray(), 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return bytes(body), message
        chunk: bytes = message.get("body", b"")
        size += len(chunk)
        if size <= MAX_BODY:
            body += chunk
        if not message.get("more_body", False) or size > READ_AT_MOST:
            if size > MAX_BODY:
                return None
            return bytes(body), {"type": "http.request", "body": bytes(body), "more_body": False}


class _Answering:
    """Passes an answer on, unless it is the SDK's refusal of an envelope, whose text holds what was wrong in it."""

    def __init__(self, send: Send, body: bytes) -> None:
        self._send = send
        self._body = body
        self._held: Message | None = None
        self._content = bytearray()

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] == 400:
            self._held = message
            return
        if self._held is None:
            await self._send(message)
            return
        self._content += message.get("body", b"")
        if message.get("more_body", False):
            return
        held, self._held = self._held, None
        content = self._refusal(bytes(self._content))
        headers = [(name, value) for name, value in held["headers"] if name.lower() != b"content-length"]
        headers.append((b"content-length", str(len(content)).encode()))
        await self._send({**held, "headers": headers})
        await self._send({"type": "http.response.body", "body": content})

    def _refusal(self, content: bytes) -> bytes:
        said = ""
        with contextlib.suppress(ValueError, TypeError, KeyError):
            said = json.loads(content)["error"]["message"]
        return dumped(refuse_body(self._body)) if said.startswith(_REPEATING) else content


def _refused(error: JSONRPCError, status: int) -> Response:
    return Response(dumped(error), status_code=status, media_type="application/json")
