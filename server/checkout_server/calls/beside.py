"""What runs beside a call that takes long."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import asynccontextmanager


@asynccontextmanager
async def running_beside(start: Callable[[], Coroutine[None, None, None]], *, after: float) -> AsyncGenerator[None]:
    """Run something beside the block, once that has taken ``after`` seconds; it ends with the block.

    Most blocks end before, and start no task.
    """
    loop = asyncio.get_running_loop()
    running: list[asyncio.Task[None]] = []
    first = loop.call_later(after, lambda: running.append(loop.create_task(start())))
    try:
        yield
    finally:
        first.cancel()
        for each in running:
            each.cancel()
            await asyncio.wait({each})
