"""The front page: a cart becomes a checkout, and the page tells what was sold without telling of a buyer."""

import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from browser import barriers, browsing, needs_browser
from checkout_server.sandbox.app import create_app
from checkout_server.sandbox.catalogue import CUSTOMERS, DISCOUNTS, PRODUCTS
from checkout_server.sandbox.embedded import running_kept_sandbox
from checkout_server.sandbox.kept import SandboxFile, Seal
from checkout_server.sandbox.listener import running_app
from checkout_server.sandbox.sessions import Sandbox, Session

pytestmark = pytest.mark.timeout(120)

BUYER = {"email": "private.person@example.com", "name": "Private Person"}


@asynccontextmanager
async def serving() -> AsyncGenerator[tuple[Sandbox, str]]:
    sandbox = Sandbox()
    async with running_app(create_app(sandbox)) as url:
        yield sandbox, url


@asynccontextmanager
async def visiting(**options: Any) -> AsyncGenerator[tuple[Any, Sandbox, str]]:
    """A browser that shows the front page, the sandbox, and where it is."""
    async with serving() as (sandbox, url), browsing(**options) as page:
        await page.goto(f"{url}/")
        yield page, sandbox, url


def words_of(html: str) -> str:
    return re.sub("<[^>]*>", "", html).replace("\u00a0", " ")


def only_session(sandbox: Sandbox) -> Session:
    [session] = sandbox.sessions.values()
    return session


@pytest.mark.requirement("sandbox.front_page")
@needs_browser
async def test_a_cart_opens_a_checkout_from_which_the_buyer_comes_back() -> None:
    async with visiting() as (page, sandbox, url):
        await page.get_by_label("Quantity of Wireless mouse").fill("2")
        await page.get_by_label("Quantity of Team plan").fill("1")
        await page.get_by_label("Extra seat for Team plan").fill("3")
        await page.get_by_role("combobox", name="Customer").select_option("Robert Johnson")
        await page.get_by_label("Billing country").select_option("DE")
        await page.get_by_label("Billing currency").select_option("GBP")
        await page.get_by_label("Discount codes").fill("save20, WELCOME10")
        await page.click("#open")
        session = only_session(sandbox)
        assert page.url == f"{url}/session/{session.id}"
        assert session.order == {
            "product_cart": [
                {"product_id": "prod_mouse", "quantity": 2},
                {
                    "product_id": "prod_team_plan",
                    "quantity": 1,
                    "addons": [{"addon_id": "addon_seat", "quantity": 3}],
                },
            ],
            "cancel_url": f"{url}/",
            "return_url": f"{url}/returned",
            "discount_codes": ["save20", "WELCOME10"],
            "customer": {"customer_id": "cus_123"},
            "billing_address": {"country": "DE"},
            "billing_currency": "GBP",
        }
        sandbox.pay(session, "succeeded")
        await page.goto(session.redirect_url("succeeded"))
        assert page.url == f"{url}/#sales"
        assert "succeeded" in await page.inner_text("#sales")


@pytest.mark.requirement("sandbox.front_page")
@needs_browser
async def test_the_keyboard_alone_opens_a_checkout_with_what_was_typed() -> None:
    async with visiting() as (page, sandbox, url):
        for _ in range(60):
            await page.keyboard.press("Tab")
            if await page.evaluate("document.activeElement.name") == "prod_laptop":
                break
        await page.keyboard.type("2")
        await page.keyboard.press("Enter")
        await page.wait_for_url(f"{url}/session/*")
        assert only_session(sandbox).order["product_cart"] == [{"product_id": "prod_laptop", "quantity": 2}]


@pytest.mark.requirement("sandbox.front_page")
async def test_every_product_that_is_sold_has_a_button_that_opens_a_checkout_with_it() -> None:
    async with serving() as (sandbox, url), httpx2.AsyncClient(base_url=url) as http:
        shown = (await http.get("/")).text
        for product in PRODUCTS.values():
            assert (f'name="{product.id}" value="1"' in shown) is not product.archived, product.id
            if not product.archived:
                answer = await http.post("/sandbox/checkouts", data={product.id: "1"})
                newest = list(sandbox.sessions.values())[-1]
                assert answer.headers["location"] == f"{url}/session/{newest.id}"
                assert newest.order["product_cart"] == [{"product_id": product.id, "quantity": 1}]


