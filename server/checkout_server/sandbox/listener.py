"""Serves an ASGI application on a loopback port: inside another program's event loop, or alone."""

import asyncio
import socket
from collections import deque
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from checkout_server.listening.embedded import EmbeddedServer, embedded_config
from checkout_server.listening.loopback import bound_socket, url_of
from checkout_server.listening.patience import Patience
from checkout_server.listening.shutdown import stop_requested
from checkout_server.sandbox.app import create_app
from checkout_server.sandbox.sessions import AfterDecline, Sandbox
from checkout_server.sandbox.webhooks import Delivery, WebhookTarget, sending_webhooks

KEPT_DELIVERIES = 500
"""Webhooks that the front page knows of."""


@asynccontextmanager
async def running_app(
    app: Any, listener: socket.socket | None = None, patience: Patience | None = None
) -> AsyncGenerator[str]:
    """The base URL of an application that is served while the block runs; on a free port unless one is given."""
    listener = listener or bound_socket("127.0.0.1", 0)
    config = embedded_config(app, grace_seconds=1, lifespan="off", patience=patience)
    server = EmbeddedServer(config)
    # The socket listens before uvicorn accepts: whoever connects in between waits in its queue.
    listener.listen(config.backlog)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield url_of(listener)
    finally:
        server.stop()
        await serving


@asynccontextmanager
async def running_sandbox() -> AsyncGenerator[str]:
    """The base URL of an empty sandbox on a free loopback port."""
    async with running_app(create_app()) as url:
        yield url


def serve_sandbox(
    host: str,
    port: int,
    say: Callable[[str], None],
    webhooks: WebhookTarget | None = None,
    after_decline: AfterDecline = "retry",
) -> None:
    """Serve a sandbox until Ctrl-C or SIGTERM, and say where it is.

    Raises:
        PortUnusable: the port cannot be listened on.
    """
    listener = bound_socket(host, port)

    async def serve() -> None:
        sandbox = Sandbox(after_decline=after_decline)
        deliveries = deque[Delivery](maxlen=KEPT_DELIVERIES) if webhooks is not None else None
        app = create_app(sandbox, deliveries=deliveries)
        with stop_requested() as stop:
            async with running_app(app, listener) as url, AsyncExitStack() as stack:
                say(f"{url}\nSandbox of the payment API: no money moves, prices and taxes are made up.")
                say(f"Open {url}/ in a browser to try a checkout and to see what was sold.")
                say(f"Use it with DODO_PAYMENTS_BASE_URL={url} DODO_PAYMENTS_API_KEY=anything")
                if webhooks is not None:
                    await stack.enter_async_context(sending_webhooks(sandbox, webhooks, url, deliveries))
                await stop.wait()

    asyncio.run(serve())
