"""The hosted page's addresses."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from checkout_server.sandbox.sessions import Sandbox

_ADDRESSES = (
    ("GET", "/session/{session_id}", "show"),
    ("GET", "/buy/{short}", "show_short"),
    ("POST", "/session/{session_id}/price", "price"),
    ("POST", "/session/{session_id}/pay", "pay"),
    ("POST", "/session/{session_id}/fail", "fail"),  # this and the next are for programs: an attempt that ends so
    ("POST", "/session/{session_id}/challenge", "challenge"),
    ("POST", "/session/{session_id}/refund", "refund"),
    ("POST", "/session/{session_id}/dispute", "dispute"),
    ("GET", "/invoices/payments/{payment_id}", "invoice"),
)


def page_routes(sandbox: Sandbox) -> list[Route]:
    """The page and what its buttons do."""
    return [Route(path, _late(sandbox, name), methods=[method]) for method, path, name in _ADDRESSES]


def _late(sandbox: Sandbox, name: str) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        from checkout_server.sandbox.hosted.actions import ACTIONS  # a server that starts has no page to show yet

        return await ACTIONS[name](sandbox, request)

    return endpoint
