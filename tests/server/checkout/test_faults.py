"""Every fault that can meet a creation, over real sockets: what is told is true, and nothing is sent twice."""

import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client

from checkout_server.app import build_server
from fault_cases import CASES, MODES, Case, accept, call, environment, hasty_desk, settings, word
from faulty_upstream import FaultyUpstream, no_fault
from orders import CONFIRMED, HOSTED, ORDER

DEADLINE = 1.0
"""Seconds. Only a hang ever meets it: long enough for a busy machine, short enough for a hang in each test."""

LAUNCHER = f"""
import asyncio, functools, sys
sys.path.insert(0, {str(Path(__file__).parents[2])!r})
from fault_cases import hasty_desk
from checkout_server.settings import load_settings
from checkout_server.transports import stdio
stdio.open_desk = functools.partial(hasty_desk, deadline={DEADLINE})
asyncio.run(stdio.serve_stdio(load_settings()))
"""
"""Our stdio server with a shorter patience."""


@asynccontextmanager
async def memory(folder: Path, url: str) -> AsyncGenerator[Any]:
    async with hasty_desk(settings(folder, url), DEADLINE) as desk:
        yield build_server(desk)


@asynccontextmanager
async def stdio(folder: Path, url: str) -> AsyncGenerator[Any]:
    with (folder / "stderr.log").open("a") as errors:
        parameters = StdioServerParameters(command=sys.executable, args=["-c", LAUNCHER], env=environment(folder, url))
        yield stdio_client(parameters, errlog=errors)


def lookup(case: Case, told: str, *, confirmed: bool) -> str:
    """What the ledger and the payments list prove after a creation."""
    if told == "session":
        return "paid" if confirmed else "open"
    if told != "outcome_unknown":
        return "refused"
    return "paid" if confirmed and case.creates else "unknown"  # an unpaid session is in no payments list


def asked_again(case: Case, told: str, *, confirmed: bool) -> str:
    """What the same call is told when the fault is over."""
    if not confirmed or told == "session" or (told == "outcome_unknown" and case.creates):
        return "session"
    return told if told == "outcome_unknown" else "gateway_refused"


@pytest.mark.requirement("once.lookup", "once.no_retry", "preview.replay")
@pytest.mark.parametrize("era", MODES)
@pytest.mark.parametrize("transport", [memory, stdio])
async def test_what_is_told_after_a_fault_is_true_and_nothing_is_sent_twice(
    transport: Any, era: str, tmp_path: Path, subtests: pytest.Subtests
) -> None:
    async with (
        FaultyUpstream().running() as upstream,
        transport(tmp_path, upstream.url) as server,
        Client(server, mode=MODES[era], elicitation_callback=accept) as client,
    ):
        for name, case in CASES.items():
            for confirmed in (True, False):
                with subtests.test(name, confirmed=confirmed):
                    await check(case, client, upstream, confirmed=confirmed)


async def check(case: Case, client: Client, upstream: FaultyUpstream, *, confirmed: bool) -> None:
    """Sell through the fault, look the sale up, and ask for it twice more when the fault is over."""
    rest, told = (CONFIRMED, case.confirmed) if confirmed else (HOSTED, case.hosted)
    upstream.fault = case.fault
    preview_id = (await call(client, "preview_checkout", **ORDER))["preview_id"]
    first = await call(client, "create_checkout_session", preview_id=preview_id, **rest)
    made = upstream.sessions_of(preview_id)
    assert (word(first), upstream.posts_of(preview_id), len(made)) == (told, 1, int(case.creates))
    assert told != "session" or {first["session_id"]} == made
    if told == "outcome_unknown":
        assert first["error"]["retry"] == ("do_not_retry" if confirmed else "retry_later")

    found = await call(client, "get_checkout_session", preview_id=preview_id)
    assert found["status"] == lookup(case, told, confirmed=confirmed)
    assert ({found["session_id"]} == made) if "session_id" in found else found["status"] in {"refused", "unknown"}

    upstream.fault = no_fault
    again = await call(client, "create_checkout_session", preview_id=preview_id, **rest)
    posts = 1 if confirmed or told == "session" else 2
    assert (word(again), upstream.posts_of(preview_id)) == (asked_again(case, told, confirmed=confirmed), posts)
    assert again.get("session_id") in {*upstream.sessions_of(preview_id), None}
    last = await call(client, "create_checkout_session", preview_id=preview_id, **rest)
    assert last == (again | {"replayed": True} if word(again) == "session" else again)
    assert upstream.posts_of(preview_id) == posts
