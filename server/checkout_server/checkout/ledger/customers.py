"""What a ledger promises of customers: who was sold to, and who looked up what they have saved.

A customer is the caller's keyed digest of the API's customer id, everywhere.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # the contract of the whole ledger holds this part
    from checkout_server.checkout.ledger.contract import Owner


class Lookup(StrEnum):
    """How a request for what a customer has saved was decided."""

    ALLOWED = "allowed"
    STRANGER = "stranger"
    """The customer was not sold to here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LookupRow:
    """Who looked up which customer, when, and how it was decided. Stays as long as other audit rows."""

    at: float
    """Epoch seconds."""
    principal: str
    environment: str
    account: str
    customer: str = field(repr=False)
    event: str


class CustomerRecords(Protocol):
    """Every method raises ``LedgerUnavailable`` when the storage fails; what it did not confirm did not happen."""

    async def is_customer(self, customer: str, *, owner: "Owner") -> bool:
        """Whether a session of this owner was created for the customer, however long ago."""
        ...

    async def count_lookup(
        self, customer: str, decision: Lookup, *, owner: "Owner", now: float, hourly_limit: int
    ) -> bool:
        """Count a lookup that was just decided, and write it down; whether the hour had room for it.

        It has none when this principal looked up ``hourly_limit`` customers in this environment within
        ``HOUR_SECONDS``, also strangers, over everything that shares the ledger. Nothing is written then. Counting and
        writing are one step.
        """
        ...

    async def audit_of_customer(self, customer: str) -> list[LookupRow]:
        """Who looked up a customer, oldest first."""
        ...
