"""A buyer who pays in a real browser and comes back to the return page."""

import re
from typing import Any

import pytest

from browser import browsing, needs_browser
from checkout_server.sandbox.app import create_app
from checkout_server.sandbox.listener import running_app
from hosted_page import type_card
from public_world import PublicWorld

# In a loop of its own, since the world is.
pytestmark = [pytest.mark.thorough, needs_browser, pytest.mark.timeout(120), pytest.mark.asyncio(loop_scope="function")]


async def brightness(page: Any, scheme: str) -> int:
    await page.emulate_media(color_scheme=scheme)
    colour = await page.evaluate("getComputedStyle(document.body).backgroundColor")
    return sum(map(int, re.findall("[0-9]+", colour)[:3]))


@pytest.mark.requirement("return.shows", "return.clean", "return.keys")
async def test_a_buyer_who_pays_comes_back_to_a_clean_page_in_their_colours(world: PublicWorld) -> None:
    session = await world.sell(feature_flags={"redirect_immediately": True})
    async with running_app(create_app(world.upstream.sandbox)) as hosted, browsing(locale="de-DE") as page:
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        await page.goto(f"{hosted}/session/{session.id}")
        complaints.clear()
        assert await page.inner_text("h1") == "Kasse"
        await page.select_option("#country", "DE")
        for name, text in {"name": "Ada", "street": "Hauptstr. 1", "city": "Berlin", "zipcode": "10115"}.items():
            await page.fill(f"#{name}", text)
        await type_card(page)
        await page.locator("#pay", has_text="EUR").wait_for()
        await page.click("#pay")
        await page.wait_for_url(f"**{world.path(session)}")
        assert page.url == f"{world.desk.public_url}{world.path(session)}"
        assert await page.inner_text("h1") == "Zahlung erhalten"
        payment = world.upstream.sandbox.payments[-1]
        assert await page.inner_text("#keys") == payment.license_keys[0].key
        assert await page.evaluate("document.referrer") == ""
        assert await page.evaluate("document.documentElement.lang") == "de"
        assert await brightness(page, "light") > 600
        assert await brightness(page, "dark") < 150
        assert [each for each in complaints if "favicon" not in each] == []
