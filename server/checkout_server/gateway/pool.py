"""A pool of connections to one server, which looks at none but the one that it takes."""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import cast

import httpx2


class LastUsedFirst(httpx2.AsyncBaseTransport):
    """Each connection is a transport of its own, and the one that was used last is the next.

    httpcore's pool asks the system of every idle connection whether it is still open, twice for each request: with 16
    callers that was an eighth of a quote.

    Args:
        open_transport: a transport that keeps one connection, or none yet.
        most: connections at the same time; further requests wait for one.
        most_idle: connections that stay open unused.
        idle_seconds: how long they do.
    """

    def __init__(
        self, open_transport: Callable[[], httpx2.AsyncBaseTransport], *, most: int, most_idle: int, idle_seconds: float
    ) -> None:
        self._open_transport = open_transport
        self._most_idle, self._idle_seconds = most_idle, idle_seconds
        self._room = asyncio.Semaphore(most)
        self._used: set[httpx2.AsyncBaseTransport] = set()
        self._idle: deque[tuple[float, httpx2.AsyncBaseTransport]] = deque()
        """Since when, the longest first."""

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        await self._wait_for_room(request)
        transport = self._idle.pop()[1] if self._idle else self._open_transport()
        self._used.add(transport)

        async def release() -> None:
            self._used.remove(transport)
            self._idle.append((time.monotonic(), transport))
            self._room.release()
            await self._close_surplus()

        try:
            response = await transport.handle_async_request(request)
        except BaseException:
            await release()
            raise
        # What a transport answers with is a stream, and not a body that was read.
        response.stream = _Released(cast(httpx2.AsyncByteStream, response.stream), release)
        return response

    async def aclose(self) -> None:
        """Close every connection, those in use too."""
        for transport in (*self._used, *(each for _, each in self._idle)):
            await transport.aclose()

    async def _wait_for_room(self, request: httpx2.Request) -> None:
        if not self._room.locked():
            await self._room.acquire()
            return
        try:
            async with asyncio.timeout(request.extensions["timeout"]["pool"]):
                await self._room.acquire()
        except TimeoutError:
            raise httpx2.PoolTimeout("No connection is free.", request=request) from None

    async def _close_surplus(self) -> None:
        now = time.monotonic()
        while self._idle and (len(self._idle) > self._most_idle or self._idle[0][0] + self._idle_seconds < now):
            await self._idle.popleft()[1].aclose()


class _Released(httpx2.AsyncByteStream):
    """The body of an answer, whose end sets its connection free."""

    def __init__(self, stream: httpx2.AsyncByteStream, release: Callable[[], Awaitable[None]]) -> None:
        self._stream, self._release = stream, release

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._stream:
            yield chunk

    async def aclose(self) -> None:
        try:
            await self._stream.aclose()
        finally:
            await self._release()
