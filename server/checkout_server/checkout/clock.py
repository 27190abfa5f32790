"""One clock for all who share a ledger: the ledger's own."""

import time
from collections.abc import Callable

from checkout_server.checkout.ledger.contract import Ledger


class LedgerClock:
    """Epoch seconds by the ledger's clock: this machine's, with how far it was from the ledger's when that was read.

    Args:
        machine: this machine's epoch seconds.
    """

    def __init__(self, machine: Callable[[], float] = time.time) -> None:
        self._machine = machine
        self._behind = 0.0

    def __call__(self) -> float:
        return self._machine() + self._behind

    async def read(self, ledger: Ledger) -> None:
        """Read the ledger's clock, which is true to half of the time that the answer takes.

        Raises:
            LedgerUnavailable: the ledger cannot be used.
        """
        asked_at = self._machine()
        told = await ledger.read_clock()
        self._behind = told - (asked_at + self._machine()) / 2
