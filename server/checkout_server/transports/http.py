"""MCP over Streamable HTTP at ``/mcp``, on loopback addresses."""

import asyncio
import contextlib
import socket
import sys
from collections.abc import Generator

import uvicorn

from checkout_schemas.fields import is_loopback
from checkout_server.app import build_server, open_desk
from checkout_server.settings import Settings, SettingsError
from checkout_server.transports.shutdown import stop_requested

GRACE_SECONDS = 1
"""How long open calls and streams may go on after a signal to stop."""


class _Uvicorn(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """Signals are ours: calls in flight are recorded before the process ends."""
        yield


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        if sys.platform != "win32":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise SettingsError("--port cannot be used: another program listens there, or it is not allowed.") from None
    return listener


async def serve_http(settings: Settings, host: str, port: int) -> None:
    """Serve until a signal asks to stop.

    Raises:
        SettingsError: the address is not a loopback address, or cannot be bound.
    """
    if not is_loopback(host):
        raise SettingsError(
            "--host must be a loopback address such as 127.0.0.1: this server has no sign-in, and whoever "
            "reaches it can sell."
        )
    listener = _bound("127.0.0.1" if host.endswith("localhost") else host, port)
    async with open_desk(settings) as desk:
        app = build_server(desk, read_only=settings.read_only).streamable_http_app(host="127.0.0.1")
        config = uvicorn.Config(
            app, log_config=None, access_log=False, timeout_graceful_shutdown=GRACE_SECONDS, lifespan="on"
        )
        server = _Uvicorn(config)
        with stop_requested() as stop:
            serving = asyncio.create_task(server.serve(sockets=[listener]))
            stopping = asyncio.create_task(stop.wait())
            await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
            draining = asyncio.create_task(desk.drain())
            server.should_exit = True
            await asyncio.gather(serving, draining)
            stopping.cancel()
