"""The sandbox inside a server: one for all servers of a folder, at a port that it keeps."""

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, closing, suppress

import httpx2

from checkout_server.listening.loopback import PortUnusable, bound_socket
from checkout_server.sandbox.app import create_app
from checkout_server.sandbox.kept import Place, SandboxFile
from checkout_server.sandbox.listener import running_app
from checkout_server.sandbox.sessions import Sandbox

HOST = "127.0.0.1"
PAUSE_SECONDS = 0.1
"""Between attempts to go on where another server stopped."""


@asynccontextmanager
async def running_kept_sandbox(file: SandboxFile) -> AsyncGenerator[str]:
    """The base URL of the folder's sandbox: served here, or by the server that came first, and here after it."""
    with closing(file):
        place, listener = await _find_place(file)
        url = f"http://{HOST}:{place.port}"
        if listener is not None:
            async with _serving(file, place, listener):
                yield url
            return
        standing_by = asyncio.create_task(_stand_by(file, place))
        try:
            yield url
        finally:
            standing_by.cancel()
            await asyncio.wait({standing_by})


async def _find_place(file: SandboxFile) -> tuple[Place, socket.socket | None]:
    """The place, and what listens there; None where another server of the folder does."""
    while True:
        known = file.place()
        if known is not None:
            with suppress(PortUnusable):
                return known, _listening(known.port)
            if await _answers(known):
                return known, None
        listener = _listening(0)
        taken = file.take_place(listener.getsockname()[1], instead_of=known)
        if taken is not None:
            return taken, listener
        listener.close()


@asynccontextmanager
async def _serving(file: SandboxFile, place: Place, listener: socket.socket) -> AsyncGenerator[None]:
    """Serve what the file holds, and write down what changes."""
    sandbox = Sandbox()
    for session in file.sessions(sandbox.clock()):
        sandbox.add(session)
    sandbox.payments.sort(key=lambda payment: payment.created_at)
    sandbox.on_change.append(lambda session_id: file.save(sandbox.sessions[session_id]))
    async with running_app(create_app(sandbox, mark=place.mark), listener):
        yield


async def _stand_by(file: SandboxFile, place: Place) -> None:
    """Serve as soon as the server that does leaves."""
    while True:
        await _until_left(place.port)
        try:
            listener = _listening(place.port)
        except PortUnusable:  # another one was quicker
            await asyncio.sleep(PAUSE_SECONDS)
            continue
        async with _serving(file, place, listener):
            await asyncio.Event().wait()


async def _until_left(port: int) -> None:
    """Wait for the end of a connection that asks for nothing: it ends with the server."""
    with suppress(OSError):
        reader, writer = await asyncio.open_connection(HOST, port)
        try:
            await reader.read()
        finally:
            writer.close()


async def _answers(place: Place) -> bool:
    """Whether this folder's sandbox is what listens there."""
    async with httpx2.AsyncClient(trust_env=False, verify=False, timeout=5.0) as client:  # there is no TLS
        with suppress(httpx2.HTTPError, ValueError):
            answer = await client.get(f"http://{HOST}:{place.port}/sandbox")
            return answer.json() == {"mark": place.mark}
    return False


def _listening(port: int) -> socket.socket:
    """A socket that listens at once: two that are only bound could share a port.

    Raises:
        PortUnusable: another program listens there.
    """
    listener = bound_socket(HOST, port)
    try:
        listener.listen()
    except OSError:
        listener.close()
        raise PortUnusable("The port of the sandbox cannot be used.") from None
    return listener
