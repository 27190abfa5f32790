"""What a trusted proxy says about the request that it sends on: by which scheme and for which name it came."""

from collections.abc import Sequence
from ipaddress import ip_address

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from checkout_server.settings.values import Network

_SCHEMES = frozenset({"http", "https"})


class ForwardedNames:
    """Puts scheme and name of the client's request in place of the proxy's, where the proxy is trusted.

    Of several values the last counts, which the trusted proxy itself has added. Client addresses are not read: nothing
    here depends on them or logs them.
    """

    def __init__(self, app: ASGIApp, trusted: Sequence[Network]) -> None:
        self._app = app
        self._trusted = trusted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and self._trusts(scope):
            _replace(scope)
        await self._app(scope, receive, send)

    def _trusts(self, scope: Scope) -> bool:
        peer = scope.get("client")
        if not self._trusted or not peer:
            return False
        address = ip_address(peer[0].partition("%")[0])
        address = getattr(address, "ipv4_mapped", None) or address  # of a socket that serves both families
        return any(address in network for network in self._trusted)


def _replace(scope: Scope) -> None:
    headers = Headers(scope=scope)
    if (scheme := _last(headers, "x-forwarded-proto").lower()) in _SCHEMES:
        scope["scheme"] = scheme
    if name := _last(headers, "x-forwarded-host"):
        others = [each for each in scope["headers"] if each[0].lower() != b"host"]
        scope["headers"] = [*others, (b"host", name.encode("latin-1"))]


def _last(headers: Headers, name: str) -> str:
    values = headers.getlist(name)
    return values[-1].rpartition(",")[2].strip() if values else ""
