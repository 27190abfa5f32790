"""What the hosted page shows: it adds up, follows what the buyer fills in, and is what is charged."""

import asyncio
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape
from typing import Any

import httpx2
import pytest

from browser import needs_browser
from checkout_server.sandbox.app import create_app
from checkout_server.sandbox.catalogue import EXPONENTS, PRODUCTS
from checkout_server.sandbox.listener import running_app
from checkout_server.sandbox.sessions import Sandbox
from hosted_page import CUSTOMER, visiting

pytestmark = [pytest.mark.thorough, pytest.mark.timeout(120)]

NOW = datetime(2026, 11, 27, tzinfo=UTC)


def amounts(html: str) -> list[int]:
    """Every amount of a piece of a page, in minor units."""
    found = re.findall(r"(−?)([A-Z]{3})\u00a0([0-9,.]+)</bdi>", html)
    return [
        round(float(number.replace(",", "")) * 10 ** EXPONENTS.get(currency, 2)) * (-1 if sign else 1)
        for sign, currency, number in found
    ]


@dataclass
class Shown:
    """What a page says of an order."""

    html: str

    def part(self, start: str, end: str) -> str:
        return self.html.partition(start)[2].partition(end)[0]

    @property
    def lines(self) -> list[int]:
        cells = re.findall(r"<td>(.*?)</td>", self.part('id="lines"', "</table>"))
        return [amounts(cell)[0] for cell in cells]

    def sum(self, name: str) -> int | None:
        found = amounts(self.part(f'data-sum="{name}"', "</td>"))
        return found[0] if found else None

    @property
    def terms(self) -> list[str]:
        texts = re.findall(r"<p>(.*?)</p>", self.part('id="terms"', "</div>"))
        return [unescape(re.sub("<[^>]+>", "", text)) for text in texts]

    @property
    def button(self) -> str:
        return unescape(re.sub("<[^>]+>", "", self.part('<button id="pay" class="button">', "</button>")))


@dataclass
class Shop:
    http: httpx2.AsyncClient
    sandbox: Sandbox

    async def shown(self, **form: str) -> Shown:
        return Shown((await self.http.post("/price", data=form)).text)


@asynccontextmanager
async def shopping(*product_ids: str, **order: Any) -> AsyncGenerator[Shop]:
    sandbox = Sandbox(clock=lambda: NOW)
    cart = [{"product_id": each, "quantity": 2} for each in product_ids]
    session = sandbox.create({"product_cart": cart, "customer": CUSTOMER} | order)
    async with (
        running_app(create_app(sandbox)) as url,
        httpx2.AsyncClient(base_url=f"{url}/session/{session.id}", follow_redirects=True) as http,
    ):
        yield Shop(http, sandbox)


CODES: list[dict[str, Any]] = [{}, {"discount_codes": ["SAVE20", "FIRST3"]}]
PLACES: list[dict[str, Any]] = [{}, {"billing_address": {"country": "DE"}}]
SOLD = [product.id for product in PRODUCTS.values() if not product.archived]


@pytest.mark.requirement("sandbox.prices")
@pytest.mark.parametrize("place", PLACES, ids=["nowhere", "DE"])
@pytest.mark.parametrize("codes", CODES, ids=["no code", "codes"])
async def test_the_lines_of_any_cart_sum_to_what_is_due(codes: dict[str, Any], place: dict[str, Any]) -> None:
    carts = [(each,) for each in SOLD] + [("prod_trial_plan", "prod_mouse"), ("prod_paid_trial", "prod_yearly_plan")]
    for cart in carts:
        async with shopping(*cart, **codes, **place) as shop:
            shown = await shop.shown()
            subtotal, discount, tax = (shown.sum(name) for name in ("subtotal", "discount", "tax"))
            assert sum(shown.lines) == subtotal, cart
            assert subtotal is not None
            assert subtotal + (discount or 0) + (tax or 0) == shown.sum("total"), cart
            assert (tax is None) == (not place), cart


