"""MCP over Streamable HTTP at ``/mcp``, with a listener of its own for what is public."""

import asyncio
import socket
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

from starlette.types import ASGIApp

from checkout_schemas.web_addresses import is_loopback, is_loopback_name
from checkout_server.app import build_server, open_desk
from checkout_server.authorization.guard import Authorization, ScopedCalls, authorized
from checkout_server.authorization.opening import open_authorization
from checkout_server.authorization.verified import NOBODY
from checkout_server.checkout.background import working_in_background
from checkout_server.checkout.desk import Desk
from checkout_server.checkout.sale.in_flight import CreationsInFlight
from checkout_server.listening.embedded import EmbeddedServer, embedded_config
from checkout_server.listening.loopback import bound_socket, url_of
from checkout_server.listening.shutdown import stop_requested
from checkout_server.privacy.logs.events import REPLICA, emit
from checkout_server.privacy.logs.lines import say
from checkout_server.public.app import public_app
from checkout_server.settings import Settings, SettingsError
from checkout_server.transports.bodies import MAX_BODY, BoundedBodies
from checkout_server.transports.health import Readiness, with_health
from checkout_server.transports.in_time import BeginningInTime, EndingStreams
from checkout_server.transports.metrics import serving_metrics
from checkout_server.transports.own_names import only_for_own_names
from checkout_server.transports.proxies import ForwardedNames
from checkout_server.transports.sessions import mcp_app
from checkout_server.transports.started import tell_started
from checkout_server.transports.trace_context import in_trace_of_caller

GRACE_SECONDS = 1
"""How long open calls may go on after a signal to stop: a person at the keyboard waits."""
TEAM_GRACE_SECONDS = 20
"""The same where callers bring tokens: a load balancer leads new calls elsewhere, and whoever replaces processes
waits."""
TEAM_CREATIONS_SECONDS = 45
"""How long creations may go on there, from the same moment: one that a call begins in the last of its seconds has most
of its own deadline (30), and its record."""


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
        SettingsError: the address is not a loopback address, and nobody is asked for a token.
        PortUnusable: a port cannot be listened on.
    """
    host = listeners.host
    address = "127.0.0.1" if is_loopback_name(host) else host
    listener = bound_socket(address, listeners.port)
    public = bound_socket(address, listeners.public_port) if listeners.public_port is not None else None
    metrics = (
        bound_socket(listeners.metrics_host, listeners.metrics_port) if listeners.metrics_port is not None else None
    )
    async with AsyncExitStack() as stack:
        desk = await stack.enter_async_context(open_desk(settings))
        authorization = await stack.enter_async_context(open_authorization(settings, desk.ledger))
        if authorization is not None:
            await desk.ledger_key.load()
        elif not is_loopback(host):
            raise SettingsError(
                "--host must be a loopback address such as 127.0.0.1: this server has no sign-in, and whoever reaches "
                "it can sell. Set CHECKOUT_AUTH_ISSUER, CHECKOUT_AUTH_JWKS_URL and CHECKOUT_AUTH_AUDIENCE, or make a "
                "token with dodo-checkout-mcp token create."
            )
        grace, creations = GRACE_SECONDS, GRACE_SECONDS
        if authorization is not None:
            grace, creations = TEAM_GRACE_SECONDS, TEAM_CREATIONS_SECONDS
        readiness, stopping = Readiness(desk), asyncio.Event()
        if metrics is not None:
            await stack.enter_async_context(serving_metrics(metrics, listeners.metrics_host, readiness))
        await stack.enter_async_context(working_in_background(desk))
        app = with_health(_mcp_app(desk, settings, authorization, host, listener, stopping), readiness)
        servers = [(listener, EmbeddedServer(embedded_config(app, grace_seconds=grace)))]
        if public is not None:
            app = public_app(desk, settings.webhook_keys)
            servers.append((public, EmbeddedServer(embedded_config(app, grace_seconds=grace, lifespan="off"))))
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
            stopped = asyncio.create_task(stop.wait())
            await asyncio.wait({*serving, stopped}, return_when=asyncio.FIRST_COMPLETED)
            readiness.is_draining = True
            desk.watches.stop()  # who waits longer than the drain is better told now, and asks elsewhere
            if drain_seconds:
                await asyncio.wait(serving, timeout=drain_seconds, return_when=asyncio.FIRST_COMPLETED)
            stopping.set()
            desk.questions.stop()
            for _, server in servers:
                server.stop()
            await _finish(serving, desk.creations, creations)
            stopped.cancel()
            emit("server.stopped", transport="http", replica=REPLICA)


async def _finish(serving: Sequence[asyncio.Task[None]], creations: CreationsInFlight, seconds: float) -> None:
    """Wait for the listeners and for the creations: those in flight, and those that calls begin meanwhile."""
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    await asyncio.gather(*serving, creations.drain(seconds))
    while creations.tasks() and (left := until - loop.time()) > 0:
        await creations.drain(left)


def _mcp_app(
    desk: Desk,
    settings: Settings,
    authorization: Authorization | None,
    host: str,
    listener: socket.socket,
    stopping: asyncio.Event,
) -> ASGIApp:
    if authorization is not None:
        desk = desk.serving(NOBODY)
    server = build_server(desk, read_only=settings.read_only)
    app: ASGIApp = EndingStreams(mcp_app(server, max_body=MAX_BODY), stopping)
    if authorization is not None:
        app = ScopedCalls(app, authorization.answers)
    app = BeginningInTime(authorized(BoundedBodies(in_trace_of_caller(app)), authorization))
    port: int = listener.getsockname()[1]
    app = only_for_own_names(app, host, port, hosts=settings.server_names, origins=settings.allowed_origins)
    return ForwardedNames(app, settings.trusted_proxies)
