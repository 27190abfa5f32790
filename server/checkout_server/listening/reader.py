"""Noticing that nobody reads any more what this process writes."""

import asyncio
import os
import select
import stat
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress


@contextmanager
def reader_gone(descriptor: int) -> Generator[asyncio.Event]:
    """An event that is set when the other end of a pipe or socket is closed.

    A write would notice too, but a server that nobody asks anything writes nothing. On Windows only a write notices.
    """
    gone = asyncio.Event()
    if not (hasattr(select, "poll") and _has_other_end(descriptor)):
        yield gone
        return
    loop = asyncio.get_running_loop()
    watched = os.dup(descriptor)  # the descriptor itself may be turned elsewhere meanwhile
    ended, end = os.pipe()

    # In a thread, since a loop may make what it watches non-blocking (libuv's does), and with it the answers' own end.
    def watch() -> None:
        poll = select.poll()
        poll.register(watched, 0)  # errors and hang-ups only: a socket may carry requests as well
        poll.register(ended, 0)
        if any(each == watched for each, _ in poll.poll()):
            with suppress(RuntimeError):  # the loop is closed, and nobody waits
                loop.call_soon_threadsafe(gone.set)

    watching = threading.Thread(target=watch, name="reader", daemon=True)
    watching.start()
    try:
        yield gone
    finally:
        os.close(end)
        watching.join()
        os.close(ended)
        os.close(watched)


def _has_other_end(descriptor: int) -> bool:
    try:
        mode = os.fstat(descriptor).st_mode
    except OSError:
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)
