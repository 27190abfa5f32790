"""What a ledger promises to those who run it: its clock, what was sold, and what is still unknown."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:  # the contract of the whole ledger holds this part
    from checkout_server.checkout.ledger.contract import Entry, Owner


@dataclass(frozen=True, slots=True, kw_only=True)
class SaleRow:
    """The newest step of a preview that was asked to be sold. Without personal data; outlives the preview."""

    at: float
    """Epoch seconds."""
    preview_id: str
    principal: str
    environment: str
    state: str
    currency: str
    total: int
    """Minor units."""
    session_id: str | None
    detail: str | None


class Place(NamedTuple):
    """Where a page of a list begins: from this moment on, and of that moment behind this preview."""

    at: float
    """Epoch seconds."""
    preview_id: str = ""


class Unresolved(NamedTuple):
    """How many outcomes are unknown."""

    charges: int
    """Of requests that charge by themselves: a buyer may have paid."""
    pages: int
    """Of pages that nobody was given."""


class Operations(Protocol):
    """Every method raises ``LedgerUnavailable`` when the storage fails; what it did not confirm did not happen."""

    async def read_clock(self) -> float:
        """The epoch seconds of the clock that all who share the ledger have in common."""
        ...

    async def list_sales(
        self, *, environment: str, after: Place, state: str | None, most: int, principal: str | None = None
    ) -> list[SaleRow]:
        """The first sales of a place, oldest first, by their newest step; of one state or principal if named.

        Who reads on from the last row misses none: a sale that takes a step meanwhile moves to a later page.
        """
        ...

    async def list_unknown_sales(
        self, *, environment: str, after: Place, now: float, most: int, principal: str | None = None
    ) -> list[SaleRow]:
        """The first sales of a place whose outcome is unknown, by the moment since when, oldest first.

        Of all accounts, however old their steps are.
        """
        ...

    async def count_unknown(self, *, environment: str, now: float) -> Unresolved:
        """How many previews of this environment have an unknown outcome, of all principals and accounts."""
        ...

    async def list_unknown(
        self, *, owner: "Owner", after: Place, now: float, most: int, preview_id: str | None = None
    ) -> "list[Entry]":
        """The first previews of a place with an unknown outcome, by their claim, oldest first; or the named one.

        Of this environment and merchant account, and of all principals.
        """
        ...

    async def take_unknown(
        self, *, owner: "Owner", now: float, first_pause: float, longest_pause: float, claimed_after: float
    ) -> "Entry | None":
        """Take one preview with an unknown outcome whose pause is over, or None; of all principals of the account.

        Whoever takes it asks about it; nobody else does until the next pause is over, which is twice as long as the
        one before. What was claimed before ``claimed_after`` is not taken any more.
        """
        ...

    async def restore_sale(
        self,
        preview_id: str,
        *,
        owner: "Owner",
        session_id: str,
        outcome: bytes,
        detail: str,
        purge_at: float,
        now: float,
    ) -> bool:
        """Record that a ``quoted`` or ``refused`` preview was sold, which this ledger has forgotten; whether it still
        stood so.

        As what may have charged by itself, and without the arguments of a refused try, since nobody knows what was
        asked for.
        """
        ...
