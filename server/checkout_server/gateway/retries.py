"""Repeating what may be repeated: reads and previews, never a creation."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from checkout_server.gateway.errors import NoAnswer, NotSent, RateLimited, ServerFailed

ResultT = TypeVar("ResultT")

MAX_RETRIES = 2
MAX_WAITING = 8.0
"""Seconds that all waits of one request may take together."""
FIRST_WAIT = 0.25
"""Seconds; the bound of the first random wait, doubled for each further one."""

_REPEATABLE = (RateLimited, ServerFailed, NotSent, NoAnswer)


@dataclass(frozen=True, slots=True)
class Retrying:
    """Full jitter (AWS, "Exponential Backoff And Jitter"); ``Retry-After`` goes before it."""

    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    jitter: Callable[[float, float], float] = random.uniform

    async def run(self, attempt: Callable[[], Awaitable[ResultT]]) -> ResultT:
        """The attempt's result.

        Raises:
            GatewayError: of the last attempt.
        """
        left = MAX_WAITING
        for retry in range(MAX_RETRIES):
            try:
                return await attempt()
            except _REPEATABLE as error:
                asked = error.retry_after
                wait = asked if asked is not None else self.jitter(0, FIRST_WAIT * 2**retry)
                if wait > left:
                    raise
                left -= wait
            await self.sleep(wait)
        return await attempt()
