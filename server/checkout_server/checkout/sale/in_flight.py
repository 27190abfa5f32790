"""Creations in flight: tasks of the process, not of the call that asked for them.

A client that disconnects or cancels must not cut a request in the middle.
"""

import asyncio
import contextlib
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from checkout_server.calls.deadline import context_of_process
from checkout_server.privacy.logs.events import emit

if TYPE_CHECKING:
    from checkout_server.checkout.sale.stages import SoldSession

DRAIN_SECONDS = 1.0
"""How long a process that a person stops waits for the answers to creations that it has sent."""

Creation = asyncio.Task["SoldSession"]


class CreationsInFlight:
    """The creations that run in this process, by preview_id, and the records that wait for the ledger."""

    def __init__(self) -> None:
        self._creations: dict[str, Creation] = {}
        self._late_records: dict[str, asyncio.Task[None]] = {}

    def find(self, preview_id: str) -> Creation | None:
        return self._creations.get(preview_id)

    def start(self, preview_id: str, creation: Coroutine[Any, Any, "SoldSession"]) -> Creation:
        """Run a creation as a task of the process."""
        task = asyncio.get_running_loop().create_task(creation, context=context_of_process())
        self._creations[preview_id] = task
        task.add_done_callback(lambda done: self._forget(preview_id, done))
        return task

    def start_late_record(self, of: str, record: Coroutine[Any, Any, None]) -> None:
        """Run the writing of a record that waits for the ledger as a task of the process.

        Until a record of a preview is written its creation counts as in flight, so that no call of this process makes a
        second session. One of a claim holds nothing up.
        """
        task = asyncio.get_running_loop().create_task(record, context=context_of_process())
        self._late_records[of] = task
        task.add_done_callback(lambda _done: self._forget_record(of))

    @property
    def late_records(self) -> int:
        """How many records wait for the ledger."""
        return len(self._late_records)

    def tasks(self) -> set[asyncio.Task[Any]]:
        """Every task that runs now."""
        return {task for task in (*self._creations.values(), *self._late_records.values()) if not task.done()}

    async def drain(self, seconds: float = DRAIN_SECONDS) -> None:
        """Wait for creations in flight; those without an answer after so many seconds are recorded as unknown."""
        tasks = self.tasks()
        if not tasks:
            return
        emit("shutdown.draining", count=len(tasks))
        _done, late = await asyncio.wait(tasks, timeout=seconds)
        for task in late:
            task.cancel()
        for task in late:
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await task

    def _forget_record(self, of: str) -> None:
        self._late_records.pop(of, None)
        creation = self._creations.get(of)
        if creation is not None and creation.done():
            del self._creations[of]

    def _forget(self, preview_id: str, task: asyncio.Task[Any]) -> None:
        if preview_id not in self._late_records:
            self._creations.pop(preview_id, None)
        if not task.cancelled():
            task.exception()  # its caller may be gone; a result nobody awaits is not a warning
