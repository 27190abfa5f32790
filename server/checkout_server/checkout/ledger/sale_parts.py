"""What a ledger promises about what came after a sale: payments and what belongs to them, webhooks, return pages."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # the contract of the whole ledger holds this part
    from checkout_server.checkout.ledger.contract import Entry, Owner


class Kind(StrEnum):
    """What a part of a sale is."""

    PAYMENT = "payment"
    SUBSCRIPTION = "subscription"
    REFUND = "refund"
    DISPUTE = "dispute"
    LICENSE_KEY = "license_key"
    SOLE_ATTEMPT = "sole_attempt"
    """A payment without another attempt to pay the same session."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SalePart:
    """A payment, or something that belongs to one, as it was known last."""

    part_id: str
    """The API's id of it."""
    preview_id: str
    kind: Kind
    as_of: float
    """Epoch seconds by the API's clock: when it was as ``content`` says."""
    content: bytes = field(repr=False)
    """Sealed by the caller; empty where nothing but the id is known."""


@dataclass(frozen=True, slots=True)
class ReturnToken:
    """What leads a buyer back from the hosted page."""

    digest: str = field(repr=False)
    language: str | None
    """Of the return page, where the session has one of its own."""


@dataclass(frozen=True, slots=True)
class ReturnPage:
    """The page behind a token."""

    entry: "Entry"
    language: str | None


class SaleParts(Protocol):
    """Every method raises ``LedgerUnavailable`` when the storage fails; what it did not confirm did not happen."""

    async def find_sale(
        self, *, owner: "Owner", session_id: str | None = None, preview_id: str | None = None
    ) -> "Entry | None":
        """A preview of this environment and merchant account, of all principals, by its session or its id."""
        ...

    async def find_sale_of_part(self, part_id: str, *, owner: "Owner") -> "Entry | None":
        """The preview that a known part belongs to, of this environment and merchant account."""
        ...

    async def store_part(self, part: SalePart) -> bool:
        """Store a part unless a newer one is known, or its preview is gone; whether it was stored."""
        ...

    async def store_webhook(self, webhook_id: str, event: str, part: SalePart, *, now: float) -> bool:
        """Store a part as ``store_part`` does, with the webhook that brought it; False if that was seen before.

        Both or neither happen.
        """
        ...

    async def list_parts(self, preview_id: str) -> list[SalePart]:
        """All that is known of a sale, the oldest first."""
        ...

    async def was_webhook_seen(self, webhook_id: str) -> bool:
        """Whether a webhook was stored."""
        ...

    async def note_webhook(self, *, owner: "Owner", now: float) -> None:
        """Remember that a webhook came, whatever it was about."""
        ...

    async def find_last_webhook(self, *, owner: "Owner") -> float | None:
        """When a webhook came last; None before the first."""
        ...

    async def find_return_page(self, token_digest: str, *, owner: "Owner") -> ReturnPage | None:
        """The page behind a token, while the session of its claim stands; of all principals of the account."""
        ...

    async def take_look(self, token_digest: str, *, now: float, pause: float) -> bool:
        """Take the turn to ask the API about the session of a token; False within ``pause`` seconds of another's."""
        ...
