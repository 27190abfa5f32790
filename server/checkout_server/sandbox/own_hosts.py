"""The sandbox answers requests for loopback names only."""

import re

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

_LOOPBACK = re.compile(r"(127(\.[0-9]{1,3}){3}|localhost|\[::1\])(:[0-9]{1,5})?", re.IGNORECASE)
"""With any port, which may have been forwarded."""


class OnlyLoopbackHosts:
    """Refuses DNS rebinding: a website whose name resolves to this machine could read what was sold, and sell."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        hosts = Headers(scope=scope).getlist("host") if scope["type"] == "http" else ["localhost"]
        app = self._app if len(hosts) == 1 and _LOOPBACK.fullmatch(hosts[0]) else _MISDIRECTED
        await app(scope, receive, send)


_MISDIRECTED = JSONResponse({"code": "MISDIRECTED", "message": "the sandbox is reached by a loopback name only"}, 421)
