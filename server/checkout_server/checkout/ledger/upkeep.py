"""Purging the ledger now and then, by whichever call writes next."""

from checkout_server.checkout.ledger.contract import Ledger, LedgerUnavailable
from checkout_server.privacy.events import emit

PURGE_SECONDS = 60.0
"""The shortest time between two purges of a process: each is a write."""


class Upkeep:
    """When this process last purged."""

    def __init__(self) -> None:
        self._purged_at = 0.0

    async def purge_when_due(self, ledger: Ledger, *, now: float) -> None:
        """Delete previews whose time is over. A failure is logged and does not fail the call.

        Args:
            ledger: what is purged.
            now: epoch seconds; a clock that was set back does not delay the purge.
        """
        if abs(now - self._purged_at) < PURGE_SECONDS:
            return
        self._purged_at = now
        try:
            await ledger.purge(now=now)
        except LedgerUnavailable:
            emit("ledger.purge_failed")
