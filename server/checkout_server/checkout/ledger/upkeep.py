"""Keeping the ledger small: what is over is forgotten now and then, by whoever writes next."""

from checkout_server.checkout.ledger.contract import Ledger, LedgerUnavailable
from checkout_server.privacy.events import emit

PURGE_SECONDS = 60.0
"""How often at most: it is a write."""


class Upkeep:
    """Remembers when this process purged last."""

    def __init__(self) -> None:
        self._purged_at = 0.0

    async def purge_when_due(self, ledger: Ledger, *, now: float) -> None:
        """Forget previews whose life is over. A failure is logged and stops nobody's call.

        Args:
            ledger: what is purged.
            now: epoch seconds; a clock that was set back does not put it off.
        """
        if abs(now - self._purged_at) < PURGE_SECONDS:
            return
        self._purged_at = now
        try:
            await ledger.purge(now=now)
        except LedgerUnavailable:
            emit("ledger.purge_failed")
