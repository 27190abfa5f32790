"""What an event of the provider reports, and by which ids its sale is found."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from checkout_schemas.requests.create_checkout_session import PREVIEW_ID_KEY
from checkout_server.checkout.after_sale.facts import Facts, FactsOfPayment, KeyFacts, PaymentFacts
from checkout_server.checkout.ledger.sale_parts import Kind
from checkout_server.gateway.payment_answers import LicenseKey
from checkout_server.gateway.webhook_answers import (
    ReportedDispute,
    ReportedPayment,
    ReportedRefund,
    ReportedSubscription,
    WebhookEvent,
)
from checkout_server.privacy.personal_values.tripwire import in_flight
from checkout_server.privacy.vocabulary.fields import words
from checkout_server.privacy.vocabulary.webhook_types import WebhookType

_TYPES = words(WebhookType)
_PREVIEW_ID = re.compile("prv_[A-Za-z0-9_-]{1,64}")
"""Others write metadata too, and not every text can be asked a database for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """One part of a sale, as it was when the event was sent."""

    part_id: str
    kind: Kind
    facts: Facts
    as_of: float | None = None
    """Epoch seconds; None where the API says nothing but when it sent the event."""
    session_id: str | None = None
    preview_id: str | None = None
    belongs_to: tuple[str, ...] = ()
    """Ids of other parts of the sale that may be known."""
    subscription_ids: tuple[str, ...] = ()
    """Which a payment starts or charges."""


class EventOdd(Exception):
    """An event of a known type has another shape."""


def read_reported(event: WebhookEvent) -> Reported | None:
    """What an event reports; None of a type that is not about a sale.

    Raises:
        EventOdd: it cannot be read.
    """
    if event.type not in _TYPES:
        return None
    try:
        return _READERS[event.type.partition(".")[0]](event.data)
    except ValidationError:
        pass
    raise EventOdd  # out here, without what was wrong as its context


def _payment(data: Any) -> Reported:
    payment = ReportedPayment.model_validate(data)
    if payment.payment_id is None:
        raise EventOdd
    ids = dict.fromkeys(
        [*(payment.subscription_ids or ()), *([payment.subscription_id] * bool(payment.subscription_id))]
    )
    subscription_ids = tuple(each for each in ids if each is not None)
    return Reported(
        part_id=payment.payment_id,
        kind=Kind.PAYMENT,
        facts=PaymentFacts.of(payment),
        as_of=payment.updated_at.timestamp() if payment.updated_at is not None else None,
        session_id=payment.checkout_session_id,
        preview_id=_marked(payment.metadata),
        belongs_to=subscription_ids,
        subscription_ids=subscription_ids,
    )


def _subscription(data: Any) -> Reported:
    subscription = ReportedSubscription.model_validate(data)
    return Reported(
        part_id=subscription.subscription_id,
        kind=Kind.SUBSCRIPTION,
        facts=Facts(status=subscription.status),
        preview_id=_marked(subscription.metadata or {}),
    )


def _refund(data: Any) -> Reported:
    refund = ReportedRefund.model_validate(data)
    facts = FactsOfPayment(status=refund.status, payment_id=refund.payment_id)
    return Reported(part_id=refund.refund_id, kind=Kind.REFUND, facts=facts, belongs_to=(refund.payment_id,))


def _dispute(data: Any) -> Reported:
    dispute = ReportedDispute.model_validate(data)
    facts = FactsOfPayment(status=dispute.dispute_status, payment_id=dispute.payment_id)
    return Reported(part_id=dispute.dispute_id, kind=Kind.DISPUTE, facts=facts, belongs_to=(dispute.payment_id,))


def _license_key(data: Any) -> Reported:
    key = LicenseKey.model_validate(data)
    in_flight.note(key.key)
    if key.key_id is None:
        raise EventOdd
    belongs_to = (key.payment_id,) if key.payment_id is not None else ()
    return Reported(part_id=key.key_id, kind=Kind.LICENSE_KEY, facts=KeyFacts.of(key), belongs_to=belongs_to)


_READERS: Mapping[str, Callable[[Any], Reported]] = {
    "payment": _payment,
    "subscription": _subscription,
    "refund": _refund,
    "dispute": _dispute,
    "license_key": _license_key,
}
"""By what an event's type begins with."""


def _marked(metadata: Mapping[str, Any]) -> str | None:
    preview_id = metadata.get(PREVIEW_ID_KEY)
    return preview_id if isinstance(preview_id, str) and _PREVIEW_ID.fullmatch(preview_id) else None
