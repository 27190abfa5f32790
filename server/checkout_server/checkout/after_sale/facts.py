"""What is kept of a payment and of what belongs to it: the few facts that are used, sealed."""

from typing import Annotated, TypeVar

from pydantic import ConfigDict, Field

from checkout_schemas.personal import DiscreetModel
from checkout_server.checkout.ledger.sale_parts import Kind, SalePart
from checkout_server.gateway.payment_answers import LicenseKey, Payment
from checkout_server.privacy.sealing import SealBroken, Sealer

SUCCEEDED = "succeeded"
FactsT = TypeVar("FactsT", bound="Facts")


class Facts(DiscreetModel):
    """Of a subscription its status alone."""

    model_config = ConfigDict(extra="ignore")

    status: str | None = None


class PaymentFacts(Facts):
    """Amounts in minor units."""

    session_id: str | None
    total: int | None
    currency: str | None
    refund_status: str | None
    charge_type: str | None = None
    created_at: float | None
    """Epoch seconds."""

    @classmethod
    def of(cls, payment: Payment) -> "PaymentFacts":
        return cls(
            status=payment.status,
            session_id=payment.checkout_session_id,
            total=payment.total_amount,
            currency=payment.currency,
            refund_status=payment.refund_status,
            charge_type=payment.charge_type,
            created_at=payment.created_at.timestamp() if payment.created_at is not None else None,
        )


class FactsOfPayment(Facts):
    """Of a refund or a dispute also which payment it is about."""

    payment_id: str | None = None


class KeyFacts(Facts):
    """A licence key."""

    key: Annotated[str, Field(repr=False)]
    payment_id: str | None
    created_at: float

    @classmethod
    def of(cls, key: LicenseKey) -> "KeyFacts":
        created_at = key.created_at.timestamp() if key.created_at is not None else 0.0
        return cls(status=key.status, key=key.key, payment_id=key.payment_id, created_at=created_at)


class AttemptFacts(Facts):
    """Whether a payment was the only attempt to pay its session."""

    is_sole: bool


def sealed_part(part_id: str, preview_id: str, kind: Kind, as_of: float, facts: Facts, sealer: Sealer) -> SalePart:
    """A part as the ledger stores it."""
    content = sealer.seal(facts.model_dump_json().encode(), context=_context(kind, part_id))
    return SalePart(part_id=part_id, preview_id=preview_id, kind=kind, as_of=as_of, content=content)


def open_facts(part: SalePart, shape: type[FactsT], sealer: Sealer) -> FactsT | None:
    """What is known of a part; None where it is its id alone, or was sealed with a key that is gone."""
    if not part.content:
        return None
    try:
        return shape.model_validate_json(sealer.open(part.content, context=_context(part.kind, part.part_id)))
    except SealBroken:
        return None


def _context(kind: Kind, part_id: str) -> str:
    return f"part:{kind}:{part_id}"