@pytest.mark.requirement("sandbox.front_page")
async def test_products_codes_and_customers_are_shown_with_prices_intervals_and_effects() -> None:
    async with serving() as (_sandbox, url), httpx2.AsyncClient(base_url=url) as http:
        shown = (await http.get("/")).text
    methods = [method.id for customer in CUSTOMERS.values() for method in customer.methods]
    for each in (*DISCOUNTS, *CUSTOMERS, *methods):
        assert f"<code>{each}</code>" in shown, each
    for fact in (
        "USD 49.00", "USD 29.00 every month", "USD 81.00 every 3 months", "USD 290.00 every year", "JPY 1,500",
        "KWD 12.500", "USD 1.00 or more", "First 7 days free", "First 14 days USD 1.00", "Tax included",
        "Add-ons: Extra seat USD 9.00, Priority support USD 25.00", "With 3 licence keys", "Grants credits",
        "USD 0.0025 for each of calls beyond 1,000", "33.33 % off", "20 % off, for 3 billing cycles",
        "15 % off, Gaming chair only", "Has expired: refused", "Is used up: refused", "Visa 4242, EUR only",
        "CUSTOMER_CANCELLED", "No money moves",
    ):  # fmt: skip
        assert fact in words_of(shown), fact


REFUSED: dict[str, tuple[dict[str, str], int, str]] = {
    "an empty cart": ({}, 400, "INVALID_REQUEST_BODY, product_cart is empty."),
    "no quantity at all": ({"prod_123": "0"}, 400, "product_cart is empty"),
    "a quantity that is a word": ({"prod_123": "two"}, 400, "quantity must be a positive integer"),
    "a quantity that is too large": ({"prod_123": "9" * 10}, 400, "quantity must be a positive integer"),
    "an add-on alone": ({"prod_team_plan addon_seat": "1"}, 400, "an add-on needs its product"),
    "an expired code": ({"prod_123": "1", "discount_codes": "EXPIRED"}, 422, "DISCOUNT_CODE_EXPIRED"),
    "a customer who does not exist": ({"prod_123": "1", "customer_id": "cus_0"}, 404, "NOT_FOUND"),
    "another currency": ({"prod_123": "1", "billing_currency": "XAF"}, 422, "UNSUPPORTED_BILLING_CURRENCY"),
}


@pytest.mark.requirement("sandbox.front_page")
@pytest.mark.parametrize("case", REFUSED)
async def test_a_cart_is_refused_with_the_codes_of_the_api_and_keeps_what_was_typed(case: str) -> None:
    form, status, problem = REFUSED[case]
    async with serving() as (sandbox, url), httpx2.AsyncClient(base_url=url) as http:
        answer = await http.post("/sandbox/checkouts", data=form)
        alert = answer.text.partition('role="alert"')[2].partition("</p>")[0]
        assert (answer.status_code, sandbox.sessions) == (status, {})
        assert f"{status} " in alert
        assert problem in alert
        for typed in {form.get("prod_123", "0"), form.get("discount_codes", "")} - {"0"}:
            assert f'value="{typed}"' in answer.text


@pytest.mark.requirement("sandbox.front_page")
async def test_sales_are_shown_newest_first_and_without_buyer_data() -> None:
    async with serving() as (sandbox, url), httpx2.AsyncClient(base_url=url) as http:
        assert "Nothing sold yet." in (await http.get("/")).text
        cart = [{"product_id": "prod_monthly_plan", "quantity": 2}]
        first = sandbox.create({"product_cart": cart, "customer": BUYER, "metadata": {"note": "private note"}})
        failed = sandbox.pay(first, "failed", error_code="INSUFFICIENT_FUNDS")
        paid = sandbox.pay(first, "succeeded")
        sandbox.refund(paid, 100)
        sandbox.dispute(paid)
        second = sandbox.create({"product_cart": [{"product_id": "prod_tokyo_guide", "quantity": 1}]})
        sales = (await http.get("/")).text.partition('id="sales"')[2].partition("</section>")[0]
    told = [
        second.id,
        first.id,
        paid.id,
        "dispute opened",
        paid.subscriptions[0].id,
        failed.id,
    ]
    assert [sales.index(each) for each in told] == sorted(sales.index(each) for each in told)
    for fact in (
        'class="state ">open<', 'class="state good">succeeded<', "<code>INSUFFICIENT_FUNDS</code>",
        f'href="/session/{first.id}"', f'href="/invoices/payments/{paid.id}"',
    ):  # fmt: skip
        assert fact in sales, fact
    for words in ("JPY 1,500", "Professional plan × 2", "USD 58.00", "refunded USD 1.00"):
        assert words in words_of(sales), words
    for private in (*BUYER.values(), "private note"):
        assert private not in sales


