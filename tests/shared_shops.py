"""Shops that all tests of a worker share, each as if it were new for every test."""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from pathlib import Path
from typing import Any, TypeVar

from mcp import Client

from evals.upstream import Upstream, running_upstream
from shops import ERAS, SERVERS, Person, Shop

ThingT = TypeVar("ThingT")
Kind = tuple[str, str, bool]
"""A transport, an era, and whether there is a person to ask."""


class SharedShops:
    """One open shop for each transport, era and kind of client, for all tests of a worker: a process is slow to start.

    All clients of a transport share a server, except over stdio. Each lives in a task of its own, since what opens an
    MCP client must close it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._servers: dict[str | Kind, tuple[Upstream, Any, Any]] = {}
        self._shops: dict[Kind, tuple[Shop, Person]] = {}
        self._open: list[tuple[asyncio.Event, asyncio.Task[None]]] = []

    async def get(self, transport: str, era: str, person: Person | None) -> Shop:
        """A shop as if it were new: nothing was recorded, and this person answers."""
        kind = (transport, era, person is not None)
        if kind not in self._shops:
            self._shops[kind] = await self._open_shop(kind)
        shop, answering = self._shops[kind]
        answering.delegate = person
        _forget_sales(self._folder_of(kind) / "ledger.db")
        shop.upstream.forget()
        return shop

    async def close(self) -> None:
        for over, task in reversed(self._open):
            over.set()
            await task

    async def _open_shop(self, kind: Kind) -> tuple[Shop, Person]:
        transport, era, asks = kind
        where, answering = _server_of(kind), Person()
        if where not in self._servers:
            self._servers[where] = await self._keep_open(_running_server(transport, self._folder_of(kind)))
        upstream, server, desk = self._servers[where]
        person: Any = answering if asks else None  # answers with words that no client may say, too
        client = Client(server, mode=ERAS[era], elicitation_callback=person)
        return Shop(await self._keep_open(client), upstream, desk), answering

    async def _keep_open(self, context: AbstractAsyncContextManager[ThingT]) -> ThingT:
        """Enter it until all is closed."""
        opened: asyncio.Future[ThingT] = asyncio.get_running_loop().create_future()
        over = asyncio.Event()

        async def live() -> None:
            async with context as thing:
                opened.set_result(thing)
                await over.wait()

        living = asyncio.create_task(live())
        self._open.append((over, living))
        await asyncio.wait({living, opened}, return_when=asyncio.FIRST_COMPLETED)
        if not opened.done():
            living.result()
        return opened.result()

    def _folder_of(self, kind: Kind) -> Path:
        where = _server_of(kind)
        return self._folder / (where if isinstance(where, str) else "-".join(map(str, where)))


def _server_of(kind: Kind) -> str | Kind:
    """Over stdio a server has one client."""
    return kind if kind[0] == "stdio" else kind[0]


@asynccontextmanager
async def _running_server(transport: str, folder: Path) -> AsyncGenerator[tuple[Upstream, Any, Any]]:
    folder.mkdir()
    async with (
        running_upstream() as upstream,
        SERVERS[transport](folder / "ledger.db", upstream.url, folder / "stderr.log") as (server, desk),
    ):
        yield upstream, server, desk


_KEPT = {"key_account", "key_probe", "ledger_key"}
"""Tables of what a server has already read."""


def _forget_sales(ledger: Path) -> None:
    """Delete what tests that follow would find: sales, customers, and what counts towards a limit."""
    with closing(sqlite3.connect(ledger, timeout=30, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")  # at once: what has begun to read cannot write after another did
        tables = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        for table in {name for (name,) in tables.fetchall()} - _KEPT:
            connection.execute(f"DELETE FROM {table}")  # noqa: S608 - a name of our schema
        connection.execute("COMMIT")
