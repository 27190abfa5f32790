"""The sandbox as an ASGI application."""

from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from checkout_server.sandbox.api import api_routes
from checkout_server.sandbox.front.routes import front_routes
from checkout_server.sandbox.hosted.routes import page_routes
from checkout_server.sandbox.own_hosts import OnlyLoopbackHosts
from checkout_server.sandbox.sale_api import sale_routes
from checkout_server.sandbox.sessions import Sandbox
from checkout_server.sandbox.webhooks import Delivery


def create_app(
    sandbox: Sandbox | None = None, *, mark: str | None = None, deliveries: Sequence[Delivery] | None = None
) -> Starlette:
    """API, hosted page and front page over one memory. Checkout URLs point to where the request came in.

    Args:
        mark: by which other servers know this sandbox.
        deliveries: the webhooks so far, for the front page; None where none are sent.
    """
    memory = sandbox or Sandbox()

    async def tell_mark(_request: Request) -> JSONResponse:
        return JSONResponse({"mark": mark})

    return Starlette(
        routes=[
            *api_routes(memory, _own_url),
            *sale_routes(memory, _own_url),
            *page_routes(memory),
            *front_routes(memory, _own_url, deliveries),
            Route("/sandbox", tell_mark),
        ],
        middleware=[Middleware(OnlyLoopbackHosts)],
        exception_handlers={404: _no_such_route, 405: _no_such_route},
    )


def _own_url(request: Request) -> str:
    return str(request.base_url).rstrip("/")


async def _no_such_route(_request: Request, _error: Exception) -> JSONResponse:
    return JSONResponse({"code": "NOT_FOUND", "message": "no such route"}, 404)
