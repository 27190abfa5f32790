"""Purging the ledger now and then, beside the calls."""

import asyncio
import contextvars

from checkout_server.checkout.ledger.contract import Ledger, LedgerUnavailable
from checkout_server.privacy.logs.events import emit

PURGE_SECONDS = 60.0
"""The shortest time between two purges of a process."""
_DAY_SECONDS = 24 * 3600.0


class Upkeep:
    """What this process purges. Whatever there is to purge, no call and no start waits for it."""

    def __init__(self) -> None:
        self._began_at = 0.0
        self._purging: asyncio.Task[None] | None = None

    def purge_when_due(self, ledger: Ledger, *, now: float, keep_audit_days: int) -> None:
        """Begin to delete what is over, unless that runs already or was done a short while ago.

        Args:
            ledger: what is purged.
            now: epoch seconds; a clock that was set back does not delay the purge.
            keep_audit_days: how long audit rows are kept.
        """
        if abs(now - self._began_at) < PURGE_SECONDS or (self._purging is not None and not self._purging.done()):
            return
        self._began_at = now
        purge = _purge(ledger, now, now - keep_audit_days * _DAY_SECONDS)
        # It belongs to no call, whichever begins it.
        self._purging = asyncio.get_running_loop().create_task(purge, context=contextvars.Context())

    async def stop(self) -> None:
        """Leave the rest to the next purge."""
        if self._purging is not None:
            self._purging.cancel()
            await asyncio.wait([self._purging])


async def _purge(ledger: Ledger, now: float, audit_before: float) -> None:
    try:
        await ledger.purge(now=now, audit_before=audit_before)
    except LedgerUnavailable:
        emit("ledger.purge_failed")
