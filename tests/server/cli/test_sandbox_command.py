"""``sandbox``: alone, for a browser or another program, until it is told to stop."""

import asyncio
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime

import httpx2
import pytest
from standardwebhooks import Webhook


@pytest.mark.requirement("sandbox.loopback")
@pytest.mark.skipif(os.name != "posix", reason="Windows has no signals to send to another process")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_it_answers_and_ends(number: int) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "checkout_server", "sandbox", "--port", "0", stderr=subprocess.PIPE
    )
    assert process.stderr is not None
    url = (await process.stderr.readline()).decode().strip()
    async with httpx2.AsyncClient(base_url=url, headers={"Authorization": "Bearer x"}) as http:
        assert (await http.get("/products/prod_123")).json()["product_id"] == "prod_123"
        assert "<h1>Sandbox shop</h1>" in (await http.get("/")).text
        process.send_signal(number)
        async with asyncio.timeout(15):
            assert await process.wait() == 0
    said = (await process.stderr.read()).decode()
    assert f"Open {url}/ in a browser" in said
    assert f"DODO_PAYMENTS_BASE_URL={url}" in said


@pytest.mark.requirement("sandbox.webhooks")
@pytest.mark.skipif(os.name != "posix", reason="Windows has no signals to send to another process")
async def test_it_shows_the_key_that_signs_its_webhooks() -> None:
    arguments = ["sandbox", "--port", "0", "--webhook-url", "http://127.0.0.1:1/hook"]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "checkout_server", *arguments, stderr=subprocess.PIPE
    )
    assert process.stderr is not None
    shown = (await process.stderr.readline()).decode().partition("DODO_PAYMENTS_WEBHOOK_KEY=")[2].strip()
    assert (await process.stderr.readline()).startswith(b"http://127.0.0.1:")
    process.send_signal(signal.SIGTERM)
    await process.communicate()
    assert Webhook(shown).sign("msg_1", datetime.now(UTC), "{}")


@pytest.mark.requirement("sandbox.webhooks")
@pytest.mark.parametrize(
    ("url", "key", "problem"),
    [
        ("http://shop.example/hook", "", b"--webhook-url"),
        ("https://buyer:secret@shop.example", "", b"--webhook-url"),
        ("https://[shop", "", b"--webhook-url"),
        ("https://shop.example/hook", "whsec_a", b"DODO_PAYMENTS_WEBHOOK_KEY"),
    ],
)
async def test_it_refuses_webhooks_that_it_cannot_send(url: str, key: str, problem: bytes) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "checkout_server", "sandbox", "--webhook-url", url,
        env=os.environ | {"DODO_PAYMENTS_WEBHOOK_KEY": key}, stderr=subprocess.PIPE,
    )  # fmt: skip
    _, err = await process.communicate()
    assert process.returncode == 2
    assert problem in err
    assert b"secret" not in err


@pytest.mark.requirement("sandbox.loopback")
async def test_it_refuses_addresses_that_others_can_reach() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "checkout_server", "sandbox", "--host", "0.0.0.0", stderr=subprocess.PIPE
    )
    _, err = await process.communicate()
    assert process.returncode == 2
    assert b"--host must be a loopback address" in err