TERMS: dict[str, tuple[dict[str, Any], list[str], str]] = {
    "prod_123": ({}, [], "Pay USD 98.00"),
    "prod_monthly_plan": ({}, ["Then USD 58.00 every month, from 2026-12-27."], "Pay USD 58.00"),
    "prod_yearly_plan": ({}, ["Then USD 580.00 every year, from 2027-11-27."], "Pay USD 580.00"),
    "prod_quarterly_plan": ({}, ["Then USD 162.00 every 3 months, from 2027-02-25."], "Pay USD 162.00"),
    "prod_trial_plan": ({}, ["Then USD 38.00 every month, from 2026-12-04."], "Start free trial"),
    "prod_paid_trial": ({}, ["Then USD 78.00 every month, from 2026-12-11."], "Pay USD 2.00"),
    "prod_metered_plan": ({}, ["Usage is billed on top at each renewal."], "Confirm order"),
    "prod_subscription": (
        {"discount_codes": ["FIRST3"]},
        ["Then USD 15.84 every month, from 2026-12-27.", "When the discount ends: USD 19.80 every month."],
        "Pay USD 15.84",
    ),
    "prod_premium_plan": (
        {"subscription_data": {"on_demand": {"mandate_only": True}}},
        [
            "On demand: the seller charges you later, as agreed.",
            "Nothing is charged today. You approve later payments.",
        ],
        "Confirm order",
    ),
    "prod_saas_plan": (
        {
            "subscription_data": {"on_demand": {"mandate_only": False, "product_price": 500}},
            "customization": {"show_on_demand_tag": False, "theme_config": {"pay_button_text": "Subscribe now"}},
        },
        [],
        "Subscribe now",
    ),
}


@pytest.mark.requirement("sandbox.prices")
@pytest.mark.parametrize("product_id", TERMS)
async def test_a_page_says_what_is_charged_later_and_its_button_what_is_charged_now(product_id: str) -> None:
    order, terms, button = TERMS[product_id]
    async with shopping(product_id, **order) as shop:
        shown = await shop.shown()
        assert [each.replace("\u00a0", " ") for each in shown.terms] == terms
        assert shown.button.replace("\u00a0", " ") == button


CHANGES: dict[str, tuple[dict[str, str], str]] = {
    "a country": ({"country": "DE"}, "EUR 104.96"),
    "a country and a currency": ({"country": "DE", "currency": "GBP"}, "GBP 93.30"),
    "a state": ({"country": "US", "state": "CA"}, "USD 106.33"),
    "a code": ({"discount_code": "save20"}, "USD 78.40"),
    "the tax id of a business": ({"country": "DE", "business": "on", "tax_id": "DE123456789"}, "EUR 88.20"),
    "the tax id of somebody who is no business": ({"country": "DE", "tax_id": "DE123456789"}, "EUR 104.96"),
}


@pytest.mark.requirement("sandbox.prices")
@pytest.mark.parametrize("case", CHANGES)
async def test_a_change_is_priced_again_and_is_what_is_charged(case: str) -> None:
    form, total = CHANGES[case]
    async with shopping("prod_123") as shop:
        shown = await shop.shown(**form)
        assert f">{total.replace(' ', chr(0xA0))}</bdi>" in shown.part('id="total">', "</strong>")
        hidden = shown.part('name="shown_total" value="', '"')
        assert (await shop.http.post("/pay", data=form | {"shown_total": hidden})).status_code == 200
        [payment] = shop.sandbox.payments
        assert [payment.total] == amounts(f"{total.replace(' ', chr(0xA0))}</bdi>")
        assert f"{payment.total} {payment.currency}" == hidden


@pytest.mark.requirement("sandbox.prices")
async def test_nothing_is_charged_at_another_total_than_the_one_that_was_shown() -> None:
    """Without scripts the country is chosen and paid for in one step; the new total is shown first."""
    async with shopping("prod_123") as shop:
        before = Shown((await shop.http.get("")).text).part('name="shown_total" value="', '"')
        assert before == "9800 USD"
        form = {"country": "DE", "shown_total": before}
        answer = await shop.http.post("/pay", data=form)
        assert (answer.status_code, shop.sandbox.payments) == (422, [])
        assert "The total has changed. Check it and pay again." in answer.text
        after = Shown(answer.text)
        assert after.button.replace("\u00a0", " ") == "Pay EUR 104.96"
        shown = after.part('name="shown_total" value="', '"')
        await shop.http.post("/pay", data=form | {"shown_total": shown})
        assert [each.total for each in shop.sandbox.payments] == [10496]


