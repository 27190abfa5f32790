"""How many requests may be under way at the API, who waits for a place, and who gives way.

Where the API is slow, calls would otherwise pile up until all of them run out of time. One too many is told at once.
"""

import asyncio
import contextvars
from collections import deque
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager

from checkout_server.calls.deadline import seconds_left
from checkout_server.gateway.errors import Overloaded
from checkout_server.privacy.logs.events import emit
from checkout_server.privacy.vocabulary.fields import Operation

AT_ONCE = 64
"""Fewer than the connections of a client, so that nobody waits there."""
MOST_WAITING = 128
WAIT_SECONDS = 3.0

_gives_way: contextvars.ContextVar[bool] = contextvars.ContextVar("gives_way", default=False)


@contextmanager
def giving_way() -> Generator[None]:
    """Run the block as what can wait: its requests begin while at least half of the room is free."""
    before = _gives_way.set(True)
    try:
        yield
    finally:
        _gives_way.reset(before)


class Room:
    """Places for requests that are under way, first come, first served."""

    def __init__(self, at_once: int = AT_ONCE, most_waiting: int = MOST_WAITING) -> None:
        self._free, self._kept_free = at_once, at_once // 2
        self._most_waiting = most_waiting
        self._calls: deque[asyncio.Future[None]] = deque()
        self._giving_way: deque[asyncio.Future[None]] = deque()

    @asynccontextmanager
    async def place(self, operation: Operation) -> AsyncGenerator[None]:
        """A place while the block runs.

        Raises:
            Overloaded: too many wait already, or none came free in ``WAIT_SECONDS``. Nothing was sent.
        """
        if self._free > (self._kept_free if _gives_way.get() else 0):
            self._free -= 1
        else:
            await self._wait(operation)
        try:
            yield
        finally:
            self._leave()

    async def _wait(self, operation: Operation) -> None:
        waiting = self._giving_way if _gives_way.get() else self._calls
        if len(waiting) >= self._most_waiting:
            raise _overloaded(operation)
        place = asyncio.get_running_loop().create_future()
        waiting.append(place)
        try:
            async with asyncio.timeout(seconds_left(WAIT_SECONDS)):
                await place
        except BaseException as error:
            if place.done() and not place.cancelled():
                self._leave()  # it came free at the very moment of giving up
            else:
                waiting.remove(place)
            if isinstance(error, TimeoutError):
                raise _overloaded(operation) from None
            raise

    def _leave(self) -> None:
        self._free += 1
        for waiting, kept_free in ((self._calls, 0), (self._giving_way, self._kept_free)):
            while waiting and self._free > kept_free:
                place = waiting.popleft()
                if not place.cancelled():
                    self._free -= 1
                    place.set_result(None)


def _overloaded(operation: Operation) -> Overloaded:
    emit("gateway.failed", operation=operation, failure="Overloaded")
    return Overloaded(operation)
