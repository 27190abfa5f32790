"""Who may speak to the server over HTTP: who asks for it by a name of its own, from no page or from one that may."""

import re
from collections.abc import Collection

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

_DEFAULT_PORT = 80
"""Which clients leave out."""
_PORT = re.compile(":[0-9]{1,5}$")


def names_of(host: str) -> frozenset[str]:
    """The loopback names by which a server on an address is known, as they stand in URLs."""
    return frozenset({"127.0.0.1", "localhost", "[::1]", f"[{host}]" if ":" in host else host})


def only_for_own_names(
    app: ASGIApp, host: str, port: int, *, hosts: Collection[str] = (), origins: Collection[str] = ()
) -> ASGIApp:
    """The app behind a check of Host and Origin, with CORS for pages that may ask (see ADR 24 and 41).

    Args:
        app: what is served.
        host: the address that it listens on.
        port: its port there.
        hosts: other names, each with a port or for every port.
        origins: of pages elsewhere.
    """
    names = names_of(host)
    of_this_machine = rf"http://({'|'.join(map(re.escape, sorted(names)))})(:[0-9]{{1,5}})?"
    allowed = re.compile("|".join([of_this_machine, *map(re.escape, sorted(origins))]))
    cors = CORSMiddleware(
        app,
        allow_origin_regex=allowed.pattern,
        allow_methods=("GET", "POST", "DELETE"),
        allow_headers=("*",),
        expose_headers=("Mcp-Session-Id", "WWW-Authenticate"),
    )
    own = {f"{name}:{port}" for name in names} | {name for name in names if port == _DEFAULT_PORT}
    return _OwnNames(cors, own | set(hosts), frozenset(hosts), allowed)


class _OwnNames:
    """Refuses what asks for another name: a web page whose name was made to lead here (DNS rebinding).

    The refusals name the setting and no name, neither the one that was sent nor those that would do.
    """

    def __init__(
        self, app: ASGIApp, hosts: Collection[str], at_every_port: Collection[str], origins: re.Pattern[str]
    ) -> None:
        self._app = app
        self._hosts = hosts
        self._at_every_port = at_every_port
        self._origins = origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = (self._refusal(Headers(scope=scope)) or self._app) if scope["type"] == "http" else self._app
        await app(scope, receive, send)

    def _refusal(self, headers: Headers) -> PlainTextResponse | None:
        hosts = headers.getlist("host")
        if len(hosts) != 1 or not self._is_own(hosts[0].lower()):
            return PlainTextResponse(
                "Invalid Host header: this server is reached by its loopback names with its port, and by those that "
                "CHECKOUT_ALLOWED_HOSTS lists.",
                status_code=421,
            )
        if not all(map(self._origins.fullmatch, headers.getlist("origin"))):
            return PlainTextResponse(
                "Invalid Origin header: pages of this machine may ask, and those that CHECKOUT_ALLOWED_ORIGINS lists.",
                status_code=403,
            )
        return None

    def _is_own(self, host: str) -> bool:
        return host in self._hosts or _PORT.sub("", host) in self._at_every_port
