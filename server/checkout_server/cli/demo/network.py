"""The network between the server and the stand-in API, which can lose an answer."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

HOST = "127.0.0.1"
_CREATION = b"POST /checkouts HTTP/"
_READ = 65_536


class Network:
    """Passes bytes on to a port of this machine."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.loses_next_creation = False
        """Whether the next request that creates a session is carried out and not answered."""
        self._connections: set[asyncio.StreamWriter] = set()

    async def pass_on(self, client: asyncio.StreamReader, answers: asyncio.StreamWriter) -> None:
        """Serve one connection until either end closes it."""
        self._connections.add(answers)
        api, requests = await asyncio.open_connection(HOST, self._port)
        is_lost = False

        async def answer() -> None:
            while said := await api.read(_READ):
                if is_lost:
                    break
                answers.write(said)
            answers.close()

        answering = asyncio.create_task(answer())
        try:
            with suppress(ConnectionError):
                while said := await client.read(_READ):
                    if self.loses_next_creation and said.startswith(_CREATION):
                        self.loses_next_creation, is_lost = False, True
                    requests.write(said)
        finally:
            answering.cancel()
            requests.close()
            answers.close()
            self._connections.discard(answers)

    def cut(self) -> None:
        """End every connection."""
        for each in list(self._connections):
            each.transport.abort()


@asynccontextmanager
async def running_network(port: int) -> AsyncGenerator[tuple[Network, str]]:
    """A network to the program at that port, and the URL at which it is reached."""
    network = Network(port)
    server = await asyncio.start_server(network.pass_on, HOST, 0)
    try:
        yield network, f"http://{HOST}:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        network.cut()
