"""What a ledger promises of principals: how fast each of them may go on."""

from enum import Enum, auto
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # the contract of the whole ledger holds this part
    from checkout_server.checkout.ledger.contract import Owner

MINUTE_SECONDS = 60.0
"""How far back previews and claims are counted against a rate."""


class Others(Enum):
    """What the ledger holds for somebody else, and says no more about."""

    SESSION = auto()


class PrincipalRecords(Protocol):
    """Every method raises ``LedgerUnavailable`` when the storage fails; what it did not confirm did not happen."""

    async def count_preview(self, *, owner: "Owner", now: float, most: int) -> float | None:
        """Count a preview that is about to be quoted; None if it may be, else the seconds until there is room for one.

        There is none when this principal quoted ``most`` previews in this environment within ``MINUTE_SECONDS``, over
        everything that shares the ledger. Nothing is written then. Counting and deciding are one step.
        """
        ...

    async def seconds_until_claim(self, *, owner: "Owner", now: float, most: int) -> float | None:
        """The seconds until this principal has taken fewer than ``most`` claims within ``MINUTE_SECONDS``; None is now.

        ``claim`` counts again: others claim meanwhile.
        """
        ...
