"""What the merchant can give back, what the API refuses to give back, and disputes."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from dodopayments import APIStatusError, AsyncDodoPayments, types
from pydantic import TypeAdapter

from checkout_server.sandbox.app import create_app
from checkout_server.sandbox.listener import running_app
from checkout_server.sandbox.payments import Payment
from checkout_server.sandbox.sessions import Sandbox

CART = [{"product_id": "prod_mouse", "quantity": 2}, {"product_id": "prod_123", "quantity": 1}]


@asynccontextmanager
async def selling(status: str = "succeeded") -> AsyncGenerator[tuple[Any, Sandbox, Payment]]:
    """The official client, and a payment of 107.00 USD: two mice, less nothing, and a kit."""
    sandbox = Sandbox()
    payment = sandbox.pay(sandbox.create({"product_cart": CART, "customer": {"email": "a@b.co"}}), status)
    async with (
        running_app(create_app(sandbox)) as url,
        AsyncDodoPayments(bearer_token="any", base_url=url, max_retries=0) as client,
    ):
        yield client, sandbox, payment


@pytest.mark.requirement("sandbox.after_sale")
@pytest.mark.parametrize(
    ("items", "amount", "is_partial"),
    [
        (None, 10700, False),
        ([{"item_id": "prod_mouse"}], 5800, True),
        ([{"item_id": "prod_mouse", "amount": 5800}], 5800, True),
        ([{"item_id": "prod_mouse", "amount": 1}], 1, True),
        ([{"item_id": "prod_mouse"}, {"item_id": "prod_123", "amount": 900}], 6700, True),
        ([{"item_id": "prod_mouse"}, {"item_id": "prod_123"}], 10700, False),
    ],
)
async def test_the_whole_or_items_are_given_back(items: Any, amount: int, is_partial: bool) -> None:
    async with selling() as (client, _sandbox, payment):
        terms = {} if items is None else {"items": items}
        made = await client.refunds.create(payment_id=payment.id, reason="late", **terms)
        assert TypeAdapter(types.Refund).validate_python(made.to_dict())
        assert (made.amount, made.is_partial, made.currency, made.reason) == (amount, is_partial, "USD", "late")
        assert (made.payment_id, made.status, payment.refunded) == (payment.id, "succeeded", amount)


@pytest.mark.requirement("sandbox.after_sale")
@pytest.mark.parametrize(
    ("refunded", "order", "status", "code"),
    [
        (10700, {}, 422, "PAYMENT_ALREADY_REFUNDED"),
        (10699, {"items": [{"item_id": "prod_mouse", "amount": 2}]}, 422, "REFUND_AMOUNT_EXCEEDS_PAID_AMOUNT"),
        (0, {"items": [{"item_id": "prod_mouse", "amount": 5801}]}, 422, "LINE_ITEM_REFUND_AMOUNT_TOO_HIGH"),
        (0, {"items": [{"item_id": "prod_laptop"}]}, 404, "LINE_ITEM_NOT_FOUND"),
        (0, {"items": [{"item_id": "prod_mouse"}] * 2}, 422, "DUPLICATE_LINE_ITEMS_IN_REQUEST"),
        (0, {"items": [{"item_id": "prod_mouse", "amount": 0}]}, 400, "INVALID_REQUEST_BODY"),
        (0, {"items": [{"item_id": "prod_mouse", "amount": "1"}]}, 400, "INVALID_REQUEST_BODY"),
        (0, {"payment_id": "pay_none"}, 404, "NOT_FOUND"),
    ],
)
async def test_a_refund_is_refused_with_the_codes_of_the_api(
    refunded: int, order: dict[str, Any], status: int, code: str
) -> None:
    async with selling() as (client, sandbox, payment):
        if refunded:
            sandbox.refund(payment, refunded)
        with pytest.raises(APIStatusError) as refused:
            await client.refunds.create(**({"payment_id": payment.id} | order))
        assert (refused.value.status_code, refused.value.response.json()["code"]) == (status, code)
        assert payment.refunded == refunded


@pytest.mark.requirement("sandbox.after_sale")
@pytest.mark.parametrize("status", ["failed", "processing", "requires_customer_action"])
async def test_nothing_is_given_back_of_what_was_not_paid(status: str) -> None:
    async with selling(status) as (client, _sandbox, payment):
        with pytest.raises(APIStatusError) as refused:
            await client.refunds.create(payment_id=payment.id)
        assert refused.value.response.json()["code"] == "PAYMENT_NOT_SUCCEEDED"


@pytest.mark.requirement("sandbox.after_sale")
async def test_the_list_shows_the_newest_of_several_disputes() -> None:
    async with selling() as (client, sandbox, payment):
        sandbox.dispute(payment, "dispute_opened")
        sandbox.dispute(payment, "dispute_won")
        sandbox.dispute(payment, "dispute_opened")
        [row] = (await client.payments.list()).items
        assert row.dispute_status == "dispute_opened"
        disputes = (await client.payments.retrieve(payment.id)).disputes
        assert [each.dispute_status for each in disputes] == ["dispute_won", "dispute_opened"]
