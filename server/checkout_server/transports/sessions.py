"""Sessions of the older protocol era, which live in one replica, and requests that any replica answers.

A session is needed for one thing: to ask a person, whose answer comes as a request of its own. So only a client that
can be asked gets one, while there is room for it, and a request of another replica's session is answered without it, by
all that needs no question.
"""

import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any, cast

from mcp.server.streamable_http import MCP_SESSION_ID_HEADER
from mcp.shared.inbound import MCP_PROTOCOL_VERSION_HEADER
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS
from starlette.applications import Starlette
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from checkout_server.app import CheckoutServer
from checkout_server.app.bounded_sessions import BoundedSessions, NoRoom
from checkout_server.privacy.logs.events import REPLICA, emit
from checkout_server.transports.envelopes import (
    dumped,
    is_reply,
    is_request_without_id,
    read_message,
    refuse_body,
    refuse_misdirected,
)
from checkout_server.transports.without_session import answer_without_session

_HEADER = MCP_SESSION_ID_HEADER.encode()


def mcp_app(server: CheckoutServer, *, max_body: int) -> Starlette:
    """The server at ``/mcp``."""
    sessions = server.http_sessions(max_body=max_body)

    @asynccontextmanager
    async def running(_app: Starlette) -> AsyncGenerator[None]:
        async with sessions.run():
            yield

    return Starlette(routes=[Route("/mcp", endpoint=_Sessions(server, sessions))], lifespan=running)


class _Sessions:
    """Binds to this replica what needs it. The id of a session begins with its replica's.

    Stands behind what reads bodies whole.
    """

    def __init__(self, server: CheckoutServer, sessions: BoundedSessions) -> None:
        self._server = server
        self._sessions = sessions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        replica, _, session_id = headers.get(MCP_SESSION_ID_HEADER, "").rpartition("-")
        if headers.get(MCP_PROTOCOL_VERSION_HEADER, HANDSHAKE_PROTOCOL_VERSIONS[0]) not in HANDSHAKE_PROTOCOL_VERSIONS:
            await self._sessions.handle_request(scope, receive, send)  # the newer era, which has none
        elif replica == REPLICA:
            others = [each for each in scope["headers"] if each[0].lower() != _HEADER]
            scope["headers"] = [*others, (_HEADER, session_id.encode("latin-1"))]
            await self._in_session(scope, receive, send)
        elif scope["method"] != "POST":
            await Response(status_code=405, headers={"Allow": "POST"})(scope, receive, send)
        else:
            await self._post(scope, receive, send, elsewhere=MCP_SESSION_ID_HEADER in headers)

    async def _in_session(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] == "POST":
            message = await receive()
            if _lacks_id(body := message.get("body", b"")):
                refusal = Response(dumped(refuse_body(body)), status_code=400, media_type="application/json")
                await refusal(scope, receive, send)
                return
            receive = _replaying(message, receive)
        await self._sessions.handle_request(scope, receive, _naming_replica(send))

    async def _post(self, scope: Scope, receive: Receive, send: Send, *, elsewhere: bool) -> None:
        message = await receive()
        if message["type"] != "http.request":
            return  # the client has gone
        body: bytes = message["body"]
        if elsewhere and _is_reply(body):
            emit("approval.misdirected")
            refusal = Response(dumped(refuse_misdirected()), status_code=421, media_type="application/json")
            await refusal(scope, receive, send)
            return
        if not elsewhere and _can_be_asked(body):
            with suppress(NoRoom):
                await self._sessions.handle_request(scope, _replaying(message, receive), _naming_replica(send))
                return
        await answer_without_session(self._server, body, scope, receive, send)


def _replaying(message: Message, receive: Receive) -> Receive:
    read = [message]

    async def replayed() -> Message:
        return read.pop() if read else await receive()

    return replayed


def _naming_replica(send: Send) -> Send:
    async def named(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            if (session_id := headers.get(MCP_SESSION_ID_HEADER)) is not None:
                headers[MCP_SESSION_ID_HEADER] = f"{REPLICA}-{session_id}"
        await send(message)

    return named


def _is_reply(body: bytes) -> bool:
    return b'"method"' not in body and is_reply(_read(body))


def _lacks_id(body: bytes) -> bool:
    """Whether the SDK would take a request for a notification, and answer nothing."""
    try:
        return is_request_without_id(read_message(body))
    except ValueError:
        return False  # the SDK refuses it


def _can_be_asked(body: bytes) -> bool:
    """Whether this begins a session of a client that shows forms."""
    if b'"initialize"' not in body:
        return False
    message = _fields(_read(body))
    elicitation = _fields(_fields(message.get("params")).get("capabilities")).get("elicitation")
    if message.get("method") != "initialize" or not isinstance(elicitation, dict):
        return False
    return not elicitation or "form" in elicitation


def _read(body: bytes) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None  # which the SDK refuses


def _fields(value: object) -> Mapping[str, Any]:
    return cast(dict[str, Any], value) if isinstance(value, dict) else {}
