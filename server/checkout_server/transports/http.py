"""MCP over Streamable HTTP at ``/mcp``, on loopback addresses."""

import asyncio

import uvicorn

from checkout_schemas.fields import is_loopback
from checkout_server.app import build_server, open_desk
from checkout_server.listening.embedded import EmbeddedServer
from checkout_server.listening.loopback import bound_socket, url_of
from checkout_server.listening.shutdown import stop_requested
from checkout_server.privacy.events import REPLICA, emit
from checkout_server.privacy.lines import say
from checkout_server.settings import Settings, SettingsError

GRACE_SECONDS = 1
"""How long open calls and streams may go on after a signal to stop."""


async def serve_http(settings: Settings, host: str, port: int) -> None:
    """Serve until a signal asks to stop. The URL is the first line on stderr.

    Raises:
        SettingsError: the address is not a loopback address.
        PortUnusable: the port cannot be listened on.
    """
    if not is_loopback(host):
        raise SettingsError(
            "--host must be a loopback address such as 127.0.0.1: this server has no sign-in, and whoever "
            "reaches it can sell."
        )
    listener = bound_socket("127.0.0.1" if host.endswith("localhost") else host, port)
    async with open_desk(settings) as desk:
        app = build_server(desk, read_only=settings.read_only).streamable_http_app(host="127.0.0.1")
        config = uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=GRACE_SECONDS)
        server = EmbeddedServer(config)
        with stop_requested() as stop:
            listener.listen(config.backlog)
            serving = asyncio.create_task(server.serve(sockets=[listener]))
            say(f"{url_of(listener)}/mcp")
            emit("server.started", transport="http", environment=settings.environment, replica=REPLICA)
            stopping = asyncio.create_task(stop.wait())
            await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
            server.should_exit = True
            await asyncio.gather(serving, desk.drain())
            stopping.cancel()
            emit("server.stopped", transport="http", replica=REPLICA)
