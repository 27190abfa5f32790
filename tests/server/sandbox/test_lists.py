"""Lists as the official client asks for them: filters, pages and order."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from warnings import catch_warnings, simplefilter

import pytest
from dodopayments import AsyncDodoPayments, BadRequestError, NotFoundError, types
from dodopayments.types import customer_retrieve_payment_methods_response as methods_response
from pydantic import TypeAdapter

from checkout_server.sandbox.app import create_app
from checkout_server.sandbox.listener import running_app
from checkout_server.sandbox.payments import Payment
from checkout_server.sandbox.sessions import Sandbox

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)


@asynccontextmanager
async def listing() -> AsyncGenerator[tuple[Any, Sandbox]]:
    sandbox = Sandbox()
    async with (
        running_app(create_app(sandbox)) as url,
        AsyncDodoPayments(bearer_token="any", base_url=url, max_retries=0) as client,
    ):
        yield client, sandbox


def sell(sandbox: Sandbox, product_id: str, status: str = "succeeded", *, minutes: int = 0, **order: Any) -> Payment:
    sandbox.clock = lambda: NOON + timedelta(minutes=minutes)
    cart = [{"product_id": product_id, "quantity": 1}]
    return sandbox.pay(sandbox.create({"product_cart": cart, "customer": {"customer_id": "cus_123"}} | order), status)


@pytest.mark.requirement("sandbox.lists")
@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({}, [3, 2, 1, 0]),
        ({"created_at_gte": NOON + timedelta(minutes=1)}, [3, 2, 1]),
        ({"created_at_gte": NOON + timedelta(minutes=1, microseconds=1)}, [3, 2]),
        ({"created_at_lte": NOON + timedelta(minutes=1)}, [1, 0]),
        ({"created_at_lte": NOON + timedelta(minutes=1, microseconds=-1)}, [0]),
        ({"created_at_gte": "2026-11-27T12:01:00", "created_at_lte": "2026-11-27T12:02:00Z"}, [2, 1]),
        ({"status": "failed"}, [1]),
        ({"customer_id": "cus_456"}, [2]),
        ({"currency": "JPY"}, [3]),
        ({"product_id": "prod_monthly_plan"}, [2]),
        ({"product_id": "prod_none"}, []),
        ({"subscription_id": "of the third"}, [2]),
        ({"brand_id": "bus_sandbox"}, [3, 2, 1, 0]),
        ({"brand_id": "brand_other"}, []),
        ({"status": "succeeded", "customer_id": "cus_123"}, [3, 0]),
        ({"page_size": 3}, [3, 2, 1]),
        ({"page_size": 3, "page_number": 1}, [0]),
        ({"page_size": 100, "page_number": 1}, []),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, dict) else "",
)
async def test_payments_are_found_by_each_filter_newest_first(filters: dict[str, Any], found: list[int]) -> None:
    async with listing() as (client, sandbox):
        made = [
            sell(sandbox, "prod_123"),
            sell(sandbox, "prod_123", "failed", minutes=1),
            sell(sandbox, "prod_monthly_plan", minutes=2, customer={"customer_id": "cus_456"}),
            sell(sandbox, "prod_tokyo_guide", minutes=3),
        ]
        if "subscription_id" in filters:
            filters = {"subscription_id": made[2].subscriptions[0].id}
        rows = (await client.payments.list(**filters)).items
        assert [row.payment_id for row in rows] == [made[number].id for number in found]


@pytest.mark.requirement("sandbox.lists")
@pytest.mark.parametrize(
    "filters",
    [
        {"page_size": 0}, {"page_size": 101}, {"page_number": -1}, {"extra_query": {"page_size": "ten"}},
        {"created_at_gte": "yesterday"}, {"created_at_lte": "2026-13-01"},
    ],
    ids=str,
)  # fmt: skip
async def test_what_is_no_page_and_no_date_is_refused(filters: dict[str, Any]) -> None:
    async with listing() as (client, sandbox):
        sell(sandbox, "prod_123")
        with pytest.raises(BadRequestError) as refused:
            await client.payments.list(**filters)
        assert refused.value.response.json()["code"] == "INVALID_REQUEST_PARAMETERS"


@pytest.mark.requirement("sandbox.lists")
async def test_a_page_has_ten_rows_unless_asked_otherwise_and_at_most_a_hundred() -> None:
    async with listing() as (client, sandbox):
        for _ in range(101):
            sell(sandbox, "prod_123")
        assert len((await client.payments.list()).items) == 10
        assert len((await client.payments.list(page_size=100)).items) == 100


@pytest.mark.requirement("sandbox.lists")
@pytest.mark.parametrize("kind", [True, False, None])
async def test_products_are_found_by_kind_and_without_the_archived_ones(kind: bool | None) -> None:
    async with listing() as (client, _sandbox):
        everything = (await client.products.list(page_size=100)).items
        found = (await client.products.list(page_size=100, **({} if kind is None else {"recurring": kind}))).items
        assert found == [each for each in everything if kind in {None, each.is_recurring}]
        assert {each.is_recurring for each in everything} == {True, False}
        assert "prod_archived" not in {each.product_id for each in everything}
        [archived] = (await client.products.list(archived=True)).items
        assert archived.product_id == "prod_archived"
        assert (await client.products.list(brand_id="brand_other")).items == []


@pytest.mark.requirement("sandbox.lists")
@pytest.mark.parametrize(
    ("filters", "count"),
    [
        ({}, 4),
        ({"product_id": "prod_license_bundle"}, 3),
        ({"customer_id": "cus_456"}, 1),
        ({"status": "active"}, 4),
        ({"status": "disabled"}, 0),
        ({"source": "import"}, 0),
        ({"created_at_gte": NOON + timedelta(minutes=1)}, 1),
        ({"created_at_lte": NOON}, 3),
    ],
    ids=str,
)
async def test_license_keys_are_found_by_each_filter(filters: dict[str, Any], count: int) -> None:
    async with listing() as (client, sandbox):
        sell(sandbox, "prod_license_bundle")
        sell(sandbox, "prod_digital_product", minutes=1, customer={"customer_id": "cus_456"})
        sell(sandbox, "prod_license_bundle", "failed", minutes=2)
        with catch_warnings():
            simplefilter("ignore", DeprecationWarning)  # the client's: grants of entitlements are newer
            rows = (await client.license_keys.list(**filters)).items
            assert len(rows) == count
            for row in rows:
                assert TypeAdapter(types.LicenseKey).validate_python(row.to_dict())
                assert await client.license_keys.retrieve(row.id) == row
            with pytest.raises(NotFoundError):
                await client.license_keys.retrieve("lic_none")


@pytest.mark.requirement("sandbox.lists")
async def test_a_session_gives_a_key_for_each_unit_up_to_fifty() -> None:
    async with listing() as (_client, sandbox):
        for quantity, count in ((2, 6), (16, 48), (17, 50)):
            cart = [{"product_id": "prod_license_bundle", "quantity": quantity}]
            payment = sandbox.pay(sandbox.create({"product_cart": cart}), "succeeded")
            assert len({each.key for each in payment.license_keys}) == count
            assert payment.license_keys[0].key.startswith("LK-001-")


@pytest.mark.requirement("sandbox.lists")
async def test_saved_methods_are_the_customers_own() -> None:
    async with listing() as (client, _sandbox):
        answer = await client.customers.retrieve_payment_methods("cus_123")
        assert TypeAdapter(methods_response.CustomerRetrievePaymentMethodsResponse).validate_python(answer.to_dict())
        assert [each.payment_method_id for each in answer.items] == ["pm_abc123", "pm_euro"]
        card = answer.items[0].card
        assert (card.card_network, card.last4_digits, card.expiry_month, card.expiry_year) == (
            "visa",
            "4242",
            "12",
            "2031",
        )
        assert (answer.items[0].payment_method, answer.items[0].recurring_enabled) == ("card", True)
        assert (await client.customers.retrieve_payment_methods("cus_456")).items == []
        with pytest.raises(NotFoundError):
            await client.customers.retrieve_payment_methods("cus_none")
