"""A thread that carries out what is handed over to it, one after the other."""

import asyncio
import contextlib
import functools
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import TypeVar

_T = TypeVar("_T")


class SqliteThread:
    """A connection to SQLite blocks whoever uses it, and belongs to one thread: this one.

    What was handed over is carried out, whether or not its caller still waits for it.
    """

    def __init__(self, name: str) -> None:
        self._jobs: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        # A daemon, so that a ledger that nobody closes does not keep its process alive.
        threading.Thread(target=self._carry_out, name=name, daemon=True).start()

    def hand_over(self, job: Callable[[], _T]) -> asyncio.Future[_T]:
        """What the job returns or raises, once it is its turn."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[_T] = loop.create_future()

        def succeed(result: _T) -> None:
            if not future.done():
                future.set_result(result)

        def fail(error: Exception) -> None:
            if not future.done():
                future.set_exception(error)

        def carry_out() -> None:
            try:
                result = job()
            except Exception as error:  # noqa: BLE001 - it is the caller's
                settle = functools.partial(fail, error)
            else:
                settle = functools.partial(succeed, result)
            with contextlib.suppress(RuntimeError):  # the loop is closed, and nobody waits
                loop.call_soon_threadsafe(settle)

        self._jobs.put(carry_out)
        return future

    def end(self) -> None:
        """End the thread after what was handed over until now."""
        self._jobs.put(None)

    def _carry_out(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()
