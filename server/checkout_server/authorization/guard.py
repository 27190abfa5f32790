"""Lets a request over HTTP pass with a valid token, and each call with the scopes that it needs."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from mcp.server.auth.middleware.auth_context import AuthContextMiddleware
from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from starlette.authentication import AuthCredentials
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Send
from starlette.types import Scope as Connection

from checkout_server.authorization.answers import Answers, cannot_verify, through_a_proxy
from checkout_server.authorization.scopes import (
    ALL_SCOPES,
    SCOPE_OF_TOOL,
    known_scopes,
    missing_of_arguments,
    missing_of_tool,
)
from checkout_server.authorization.tokens import MAX_TOKEN, CannotVerify, TokenRefused, Verify
from checkout_server.checkout.principal import Scope
from checkout_server.privacy.logs.events import emit


@dataclass(frozen=True, slots=True)
class Authorization:
    """How a server tells its callers apart."""

    verify: Verify
    answers: Answers


def authorized(app: ASGIApp, authorization: Authorization | None) -> ASGIApp:
    """The app behind its guard: of tokens, or, where nobody has any, of what a proxy sends on."""
    return _DirectOnly(app) if authorization is None else _BearerTokens(app, authorization)


class _DirectOnly:
    """Refuses what came through a proxy: without tokens, whoever reaches this server can sell."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, connection: Connection, receive: Receive, send: Send) -> None:
        app = self._app
        if connection["type"] == "http" and any(_is_of_a_proxy(name) for name, _ in connection["headers"]):
            emit("authorization.refused", problem="through_a_proxy")
            app = through_a_proxy()
        await app(connection, receive, send)


def _is_of_a_proxy(header: bytes) -> bool:
    return header == b"forwarded" or header.startswith(b"x-forwarded-")


class _BearerTokens:
    """Hands a request on with the user that its token stands for (RFC 6750: in the Authorization header alone)."""

    def __init__(self, app: ASGIApp, authorization: Authorization) -> None:
        self._app = app
        self._with_context = AuthContextMiddleware(app)
        self._verify, self._answers = authorization.verify, authorization.answers

    async def __call__(self, connection: Connection, receive: Receive, send: Send) -> None:
        if connection["type"] != "http":
            await self._app(connection, receive, send)
            return
        if connection["path"] in self._answers.metadata_paths and connection["method"] in {"GET", "HEAD"}:
            await self._answers.metadata()(connection, receive, send)
            return
        try:
            token = _token_of(Headers(scope=connection))
            user = (await self._verify(token)).as_user()
        except TokenRefused as refused:
            emit("authorization.refused", problem=refused.problem)
            await self._answers.unauthorized(refused.problem)(connection, receive, send)
            return
        except CannotVerify:
            emit("authorization.unavailable")
            await cannot_verify()(connection, receive, send)
            return
        connection["user"], connection["auth"] = user, AuthCredentials(user.scopes)
        await self._with_context(connection, receive, send)


def _token_of(headers: Headers) -> str:
    given = headers.getlist("authorization")
    if not any(_is_bearer(each) for each in given):
        raise TokenRefused("missing")
    token = given[0].partition(" ")[2].strip()
    if len(given) > 1 or not token or len(token) > MAX_TOKEN or not token.isascii():
        raise TokenRefused("malformed")
    return token


def _is_bearer(header: str) -> bool:
    return header.partition(" ")[0].lower() == "bearer"


class ScopedCalls:
    """Answers a call whose caller lacks a scope as OAuth has it, so that their client can ask for more.

    The tools refuse it too: what they see is the call as it was understood. Stands behind what reads bodies whole.
    """

    def __init__(self, app: ASGIApp, answers: Answers) -> None:
        self._app = app
        self._answers = answers

    async def __call__(self, connection: Connection, receive: Receive, send: Send) -> None:
        user = connection.get("user")
        held = known_scopes(set(user.scopes)) if isinstance(user, AuthenticatedUser) else frozenset[Scope]()
        if connection["type"] != "http" or connection["method"] != "POST" or held == ALL_SCOPES:
            await self._app(connection, receive, send)
            return
        read = [await receive()]
        if missing := _missing(read[0].get("body", b""), held):
            emit("authorization.refused", problem="insufficient_scope")
            await self._answers.insufficient_scope(missing, held)(connection, receive, send)
            return

        async def replayed() -> Message:
            return read.pop() if read else await receive()

        await self._app(connection, replayed, send)


def _missing(body: bytes, held: frozenset[Scope]) -> set[Scope]:
    try:
        message = _fields(json.loads(body))
    except (ValueError, RecursionError):
        return set()  # which the SDK refuses
    params = _fields(message.get("params"))
    name = params.get("name")
    if message.get("method") != "tools/call" or not isinstance(name, str) or name not in SCOPE_OF_TOOL:
        return set()
    of_arguments = missing_of_arguments(name, _fields(params.get("arguments")), held)
    of_tool = missing_of_tool(name, held)
    return {*of_arguments.values(), *([of_tool] if of_tool is not None else [])}


def _fields(value: object) -> Mapping[str, Any]:
    return cast(dict[str, Any], value) if isinstance(value, dict) else {}
