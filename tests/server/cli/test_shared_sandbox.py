"""Two servers of one ledger, and the embedded sandbox when the one that serves it is killed."""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from mcp import Client

from processes import server_environment

pytestmark = [pytest.mark.thorough, pytest.mark.timeout(120)]


@asynccontextmanager
async def serving(folder: Path) -> AsyncGenerator[tuple[Process, str]]:
    """A server without a key, and its URL."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "checkout_server", "serve", "--port", "0",
        env=server_environment(folder / "ledger.db", None), stderr=PIPE,
    )  # fmt: skip
    assert process.stderr is not None
    url = (await process.stderr.readline()).decode().strip()
    reading = asyncio.create_task(process.stderr.read())  # a full pipe would hold the server up
    try:
        yield process, url
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        await reading


async def sell(url: str) -> str:
    """The page of a new session."""
    cart = {"product_cart": [{"product_id": "prod_123", "quantity": 1}]}
    async with Client(url) as client:
        preview: Any = (await client.call_tool("preview_checkout", cart)).structured_content
        ids = {"preview_id": preview["preview_id"]}
        session: Any = (await client.call_tool("create_checkout_session", ids)).structured_content
    return session["checkout_url"]


async def opened(page: str) -> int:
    """The status of a page, as soon as anybody serves it."""
    async with httpx2.AsyncClient() as browser, asyncio.timeout(60):
        while True:
            try:
                return (await browser.get(page)).status_code
            except httpx2.TransportError:
                await asyncio.sleep(0.05)


@pytest.mark.requirement("sandbox.kept")
async def test_pages_of_both_stay_open_when_either_is_killed_and_after_a_restart(tmp_path: Path) -> None:
    async with serving(tmp_path) as (first, url), serving(tmp_path) as (_, other_url):
        pages = [await sell(url), await sell(other_url)]
        first.kill()
        await first.wait()
        pages.append(await sell(other_url))
        assert [await opened(page) for page in pages] == [200, 200, 200]
    async with serving(tmp_path):
        assert [await opened(page) for page in pages] == [200, 200, 200]
