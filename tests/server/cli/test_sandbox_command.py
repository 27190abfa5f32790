"""``sandbox``: alone, for a browser or another program, until it is told to stop."""

import asyncio
import os
import signal
import subprocess
import sys

import httpx2
import pytest

pytestmark = pytest.mark.requirement("sandbox.loopback")


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
        process.send_signal(number)
        async with asyncio.timeout(15):
            assert await process.wait() == 0
    assert f"DODO_PAYMENTS_BASE_URL={url}" in (await process.stderr.read()).decode()


async def test_it_refuses_addresses_that_others_can_reach() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "checkout_server", "sandbox", "--host", "0.0.0.0", stderr=subprocess.PIPE
    )
    _, err = await process.communicate()
    assert process.returncode == 2
    assert b"--host must be a loopback address" in err
