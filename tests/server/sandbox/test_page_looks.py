"""How the hosted page looks: axe finds nothing, a keyboard is enough, colours and language are the order's."""

import re
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe

from browser import needs_browser
from checkout_schemas.vocabularies.languages import LANGUAGES
from checkout_server.sandbox.hosted.theme import theme_style
from hosted_page import ASKS_BANK, NO_FUNDS, Visit, visiting

pytestmark = [pytest.mark.thorough, pytest.mark.timeout(180)]

WIDTHS = (320, 1280)
CART: list[dict[str, Any]] = [
    {"product_id": "prod_team_plan", "quantity": 1, "addons": [{"addon_id": "addon_seat", "quantity": 2}]},
    {"product_id": "prod_paid_trial", "quantity": 1},
    {"product_id": "prod_mouse", "quantity": 2},
]
WHOLE: dict[str, Any] = {
    "product_cart": CART,
    "customer": {"customer_id": "cus_123"},
    "show_saved_payment_methods": True,
    "discount_codes": ["FIRST3"],
    "feature_flags": {"allow_editing_addons": True, "require_cardholder_name": True, "require_tax_id": True},
    "allowed_payment_method_types": ["paypal", "klarna", "credit", "debit"],
    "custom_fields": [
        {"key": "team", "label": "Team", "field_type": "text", "required": True, "placeholder": "Blue"},
        {"key": "size", "label": "Size", "field_type": "dropdown", "options": ["S", "L"]},
        {"key": "news", "label": "News", "field_type": "boolean"},
        {"key": "day", "label": "Day", "field_type": "date"},
    ],
}
"""An order whose page has every kind of field."""


async def violations(page: Any) -> list[str]:
    found = (await Axe().run(page)).response["violations"]
    return [f"{each['id']}: {[node['html'][:90] for node in each['nodes']]}" for each in found]


async def spills(page: Any) -> bool:
    """Whether one has to scroll sideways."""
    return await page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")


class Gallery:
    """Looks at a page in both widths, and keeps its pictures."""

    def __init__(self, visit: Visit, folder: Path) -> None:
        self._visit, self._folder = visit, folder

    async def look(self, name: str) -> None:
        page = self._visit.page
        for width in WIDTHS:
            await page.set_viewport_size({"width": width, "height": 800})
            assert await violations(page) == [], (name, width)
            assert not await spills(page), (name, width)
            picture = await page.screenshot(full_page=True, path=self._folder / f"{name}-{width}.png")
            assert len(picture) > 1000


@pytest.mark.requirement("sandbox.looks")
@needs_browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("theme", ["system", None])
async def test_axe_finds_nothing_on_any_page_in_any_width(scheme: str, theme: str | None, tmp_path: Path) -> None:
    order: dict[str, Any] = WHOLE | {"customization": {"theme": theme or scheme}}
    async with visiting(browser={"color_scheme": scheme if theme else "light"}, **order) as visit:
        gallery, page = Gallery(visit, tmp_path), visit.page
        await page.check("#business")
        await page.check("#way_card")
        await page.click("#cards summary")
        await gallery.look("checkout")
        await page.fill("#tax_id", "DE123456789")
        await page.fill("#cardholder", "Robert")
        await page.fill("#custom_team", "blue")
        await visit.pay(NO_FUNDS)
        await page.wait_for_selector("#continue")
        await gallery.look("declined")
        await page.check("#way_card")
        await page.fill("#cardholder", "Robert")
        await visit.pay(ASKS_BANK)
        await page.wait_for_selector("#confirm")
        await gallery.look("challenge")
        await page.click("#confirm")
        await page.wait_for_selector("#receipt")
        await page.click("details.played summary")
        await gallery.look("receipt")
        await page.goto(f"{page.url.rpartition('/')[0]}")
        await gallery.look("used")
        await page.goto(f"{page.url}x")
        await gallery.look("missing")
    assert len(list(tmp_path.glob("*.png"))) == 12


@pytest.mark.requirement("sandbox.looks")
@needs_browser
async def test_a_keyboard_alone_pays(tmp_path: Path) -> None:
    async with visiting(customer=None) as visit:
        keyboard, page = visit.page.keyboard, visit.page

        async def go_to(name: str) -> None:
            for _ in range(60):
                if await page.evaluate("document.activeElement.id || document.activeElement.value") == name:
                    return
                await keyboard.press("Tab")
            raise AssertionError(f"no way to {name}")

        typed = {
            "discount_code": "save20",
            "email": "ada@example.com",
            "name": "Ada",
            "card_number": "4242424242424242",
        }
        for name, text in (typed | {"expiry": "1234", "cvc": "123"}).items():
            await go_to(name)
            outline = await page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert outline == "solid", name
            await keyboard.type(text)
            if name == "discount_code":
                await keyboard.press("Enter")
                await page.locator("[data-sum=discount]").wait_for()
        assert await page.input_value("#card_number") == "4242 4242 4242 4242"
        assert await page.input_value("#expiry") == "12/34"
        await go_to("pay")
        await keyboard.press("Enter")
        await page.wait_for_selector("#receipt")
        [payment] = visit.sandbox.payments
        assert (payment.customer.email, payment.order["discount_codes"]) == ("ada@example.com", ["save20"])
        await go_to("continue")
        await keyboard.press("Enter")
        await page.wait_for_url(f"{visit.shop}/**")


