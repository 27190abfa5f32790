"""The sandbox's memory: sessions, and the payments for them."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Literal
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from checkout_server.sandbox.body import Body, part
from checkout_server.sandbox.catalogue import CUSTOMERS, PRODUCTS, Customer
from checkout_server.sandbox.errors import not_found
from checkout_server.sandbox.payments import (
    Dispute,
    DisputeStatus,
    Event,
    Payment,
    Refund,
    Subscription,
    Typed,
)
from checkout_server.sandbox.pricing import Quote, quote
from checkout_server.sandbox.sold import begin_subscriptions, make_license_keys, new_id

LIFE = timedelta(hours=24)
CONFIRMED_LIFE = timedelta(minutes=15)
AfterDecline = Literal["retry", "end"]
"""Whether a session whose payment failed takes another, or has been used.

The provider documents both: a buyer shall "retry immediately" (page "handle payment failures"), and an address is for
one attempt (the API's reference, and its code CHECKOUT_SESSION_CONSUMED)."""
_TOLD = {"processing", "succeeded", "failed", "cancelled"}
"""Statuses that the provider has a webhook for."""
_NOBODY = Customer(id="cus_unknown", email="unknown@example.com", name="")


@dataclass(slots=True)
class Session:
    """A checkout session and the order it is for."""

    id: str
    order: Body = field(repr=False)
    quote: Quote
    customer: Customer | None = field(repr=False)
    """None until somebody types an e-mail address on the page."""
    created_at: datetime
    expires_at: datetime
    short: str | None
    payments: list[Payment] = field(default_factory=list[Payment])
    """Every attempt, the newest last."""

    @property
    def payment(self) -> Payment | None:
        """The newest attempt."""
        return self.payments[-1] if self.payments else None

    def redirect_url(self, status: str) -> str | None:
        """``return_url`` with what the provider's guide appends to it."""
        target: str | None = self.order.get("return_url")
        payment = self.payment
        if not target or payment is None:
            return None
        subscription_ids = [each.id for each in payment.subscriptions]
        one_time = any(PRODUCTS[item["product_id"]].cycle is None for item in payment.order["product_cart"])
        query: list[tuple[str, str]] = []
        if one_time or not subscription_ids:
            query.append(("payment_id", payment.id))
        if subscription_ids:
            query.append(("subscription_id", ",".join(subscription_ids)))
        query.append(("status", "active" if status == "succeeded" and not one_time else status))
        if status == "succeeded" and payment.license_keys:
            query.append(("license_key", ",".join(each.key for each in payment.license_keys)))
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
    customers: dict[str, Customer] = field(default_factory=lambda: dict(CUSTOMERS), repr=False)
    after_decline: AfterDecline = "retry"
    on_change: list[Callable[[str], None]] = field(default_factory=list[Callable[[str], None]])
    """Called with a session's id whenever something of it has changed."""
    on_event: list[Callable[[Event], None]] = field(default_factory=list[Callable[[Event], None]])

    def create(self, body: Body) -> Session:
        """A session for a checked body; paid at once with a saved method, and begun with ``confirm``."""
        now = self.clock()
        session = Session(
            id=new_id("cks_"),
            order=body,
            quote=quote(body, now),
            customer=self._customer_of(body),
            created_at=now,
            expires_at=now + (CONFIRMED_LIFE if body.get("confirm") else LIFE),
            short=new_id("", 7) if body.get("short_link") else None,
        )
        self.add(session)
        self._changed(session.id)
        if body.get("confirm"):
            self.pay(session, "succeeded" if body.get("payment_method_id") else "requires_payment_method")
        return session

    def add(self, session: Session) -> None:
        """Know a session, and whatever was paid for it."""
        self.sessions[session.id] = session
        if session.short is not None:
            self.shorts[session.short] = session
        if session.customer is not None:
            self.customers.setdefault(session.customer.id, session.customer)
        self.payments += session.payments

    def pay(
        self, session: Session, status: str, *, typed: Typed | None = None, error_code: str = "CARD_DECLINED"
    ) -> Payment:
        """Begin or go on with the session's payment.

        One that has succeeded stays as it is. After a failed one, another begins.

        Args:
            status: what the attempt comes to.
            error_code: why, when ``status`` is ``failed``.

        Raises:
            ApiError: a discount code that was typed does not apply.
        """
        payment = session.payment
        if payment is not None and payment.status == "succeeded":
            return payment
        order, price = session.order, session.quote
        if typed is not None:
            order = session.order | typed.changes
            price = quote(order, self.clock()) if typed.changes else price
            session.customer = self._known_or_new(typed.email, typed.name, typed.phone, known=session.customer)
        if payment is None or payment.has_ended:
            payment = self._begin(session)
        if typed is not None:
            payment.order, payment.quote, payment.answers = order, price, typed.answers
            payment.customer, payment.paid_by = session.customer or _NOBODY, typed.paid_by
            payment.subscriptions = begin_subscriptions(order, payment.subscriptions)
        self._set_status(payment, status, error_code)
        return payment

    def refund(self, payment: Payment, amount: int, reason: str | None = None) -> Refund:
        """Give back so many minor units of a payment, as the merchant does in the dashboard."""
        refund = Refund(id=new_id("ref_"), amount=amount, created_at=self.clock(), reason=reason)
        payment.refunds.append(refund)
        self._touched(payment, Event("refund.succeeded", (payment, refund)))
        return refund

    def dispute(self, payment: Payment, status: DisputeStatus = "dispute_opened") -> Dispute:
        """Open a dispute of a payment, as the buyer's bank does, or go on with the one that is open."""
        if status == "dispute_opened" or not payment.disputes:
            payment.disputes.append(Dispute(id=new_id("dp_"), amount=payment.total, created_at=self.clock()))
        dispute = payment.disputes[-1]
        dispute.status = status
        self._touched(payment, Event(status.replace("_", ".", 1), (payment, dispute)))
        return dispute

    def payment(self, payment_id: str) -> Payment:
        """A payment by its id.

        Raises:
            ApiError: 404.
        """
        for payment in self.payments:
            if payment.id == payment_id:
                return payment
        raise not_found("payment")

    def subscription(self, subscription_id: str) -> tuple[Payment, Subscription]:
        """A subscription by its id, and the payment that began it.

        Raises:
            ApiError: 404.
        """
        for payment in self.payments:
            for each in payment.subscriptions:
                if each.id == subscription_id:
                    return payment, each
        raise not_found("subscription")

    def customer(self, customer_id: str) -> Customer:
        """A customer by its id.

        Raises:
            ApiError: 404.
        """
        if (customer := self.customers.get(customer_id)) is None:
            raise not_found("customer")
        return customer

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

    def is_used(self, session: Session) -> bool:
        """Whether the session was paid, or tried once where one attempt is all there is."""
        payment = session.payment
        return payment is not None and (
            payment.status == "succeeded" or (payment.has_ended and self.after_decline == "end")
        )

    def _begin(self, session: Session) -> Payment:
        now = self.clock()
        payment = Payment(
            id=new_id("pay_"),
            session_id=session.id,
            order=session.order,
            quote=session.quote,
            customer=session.customer or _NOBODY,
            status="processing",
            created_at=now,
            updated_at=now,
            subscriptions=begin_subscriptions(session.order, ()),
        )
        session.payments.append(payment)
        self.payments.append(payment)
        return payment

    def _set_status(self, payment: Payment, status: str, error_code: str) -> None:
        is_challenged = payment.status == "requires_customer_action" and payment.paid_by.kind == "card"
        if is_challenged and status in {"succeeded", "failed"}:
            payment.three_ds = "authenticated" if status == "succeeded" else "failed"
        payment.status = status
        payment.error_code = error_code if status == "failed" else None
        events = [Event(f"payment.{status}", payment)] if status in _TOLD else []
        if status == "succeeded":
            for each in payment.subscriptions:
                each.status = "active"
                events.append(Event("subscription.active", (payment, each)))
            payment.license_keys = make_license_keys(payment.order, self.clock())
            events += [Event("license_key.created", (payment, each)) for each in payment.license_keys]
        elif payment.has_ended:
            for each in payment.subscriptions:
                each.status = "failed"
                events.append(Event("subscription.failed", (payment, each)))
        self._touched(payment, *events)

    def _touched(self, payment: Payment, *events: Event) -> None:
        payment.updated_at = self.clock()
        self._changed(payment.session_id)
        for event in events:
            for listener in self.on_event:
                listener(event)

    def _changed(self, session_id: str) -> None:
        for listener in self.on_change:
            listener(session_id)

    def _customer_of(self, order: Body) -> Customer | None:
        given = part(order, "customer")
        if "customer_id" in given:
            return self.customers[given["customer_id"]]
        is_new = part(order, "feature_flags").get("always_create_new_customer") is True
        if not given:
            return None
        return self._known_or_new(
            given["email"], given.get("name") or "", given.get("phone_number") or "", is_new=is_new
        )

    def _known_or_new(
        self, email: str, name: str, phone: str, *, known: Customer | None = None, is_new: bool = False
    ) -> Customer:
        """An address is of one customer, unless the order says otherwise; a name that is given is their present one."""
        ours = [
            each for each in (known, *self.customers.values()) if each and each.email.casefold() == email.casefold()
        ]
        customer = (
            replace(ours[0], name=name or ours[0].name, phone=phone or ours[0].phone)
            if ours and not is_new
            else Customer(id=new_id("cus_"), email=email, name=name, phone=phone)
        )
        self.customers[customer.id] = customer
        return customer