@pytest.mark.requirement("sandbox.front_page")
@pytest.mark.parametrize(
    ("status", "in_time", "too_late"),
    [
        (None, "open", "expired"),
        ("failed", "failed", "expired"),
        ("requires_customer_action", "requires customer action", "expired"),
        ("processing", "processing", "processing"),
        ("succeeded", "succeeded", "succeeded"),
    ],
)
async def test_a_session_is_shown_as_expired_once_it_can_no_longer_be_paid(
    status: str | None, in_time: str, too_late: str
) -> None:
    async with serving() as (sandbox, url), httpx2.AsyncClient(base_url=url) as http:
        session = sandbox.create({"product_cart": [{"product_id": "prod_123", "quantity": 1}]})
        if status is not None:
            sandbox.pay(session, status)
        assert f"Starter kit × 1\nUSD 49.00 · {in_time}\n" in words_of((await http.get("/")).text)
        sandbox.clock = lambda: session.expires_at
        assert f"Starter kit × 1\nUSD 49.00 · {too_late}\n" in words_of((await http.get("/")).text)


@pytest.mark.requirement("sandbox.front_page")
async def test_the_newest_fifty_sessions_are_shown_and_the_others_counted() -> None:
    async with serving() as (sandbox, url), httpx2.AsyncClient(base_url=url) as http:
        for count, older in ((50, ""), (1, "And 1 older."), (1, "And 2 older.")):
            for _ in range(count):
                sandbox.create({"product_cart": [{"product_id": "prod_laptop", "quantity": 1}]})
            text = words_of((await http.get("/")).text)
            assert (text.count("Laptop 14 inch × 1"), "older." in text, older in text) == (50, bool(older), True)


@pytest.mark.thorough
@pytest.mark.requirement("sandbox.front_page")
@needs_browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 768, 1280])
async def test_it_has_no_accessibility_violation_in_any_width_or_colour_scheme(
    scheme: str, width: int, tmp_path: Path
) -> None:
    console: list[str] = []
    async with visiting(color_scheme=scheme, viewport={"width": width, "height": 900}) as (page, sandbox, url):
        page.on("console", lambda message: console.append(message.text))
        session = sandbox.create({"product_cart": [{"product_id": "prod_untrusted_name", "quantity": 1}]})
        sandbox.pay(session, "failed")
        sandbox.pay(session, "succeeded")
        await page.goto(f"{url}/")
        await page.click("summary")
        await page.screenshot(path=tmp_path / f"{scheme}-{width}.png", full_page=True)
        assert await barriers(page) == []
        await page.get_by_label("Discount codes").fill("NONE")
        await page.get_by_label("Quantity of Starter kit").fill("1")
        assert console == []
        await page.click("#open")
        assert await page.inner_text("#problem") == (
            "The API refuses this cart: 422 INVALID_DISCOUNT_CODE, discount code does not exist."
        )
        assert await barriers(page) == []


@pytest.mark.requirement("sandbox.front_page")
@needs_browser
async def test_the_line_that_points_a_server_at_it_is_copied() -> None:
    async with visiting() as (page, _sandbox, url):
        await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        await page.get_by_role("button", name="Copy Settings of a server").click()
        await page.get_by_text("Copied.").wait_for()
        copied = await page.evaluate("navigator.clipboard.readText()")
        assert copied == f"DODO_PAYMENTS_BASE_URL={url} DODO_PAYMENTS_API_KEY=anything"


@pytest.mark.requirement("sandbox.front_page")
@needs_browser
async def test_who_comes_back_to_the_page_sees_what_was_sold_meanwhile_and_keeps_the_cart() -> None:
    async with visiting() as (page, sandbox, _url):
        await page.get_by_label("Quantity of Starter kit").fill("7")
        session = sandbox.create({"product_cart": [{"product_id": "prod_laptop", "quantity": 1}]})
        await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        await page.get_by_text(session.id).wait_for()
        assert await page.get_by_label("Quantity of Starter kit").input_value() == "7"


@pytest.mark.requirement("sandbox.front_page")
@needs_browser
async def test_text_from_outside_is_shown_as_text() -> None:
    async with visiting() as (page, sandbox, _url):
        sandbox.create({"product_cart": [{"product_id": "prod_untrusted_name", "quantity": 1}]})
        await page.get_by_label("Quantity of Starter kit").fill("1")
        await page.get_by_label("Discount codes").fill('"><b id=injected>\u202ex</b>')
        await page.click("#open")
        assert await page.locator("#injected").count() == 0
        assert await page.get_by_label("Discount codes").input_value() == '"><b id=injected>x</b>'
        content = await page.content()
        assert not any(character in content for character in "\u202e\u200b\x07\u2066\u2069")


@pytest.mark.requirement("sandbox.front_page")
async def test_the_sandbox_inside_a_server_has_it_too(tmp_path: Path) -> None:
    clear = Seal(lambda content, _context: content, lambda sealed, _context: sealed)
    async with (
        running_kept_sandbox(SandboxFile(tmp_path / "ledger.db.sandbox", clear)) as url,
        httpx2.AsyncClient() as http,
    ):
        assert "<h1>Sandbox shop</h1>" in (await http.get(f"{url}/")).text
