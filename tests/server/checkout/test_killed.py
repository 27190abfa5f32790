"""A server process killed at each step of a creation, and the same sale asked for again afterwards."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO, Any, NamedTuple

import pytest
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client

from checkout_server.checkout.sale.lease import LEASE_SECONDS
from fault_cases import accept, call, environment, opened, word
from faulty_upstream import FaultyUpstream, hold, no_fault
from orders import CONFIRMED, HOSTED, ORDER

LAUNCHER = """
import asyncio, os, sys
from contextlib import asynccontextmanager
from checkout_server.app import open_desk
from checkout_server.settings import load_settings
from checkout_server.transports import stdio

PLACE, STEP = sys.argv[1:]

class Gate:
    def __init__(self, gated):
        self.gated = gated

    def __getattr__(self, name):
        method = getattr(self.gated, name)

        async def stopping(*arguments, **named):
            if PLACE == "before":
                await stop()
            result = await method(*arguments, **named)
            await stop()

        return stopping if name == STEP else method

async def stop():
    print("reached", file=sys.stderr, flush=True)
    await asyncio.Event().wait()

@asynccontextmanager
async def gated(settings):
    async with open_desk(settings) as desk:
        desk.ledger, desk.gateway = Gate(desk.ledger), Gate(desk.gateway)
        yield desk

stdio.open_desk = gated
print(os.getpid(), file=sys.stderr, flush=True)
asyncio.run(stdio.serve_stdio(load_settings()))
"""
"""Our stdio server, which stops for ever at one step of each creation and says so."""


class Step(NamedTuple):
    """Where the process is killed, and what can be said of its sales afterwards."""

    place: str
    method: str
    sent: int
    """Requests that left before."""
    state: str
    """Of the preview, once the lease of its claim has ended."""
    confirmed: str
    """What asking again is told."""


STEPS = {
    "before the claim": Step("before", "claim", 0, "not_created", "session"),
    "after the claim": Step("after", "claim", 0, "unknown", "outcome_unknown"),
    "during the request": Step("while", "create", 1, "unknown", "outcome_unknown"),
    "after the answer, before the record": Step("before", "finish", 1, "unknown", "outcome_unknown"),
    "after the record": Step("after", "finish", 1, "open", "session"),
}


class Doomed:
    """A server process that will be killed."""

    def __init__(self, client: Client, says: IO[str], pid: int) -> None:
        self.client, self._says, self._pid = client, says, pid

    async def reached(self) -> None:
        """Wait until one sale stands at the step."""
        while (line := await asyncio.to_thread(self._says.readline)) != "reached\n":
            assert line, "the server ended by itself"

    def kill(self) -> None:
        os.kill(self._pid, getattr(signal, "SIGKILL", signal.SIGTERM))  # which on Windows ends it just as hard


@asynccontextmanager
async def doomed(step: Step, folder: Path, url: str) -> AsyncGenerator[Doomed]:
    reading, writing = os.pipe()
    with os.fdopen(reading) as says, os.fdopen(writing, "w") as errors:
        server = StdioServerParameters(
            command=sys.executable, args=["-c", LAUNCHER, step.place, step.method], env=environment(folder, url)
        )
        async with Client(stdio_client(server, errlog=errors), elicitation_callback=accept) as client:
            yield Doomed(client, says, int(await asyncio.to_thread(says.readline)))


async def killed_at(step: Step, folder: Path, upstream: FaultyUpstream) -> tuple[str, str]:
    """Begin two sales, with confirm and without, and kill their server when both stand at the step."""
    async with doomed(step, folder, upstream.url) as server:
        sales: list[str] = []
        calls: list[asyncio.Task[Any]] = []
        for rest in (CONFIRMED, HOSTED):
            sales.append((await call(server.client, "preview_checkout", **ORDER))["preview_id"])
            creation = call(server.client, "create_checkout_session", preview_id=sales[-1], **rest)
            upstream.arrived.clear()
            calls.append(asyncio.create_task(creation))
            await (upstream.arrived.wait() if step.place == "while" else server.reached())
        server.kill()
        await asyncio.wait(calls)
        assert all(call.exception() for call in calls)
    return sales[0], sales[1]


@pytest.mark.requirement("once.crash")
@pytest.mark.parametrize("step", STEPS)
async def test_a_killed_process_leaves_no_sale_made_twice_and_none_misreported(step: str, tmp_path: Path) -> None:
    at = STEPS[step]
    async with FaultyUpstream(hold if at.place == "while" else no_fault).running() as upstream:
        confirmed, hosted = await killed_at(at, tmp_path, upstream)
        assert [upstream.posts_of(sale) for sale in (confirmed, hosted)] == [at.sent, at.sent]
        upstream.fault = no_fault
        async with opened(tmp_path, upstream.url) as (client, desk):
            claimed = at.state == "unknown"
            status = await call(client, "get_checkout_session", preview_id=hosted)
            assert status["status"] == ("in_progress" if claimed else at.state)

            desk.clock = lambda: time.time() + LEASE_SECONDS
            status = await call(client, "get_checkout_session", preview_id=hosted)
            assert status["status"] == at.state
            for preview_id, rest, told, resent in (
                (confirmed, CONFIRMED, at.confirmed, at.sent + (not at.sent and not claimed)),
                (hosted, HOSTED, "session", at.sent + (at.state != "open")),
            ):
                result = await call(client, "create_checkout_session", preview_id=preview_id, **rest)
                assert (word(result), upstream.posts_of(preview_id)) == (told, resent)
                assert result.get("session_id") in upstream.sessions_of(preview_id) | {None}

            # What was really charged is found, and then told again.
            status = await call(client, "get_checkout_session", preview_id=confirmed)
            made = upstream.sessions_of(confirmed)
            assert status["status"] == ("paid" if made else "unknown")
            result = await call(client, "create_checkout_session", preview_id=confirmed, **CONFIRMED)
            assert {result["session_id"]} == made if made else word(result) == "outcome_unknown"
            assert upstream.posts_of(confirmed) <= 1