@pytest.mark.requirement("sandbox.looks")
@needs_browser
async def test_the_page_is_whole_in_each_language(tmp_path: Path) -> None:
    async with visiting() as visit:
        address = visit.page.url
        seen: dict[str, str] = {}
        for language in sorted(LANGUAGES):
            visit.session.order["customization"] = {"force_language": language}
            await visit.page.goto(address)
            assert await visit.page.get_attribute("html", "lang") == language
            is_rtl = await visit.page.evaluate("getComputedStyle(document.body).direction") == "rtl"
            assert is_rtl is (language in {"ar", "he"})
            for width in WIDTHS:
                await visit.page.set_viewport_size({"width": width, "height": 800})
                assert not await spills(visit.page), (language, width)
            seen[language] = await visit.page.inner_text("main")
            assert not re.search(r"\{\w+\}", seen[language])
            if is_rtl:
                assert await violations(visit.page) == []
                await visit.page.screenshot(full_page=True, path=tmp_path / f"{language}.png")
        assert len(set(seen.values())) == len(LANGUAGES)
        assert "ألمانيا" in await country_names(visit.page, address, visit, "ar")
        assert "Deutschland" in await country_names(visit.page, address, visit, "de")


async def country_names(page: Any, address: str, visit: Visit, language: str) -> list[str]:
    visit.session.order["customization"] = {"force_language": language}
    await page.goto(address)
    return await page.locator("#country option").all_inner_texts()


@pytest.mark.requirement("sandbox.looks")
@needs_browser
async def test_without_a_forced_language_the_browsers_is_spoken() -> None:
    async with visiting(browser={"locale": "ko-KR"}) as visit:
        assert await visit.page.inner_text("h1") == "결제"


@pytest.mark.requirement("sandbox.looks")
@needs_browser
async def test_colours_and_sizes_of_the_order_are_seen_and_nothing_else_of_them_is() -> None:
    colours = {"button_primary": "0a7d4f", "bg_primary": "rgb(250, 255, 250)", "text_primary": "red;}body{display:none"}
    config = {"light": colours, "radius": "3px", "font_size": "lg", "font_weight": "expression(1)"}
    async with visiting(customization={"theme": "light", "theme_config": config}) as visit:
        style = "getComputedStyle(document.querySelector('{}')).{}"
        assert await visit.page.evaluate(style.format("#pay", "backgroundColor")) == "rgb(10, 125, 79)"
        assert await visit.page.evaluate(style.format("body", "backgroundColor")) == "rgb(250, 255, 250)"
        assert await visit.page.evaluate(style.format("#pay", "borderRadius")) == "3px"
        assert await visit.page.evaluate(style.format("html", "fontSize")) == "18px"
        assert await visit.page.is_visible("body")
        assert [each for each in visit.complaints if "404" not in each] == []


INJECTED = [
    "red;}",
    "url(https://evil.example)",
    "var(--x)",
    "rgb(1,2,3",
    "#ggg",
    "}</style><script>",
    "red/**/",
    "a\\62",
]


@pytest.mark.requirement("sandbox.looks")
@pytest.mark.parametrize("text", INJECTED)
def test_what_is_not_a_colour_is_left_out(text: str) -> None:
    wanted = {"light": {"bg_primary": text, text: "red"}, "radius": text, "font_size": text}
    assert theme_style("light", wanted) == theme_style("light", {})


GIVEN = {
    "#fff": "#fff",
    "FFFFFF80": "#FFFFFF80",
    "hsl(120deg 100% 50% / 0.5)": "hsl(120deg 100% 50% / 0.5)",
    "red": "red",
}


@pytest.mark.requirement("sandbox.looks")
@pytest.mark.parametrize(("given", "used"), GIVEN.items())
def test_any_way_to_write_a_colour_is_used(given: str, used: str) -> None:
    assert f"--bg-primary: {used};" in theme_style("system", {"light": {"bg_primary": given}})


@pytest.mark.requirement("sandbox.looks")
@needs_browser
async def test_details_are_closed_where_the_order_says_so() -> None:
    async with visiting(customization={"show_order_details": False}) as visit:
        assert not await visit.page.is_visible("#lines")
        assert await visit.page.is_visible("#sums")


@pytest.mark.requirement("sandbox.looks")
@needs_browser
async def test_a_page_allows_its_own_script_and_style_and_sends_forms_home() -> None:
    flags = {"redirect_immediately": True}
    async with visiting() as plain, visiting(feature_flags=flags) as immediate:
        for visit, targets in ((plain, "'self'"), (immediate, f"'self' {immediate.shop}")):
            policy = (await visit.page.request.get(visit.page.url)).headers["content-security-policy"]
            assert re.fullmatch(
                r"default-src 'none'; style-src 'sha256-[^']+'; script-src 'sha256-[^']+'; connect-src 'self'; "
                rf"form-action {re.escape(targets)}; base-uri 'none'; frame-ancestors 'none'",
                policy,
            )
        html = await plain.page.content()
        assert not re.search(r"<[^>]+ on[a-z]+=|<[^>]+ style=", html.partition("<body>")[2].partition("<script>")[0])
