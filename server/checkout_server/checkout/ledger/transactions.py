"""Transactions that run to their end, even when their callers are cancelled."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from checkout_server.checkout.ledger.contract import LedgerUnavailable
from checkout_server.checkout.ledger.database import CLOSED

_T = TypeVar("_T")


class Transactions:
    """Runs each in a task of its own: a caller that is cancelled does not cut it in the middle."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()
        self.closed = False

    def check_open(self) -> None:
        """Raise ``LedgerUnavailable`` once the ledger is closed."""
        if self.closed:
            raise LedgerUnavailable(CLOSED)

    async def run(self, transaction: Coroutine[Any, Any, _T]) -> _T:
        """What the transaction returns or raises."""
        task = asyncio.get_running_loop().create_task(transaction)
        self._running.add(task)
        task.add_done_callback(self._ended)
        await asyncio.wait([task])
        return task.result()

    async def close(self) -> bool:
        """Accept no more, and wait for those whose callers were cancelled; return whether it was open until now."""
        was_open, self.closed = not self.closed, True
        if self._running:
            await asyncio.wait(self._running)
        return was_open

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled():
            task.exception()  # nobody may be left to see it
