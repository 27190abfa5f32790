"""What the official client is told of brands, usage, discount codes and payments."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from dodopayments import AsyncDodoPayments, NotFoundError, types
from dodopayments.types.price import UsageBasedPrice
from pydantic import TypeAdapter

from checkout_server.sandbox.app import create_app
from checkout_server.sandbox.listener import running_app
from checkout_server.sandbox.sessions import Sandbox


@asynccontextmanager
async def selling() -> AsyncGenerator[tuple[Any, Sandbox]]:
    """The official client, which validates nothing itself, and the sandbox behind it."""
    sandbox = Sandbox()
    async with (
        running_app(create_app(sandbox)) as url,
        AsyncDodoPayments(bearer_token="any", base_url=url, max_retries=0) as client,
    ):
        yield client, sandbox


def cart(*product_ids: str) -> list[dict[str, Any]]:
    return [{"product_id": each, "quantity": 1} for each in product_ids]


@pytest.mark.requirement("sandbox.fidelity")
async def test_brand_products_and_payments_are_of_one_account() -> None:
    async with selling() as (client, sandbox):
        await paid(client)
        [brand] = (await client.brands.list()).items
        products = (await client.products.list(page_size=100)).items
        payment = await client.payments.retrieve(sandbox.payments[0].id)
        assert {each.business_id for each in (brand, payment, *products)} == {"bus_sandbox"}
        assert payment.brand_id == brand.brand_id


@pytest.mark.requirement("sandbox.fidelity")
async def test_a_plan_billed_by_usage_has_a_fixed_price_and_meters() -> None:
    async with selling() as (client, _sandbox):
        product = await client.products.retrieve("prod_metered_plan")
        [listed] = [
            each for each in (await client.products.list(page_size=100)).items if each.product_id == "prod_metered_plan"
        ]
        price = TypeAdapter(UsageBasedPrice).validate_python(product.price.to_dict())
        assert (price.fixed_price, [each.name for each in price.meters or []]) == (0, ["API calls"])
        assert listed.price_detail == product.price
        preview = await client.checkout_sessions.preview(product_cart=cart("prod_metered_plan", "prod_123"))
        lines = [(line.is_usage_based, [meter.name for meter in line.meters]) for line in preview.product_cart]
        assert lines == [(True, ["API calls"]), (False, [])]
        assert preview.recurring_breakup.total_amount == 0


@pytest.mark.requirement("sandbox.fidelity")
@pytest.mark.parametrize(
    ("codes", "cycles", "rates", "totals"),
    [
        (["FIRST3"], [3, None], [2000, 2000], [2320, 3920]),
        (["First3"], [3, None], [2000, 2000], [2320, 3920]),
        (["save20"], [None, None], [2000, 2000], [2320, 3920]),
        (["FIRST3", "WELCOME10"], [3, None], [None, None], [2088, 3528]),
    ],
    ids=lambda value: "+".join(map(str, value)),
)
async def test_a_code_holds_for_its_cycles_in_whatever_letters_it_is_given(
    codes: list[str], cycles: list[int | None], rates: list[int | None], totals: list[int]
) -> None:
    async with selling() as (client, _sandbox):
        preview = await client.checkout_sessions.preview(
            product_cart=cart("prod_monthly_plan", "prod_123"), discount_codes=codes
        )
        lines = preview.product_cart
        assert [line.discount_cycle for line in lines] == cycles
        assert [line.discount_amount for line in lines] == rates
        assert [line.discounted_price for line in lines] == totals
        assert preview.recurring_breakup.total_amount == totals[0]


@pytest.mark.requirement("sandbox.fidelity")
async def test_the_deprecated_code_is_upper_cased_too() -> None:
    async with selling() as (client, _sandbox):
        preview = await client.checkout_sessions.preview(product_cart=cart("prod_123"), discount_code="save20")
        assert preview.current_breakup.discount == 980


async def paid(client: Any) -> Any:
    return await client.checkout_sessions.create(
        product_cart=cart("prod_123"),
        customer={"customer_id": "cus_123"},
        payment_method_id="pm_abc123",
        confirm=True,
        billing_address={"country": "DE", "city": "Berlin"},
        metadata={"order_id": "o-1"},
    )


@pytest.mark.requirement("sandbox.fidelity")
@pytest.mark.parametrize(
    ("refunds", "status", "partial"),
    [([], None, []), ([1000], "partial", [True]), ([5248], "full", [False]), ([5000, 248], "full", [True, True])],
    ids=["none", "a part", "all", "all in parts"],
)
async def test_a_payment_tells_what_was_charged_and_given_back(
    refunds: list[int], status: str | None, partial: list[bool]
) -> None:
    async with selling() as (client, sandbox):
        session = await paid(client)
        for amount in refunds:
            sandbox.refund(sandbox.payments[0], amount)
        payment = TypeAdapter(types.Payment).validate_python(
            (await client.payments.retrieve(session.payment_id)).to_dict()
        )
        assert (payment.payment_id, payment.checkout_session_id, payment.status, payment.metadata) == (
            session.payment_id,
            session.session_id,
            "succeeded",
            {"order_id": "o-1"},
        )
        assert (payment.total_amount, payment.tax, payment.billing.country, payment.billing.city) == (
            5248,
            838,
            "DE",
            "Berlin",
        )
        assert payment.refund_status == status
        assert [(refund.amount, refund.is_partial) for refund in payment.refunds] == list(
            zip(refunds, partial, strict=True)
        )
        [listed] = (await client.payments.list()).items
        assert listed.refund_status == status


@pytest.mark.requirement("sandbox.fidelity")
async def test_a_payment_without_an_address_is_billed_where_it_was_priced() -> None:
    async with selling() as (client, sandbox):
        await client.checkout_sessions.create(product_cart=cart("prod_123"), customer={"email": "a@b.co"})
        [session] = sandbox.sessions.values()
        payment = await client.payments.retrieve(sandbox.pay(session, "failed").id)
        assert (payment.billing.country, payment.tax, payment.status) == ("US", None, "failed")


@pytest.mark.requirement("sandbox.fidelity")
async def test_another_payment_is_not_found() -> None:
    async with selling() as (client, _sandbox):
        with pytest.raises(NotFoundError):
            await client.payments.retrieve("pay_none")
