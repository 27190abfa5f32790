"""What a ledger promises, whatever it is stored in.

States of a preview: ``quoted → claimed → created | refused | unknown``; each step is one atomic conditional
update. ``created`` is final. ``unknown`` becomes ``created`` or ``refused`` when its claim's answer is found after
all. ``refused`` and ``unknown`` may be claimed again only as long as nothing that can charge is involved.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

UNKNOWN_KEPT_SECONDS = 7 * 24 * 3600.0
"""How long a preview is kept, at least, from the moment its claim's lease ended without an answer."""


class State(StrEnum):
    """Where a preview stands."""

    QUOTED = "quoted"
    CLAIMED = "claimed"
    CREATED = "created"
    REFUSED = "refused"
    UNKNOWN = "unknown"


class Claim(StrEnum):
    """How an attempt to take a preview ended."""

    TAKEN = "taken"
    NOT_FREE = "not_free"
    TOO_MANY = "too_many"
    """The principal's limit of claims in an hour is reached."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One preview. Times are epoch seconds, ``total`` is in minor units."""

    preview_id: str
    principal: str
    environment: str
    state: State
    order: bytes
    """Sealed by the caller."""
    currency: str
    total: int
    created_at: float
    expires_at: float
    purge_at: float
    claim_id: str | None = None
    lease_until: float | None = None
    can_charge: bool = False
    """Whether the last claim was for a request that charges by itself."""
    attempts: int = 0
    session_id: str | None = None
    outcome: bytes | None = None
    """Sealed by the caller."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRow:
    """Who, what, when and how it ended. Without personal data; stays after the preview is purged."""

    at: float
    preview_id: str
    principal: str
    environment: str
    event: str
    currency: str
    total: int
    session_id: str | None
    detail: str | None


class LedgerUnavailable(Exception):
    """The ledger cannot be used now. ``sentence`` names the cause and the repair."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class Ledger(Protocol):
    """Every method raises ``LedgerUnavailable`` when the storage fails; what it did not confirm did not happen."""

    async def add(self, entry: Entry) -> None:
        """Keep a new preview, ``quoted``."""
        ...

    async def find(self, preview_id: str, *, principal: str, environment: str, now: float) -> Entry | None:
        """A preview of this principal and environment. A claim whose lease has ended is ``unknown`` from then on."""
        ...

    async def claims_of_an_hour(self, *, principal: str, environment: str, now: float) -> int:
        """How many claims a principal took in the last 3600 seconds. ``claim`` counts again: others claim meanwhile."""
        ...

    async def claim(
        self,
        preview_id: str,
        *,
        principal: str,
        environment: str,
        claim_id: str,
        from_state: State,
        can_charge: bool,
        now: float,
        lease_seconds: float,
        hourly_limit: int | None = None,
    ) -> Claim:
        """Take an unexpired preview for one attempt to create its session.

        ``hourly_limit`` is the most claims that this principal may take in 3600 seconds, counted in the same
        transaction over everything that shares the ledger.

        ``can_charge`` says whether the request charges by itself. Only ``quoted`` is taken whatever it says;
        ``refused`` and ``unknown`` need both the last claim and this one to be unable to charge.
        """
        ...

    async def finish(
        self,
        preview_id: str,
        *,
        claim_id: str,
        state: State,
        session_id: str | None,
        outcome: bytes | None,
        detail: str | None,
        purge_at: float,
        now: float,
    ) -> bool:
        """Record how a claim ended, also after its lease; whether it was recorded.

        A preview that is ``claimed`` or ``unknown`` by this very claim becomes ``created``, ``refused`` or ``unknown``.
        """
        ...

    async def purge(self, *, now: float) -> int:
        """Delete previews whose life is over; how many.

        A claim is never deleted: once its lease has ended it is ``unknown``, and kept for ``UNKNOWN_KEPT_SECONDS``.
        """
        ...

    async def audit(self, preview_id: str) -> list[AuditRow]:
        """What happened to a preview, oldest first."""
        ...

    async def close(self) -> None:
        """Give the storage back. A second call does nothing."""
        ...
