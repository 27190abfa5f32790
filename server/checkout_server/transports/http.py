"""MCP over Streamable HTTP at ``/mcp``, on loopback addresses."""

import asyncio

from mcp.server.transport_security import TransportSecuritySettings

from checkout_schemas.web_addresses import is_loopback
from checkout_server.app import build_server, open_desk
from checkout_server.checkout.background import working_in_background
from checkout_server.listening.embedded import EmbeddedServer, embedded_config
from checkout_server.listening.loopback import bound_socket, url_of
from checkout_server.listening.shutdown import stop_requested
from checkout_server.privacy.events import REPLICA, emit
from checkout_server.privacy.lines import say
from checkout_server.settings import Settings, SettingsError
from checkout_server.transports.bodies import MAX_BODY, BoundedBodies
from checkout_server.transports.own_names import only_for_own_names
from checkout_server.transports.started import tell_started

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
    async with open_desk(settings) as desk, working_in_background(desk):
        server = build_server(desk, read_only=settings.read_only)
        # The SDK compares names by their beginnings, so that it is told to leave that to us.
        unchecked = TransportSecuritySettings(enable_dns_rebinding_protection=False)
        served = server.streamable_http_app(transport_security=unchecked, max_request_body_size=MAX_BODY)
        app = only_for_own_names(BoundedBodies(served), host, listener.getsockname()[1])
        config = embedded_config(app, grace_seconds=GRACE_SECONDS)
        listening = EmbeddedServer(config)
        with stop_requested() as stop:
            listener.listen(config.backlog)
            serving = asyncio.create_task(listening.serve(sockets=[listener]))
            say(f"{url_of(listener)}/mcp")
            tell_started(settings, "http")
            stopping = asyncio.create_task(stop.wait())
            await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
            desk.watches.stop()
            listening.stop()
            await asyncio.gather(serving, desk.creations.drain())
            stopping.cancel()
            emit("server.stopped", transport="http", replica=REPLICA)
