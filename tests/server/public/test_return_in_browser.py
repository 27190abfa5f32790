"""A buyer who pays in a real browser and comes back to the return page."""

import re
import shutil
from typing import Any

import pytest

from checkout_server.sandbox.app import create_app
from checkout_server.sandbox.listener import running_app
from public_world import PublicWorld

CHROMIUM = shutil.which("chromium")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no browser: install Debian's package chromium"),
    pytest.mark.timeout(120),
]


async def brightness(page: Any, scheme: str) -> int:
    await page.emulate_media(color_scheme=scheme)
    colour = await page.evaluate("getComputedStyle(document.body).backgroundColor")
    return sum(map(int, re.findall("[0-9]+", colour)[:3]))


@pytest.mark.requirement("return.shows", "return.clean", "return.keys")
async def test_a_buyer_who_pays_comes_back_to_a_clean_page_in_their_colours(world: PublicWorld) -> None:
    from playwright.async_api import async_playwright

    session = await world.sell(feature_flags={"redirect_immediately": True})
    async with running_app(create_app(world.upstream.sandbox)) as hosted, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        try:
            page = await browser.new_page(locale="de-DE")
            complaints: list[str] = []
            page.on("console", lambda message: complaints.append(message.text))
            await page.goto(f"{hosted}/session/{session.id}")
            complaints.clear()
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
        finally:
            await browser.close()
