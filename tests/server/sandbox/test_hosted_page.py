"""The hosted page, in a real browser: pay, fail, cancel, and where the buyer ends up."""

import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from checkout_server.sandbox.app import create_app
from checkout_server.sandbox.listener import running_app
from checkout_server.sandbox.sessions import Sandbox

CHROMIUM = shutil.which("chromium")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip

pytestmark = [
    pytest.mark.requirement("sandbox.page"),
    pytest.mark.skipif(CHROMIUM is None, reason="no browser: install Debian's package chromium"),
    pytest.mark.timeout(120),
]


@asynccontextmanager
async def browsing() -> AsyncGenerator[Any]:
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        try:
            yield await browser.new_page()
        finally:
            await browser.close()


@asynccontextmanager
async def shopping(**order: Any) -> AsyncGenerator[tuple[Any, Any, str, Sandbox]]:
    """A browser page, the created session's URL, the shop's URL, and the sandbox."""

    async def landing(_request: Request) -> PlainTextResponse:
        return PlainTextResponse("the shop")

    sandbox = Sandbox()
    shop_app = Starlette(routes=[Route("/{path:path}", landing)])
    async with running_app(create_app(sandbox)) as url, running_app(shop_app) as shop, browsing() as page:
        body = {
            "product_cart": [{"product_id": "prod_digital_product", "quantity": 1}],
            "customer": {"email": "customer@example.com", "name": "Jane"},
            "return_url": f"{shop}/return?kept=1",
            "cancel_url": f"{shop}/cart",
        } | order
        async with httpx2.AsyncClient(base_url=url, headers={"Authorization": "Bearer x"}) as http:
            answer = await http.post("/checkouts", json=body)
            assert answer.status_code == 200, answer.text
        await page.goto(answer.json()["checkout_url"])
        yield page, answer.json(), shop, sandbox


def query(url: str) -> list[tuple[str, str]]:
    return parse_qsl(urlsplit(url).query)


async def test_paying_returns_with_the_guides_parameters() -> None:
    async with shopping() as (page, _session, shop, sandbox):
        assert "no money moves" in await page.inner_text("main")
        assert await page.inner_text("#total") == "USD\u00a039.00"
        await page.click("#pay")
        await page.click("#continue")
        await page.wait_for_url(f"{shop}/**")
        [payment] = sandbox.payments
        assert payment.status == "succeeded"
        assert query(page.url) == [
            ("kept", "1"),
            ("payment_id", payment.id),
            ("status", "succeeded"),
            ("license_key", payment.license_keys[0].key),
            ("email", "customer@example.com"),
        ]


async def test_a_subscription_returns_active_with_all_its_keys() -> None:
    cart = [{"product_id": "prod_monthly_plan", "quantity": 1}]
    flags = {"redirect_immediately": True}
    async with shopping(product_cart=cart, feature_flags=flags) as (page, _session, shop, sandbox):
        assert "at each renewal" in await page.inner_text("main")
        await page.click("#pay")
        await page.wait_for_url(f"{shop}/**")
        [payment] = sandbox.payments
        assert query(page.url) == [
            ("kept", "1"),
            ("subscription_id", payment.subscriptions[0].id),
            ("status", "active"),
            ("email", "customer@example.com"),
        ]


async def test_several_license_keys_are_joined_with_commas() -> None:
    cart = [{"product_id": "prod_license_bundle", "quantity": 1}]
    flags = {"redirect_immediately": True}
    async with shopping(product_cart=cart, feature_flags=flags) as (page, _session, shop, sandbox):
        await page.click("#pay")
        await page.wait_for_url(f"{shop}/**")
        assert dict(query(page.url))["license_key"].split(",") == [
            each.key for each in sandbox.payments[0].license_keys
        ]
        assert len(sandbox.payments[0].license_keys) == 3


async def test_a_declined_card_fails_and_may_be_tried_again() -> None:
    async with shopping() as (page, _session, _shop, sandbox):
        await page.click("#fail")
        assert await page.inner_text("h1") == "Payment failed"
        assert ("status", "failed") in query(await page.get_attribute("#continue", "href"))
        assert sandbox.payments[0].status == "failed"
        await page.click("text=Try again")
        await page.click("#pay")
        assert await page.inner_text("h1") == "Payment succeeded"
        assert [payment.status for payment in sandbox.payments] == ["failed", "succeeded"]


async def test_the_bank_asks_for_a_confirmation_and_what_was_typed_is_kept() -> None:
    fields = [{"key": "team", "label": "Team", "field_type": "text", "required": True}]
    async with shopping(customer=None, custom_fields=fields) as (page, _session, _shop, sandbox):
        await page.fill("[name=email]", "ada@example.com")
        await page.fill("[name=custom_team]", "blue")
        await page.click("#challenge")
        [payment] = sandbox.payments
        assert (await page.inner_text("h1"), payment.status) == ("Confirm the payment", "requires_customer_action")
        await page.click("#confirm")
        assert await page.inner_text("h1") == "Payment succeeded"
        assert (payment.status, payment.customer.email, payment.answers) == (
            "succeeded",
            "ada@example.com",
            {"team": "blue"},
        )


async def test_the_merchant_and_the_bank_are_played_on_the_page() -> None:
    async with shopping() as (page, _session, _shop, sandbox):
        await page.click("#pay")
        for button in ("#refund", "#dispute"):
            await page.click("summary")
            await page.click(button)
        [payment] = sandbox.payments
        assert (payment.refund_status, [each.status for each in payment.disputes]) == ("full", ["dispute_opened"])


async def test_cancelling_goes_to_cancel_url_untouched() -> None:
    async with shopping() as (page, _session, shop, sandbox):
        await page.click("#cancel")
        await page.wait_for_url(f"{shop}/cart")
        assert sandbox.payments == []


async def test_without_cancel_url_there_is_no_way_back() -> None:
    async with shopping(cancel_url=None) as (page, _session, _shop, _sandbox):
        assert await page.locator("#cancel").count() == 0


async def test_a_required_custom_field_must_be_filled() -> None:
    fields = [
        {"key": "size", "label": "Team size", "field_type": "dropdown", "required": True, "options": ["1-10", "11-50"]}
    ]
    async with shopping(custom_fields=fields) as (page, _session, _shop, sandbox):
        await page.click("#pay")
        assert sandbox.payments == []
        await page.select_option("[name=custom_size]", "11-50")
        await page.click("#pay")
        await page.wait_for_selector("#continue")
        assert len(sandbox.payments) == 1


async def test_paying_twice_is_one_payment() -> None:
    async with shopping() as (page, session, _shop, sandbox):
        await page.click("#pay")
        await page.goto(session["checkout_url"])
        assert await page.inner_text("h1") == "Payment succeeded"
        async with httpx2.AsyncClient() as http:
            await http.post(f"{session['checkout_url']}/pay")
            await http.post(f"{session['checkout_url']}/fail")
        assert [payment.status for payment in sandbox.payments] == ["succeeded"]


async def test_text_from_the_order_is_shown_as_text() -> None:
    cart = [{"product_id": "prod_untrusted_name", "quantity": 1}]
    fields = [{"key": "k", "label": "<b id=injected>x</b>", "field_type": "text"}]
    custom = {"theme": "dark", "force_language": "ja"}
    async with shopping(product_cart=cart, custom_fields=fields, customization=custom) as (page, *_rest):
        assert await page.locator("#injected").count() == 0
        content = await page.inner_text("main")
        assert not any(character in content for character in "\u202e\u200b\x07")
        assert await page.get_attribute("html", "lang") == "ja"
        assert await page.get_attribute("html", "data-theme") == "dark"
