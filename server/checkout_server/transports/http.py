"""MCP over Streamable HTTP at ``/mcp``, on loopback addresses, with a listener of its own for what is public."""

import asyncio
import socket
from contextlib import AsyncExitStack
from dataclasses import dataclass

from mcp.server.transport_security import TransportSecuritySettings

from checkout_schemas.web_addresses import is_loopback
from checkout_server.app import build_server, open_desk
from checkout_server.checkout.background import working_in_background
from checkout_server.checkout.desk import Desk
from checkout_server.listening.embedded import EmbeddedServer, embedded_config
from checkout_server.listening.loopback import bound_socket, url_of
from checkout_server.listening.shutdown import stop_requested
from checkout_server.privacy.events import REPLICA, emit
from checkout_server.privacy.lines import say
from checkout_server.public.app import public_app
from checkout_server.settings import Settings, SettingsError
from checkout_server.transports.bodies import MAX_BODY, BoundedBodies
from checkout_server.transports.health import Readiness, with_health
from checkout_server.transports.metrics import serving_metrics
from checkout_server.transports.own_names import only_for_own_names
from checkout_server.transports.started import tell_started
from checkout_server.transports.trace_context import in_trace_of_caller

GRACE_SECONDS = 1
"""How long open calls and streams may go on after a signal to stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listeners:
    """What ``serve`` listens on."""

    host: str
    port: int
    public_port: int | None = None
    metrics_host: str = "127.0.0.1"
    metrics_port: int | None = None


async def serve_http(settings: Settings, listeners: Listeners, *, drain_seconds: float = 0) -> None:
    """Serve until a signal asks to stop. The URL is the first line on stderr; those of other listeners follow.

    Args:
        settings: what the operator decided.
        listeners: where.
        drain_seconds: how long calls are still served after the signal, while ``/readyz`` sends them elsewhere.

    Raises:
        SettingsError: the address is not a loopback address.
        PortUnusable: a port cannot be listened on.
    """
    host = listeners.host
    if not is_loopback(host):
        raise SettingsError(
            "--host must be a loopback address such as 127.0.0.1: this server has no sign-in, and whoever "
            "reaches it can sell."
        )
    address = "127.0.0.1" if host.endswith("localhost") else host
    listener = bound_socket(address, listeners.port)
    public = bound_socket(address, listeners.public_port) if listeners.public_port is not None else None
    metrics = (
        bound_socket(listeners.metrics_host, listeners.metrics_port) if listeners.metrics_port is not None else None
    )
    async with AsyncExitStack() as stack:
        desk = await stack.enter_async_context(open_desk(settings))
        readiness = Readiness(desk)
        if metrics is not None:
            await stack.enter_async_context(serving_metrics(metrics, listeners.metrics_host, readiness))
        await stack.enter_async_context(working_in_background(desk))
        servers = [(listener, _mcp_server(desk, settings, host, listener, readiness))]
        if public is not None:
            app = public_app(desk, settings.webhook_keys)
            servers.append((public, EmbeddedServer(embedded_config(app, grace_seconds=GRACE_SECONDS, lifespan="off"))))
        with stop_requested() as stop:
            for each, server in servers:
                each.listen(server.config.backlog)
            serving = [asyncio.create_task(server.serve(sockets=[each])) for each, server in servers]
            say(f"{url_of(listener)}/mcp")
            if public is not None:
                say(f"{url_of(public)} serves webhooks and return pages")
            if metrics is not None:
                say(f"{url_of(metrics)}/metrics")
            tell_started(settings, "http")
            stopping = asyncio.create_task(stop.wait())
            await asyncio.wait({*serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
            readiness.is_draining = True
            if drain_seconds:
                await asyncio.wait(serving, timeout=drain_seconds, return_when=asyncio.FIRST_COMPLETED)
            desk.watches.stop()
            for _, server in servers:
                server.stop()
            await asyncio.gather(*serving, desk.creations.drain())
            stopping.cancel()
            emit("server.stopped", transport="http", replica=REPLICA)


def _mcp_server(
    desk: Desk, settings: Settings, host: str, listener: socket.socket, readiness: Readiness
) -> EmbeddedServer:
    # The SDK compares names by their beginnings, so that it is told to leave that to us.
    unchecked = TransportSecuritySettings(enable_dns_rebinding_protection=False)
    served = build_server(desk, read_only=settings.read_only).streamable_http_app(
        transport_security=unchecked, max_request_body_size=MAX_BODY
    )
    app = only_for_own_names(BoundedBodies(in_trace_of_caller(served)), host, listener.getsockname()[1])
    return EmbeddedServer(embedded_config(with_health(app, readiness), grace_seconds=GRACE_SECONDS))
