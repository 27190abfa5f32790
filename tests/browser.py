"""Debian's Chromium, driven by Playwright, and what it finds wrong with a page."""

import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
needs_browser = pytest.mark.skipif(CHROMIUM is None, reason="no browser: install Debian's package chromium")


@asynccontextmanager
async def browsing(**options: Any) -> AsyncGenerator[Any]:
    """A page of a new browser. ``options`` are those of Playwright's context."""
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        try:
            page = await browser.new_page(**options)
            page.set_default_timeout(20_000)
            yield page
        finally:
            await browser.close()


async def barriers(page: Any) -> list[str]:
    """What keeps people from using a page: axe's violations, and a page that is wider than its window."""
    from axe_playwright_python.async_playwright import Axe

    results = await Axe().run(page)
    found = [f"{each['id']}: {each['nodes'][0]['html']}" for each in results.response["violations"]]
    width, window = await page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    return found if width <= window else [*found, f"{width} pixels wide in a window of {window}"]
