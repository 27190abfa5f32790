"""The listener of ``serve --metrics-port``: ``/metrics`` and the probes, and nothing else."""

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from checkout_schemas.web_addresses import is_loopback
from checkout_server.listening.embedded import EmbeddedServer, embedded_config
from checkout_server.settings import SettingsError
from checkout_server.transports.health import Readiness, with_health
from checkout_server.transports.own_names import only_for_own_names


@asynccontextmanager
async def serving_metrics(listener: socket.socket, host: str, readiness: Readiness) -> AsyncGenerator[None]:
    """Serve metrics on a bound socket until the block ends: also while calls in flight are being recorded.

    Raises:
        SettingsError: the extra ``prometheus`` is not installed.
    """
    try:
        from checkout_server.telemetry.prometheus import counting
    except ImportError:
        raise SettingsError("--metrics-port needs the extra: install dodo-checkout-mcp[prometheus].") from None
    with counting() as exposition:

        async def metrics(request: Request) -> Response:
            content, content_type = exposition.text(request.headers.get("accept", ""))
            return Response(content, headers={"content-type": content_type})

        routed = Starlette(routes=[Route("/metrics", metrics)])
        routed.router.redirect_slashes = False  # it would send people to whatever host the request names
        app: ASGIApp = routed
        if is_loopback(host):  # against pages whose names were made to lead here
            app = only_for_own_names(app, host, listener.getsockname()[1])
        server = EmbeddedServer(embedded_config(with_health(app, readiness), grace_seconds=1, lifespan="off"))
        listener.listen(server.config.backlog)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield
        finally:
            server.stop()
            await serving
