"""The HTTP client of the payment API: what it is asked."""

from contextlib import AbstractAsyncContextManager
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import quote

from checkout_server.calls.stage import note_step
from checkout_server.gateway.account import find_business_id
from checkout_server.gateway.answers import (
    Addon,
    Preview,
    Product,
    Session,
    SessionStatus,
    WholeProduct,
)
from checkout_server.gateway.customer_answers import SavedMethod
from checkout_server.gateway.exchange import Json, exchange
from checkout_server.gateway.payment_answers import LicenseKey, ListedPayment, Subscription, WholePayment
from checkout_server.gateway.reading import Rows, read_answer, read_rows
from checkout_server.gateway.sending import Sender
from checkout_server.privacy.personal_values.tripwire import in_flight

MOST_SAVED_METHODS = 20
"""The API has no pages there, and nobody chooses between more."""


class Gateway(Sender):
    """Typed requests to one account of the payment API.

    Every method raises a ``GatewayError``. A creation has a connection of its own and is never repeated.
    """

    async def list_products(
        self, *, page_number: int, page_size: int, recurring: bool | None, locale: str | None = None
    ) -> Rows[Product]:
        """``GET /products``; pages count from 0. In a locale that the API does not know, the merchant's own words."""
        parameters: dict[str, Any] = {"page_number": page_number, "page_size": page_size}
        if recurring is not None:
            parameters["recurring"] = "true" if recurring else "false"
        if locale is not None:
            parameters["locale"] = locale
        return await self._ask_for_rows("list_products", "/products", Product, parameters)

    async def get_product(self, product_id: str) -> WholeProduct:
        """``GET /products/{id}``."""
        return await self._ask_for_answer("get_product", "GET", f"/products/{_segment(product_id)}", WholeProduct)

    async def list_addons(self, *, page_number: int, page_size: int, locale: str | None = None) -> Rows[Addon]:
        """``GET /addons``; pages count from 0. Words are in the locale where the merchant translated them."""
        parameters: dict[str, Any] = {"page_number": page_number, "page_size": page_size}
        if locale is not None:
            parameters["locale"] = locale
        return await self._ask_for_rows("list_addons", "/addons", Addon, parameters)

    async def list_saved_methods(self, customer_id: str) -> Rows[SavedMethod]:
        """``GET /customers/{id}/payment-methods``, of which at most ``MOST_SAVED_METHODS`` are read."""
        path = f"/customers/{_segment(customer_id)}/payment-methods"
        read = partial(read_rows, SavedMethod, operation="list_saved_methods", page_size=MOST_SAVED_METHODS)
        return await self._ask("list_saved_methods", "GET", path, read)

    async def preview(self, body: Json, *, locale: str | None = None) -> Preview:
        """``POST /checkouts/preview``: prices, and changes nothing."""
        parameters = {"locale": locale} if locale else None
        return await self._ask_for_answer("preview", "POST", "/checkouts/preview", Preview, parameters, body)

    def place_for_creation(self) -> AbstractAsyncContextManager[None]:
        """A place to be taken before a creation is claimed, in a room that nothing else uses.

        Raises:
            Overloaded: too many creations are under way and waiting.
        """
        return self._room_for_creations.place("create")

    async def create(self, body: Json) -> Session:
        """``POST /checkouts``: one request, whatever happens to it.

        The answer's ``session_id`` proves that a session exists; whatever else is odd in it is None.

        Raises:
            NotSent: provably nothing left.
            Refused: the API answered that nothing was made.
            NoAnswer, ServerFailed, UnreadableAnswer: a session may exist.
        """
        note_step("create")
        connections = await self._connections("create")
        # The official type: "None when payment_method_id is provided".
        expected = () if body.get("payment_method_id") is not None else ("checkout_url",)
        read = partial(read_answer, Session, operation="create", expected=expected)
        session = await exchange(
            connections.fresh, "create", "POST", "/checkouts", read, body=body, deadline=self.creation_deadline
        )
        secrets = (session.client_secret, session.publishable_key)
        in_flight.note(*(each.get_secret_value() for each in secrets if each is not None))
        return session

    async def get_session(self, session_id: str) -> SessionStatus:
        """``GET /checkouts/{id}``."""
        path = f"/checkouts/{_segment(session_id)}"
        status = await self._ask_for_answer("get_session", "GET", path, SessionStatus)
        in_flight.note(status.customer_email, status.customer_name)
        return status

    async def list_payments(
        self,
        *,
        page_number: int,
        page_size: int,
        created_at_gte: datetime,
        created_at_lte: datetime,
        customer_id: str | None = None,
    ) -> Rows[ListedPayment]:
        """``GET /payments`` of a span of time, both ends included; pages count from 0."""
        parameters: dict[str, Any] = {
            "page_number": page_number,
            "page_size": page_size,
            "created_at_gte": created_at_gte.isoformat(),
            "created_at_lte": created_at_lte.isoformat(),
        }
        if customer_id is not None:
            parameters["customer_id"] = customer_id
        return await self._ask_for_rows("list_payments", "/payments", ListedPayment, parameters)

    async def get_payment(self, payment_id: str) -> WholePayment:
        """``GET /payments/{id}``."""
        path = f"/payments/{_segment(payment_id)}"
        payment = await self._ask_for_answer("get_payment", "GET", path, WholePayment)
        in_flight.note(payment.invoice_url, *(each.value for each in payment.custom_field_responses or ()))
        return payment

    async def get_subscription(self, subscription_id: str) -> Subscription:
        """``GET /subscriptions/{id}``."""
        path = f"/subscriptions/{_segment(subscription_id)}"
        return await self._ask_for_answer("get_subscription", "GET", path, Subscription)

    async def list_license_keys(
        self, *, page_number: int, page_size: int, customer_id: str, created_at_gte: datetime
    ) -> Rows[LicenseKey]:
        """``GET /license_keys`` of a customer from a moment on; pages count from 0. It cannot be asked by payment."""
        parameters: dict[str, Any] = {
            "page_number": page_number,
            "page_size": page_size,
            "customer_id": customer_id,
            "created_at_gte": created_at_gte.isoformat(),
        }
        rows = await self._ask_for_rows("list_license_keys", "/license_keys", LicenseKey, parameters)
        in_flight.note(*(each.key for each in rows.items))
        return rows

    async def find_business_id(self) -> str | None:
        """Which merchant account the API key belongs to; None when the API does not say.

        Raises:
            GatewayError: of a failure that may pass, when nothing else said it either.
        """
        return await find_business_id(self._ask_once)


def _segment(text: str) -> str:
    """One segment of a path. Dots too: ``..`` would be resolved and another resource asked for."""
    return quote(text, safe="").replace(".", "%2E")
