"""The pool of connections that are used again, against a server that counts them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial

import httpx2
import pytest

from checkout_server.gateway.pool import LastUsedFirst

ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"
TIMEOUTS = httpx2.Timeout(30.0)


@dataclass
class CountingServer:
    """Answers each request, and knows which connections are open, by their number."""

    url: str = ""
    opened: int = 0
    open: set[int] = field(default_factory=set[int])
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.opened += 1
        number = self.opened
        self.open.add(number)
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                writer.write(ANSWER.replace(b"\r\n\r\n", b"\r\nconnection-number: %d\r\n\r\n" % number))
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        writer.close()
        async with self.changed:
            self.open.discard(number)
            self.changed.notify_all()

    async def wait_until_open(self, *numbers: int) -> None:
        async with self.changed:
            await self.changed.wait_for(lambda: self.open == set(numbers))


@pytest.fixture
async def server() -> AsyncIterator[CountingServer]:
    counting = CountingServer()
    async with await asyncio.start_server(counting.serve, "127.0.0.1", 0) as listening:
        counting.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
        yield counting


@asynccontextmanager
async def open_pool(most: int = 100, most_idle: int = 20, idle_seconds: float = 1000.0) -> AsyncIterator[LastUsedFirst]:
    limits = httpx2.Limits(max_connections=1, max_keepalive_connections=1)
    transport = partial(httpx2.AsyncHTTPTransport, trust_env=False, limits=limits)
    pool = LastUsedFirst(transport, most=most, most_idle=most_idle, idle_seconds=idle_seconds)
    yield pool
    await pool.aclose()


async def send(pool: LastUsedFirst, server: CountingServer, *, seconds: float | None = None) -> httpx2.Response:
    """The head of an answer, whose connection is in use until the body is read."""
    timeouts = TIMEOUTS.as_dict() | {"pool": seconds}
    return await pool.handle_async_request(httpx2.Request("GET", server.url, extensions={"timeout": timeouts}))


def number_of(answer: httpx2.Response) -> int:
    return int(answer.headers["connection-number"])


@pytest.mark.requirement("gateway.connections")
async def test_the_connection_that_was_used_last_is_the_next(server: CountingServer) -> None:
    async with open_pool() as pool:
        answers = [await send(pool, server) for _ in range(3)]
        for index in (2, 0, 1):
            await answers[index].aread()
        assert [number_of(each) for each in answers] == [1, 2, 3]
        again = [await send(pool, server) for _ in range(3)]
        assert [number_of(each) for each in again] == [2, 1, 3]
        for each in again:
            await each.aread()


@pytest.mark.requirement("gateway.connections")
async def test_no_more_connections_stay_open_unused_than_allowed(server: CountingServer) -> None:
    async with open_pool(most_idle=2) as pool:
        for each in [await send(pool, server) for _ in range(4)]:
            await each.aread()
        await server.wait_until_open(3, 4)


@pytest.mark.requirement("gateway.connections")
async def test_a_connection_that_was_idle_for_long_is_closed_when_another_is_given_back(server: CountingServer) -> None:
    async with open_pool(idle_seconds=-1.0) as pool:
        await (await send(pool, server)).aread()
        await server.wait_until_open()


@pytest.mark.requirement("gateway.connections")
async def test_a_request_beyond_the_most_connections_waits_for_one(server: CountingServer) -> None:
    async with open_pool(most=1) as pool:
        first = await send(pool, server)
        with pytest.raises(httpx2.PoolTimeout):
            await send(pool, server, seconds=0.01)
        second = asyncio.create_task(send(pool, server))
        await first.aread()
        assert number_of(await second) == 1
        await (await second).aread()


@pytest.mark.requirement("gateway.connections")
async def test_a_request_that_fails_gives_its_place_back(server: CountingServer) -> None:
    async with open_pool(most=1) as pool:
        nobody = CountingServer(url="http://127.0.0.1:9")
        with pytest.raises(httpx2.ConnectError):
            await send(pool, nobody)
        await (await send(pool, server)).aread()


@pytest.mark.requirement("gateway.connections")
async def test_a_request_that_is_cancelled_gives_its_place_back_and_closes_its_connection(
    server: CountingServer,
) -> None:
    asked, gone = asyncio.Event(), asyncio.Event()

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        asked.set()
        await reader.read()  # until the client goes
        writer.close()
        gone.set()

    async with await asyncio.start_server(hang, "127.0.0.1", 0) as listening, open_pool(most=1) as pool:
        silent = CountingServer(url=f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}")
        call = asyncio.create_task(send(pool, silent))
        await asked.wait()
        call.cancel()
        await asyncio.wait([call])
        await gone.wait()
        await (await send(pool, server)).aread()


@pytest.mark.requirement("gateway.connections")
async def test_closing_the_pool_closes_the_connections_in_use_too(server: CountingServer) -> None:
    async with open_pool() as pool:
        await (await send(pool, server)).aread()
        for _ in range(2):
            await send(pool, server)
        await server.wait_until_open(1, 2)
    await server.wait_until_open()
