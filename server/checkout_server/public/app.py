"""The public listener's application: whatever it does not serve is the same 404."""

from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from checkout_server.checkout.desk import Desk
from checkout_server.privacy.logs.events import emit
from checkout_server.public.page import message
from checkout_server.public.return_page import return_routes
from checkout_server.public.webhooks import webhook_routes


def public_app(desk: Desk, webhook_keys: Sequence[str]) -> Starlette:
    """The return page, and the webhook where there are keys to verify it by."""
    app = Starlette(
        routes=[*return_routes(desk), *webhook_routes(desk, webhook_keys)],
        exception_handlers={HTTPException: _not_found, Exception: _crashed},
    )
    app.router.redirect_slashes = False  # it would send people to whatever host the request names
    return app


async def _not_found(_request: Request, _error: Exception) -> Response:
    return message("Not found", "There is nothing here.", 404)


async def _crashed(_request: Request, error: Exception) -> Response:
    emit("public.crashed", error=error)
    return message("Not available", "Please try again in a minute.", 500)
