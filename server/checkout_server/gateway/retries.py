"""Repeating what may be repeated: reads and previews, never a creation."""

import asyncio
import math
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from checkout_server.calls.deadline import seconds_left
from checkout_server.gateway.errors import PASSING, HeldBack, OutOfTime, Overloaded

ResultT = TypeVar("ResultT")
Sleep = Callable[[float], Awaitable[None]]

MAX_RETRIES = 2
MAX_WAITING = 8.0
"""Seconds that all waits of one request may take together."""
FIRST_WAIT = 0.25
"""Seconds; the bound of the first random wait, doubled for each further one."""
LEAST_ATTEMPT = 1.0
"""Seconds that must be left of the call for another attempt."""

_AS_BEFORE = (OutOfTime, HeldBack, Overloaded)
"""What would be the same at once."""


@dataclass(frozen=True, slots=True)
class Retrying:
    """Full jitter (AWS, "Exponential Backoff And Jitter"); ``Retry-After`` goes before it."""

    sleep: Sleep = asyncio.sleep
    jitter: Callable[[float, float], float] = random.uniform

    async def run(self, attempt: Callable[[], Awaitable[ResultT]]) -> ResultT:
        """The attempt's result.

        Raises:
            GatewayError: of the last attempt.
        """
        left = MAX_WAITING  # of all waits; what is left of the call bounds each one too
        for retry in range(MAX_RETRIES):
            try:
                return await attempt()
            except PASSING as error:
                asked = error.retry_after
                wait = asked if asked is not None else self.jitter(0, FIRST_WAIT * 2**retry)
                fits = wait <= left and wait + LEAST_ATTEMPT <= seconds_left(math.inf)
                if isinstance(error, _AS_BEFORE) or not fits:
                    raise
                left -= wait
            await self.sleep(wait)
        return await attempt()
