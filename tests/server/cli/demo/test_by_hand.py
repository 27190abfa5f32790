"""``demo --browser``: somebody pays on the page, or does not."""

import asyncio
import os
import signal
import stat
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import psutil
import pytest

from checkout_server.cli.demo.buyer import pay_on_page
from processes import own_environment

pytestmark = pytest.mark.thorough


@asynccontextmanager
async def waiting_demo(**settings: str) -> AsyncGenerator[tuple[asyncio.subprocess.Process, str]]:
    """A demo that waits for a payment, and the address that it printed last."""
    environment = (
        own_environment() | {"DISPLAY": "", "WAYLAND_DISPLAY": "", "BROWSER": "", "PYTHONUNBUFFERED": ""} | settings
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "checkout_server", "demo", "--browser", env=environment,
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    url = ""
    try:
        async for line in process.stdout:
            url = line.decode().strip() if b"http://" in line else url
            if b"waits for cks_" in line:
                yield process, url
                break
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()


@pytest.mark.requirement("cli.demo")
async def test_the_page_stays_open_until_it_is_paid_and_then_the_demo_goes_on() -> None:
    async with waiting_demo() as (process, url), httpx2.AsyncClient(trust_env=False) as browser:
        page = await browser.get(url)
        assert (page.status_code, "Premium programming course" in page.text) == (200, True)
        assert await pay_on_page(url) is not None
        output, errors = await process.communicate()
        shown = output.decode()
        assert (process.returncode, errors) == (0, b"")
        assert "← paid, USD 345.46" in shown
        assert "Everything came out as it should." in shown
        assert "http://" not in shown, "what was printed last is no other address"


@pytest.mark.requirement("cli.demo")
async def test_ctrl_c_ends_the_wait_and_everything_that_was_started() -> None:
    async with waiting_demo() as (process, _url):
        children = psutil.Process(process.pid).children(recursive=True)
        assert children
        process.send_signal(signal.SIGINT)
        output, errors = await process.communicate()
        assert (process.returncode, errors) == (130, b"")
        assert output.decode().splitlines()[-1].strip() == "Nothing was paid. The page ends with this demo."
        assert [each for each in children if each.is_running() and each.status() != psutil.STATUS_ZOMBIE] == []


@pytest.mark.requirement("cli.demo")
async def test_the_page_opens_in_the_browser_of_this_machine(tmp_path: Path) -> None:
    opened, browser = tmp_path / "opened", tmp_path / "browser"
    os.mkfifo(opened)
    browser.write_text(f'#!/bin/sh\necho "$1" > {opened}\n', encoding="utf-8")
    browser.chmod(stat.S_IRWXU)
    reader = asyncio.StreamReader()
    with os.fdopen(os.open(opened, os.O_RDWR | os.O_NONBLOCK), "rb") as pipe:
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), pipe
        )
        async with waiting_demo(BROWSER=str(browser)) as (_process, url):
            assert (await reader.readline()).decode().strip() == url
        transport.close()
