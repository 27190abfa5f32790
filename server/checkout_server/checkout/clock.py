"""One clock for all who share a ledger: the ledger's own."""

import sys
import time
from collections.abc import Callable

from checkout_server.checkout.ledger.contract import Ledger


def read_steady_seconds() -> float:
    """Seconds since some moment, which no change of this machine's clock disturbs; they pass while it sleeps, too."""
    if sys.platform == "linux":
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    if sys.platform == "darwin":
        return time.clock_gettime(time.CLOCK_MONOTONIC)  # unlike time.monotonic there, which stops
    return time.monotonic()


class LedgerClock:
    """Epoch seconds by the ledger's clock: what it told last, and how long ago that was.

    This machine's clock can be set while leases and rates are counted, so it has no part in it once the ledger's was
    read.

    Args:
        steady: seconds that nobody sets.
    """

    def __init__(self, steady: Callable[[], float] = read_steady_seconds) -> None:
        self._steady = steady
        self._told, self._told_at = time.time(), steady()

    def __call__(self) -> float:
        return self._told + self._steady() - self._told_at

    async def read(self, ledger: Ledger) -> None:
        """Read the ledger's clock, which is true to half of the time that the answer takes.

        Raises:
            LedgerUnavailable: the ledger cannot be used.
        """
        asked_at = self._steady()
        told = await ledger.read_clock()
        self._told, self._told_at = told, (asked_at + self._steady()) / 2
