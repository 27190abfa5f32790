"""Who may speak to the server over HTTP: who asks for it by its own name, from no page or from one on this machine."""

import re
from collections.abc import Collection

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

_DEFAULT_PORT = 80
"""Which clients leave out."""


def names_of(host: str) -> frozenset[str]:
    """The loopback names by which a server on an address is known, as they stand in URLs."""
    return frozenset({"127.0.0.1", "localhost", "[::1]", f"[{host}]" if ":" in host else host})


def only_for_own_names(app: ASGIApp, host: str, port: int) -> ASGIApp:
    """The app behind a check of Host and Origin, with CORS for pages that this machine serves (see ADR 24)."""
    names = names_of(host)
    origins = rf"http://({'|'.join(map(re.escape, sorted(names)))})(:[0-9]{{1,5}})?"
    cors = CORSMiddleware(
        app,
        allow_origin_regex=origins,
        allow_methods=("GET", "POST", "DELETE"),
        allow_headers=("*",),
        expose_headers=("Mcp-Session-Id", "WWW-Authenticate"),
    )
    hosts = {f"{name}:{port}" for name in names} | {name for name in names if port == _DEFAULT_PORT}
    return _OwnNames(cors, hosts, re.compile(origins))


class _OwnNames:
    """Refuses what asks for another name: a web page whose name was made to lead here (DNS rebinding)."""

    def __init__(self, app: ASGIApp, hosts: Collection[str], origins: re.Pattern[str]) -> None:
        self._app = app
        self._hosts = hosts
        self._origins = origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = (self._refusal(Headers(scope=scope)) or self._app) if scope["type"] == "http" else self._app
        await app(scope, receive, send)

    def _refusal(self, headers: Headers) -> PlainTextResponse | None:
        hosts, origins = headers.getlist("host"), headers.getlist("origin")
        if len(hosts) != 1 or hosts[0].lower() not in self._hosts:
            names = ", ".join(sorted(self._hosts))
            return PlainTextResponse(f"Invalid Host header: this server is {names}.", status_code=421)
        if not all(map(self._origins.fullmatch, origins)):
            return PlainTextResponse("Invalid Origin header: pages of this machine only.", status_code=403)
        return None