@pytest.mark.requirement("sandbox.prices")
async def test_a_code_that_does_not_apply_is_named_and_the_rest_is_priced() -> None:
    async with shopping("prod_123") as shop:
        shown = await shop.shown(country="DE", discount_code="NOPE")
        assert "This discount code does not apply." in shown.html
        assert shown.button.replace("\u00a0", " ") == "Pay EUR 104.96"
        assert 'value="NOPE"' in shown.html


@pytest.mark.requirement("sandbox.prices")
async def test_a_collection_leaves_the_product_to_the_buyer() -> None:
    async with shopping(product_collection_id="pdc_starters") as shop:
        assert (await shop.shown()).button.replace("\u00a0", " ") == "Pay USD 49.00"
        await shop.http.post("/pay", data={"product": "prod_ebook_guide"})
        assert [each.total for each in shop.sandbox.payments] == [1900]


@pytest.mark.requirement("sandbox.prices")
@needs_browser
async def test_a_country_changes_the_tax_without_leaving_the_page() -> None:
    order = {"product_cart": [{"product_id": "prod_123", "quantity": 1}], "billing_address": None}
    async with visiting(**order, billing_currency=None) as visit:
        page = visit.page
        assert await page.inner_text("[data-sum=tax]") == "Depends on your country"
        await page.fill("#street", "Hauptstr. 1")
        await page.select_option("#country", "DE")
        await page.locator("#total", has_text="EUR").wait_for()
        assert await page.inner_text("[data-sum=tax]") == "EUR\u00a08.38"
        assert await page.inner_text("#pay") == "Pay EUR\u00a052.48"
        assert await page.input_value("#street") == "Hauptstr. 1"
        await page.select_option("#country", "US")
        await page.select_option("select#state", "CA")
        await page.locator("#pay", has_text="USD\u00a053.17").wait_for()
        await page.fill("#discount_code", "SAVE20")
        await page.click("#apply")
        await page.locator("#pay", has_text="USD\u00a042.53").wait_for()
        for name, text in {"#city": "Berkeley", "#zipcode": "94704"}.items():
            await page.fill(name, text)
        await visit.pay()
        await page.wait_for_selector("#receipt")
        [payment] = visit.sandbox.payments
        assert (payment.total, payment.order["discount_codes"]) == (4253, ["SAVE20"])
        assert [each for each in visit.complaints if "404" not in each] == []


@pytest.mark.requirement("sandbox.prices")
@needs_browser
async def test_what_is_typed_while_a_price_is_on_its_way_stays() -> None:
    async with visiting(billing_address=None, billing_currency=None) as visit:
        page, asked, may_answer = visit.page, asyncio.Event(), asyncio.Event()

        async def hold(route: Any) -> None:
            asked.set()
            await may_answer.wait()
            await route.continue_()

        await page.route("**/price", hold)
        await page.select_option("#country", "DE")
        await asked.wait()
        await page.fill("#zipcode", "10115")
        await page.focus("#street")
        await page.keyboard.type("Hauptstr")
        may_answer.set()
        await page.locator("#total", has_text="EUR").wait_for()
        await page.keyboard.type(". 1")
        assert await page.input_value("#street") == "Hauptstr. 1"
        assert await page.input_value("#zipcode") == "10115"


CUT_SHORT = """() => {
    const real = window.fetch;
    window.fetch = async (url, { signal }) => {
        window.fetch = real;
        const text = () => new Promise((_, fail) => signal.addEventListener("abort", () => fail(signal.reason)));
        return { text };
    };
}"""
"""The body of the first price never ends, and is cut by the next."""


@pytest.mark.requirement("sandbox.prices")
@needs_browser
async def test_a_price_that_a_newer_one_cuts_short_is_no_error_of_the_page() -> None:
    async with visiting(billing_address=None, billing_currency=None) as visit:
        page = visit.page
        await page.evaluate(CUT_SHORT)
        await page.select_option("#country", "FR")
        await page.select_option("#country", "DE")
        await page.locator("#total", has_text="EUR").wait_for()
        assert [each for each in visit.complaints if "404" not in each] == []
