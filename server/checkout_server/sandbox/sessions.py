"""The sandbox's memory: sessions and payments, as long as the process lives."""

import secrets
import string
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from checkout_server.sandbox.body import Body, part
from checkout_server.sandbox.catalogue import CUSTOMERS, PRODUCTS, Customer
from checkout_server.sandbox.errors import not_found
from checkout_server.sandbox.pricing import Quote, quote

_BASE62 = string.ascii_letters + string.digits
LIFE = timedelta(hours=24)
CONFIRMED_LIFE = timedelta(minutes=15)


def _id(prefix: str, length: int = 22) -> str:
    return prefix + "".join(secrets.choice(_BASE62) for _ in range(length))


@dataclass(frozen=True, slots=True)
class Refund:
    """Money that went back to the buyer; ``amount`` in minor units of the payment's currency."""

    id: str
    amount: int
    created_at: datetime


@dataclass(slots=True)
class Payment:
    """One attempt to pay."""

    id: str
    session: "Session"
    status: str
    created_at: datetime
    subscription_ids: list[str]
    license_keys: list[str]
    refunds: list[Refund] = field(default_factory=list[Refund])

    @property
    def refund_status(self) -> Literal["partial", "full"] | None:
        """What went back of the whole payment."""
        if not self.refunds:
            return None
        return "full" if sum(each.amount for each in self.refunds) >= self.session.quote.now.total else "partial"


@dataclass(slots=True)
class Session:
    """A checkout session and the order it is for."""

    id: str
    order: Body = field(repr=False)
    quote: Quote
    created_at: datetime
    expires_at: datetime
    short: str | None
    payment: Payment | None = None

    @property
    def customer(self) -> Customer | None:
        given = part(self.order, "customer")
        if "customer_id" in given:
            return CUSTOMERS[given["customer_id"]]
        return (
            Customer(id=f"cus_{self.id[4:14]}", email=given["email"], name=given.get("name") or "") if given else None
        )

    def redirect_url(self, status: str) -> str | None:
        """``return_url`` with what the provider's guide appends to it."""
        target: str | None = self.order.get("return_url")
        if not target or self.payment is None:
            return None
        one_time = any(PRODUCTS[item["product_id"]].cycle is None for item in self.order["product_cart"])
        query: list[tuple[str, str]] = []
        if one_time or not self.payment.subscription_ids:
            query.append(("payment_id", self.payment.id))
        if self.payment.subscription_ids:
            query.append(("subscription_id", ",".join(self.payment.subscription_ids)))
        query.append(("status", "active" if status == "succeeded" and not one_time else status))
        if status == "succeeded" and self.payment.license_keys:
            query.append(("license_key", ",".join(self.payment.license_keys)))
        if self.customer is not None:
            query.append(("email", self.customer.email))
        parts = urlsplit(target)
        joined = urlencode([*parse_qsl(parts.query, keep_blank_values=True), *query], safe=",")
        return urlunsplit(parts._replace(query=joined))


@dataclass(slots=True)
class Sandbox:
    """All of it."""

    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    sessions: dict[str, Session] = field(default_factory=dict[str, Session])
    shorts: dict[str, Session] = field(default_factory=dict[str, Session])
    payments: list[Payment] = field(default_factory=list[Payment])
    """Newest last."""

    def create(self, body: Body) -> Session:
        """A session for a checked body; paid at once with a saved method, and begun with ``confirm``."""
        now = self.clock()
        session = Session(
            id=_id("cks_"),
            order=body,
            quote=quote(body, now),
            created_at=now,
            expires_at=now + (CONFIRMED_LIFE if body.get("confirm") else LIFE),
            short=_id("", 7) if body.get("short_link") else None,
        )
        self.sessions[session.id] = session
        if session.short is not None:
            self.shorts[session.short] = session
        if body.get("confirm"):
            self.pay(session, "succeeded" if body.get("payment_method_id") else "requires_payment_method")
        return session

    def pay(self, session: Session, status: str) -> Payment:
        """Begin or go on with the session's payment. One that has succeeded stays as it is."""
        if session.payment is None:
            cart = session.order["product_cart"]
            recurring = [item for item in cart if PRODUCTS[item["product_id"]].cycle is not None]
            keys = sum(PRODUCTS[item["product_id"]].license_keys * item["quantity"] for item in cart)
            session.payment = Payment(
                id=_id("pay_"),
                session=session,
                status=status,
                created_at=self.clock(),
                subscription_ids=[_id("sub_") for _ in recurring],
                license_keys=[f"LK-{number + 1:03d}-{secrets.token_hex(4).upper()}" for number in range(min(keys, 50))],
            )
            self.payments.append(session.payment)
        elif session.payment.status != "succeeded":
            session.payment.status = status
        return session.payment

    def refund(self, payment: Payment, amount: int) -> None:
        """Give back so many minor units of a payment, as the merchant does in the dashboard."""
        payment.refunds.append(Refund(_id("ref_"), amount, self.clock()))

    def payment(self, payment_id: str) -> Payment:
        """A payment by its id.

        Raises:
            ApiError: 404.
        """
        for payment in self.payments:
            if payment.id == payment_id:
                return payment
        raise not_found("payment")

    def session(self, session_id: str) -> Session:
        """A session by its id.

        Raises:
            ApiError: 404.
        """
        if (session := self.sessions.get(session_id)) is None:
            raise not_found("checkout session")
        return session

    def expired(self, session: Session) -> bool:
        return self.clock() >= session.expires_at
