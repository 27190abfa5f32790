"""Calls that wait for a person's answer, and the end of their waiting when the process stops."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from checkout_server.calls.deadline import CallDeadline


class ServerStops(Exception):
    """The process stops, so that the answer of the person who was asked could not arrive."""


class OpenQuestions:
    """The calls of this process that wait for a person: in the older protocol era, where the answer comes back to the
    call. In the newer one no call waits."""

    def __init__(self) -> None:
        self._cuts: dict[CallDeadline, asyncio.Timeout] = {}
        self._is_stopping = False

    @asynccontextmanager
    async def answered_within(self, seconds: float, deadline: CallDeadline) -> AsyncGenerator[None]:
        """Run the block, in which a person may be asked; afterwards the call's deadline moves again.

        Raises:
            TimeoutError: the block took longer.
            ServerStops: the process stops while the person is asked.
        """
        self._cuts[deadline] = cut = asyncio.timeout(seconds)
        try:
            async with cut:
                yield
        except TimeoutError:
            if self._is_stopping and cut.expired():
                raise ServerStops from None
            raise
        finally:
            del self._cuts[deadline]
            deadline.begin_again()

    def begin(self, deadline: CallDeadline) -> None:
        """The call's question is sent next: the time until its answer is not the call's own."""
        deadline.stop()
        self._end_if_stopping(deadline)

    def stop(self) -> None:
        """End every wait for a person at once, and those that calls begin from now on."""
        self._is_stopping = True
        for deadline in self._cuts:
            self._end_if_stopping(deadline)

    def _end_if_stopping(self, deadline: CallDeadline) -> None:
        cut = self._cuts[deadline]
        if self._is_stopping and deadline.is_stopped and not cut.expired():
            cut.reschedule(asyncio.get_running_loop().time())
