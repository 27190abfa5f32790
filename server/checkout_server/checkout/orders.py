"""What the ledger keeps sealed about a preview: the order, its price, and how its creation ended."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from checkout_schemas.rules import at
from checkout_server.privacy.sealing import Sealer

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewal:
    """A later charge, again and again. Amount in minor units."""

    product_id: str | None
    """None when it stands for all subscriptions together."""
    product: str | None
    """Name, made safe to show."""
    amount: int
    interval: str | None
    next_date: str | None
    """ISO 8601; the API's estimate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedOrder:
    """The order as it was quoted. Amounts in minor units."""

    order: Json = field(repr=False)
    """Arguments of preview_checkout without ``locale``: the half of the request body that makes the price."""
    currency: str
    total: int
    recurring: int | None
    undiscounted: int
    """The most that is charged at a renewal once a discount has ended; an estimate, 0 when none ends."""
    lines: list[tuple[str, int]]
    """Names and quantities, made safe to show."""
    renewals: list[Renewal]
    notes: list[str]
    """What the amounts do not say of later charges, in sentences of ours."""
    cycles: dict[str, str | None]
    """Billing cycles of the subscription products."""

    @property
    def is_open(self) -> bool:
        """Whether the buyer adds from a collection on the hosted page: neither products nor price are all known."""
        return at(self.order, "product_collection_id") is not None

    @property
    def is_on_demand(self) -> bool:
        """Whether the merchant may charge later whatever they want."""
        return at(self.order, "subscription_data.on_demand") is not None

    @property
    def largest_charge(self) -> int:
        """The most that is charged at once, now or at a renewal."""
        return max(self.total, self.recurring or 0, self.undiscounted, *(each.amount for each in self.renewals))

    def seal(self, sealer: Sealer, preview_id: str) -> bytes:
        return _seal(sealer, asdict(self), f"order:{preview_id}")

    @classmethod
    def open(cls, sealer: Sealer, sealed: bytes, preview_id: str) -> "SealedOrder":
        content = _open(sealer, sealed, f"order:{preview_id}")
        content["renewals"] = [Renewal(**each) for each in content["renewals"]]
        return cls(**content)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a creation ended, as far as a repeated call must be told again."""

    session_id: str
    checkout_url: str | None = field(repr=False)
    payment_id: str | None
    expires_at: float
    """Epoch seconds at which the session ends."""
    warnings: list[str]
    sold: str | None
    """Digest of the request body that made the session; None when that is not known."""

    def seal(self, sealer: Sealer, preview_id: str) -> bytes:
        return _seal(sealer, asdict(self), f"outcome:{preview_id}")

    @classmethod
    def open(cls, sealer: Sealer, sealed: bytes, preview_id: str) -> "Outcome":
        return cls(**_open(sealer, sealed, f"outcome:{preview_id}"))


def confirms(body: Mapping[str, Any]) -> bool:
    """Whether a request body makes a session that charges at once, without the buyer's hand on the hosted page."""
    return body.get("confirm") is True


def digest_of(body: Json) -> str:
    """Tells whether two request bodies are the same. To be kept sealed: it is not keyed."""
    return hashlib.sha256(json.dumps(body, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _seal(sealer: Sealer, content: Json, context: str) -> bytes:
    return sealer.seal(json.dumps(content, separators=(",", ":")).encode(), context=context)


def _open(sealer: Sealer, sealed: bytes, context: str) -> Json:
    return json.loads(sealer.open(sealed, context=context))
