"""When the call that runs now must have answered.

Between a tool and the steps that take time stand the SDK's resolvers, and whatever waits is shared by all calls. So the
deadline is in the context, and every step asks ``seconds_left``. A task of the process is started in
``context_of_process``: what outlives a call must not inherit its deadline.
"""

import asyncio
import contextvars
import math
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager

CALL_SECONDS = 50.0
"""Of our own time, from a call to its answer: TypeScript clients stop waiting after 60."""
LAST_WORD_SECONDS = 1.0
"""Kept back from every step, so that it ends by itself and says what it knows before the call is cut."""


class CallTimedOut(Exception):
    """The call was cut: something did not end by itself. Nothing was created by it."""


class CallDeadline:
    """Moves by the loop's clock, which nobody sets back, and stands still while a person thinks."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._ends_at = self._loop.time() + CALL_SECONDS
        self.cut = asyncio.timeout_at(self._ends_at)
        """Ends what did not end by itself."""

    def left(self) -> float:
        """Seconds that a step may still take."""
        return max(0.0, self._ends_at - LAST_WORD_SECONDS - self._loop.time())

    @property
    def is_stopped(self) -> bool:
        """Whether a person is being asked."""
        return self._ends_at == math.inf

    def stop(self) -> None:
        """A person is asked: their time is not ours."""
        self._set(math.inf)

    def begin_again(self) -> None:
        """The person answered. Without a question before it this changes nothing."""
        if self.is_stopped:
            self._set(self._loop.time() + CALL_SECONDS)

    def _set(self, ends_at: float) -> None:
        self._ends_at = ends_at
        self.cut.reschedule(None if ends_at == math.inf else ends_at)


_deadline: contextvars.ContextVar[CallDeadline | None] = contextvars.ContextVar("call_deadline", default=None)


@asynccontextmanager
async def answering_in_time() -> AsyncGenerator[CallDeadline]:
    """Run the block as a call with a deadline of its own.

    Raises:
        CallTimedOut: the block was cut at the deadline.
    """
    deadline = CallDeadline()
    with handed_down(deadline):
        try:
            async with deadline.cut:
                yield deadline
        except TimeoutError:
            if deadline.cut.expired():
                raise CallTimedOut from None
            raise


@contextmanager
def handed_down(deadline: CallDeadline | None) -> Generator[None]:
    """Run the block under a deadline: for what a task of the process does while a call waits for it."""
    before = _deadline.set(deadline)
    try:
        yield
    finally:
        _deadline.reset(before)


def present_deadline() -> CallDeadline | None:
    """The deadline of the call that runs now; None outside of one."""
    return _deadline.get()


def seconds_left(at_most: float) -> float:
    """How long a step may take: its own bound, or what is left of the call."""
    deadline = _deadline.get()
    return at_most if deadline is None else min(at_most, deadline.left())


def context_of_process() -> contextvars.Context:
    """The context for a task that belongs to no call, with the call's span and without its deadline."""
    context = contextvars.copy_context()
    context.run(_deadline.set, None)
    return context
