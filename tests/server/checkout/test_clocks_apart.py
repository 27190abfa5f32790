"""Real server processes on one ledger, each with a clock of its own, which are two minutes apart."""

import asyncio
import base64
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client

from fault_cases import accept, call, environment
from faulty_upstream import FaultyUpstream, hold
from orders import CONFIRMED, HOSTED, ORDER

pytestmark = pytest.mark.thorough

CREATE, STATUS = "create_checkout_session", "get_checkout_session"
KEYS = base64.urlsafe_b64encode(b"k" * 32).decode()
LAUNCHER = """
import sys, time
true, ahead = time.time, float(sys.argv.pop())
time.time = lambda: true() + ahead
from checkout_server.cli import main
sys.exit(main([]))
"""
"""Our stdio server, on a machine whose clock is wrong."""


@asynccontextmanager
async def server(ledger: str, url: str, folder: Path, ahead: float) -> AsyncGenerator[Client]:
    ours = environment(folder, url) | {"CHECKOUT_LEDGER": ledger, "CHECKOUT_SECRET_KEYS": KEYS}
    parameters = StdioServerParameters(command=sys.executable, args=["-c", LAUNCHER, str(ahead)], env=ours)
    with (folder / "stderr.log").open("a") as errors:
        async with Client(stdio_client(parameters, errlog=errors), elicitation_callback=accept) as client:
            yield client


@pytest.fixture(params=["sqlite", "postgres"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return str(tmp_path / "ledger.db") if request.param == "sqlite" else request.getfixturevalue("empty_url")


@pytest.mark.requirement("once.lease", "once.concurrent")
@pytest.mark.parametrize("ahead", [(0.0, 120.0), (120.0, 0.0)], ids=["the second is ahead", "the first is ahead"])
async def test_processes_whose_clocks_are_two_minutes_apart_never_hold_one_preview_both(
    ledger: str, ahead: tuple[float, float], tmp_path: Path
) -> None:
    async with (
        FaultyUpstream(hold).running() as upstream,
        server(ledger, upstream.url, tmp_path, ahead[0]) as one,
        server(ledger, upstream.url, tmp_path, ahead[1]) as two,
    ):
        for rest in (HOSTED, CONFIRMED):
            upstream.arrived.clear()
            upstream.released.clear()
            preview_id = (await call(one, "preview_checkout", **ORDER))["preview_id"]
            creating = asyncio.create_task(call(one, CREATE, preview_id=preview_id, **rest))
            await upstream.arrived.wait()
            assert (await call(two, STATUS, preview_id=preview_id))["status"] == "in_progress"
            joining = asyncio.create_task(call(two, CREATE, preview_id=preview_id, **rest))
            upstream.released.set()
            told = await asyncio.gather(creating, joining)
            assert {each.get("session_id") for each in told} == upstream.sessions_of(preview_id)
            assert upstream.posts_of(preview_id) == 1
