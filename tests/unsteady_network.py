"""A network in front of a Unix socket, which loses connections the way firewalls and failing routers do."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

NOTHING = b"\0nothing"


@dataclass
class Cut:
    """Where a connection is to be cut."""

    turn: int
    """At which of the network's turns."""
    arrives: bool = True
    """What the client said is carried out first, and not answered. Otherwise it is lost."""
    stays: bool = False
    """All other connections are cut too, and none can be made until the network is up again."""


@dataclass
class UnsteadyNetwork:
    """Passes bytes on, until it is told to lose something."""

    path: str
    """The Unix socket that it leads to."""
    port: int = 0
    down: bool = False
    """Nobody listens at the other end."""
    turns: int = 0
    """How often a client said something, and then waited for the answer."""
    cut_after: bytes = NOTHING
    """The next connection that says this is cut once it has arrived and before it is answered."""
    cut: Cut | None = None
    """A cut that is still to come."""
    deaf: bool = False
    """Nothing passes, and no connection ends."""
    lost: asyncio.Event = field(default_factory=asyncio.Event)
    """A client has hung up."""
    _stale: set[asyncio.StreamWriter] = field(default_factory=set[asyncio.StreamWriter])
    _open: set[asyncio.StreamWriter] = field(default_factory=set[asyncio.StreamWriter])

    def forget_connections(self) -> None:
        """Those that are open now are reset when they are used again, and nobody is told before."""
        self._stale |= self._open

    def cut_all(self) -> None:
        """Break every connection that is open."""
        for writer in list(self._open):
            writer.transport.abort()

    async def pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.down:
            writer.transport.abort()
            return
        self._open.add(writer)
        onward, out = await asyncio.open_unix_connection(self.path)
        back = asyncio.create_task(self._answers(onward, writer))
        try:
            while (said := await reader.read(65536)) and writer not in self._stale:
                self.turns += 1
                if cut := self._cut_of(said):
                    back.cancel()
                    await asyncio.wait([back])  # it reads the answers too
                    if cut.arrives:
                        out.write(said)
                        await onward.read(1)  # it has been carried out
                    self.down = cut.stays
                    if cut.stays:
                        self.cut_all()
                    return
                if not self.deaf:
                    out.write(said)
        except ConnectionError:
            return
        finally:
            self._open.discard(writer)
            back.cancel()
            writer.transport.abort()
            out.transport.abort()
            self.lost.set()

    def _cut_of(self, said: bytes) -> Cut | None:
        """The cut that this meets."""
        if self.cut_after in said:
            self.cut_after = NOTHING
            return Cut(self.turns)
        if self.cut is not None and self.turns == self.cut.turn:
            cut, self.cut = self.cut, None
            return cut
        return None

    async def _answers(self, onward: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while said := await onward.read(65536):
            if not self.deaf:
                writer.write(said)
        if not self.deaf:
            writer.close()


@asynccontextmanager
async def unsteady_network(path: str) -> AsyncGenerator[UnsteadyNetwork]:
    """Leads from a port of this machine to a Unix socket."""
    network = UnsteadyNetwork(path)
    server = await asyncio.start_server(network.pass_on, "127.0.0.1", 0)
    network.port = server.sockets[0].getsockname()[1]
    try:
        yield network
    finally:
        server.close()
        network.cut_all()
