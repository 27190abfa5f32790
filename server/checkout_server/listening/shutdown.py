"""Stopping on Ctrl-C and SIGTERM: calls in flight are recorded, then the process ends."""

import asyncio
import signal
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def stop_requested() -> Generator[asyncio.Event]:
    """An event that the first signal to stop sets. Works without loop signal handlers (Windows) too."""
    loop = asyncio.get_running_loop()
    event = asyncio.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(event.set)

    previous = {number: signal.signal(number, stop) for number in SIGNALS}
    try:
        yield event
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
