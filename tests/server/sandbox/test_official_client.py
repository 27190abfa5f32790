"""The official client judges the sandbox: sync and async, and every answer strictly against its types."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from dodopayments import AsyncDodoPayments, DodoPayments, types
from dodopayments.types import customer_retrieve_payment_methods_response as methods_response
from pydantic import TypeAdapter

from checkout_server.sandbox.listener import running_sandbox

EXAMPLES = json.loads((Path(__file__).parents[2] / "guide" / "examples.json").read_text(encoding="utf-8"))
CART = [{"product_id": "prod_123", "quantity": 1}]


@asynccontextmanager
async def official(url: str) -> AsyncGenerator[AsyncDodoPayments]:
    async with AsyncDodoPayments(bearer_token="any", base_url=url, max_retries=0) as client:
        yield client


def sync_sale(url: str) -> tuple[Any, Any, Any]:
    with DodoPayments(bearer_token="any", base_url=url, max_retries=0) as client:
        preview = client.checkout_sessions.preview(product_cart=CART, discount_codes=["SAVE20"])  # pyright: ignore[reportArgumentType] - plain dicts
        session = client.checkout_sessions.create(product_cart=CART, customer={"email": "a@b.co"})  # pyright: ignore[reportArgumentType] - plain dicts
        return preview, session, client.checkout_sessions.retrieve(session.session_id)


@pytest.mark.requirement("sandbox.fidelity")
async def test_the_sync_client_sells() -> None:
    import asyncio

    async with running_sandbox() as url:
        preview, session, status = await asyncio.to_thread(sync_sale, url)
    assert (preview.currency, preview.current_breakup.total_amount) == ("USD", 3920)
    assert session.checkout_url == f"{url}/session/{session.session_id}"
    assert (status.id, status.payment_status, status.customer_email) == (session.session_id, None, "a@b.co")


@pytest.mark.requirement("sandbox.fidelity")
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["title"])
async def test_the_async_client_runs_every_example_of_the_guide(example: dict[str, Any]) -> None:
    async with running_sandbox() as url, official(url) as client:
        preview = await client.checkout_sessions.preview(**example["request"])
        assert preview.current_breakup.total_amount > 0 or example["request"].get("subscription_data")
        if example["operation"] == "create":
            session = await client.checkout_sessions.create(**example["request"])
            status = await client.checkout_sessions.retrieve(session.session_id)
            paid = "payment_method_id" in example["request"]
            confirmed = example["request"].get("confirm") is True
            assert (session.checkout_url is None) == paid
            assert (session.client_secret is not None, session.payment_id is not None) == (confirmed, confirmed)
            assert status.payment_status == ("succeeded" if paid else "requires_payment_method" if confirmed else None)


@pytest.mark.requirement("sandbox.fidelity")
async def test_a_payment_carries_its_session_and_metadata() -> None:
    async with running_sandbox() as url, official(url) as client:
        session = await client.checkout_sessions.create(
            product_cart=CART,  # pyright: ignore[reportArgumentType] - plain dicts
            customer={"customer_id": "cus_123"},
            payment_method_id="pm_abc123",
            confirm=True,
            metadata={"order_id": "o-1"},
        )
        page = await client.payments.list()
        [row] = page.items
        assert (row.checkout_session_id, row.metadata, row.payment_id) == (
            session.session_id,
            {"order_id": "o-1"},
            session.payment_id,
        )


STRICT: list[tuple[str, str, Any, Any]] = [
    ("GET", "/products?page_size=100", None, list[types.ProductListResponse]),
    ("GET", "/products/prod_monthly_plan", None, types.Product),
    ("GET", "/products/prod_donation", None, types.Product),
    ("GET", "/products/prod_metered_plan", None, types.Product),
    ("GET", "/products/prod_team_plan?locale=fr", None, types.Product),
    ("GET", "/addons?locale=fr", None, list[types.AddonResponse]),
    ("GET", "/addons/addon_seat", None, types.AddonResponse),
    ("GET", "/brands", None, types.BrandListResponse),
    ("POST", "/checkouts/preview", {"product_cart": CART}, types.CheckoutSessionPreviewResponse),
    (
        "POST",
        "/checkouts/preview",
        {
            "product_cart": [
                {"product_id": "prod_team_plan", "quantity": 2, "addons": [{"addon_id": "addon_seat", "quantity": 3}]},
                {"product_id": "prod_paid_trial", "quantity": 1},
                {"product_id": "prod_credits", "quantity": 1},
                {"product_id": "prod_metered_plan", "quantity": 1},
            ],
            "discount_codes": ["first3"],
            "billing_address": {"country": "DE"},
        },
        types.CheckoutSessionPreviewResponse,
    ),
    ("POST", "/checkouts", {"product_cart": CART}, types.CheckoutSessionResponse),
    ("GET", "/payments", None, list[types.PaymentListResponse]),
    (
        "GET",
        "/customers/cus_123/payment-methods",
        None,
        methods_response.CustomerRetrievePaymentMethodsResponse,
    ),
]


@pytest.mark.requirement("sandbox.fidelity")
@pytest.mark.parametrize(
    ("method", "path", "body", "shape"), STRICT, ids=lambda value: value if isinstance(value, str) else ""
)
async def test_an_answer_is_valid_and_not_merely_parsed(method: str, path: str, body: Any, shape: Any) -> None:
    """The client constructs models without validating; here the same models validate."""
    async with (
        running_sandbox() as url,
        httpx2.AsyncClient(base_url=url, headers={"Authorization": "Bearer x"}) as http,
    ):
        if path == "/payments":
            sale = {
                "product_cart": CART,
                "customer": {"customer_id": "cus_123"},
                "payment_method_id": "pm_abc123",
                "confirm": True,
            }
            await http.post("/checkouts", json=sale)
        answer = await http.request(method, path, json=body)
        assert answer.status_code == 200, answer.text
        content = answer.json()
        items = content["items"] if str(shape).startswith("list") else content
        assert TypeAdapter(shape).validate_python(items)


@pytest.mark.requirement("sandbox.fidelity")
async def test_a_missing_key_and_a_broken_body_are_refused() -> None:
    async with running_sandbox() as url, httpx2.AsyncClient(base_url=url) as http:
        missing = await http.post("/checkouts", json={})
        broken = await http.post("/checkouts", content=b"{", headers={"Authorization": "Bearer x"})
        assert (missing.status_code, missing.json()["code"]) == (401, "UNAUTHORIZED")
        assert (broken.status_code, broken.json()["code"]) == (400, "INVALID_REQUEST_BODY")
