"""MCP over stdin and stdout, for one client that started this process."""

import asyncio

from mcp.server.stdio import stdio_server

from checkout_server.app import CheckoutServer, build_server, open_desk
from checkout_server.checkout.background import working_in_background
from checkout_server.listening.reader import reader_gone
from checkout_server.listening.shutdown import stop_requested
from checkout_server.privacy.logs.events import REPLICA, emit
from checkout_server.privacy.logs.install import leave
from checkout_server.settings import Settings
from checkout_server.transports.started import tell_started
from checkout_server.transports.stdin_messages import StdinMessages

STDOUT = 1


async def serve_stdio(settings: Settings) -> None:
    """Serve until the input ends, the client reads no more or a signal asks to stop."""
    async with open_desk(settings) as desk, working_in_background(desk):
        server = build_server(desk, read_only=settings.read_only)
        with stop_requested() as stop, reader_gone(STDOUT) as gone:
            tell_started(settings, "stdio")
            serving = asyncio.create_task(_serve(server))
            waiting = [asyncio.create_task(each.wait()) for each in (stop, gone)]
            await asyncio.wait({serving, *waiting}, return_when=asyncio.FIRST_COMPLETED)
            for each in waiting:
                each.cancel()
            if serving.done() and _came_to_its_end(serving):
                emit("server.stopped", transport="stdio", replica=REPLICA)
                return
            desk.watches.stop()
            await desk.creations.drain()
            await desk.upkeep.stop()
            await desk.ledger.close()
    # A thread of the SDK still blocks on reading stdin, which nothing can interrupt: a normal exit would wait
    # for it. Everything is recorded and closed by now.
    emit("server.stopped", transport="stdio", replica=REPLICA)
    leave(0)


async def _serve(server: CheckoutServer) -> None:
    async with stdio_server() as (messages, answers):
        await server.run_over(StdinMessages(messages, answers), answers)


def _came_to_its_end(serving: "asyncio.Task[None]") -> bool:
    """Whether the input ended; or else the client reads no more, though it may still write."""
    ended = True
    try:
        serving.result()
    except* (BrokenPipeError, ConnectionError):
        ended = False
    return ended
