"""The checkout desk: what every call needs, opened once for the whole process."""

import asyncio
import contextlib
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from checkout_schemas.results import Environment
from checkout_server.checkout.catalogue.cache import ProductCache
from checkout_server.checkout.ledger.contract import Ledger, LedgerUnavailable
from checkout_server.checkout.orders import Outcome
from checkout_server.checkout.policy.document import Policy
from checkout_server.gateway.client import Gateway
from checkout_server.privacy.events import emit
from checkout_server.privacy.pseudonyms import Pseudonyms
from checkout_server.privacy.sealing import Sealer

DRAIN_SECONDS = 1.0
"""How long a stopping process waits for the answers to creations that it has sent."""

SWEEP_SECONDS = 60.0


@dataclass(slots=True)
class Desk:
    """Gateway, ledger and keys of one environment and one principal."""

    environment: Environment
    gateway: Gateway
    ledger: Ledger
    sealer: Sealer
    principal: str = "local"
    policy: Policy = field(default_factory=Policy)
    clock: Callable[[], float] = time.time
    """Epoch seconds."""
    creations: dict[str, asyncio.Task[tuple[Outcome, bool]]] = field(
        default_factory=dict[str, asyncio.Task[tuple[Outcome, bool]]]
    )
    """Creations in flight by preview_id. They are tasks of the process, not of the call that asked for them: a
    client that disconnects or cancels must not cut a request in the middle."""
    later: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])
    """Records that wait for the ledger to come back."""
    pseudonyms: Pseudonyms = field(init=False)
    """The same on every replica that has the same sealing keys."""
    swept_at: float = 0.0
    products: ProductCache = field(default_factory=ProductCache)

    def __post_init__(self) -> None:
        self.pseudonyms = Pseudonyms(self.sealer.derived_keys("pseudonyms")[0])

    def start_creation(
        self, preview_id: str, creation: Coroutine[Any, Any, tuple[Outcome, bool]]
    ) -> asyncio.Task[tuple[Outcome, bool]]:
        """Run a creation as a task of the process."""
        task = asyncio.get_running_loop().create_task(creation)
        self.creations[preview_id] = task
        task.add_done_callback(lambda done: self._forget(preview_id, done))
        return task

    def start_later(self, work: Coroutine[Any, Any, None]) -> None:
        """Run what has to be made up for as a task of the process."""
        task = asyncio.get_running_loop().create_task(work)
        self.later.add(task)
        task.add_done_callback(self.later.discard)

    def _forget(self, preview_id: str, task: asyncio.Task[Any]) -> None:
        self.creations.pop(preview_id, None)
        if not task.cancelled():
            task.exception()  # its caller may be gone; a result nobody awaits is not a warning

    async def sweep(self) -> None:
        """Forget previews whose life is over; at most once in ``SWEEP_SECONDS``, since it is a write."""
        now = self.clock()
        if abs(now - self.swept_at) < SWEEP_SECONDS:
            return
        self.swept_at = now
        try:
            await self.ledger.purge(now=now)
        except LedgerUnavailable:
            emit("ledger.purge_failed")

    async def drain(self) -> None:
        """Let creations in flight end and be recorded; what has no answer by then is recorded as unknown."""
        tasks: set[asyncio.Task[Any]] = {*self.creations.values(), *self.later}
        if not tasks:
            return
        emit("shutdown.draining", count=len(tasks))
        _done, late = await asyncio.wait(tasks, timeout=DRAIN_SECONDS)
        for task in late:
            task.cancel()
        for task in late:
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await task
