"""Noticing that nobody reads any more what this process writes."""

import asyncio
import os
import select
import stat
from collections.abc import Generator
from contextlib import contextmanager, suppress


@contextmanager
def reader_gone(descriptor: int) -> Generator[asyncio.Event]:
    """An event that is set when the other end of a pipe or socket is closed.

    A write would notice too, but a server that nobody asks anything writes nothing. On Windows only a write notices.
    """
    gone = asyncio.Event()
    loop = asyncio.get_running_loop()
    try:
        watched = os.dup(descriptor)  # the descriptor itself may be turned elsewhere meanwhile
    except OSError:
        yield gone
        return

    def look() -> None:
        poll = select.poll()
        poll.register(watched, 0)  # errors and hang-ups only: a socket may carry requests as well
        loop.remove_reader(watched)
        if poll.poll(0):
            gone.set()

    mode = os.fstat(watched).st_mode
    if stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode):
        with suppress(NotImplementedError, OSError):
            loop.add_reader(watched, look)
    try:
        yield gone
    finally:
        with suppress(NotImplementedError):
            loop.remove_reader(watched)
        os.close(watched)
