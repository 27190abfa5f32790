"""Debian's Chromium, driven by Playwright, and what it finds wrong with a page."""

import asyncio
import shutil
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
needs_browser = pytest.mark.usefixtures("shared_browser")
"""For a test that opens pages: it runs in the session's loop, in which the browser of its worker lives."""

_shared: dict[asyncio.AbstractEventLoop, Any] = {}


@asynccontextmanager
async def sharing_browser() -> AsyncGenerator[None]:
    """One browser for all pages of this loop; it is slow to start."""
    loop = asyncio.get_running_loop()
    async with _running_browser() as _shared[loop]:
        yield
    del _shared[loop]


@asynccontextmanager
async def _running_browser() -> AsyncGenerator[Any]:
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def browsing(**options: Any) -> AsyncGenerator[Any]:
    """A page without cookies, cache or history of another. ``options`` are those of Playwright's context."""
    async with AsyncExitStack() as stack:
        shared = _shared.get(asyncio.get_running_loop())
        browser = shared or await stack.enter_async_context(_running_browser())
        page = await browser.new_page(**options)
        stack.push_async_callback(page.close)  # and its context
        page.set_default_timeout(20_000)
        yield page


async def barriers(page: Any) -> list[str]:
    """What keeps people from using a page: axe's violations, and a page that is wider than its window."""
    from axe_playwright_python.async_playwright import Axe

    results = await Axe().run(page)
    found = [f"{each['id']}: {each['nodes'][0]['html']}" for each in results.response["violations"]]
    width, window = await page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    return found if width <= window else [*found, f"{width} pixels wide in a window of {window}"]
