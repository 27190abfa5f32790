"""What a ledger promises, whatever it is stored in.

``states.py`` holds the steps that a preview may take; each of them is one atomic conditional update. No column holds
personal data in the clear: what could be personal is sealed, or a keyed digest, before it comes here.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from checkout_server.checkout.ledger.customers import CustomerRecords
from checkout_server.checkout.ledger.keys import KeyRecords
from checkout_server.checkout.ledger.operations import Operations
from checkout_server.checkout.ledger.principals import Others, PrincipalRecords
from checkout_server.checkout.ledger.questions import Questions
from checkout_server.checkout.ledger.sale_parts import ReturnToken, SaleParts
from checkout_server.checkout.ledger.static_tokens import StaticTokens

UNKNOWN_KEPT_SECONDS = 7 * 24 * 3600.0
"""How long a preview is kept, at least, from the moment its claim's lease ended without an answer."""
HOUR_SECONDS = 3600.0
"""How far back claims, questions and sales of the same goods are counted."""


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
    TOO_FAST = "too_fast"
    """The principal's limit of claims in a minute is reached."""
    REPEATED = "repeated"
    """Another preview of the same goods was claimed within the hour."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Who previews belong to: nobody else finds or claims them."""

    principal: str
    environment: str
    account: str
    """The merchant account of the API key. A preview that was stored without one (by version 1 of the schema) belongs
    to every account of its principal and environment."""


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
    account: str | None = None
    """The merchant account that it was quoted in. None in what version 1 of the schema stored."""
    arguments: bytes | None = None
    """What the call of the last claim asked for: digests, sealed by the caller."""
    goods: str | None = None
    """What the last claim sells and to whom, as the caller's keyed digest."""
    sold_to: str | None = field(default=None, repr=False)
    """Whom the last claim sells to, however the call named them, as the caller's keyed digest; None if it did not."""
    claimed_at: float | None = None
    """When the last claim was taken."""
    customer: str | None = field(default=None, repr=False)
    """The API's customer whom the last claim sells to, as the caller's keyed digest; None if the call named none."""
    buyer: bytes | None = None
    """The API's id of that customer, sealed by the caller."""
    # What follows is bookkeeping: it says nothing of where the preview stands.
    ended_at: float | None = field(default=None, compare=False)
    """When the last claim ended, by its record or with its lease."""
    lost_before: int | None = field(default=None, compare=False)
    """How many claims were taken after one whose answer was lost. None is 0."""
    asks: int | None = field(default=None, compare=False)
    """How often this ``unknown`` preview was taken by ``take_unknown``. None is 0."""
    ask_at: float | None = field(default=None, compare=False)
    """When it may be taken next; None is at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRow:
    """Who, what, when and how it ended. Without personal data; stays after the preview is purged, for a time."""

    at: float
    preview_id: str
    principal: str
    environment: str
    event: str
    currency: str
    total: int
    session_id: str | None
    detail: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherSales:
    """What else an owner sold to the same buyer, from other previews."""

    recent: State | None = None
    """How a claim of the last ``HOUR_SECONDS`` stands that sold the same goods or may have: ``claimed``, ``created`` or
    ``unknown``, which comes first; otherwise of the newest. A claim whose lease has ended counts as ``unknown``."""
    created: tuple[Entry, ...] = ()
    """Those whose session exists, whatever they sold, the newest first."""


class LedgerUnavailable(Exception):
    """The ledger cannot be used now. ``sentence`` names the cause and the repair."""

    def __init__(self, sentence: str, *, may_pass: bool = False) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.may_pass = may_pass
        """Whether it can be over by itself, as when a database is started again."""


class Ledger(CustomerRecords, KeyRecords, Operations, PrincipalRecords, Questions, SaleParts, StaticTokens, Protocol):
    """Every method raises ``LedgerUnavailable`` when the storage fails; what it did not confirm did not happen."""

    async def add(self, entry: Entry) -> None:
        """Store a new preview, ``quoted``."""
        ...

    async def find(self, preview_id: str, *, owner: Owner, now: float) -> Entry | None:
        """A preview of this owner. A claim whose lease has ended is ``unknown`` from then on."""
        ...

    async def find_session(self, session_id: str, *, owner: Owner, now: float) -> Entry | Others | None:
        """The preview of this owner that a session was created from, as ``find`` returns it; None where nobody's is."""
        ...

    async def find_other_sales(
        self, *, owner: Owner, goods: str, sold_to: str, now: float, since: float, except_preview_id: str, most: int
    ) -> OtherSales:
        """Other previews of this owner whose last claim sold something to the same buyer, or may have.

        Args:
            owner: whose.
            goods: the digest of what is sold and to whom.
            sold_to: the digest of whom.
            now: the moment, by which leases end and the last hour began.
            since: of sessions that exist, how old their claims may be.
            except_preview_id: the preview that is asked about.
            most: sessions that are wanted.
        """
        ...

    async def claims_of_an_hour(self, *, owner: Owner, now: float) -> int:
        """How many claims the principal took in this environment, in whichever account, in ``HOUR_SECONDS``.

        ``claim`` counts again: others claim meanwhile.
        """
        ...

    async def claim(
        self,
        preview_id: str,
        *,
        owner: Owner,
        claim_id: str,
        from_state: State,
        attempts: int,
        can_charge: bool,
        arguments: bytes,
        goods: str,
        now: float,
        lease_seconds: float,
        sold_to: str | None = None,
        customer: str | None = None,
        buyer: bytes | None = None,
        hourly_limit: int | None = None,
        minute_limit: int | None = None,
        unless_sold: bool = False,
        return_token: ReturnToken | None = None,
    ) -> Claim:
        """Take an unexpired preview for one attempt to create its session.

        It must still stand as the caller saw it: in ``from_state``, and after this many ``attempts``. A person's yes
        is for one attempt, and must not be used for a second one after somebody else's attempt failed.

        ``can_charge`` says whether the request charges by itself. Only ``quoted`` is taken whatever it says;
        ``refused`` and ``unknown`` need both the last claim and this one to be unable to charge. ``unknown`` is taken
        once: of a preview two answers at most are lost.

        ``arguments``, ``goods``, ``sold_to``, ``customer`` and ``buyer`` are stored with the claim, in place of an
        earlier one's.

        ``hourly_limit`` and ``minute_limit`` are the most claims that this principal may take in ``HOUR_SECONDS`` and
        in ``MINUTE_SECONDS``, counted in the same transaction over everything that shares the ledger.

        ``unless_sold`` looks in the same transaction for another sale of the goods, as ``find_other_sales`` does: of
        two that were approved side by side only one is taken.

        ``return_token`` leads the buyer of this claim's session back to the return page.
        """
        ...

    async def renew_lease(self, preview_id: str, *, claim_id: str, lease_until: float) -> bool:
        """Lengthen the lease of a claim whose request is in flight; whether the claim still stands."""
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
        """Record how a claim ended, also after its lease; return whether it was recorded.

        A preview that is ``claimed`` or ``unknown`` by this very claim becomes ``created``, ``refused`` or ``unknown``.
        With ``created``, the claim's customer is one of the owner's from then on.
        """
        ...

    async def find_account(self, key_fingerprint: str) -> str | None:
        """The merchant account that was stored for an API key. The fingerprint is the caller's keyed digest."""
        ...

    async def store_account(self, key_fingerprint: str, account: str) -> str:
        """Store which merchant account an API key belongs to; return the account that is stored.

        The first one wins, also between processes: it may be another one than the caller's.
        """
        ...

    async def purge(self, *, now: float, audit_before: float = 0.0) -> int:
        """Delete previews whose time is over with what is known of their sales, what was counted more than
        ``HOUR_SECONDS`` ago, and old audit rows.

        Return how many previews. Each batch of rows is a transaction of its own, and other calls go on in between.

        A claim is never deleted: once its lease has ended it is ``unknown``, and kept for ``UNKNOWN_KEPT_SECONDS``. Of
        an ``unknown`` one that can charge only the sealed order goes then; the rest stays until it is settled.
        Audit rows up to ``audit_before`` are deleted; what is known of the last of them stays.
        """
        ...

    async def check(self) -> None:
        """Look for damage in all that is stored, which takes its time; ``LedgerUnavailable`` reports it."""
        ...

    async def audit(self, preview_id: str) -> list[AuditRow]:
        """What happened to a preview, oldest first."""
        ...

    async def close(self) -> None:
        """Release the storage. A second call does nothing."""
        ...
