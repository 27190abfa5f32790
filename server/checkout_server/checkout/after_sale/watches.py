"""Watching sales for the calls that wait: one watcher for a sale, whoever waits for it."""

import asyncio
import contextvars
from collections import Counter
from collections.abc import Callable, Coroutine, Generator
from contextlib import contextmanager
from typing import Any

MOST_OF_A_PRINCIPAL = 2
MOST_OF_A_PROCESS = 50
"""Calls that wait at the same time."""


class Watch:
    """The watcher of one sale. It says that something may have changed, and not what: who waits looks for themselves.

    Args:
        payment_status: what whoever waits first knows of the payment, in the API's words.
    """

    def __init__(self, payment_status: str | None) -> None:
        self.payment_status = payment_status
        """As it was heard last."""
        self.waiting = 0
        self._next_change = asyncio.Event()
        self._followers: dict[str, asyncio.Task[None]] = {}

    @property
    def next_change(self) -> asyncio.Event:
        """An event that is set by whatever happens from now on."""
        return self._next_change

    def tell(self) -> None:
        """Have all who wait look."""
        told, self._next_change = self._next_change, asyncio.Event()
        told.set()

    def follow(self, what: str, follower: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Begin to follow something, unless that is followed already."""
        if what not in self._followers:
            # It belongs to no call, whichever begins it.
            self._followers[what] = asyncio.create_task(follower(), context=contextvars.Context())

    def end(self) -> None:
        """Follow nothing any more."""
        for each in self._followers.values():
            each.cancel()


class Watches:
    """What is watched in this process, and who waits. A call that waits holds no thread and no connection."""

    def __init__(self) -> None:
        self._watches: dict[str, Watch] = {}
        self._waiting: Counter[str] = Counter()
        self.is_stopping = False

    @contextmanager
    def place(self, principal: str) -> Generator[bool]:
        """A place to wait while the block runs; False if there is none."""
        if self._waiting[principal] >= MOST_OF_A_PRINCIPAL or self._waiting.total() >= MOST_OF_A_PROCESS:
            yield False
            return
        self._waiting[principal] += 1
        try:
            yield True
        finally:
            self._waiting[principal] -= 1
            self._waiting += Counter[str]()  # forgets who waits no more

    @contextmanager
    def joined(self, sale_id: str, payment_status: str | None) -> Generator[Watch]:
        """The watcher of a sale, which lives as long as somebody waits.

        Args:
            sale_id: of its session, or of its preview while there is none.
            payment_status: what the caller knows of the payment.
        """
        watch = self._watches.setdefault(sale_id, Watch(payment_status))
        watch.waiting += 1
        try:
            yield watch
        finally:
            watch.waiting -= 1
            if not watch.waiting:
                del self._watches[sale_id]
                watch.end()

    def stop(self) -> None:
        """End every wait at once; who waits is told what is known."""
        self.is_stopping = True
        for watch in self._watches.values():
            watch.end()
            watch.tell()
