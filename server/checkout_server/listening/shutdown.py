"""Stopping on Ctrl-C and SIGTERM: calls in flight are recorded, then the process ends."""

import asyncio
import signal
from collections.abc import Generator
from contextlib import contextmanager, suppress
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def stop_requested() -> Generator[asyncio.Event]:
    """An event that the first signal to stop sets."""
    loop = asyncio.get_running_loop()
    event = asyncio.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(event.set)

    previous = {number: signal.getsignal(number) for number in SIGNALS}
    for number in SIGNALS:
        try:
            # Python runs what ``signal.signal`` is given between two of its instructions. A loop that is about to
            # wait, or waits while another thread takes the signal, would get to it with its next event: never.
            loop.add_signal_handler(number, event.set)
        except NotImplementedError:  # on Windows, where a signal wakes the loop by itself
            signal.signal(number, stop)
    try:
        yield event
    finally:
        for number, handler in previous.items():
            with suppress(NotImplementedError):
                loop.remove_signal_handler(number)
            signal.signal(number, handler)
