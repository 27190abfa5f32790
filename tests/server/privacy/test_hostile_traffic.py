"""Misplaced words, rubbish, an API that repeats all it was told in every way it can fail, and a stop in the middle."""

import asyncio
import json
import sqlite3
import subprocess
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest

from echoing_api import FAULTS, SECRETS, EchoingApi, running_echo
from hostile_clients import RawClient, Server, rubbish_over_http
from misplaced_words import CART, MISPLACED, order, sale
from privacy_corpus import Buyer, buyers, leaks
from processes import server_environment
from served_tools import ALL, OFFERING_ALL

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals to send to another process")

API_KEY = "sk_live_Kumquat4242Bellwether"
SEALING_KEY = "c2FmZnJvbmV0dGUtb2JzaWRpYW5uZS1sYXJrc3B1ciE"
BUYERS = buyers(12, seed=4)
UNGUARDED = """
import logging, sys
from checkout_server.privacy.logs import hooks, install, stderr, third_party
for layer in hooks, stderr, third_party:
    layer.install = lambda: None
install.set_level = lambda *_: logging.basicConfig(level="DEBUG", stream=sys.stderr)
from checkout_server.cli import main
sys.exit(main())
"""
"""A server without the layers: what libraries say comes out."""


@pytest.mark.requirement("privacy.corpus")
def test_misplaced_words_reach_every_tool() -> None:
    assert {misplaced(BUYERS[0], "prv_x")[0] for misplaced in MISPLACED} == {*ALL}


def found_in(text: str) -> set[str]:
    """What of the buyers and the secrets a text holds."""
    personal = (each for buyer in BUYERS for each in buyer.texts())
    return leaks(iter([*personal, API_KEY, SEALING_KEY, *SECRETS.values()]), text)


@dataclass
class Told:
    """What a server was asked, answered and emitted."""

    calls: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    """What must be told of each call."""
    answers: list[str] = field(default_factory=list[str])
    requests: int = 0
    """How many reached the payment API."""
    emitted: str = ""

    def events(self, *names: str) -> list[dict[str, Any]]:
        return [event for event in map(json.loads, self.emitted.splitlines()) if event["event"] in names]


@dataclass
class Seller:
    """Takes buyers through the tools of one server."""

    ask: Callable[[str, dict[str, Any]], Awaitable[Any]]
    """Calls a tool; its result as on the wire."""
    api: EchoingApi
    told: Told
    ledger: Path

    async def call(self, tool: str, arguments: dict[str, Any], fault: str = "") -> dict[str, Any]:
        self.api.fault = fault
        result = await self.ask(tool, arguments)
        content = result["structuredContent"]
        url = content.get("checkout_url", "\0")  # for the buyer, as the API made it
        self.told.answers.append(json.dumps(result).replace(url, ""))
        error = content.get("error", {})
        expected = {"tool": tool, "code": error.get("code", "ok"), "error_id": error.get("error_id")}
        if not error:
            expected |= {name: content.get(name) for name in ("preview_id", "session_id", "environment")}
        self.told.calls.append({name: value for name, value in expected.items() if value is not None})
        return content

    async def serve(self, chosen: Sequence[Buyer], faults: Iterable[str]) -> None:
        """Sales, all that can be misplaced, every fault, and a crash in the middle of a creation."""
        for number, buyer in enumerate(chosen):
            self.api.person = {"email": buyer.email, "name": buyer.name, "tax_id": buyer.tax_id}
            preview = await self.call("preview_checkout", order(buyer))
            for misplaced in MISPLACED[number :: len(chosen)]:
                await self.call(*misplaced(buyer, preview["preview_id"]))
            sold = await self.call("create_checkout_session", sale(buyer, preview["preview_id"]))
            await self.call("get_checkout_session", {"session_id": sold["session_id"]})
        for fault in faults:
            await self.call("preview_checkout", order(chosen[0]), fault)
            preview = await self.call("preview_checkout", {"product_cart": CART})
            await self.call("create_checkout_session", sale(chosen[0], preview["preview_id"]), fault)
            self.told.calls[-1]["preview_id"] = preview["preview_id"]
        preview = await self.call("preview_checkout", order(chosen[0]))
        with sqlite3.connect(self.ledger) as database:
            database.execute("UPDATE preview SET state = 'lost' WHERE preview_id = ?", (preview["preview_id"],))
        database.close()
        await self.call("create_checkout_session", sale(chosen[0], preview["preview_id"]))

    async def hang(self, buyer: Buyer, stop: Callable[[], Awaitable[None]]) -> None:
        """Stop the server while the API takes its time over a creation."""
        preview = await self.call("preview_checkout", order(buyer))
        self.told.requests = self.api.answered
        hanging = asyncio.create_task(self.call("create_checkout_session", sale(buyer, preview["preview_id"]), "hang"))
        await self.api.next_request()
        await stop()
        hanging.cancel()
        await asyncio.gather(hanging, return_exceptions=True)


@asynccontextmanager
async def running(told: Told, api: EchoingApi, folder: Path, *arguments: str) -> AsyncGenerator[Server]:
    """A server, in the end told to stop, and all that it writes to stderr."""
    policy = folder / "policy.toml"
    policy.write_text(OFFERING_ALL, encoding="utf-8")
    settings = {
        "DODO_PAYMENTS_API_KEY": API_KEY, "CHECKOUT_SECRET_KEYS": SEALING_KEY, "CHECKOUT_LOG_LEVEL": "DEBUG",
        "CHECKOUT_POLICY": str(policy),
    }  # fmt: skip
    pipe = subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, env=server_environment(folder / "ledger.db", api.url) | settings,
        stdin=pipe, stdout=pipe, stderr=pipe, limit=2**22,
    )  # fmt: skip
    assert process.stderr is not None
    url = b""
    while "serve" in arguments and not url.startswith(b"http://"):
        told.emitted += url.decode()
        url = await process.stderr.readline()
    rest = asyncio.create_task(process.stderr.read())
    try:
        yield Server(process, url.decode().strip())
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()
        told.emitted += (await rest).decode()


async def over_stdio(folder: Path, api: EchoingApi, told: Told) -> None:
    async with running(told, api, folder, "-m", "checkout_server") as server:
        client = RawClient(server)
        await client.rubbish(BUYERS[5])
        seller = Seller(client.ask, api, told, folder / "ledger.db")
        await seller.serve(BUYERS[:6], FAULTS)
        await seller.hang(BUYERS[0], server.stop)


async def over_http(folder: Path, api: EchoingApi, told: Told) -> None:
    from mcp import Client

    async with running(told, api, folder, "-m", "checkout_server", "serve", "--port", "0") as server:
        for buyer in BUYERS[8:10]:
            await rubbish_over_http(server.url, buyer)
        async with Client(server.url) as client:

            async def ask(tool: str, given: dict[str, Any]) -> Any:
                result = await client.call_tool(tool, given)
                return result.model_dump(mode="json", by_alias=True)

            seller = Seller(ask, api, told, folder / "ledger.db")
            await seller.serve(BUYERS[6:], FAULTS[::4])
            await seller.hang(BUYERS[6], server.stop)


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Told]:
    """The traffic through both transports at once."""

    async def run(drive: Callable[[Path, EchoingApi, Told], Awaitable[None]]) -> Told:
        told = Told()
        async with running_echo() as api:
            await drive(tmp_path_factory.mktemp("traffic"), api, told)
        return told

    async def at_once() -> list[Told]:
        return list(await asyncio.gather(run(over_stdio), run(over_http)))

    return dict(zip(("stdio", "http"), asyncio.run(at_once()), strict=True))


@pytest.fixture(params=["stdio", "http"])
def told(request: pytest.FixtureRequest, both: dict[str, Told]) -> Told:
    return both[request.param]


@pytest.mark.requirement("privacy.corpus")
def test_nothing_that_is_emitted_says_who_a_buyer_is_or_what_a_secret(told: Told) -> None:
    assert found_in(told.emitted) == set()


@pytest.mark.requirement("privacy.corpus")
def test_no_answer_repeats_a_refused_word_or_what_the_api_said(told: Told) -> None:
    assert found_in("\n".join(told.answers)) == set()


@pytest.mark.requirement("privacy.diagnostics")
def test_what_happened_is_told_all_the_same(told: Told) -> None:
    finished = told.events("tool.finished")
    kept = [
        event.get(name) == value
        for call, event in zip_longest(told.calls, finished[: len(told.calls)], fillvalue={})
        for name, value in call.items()
    ]
    requests = told.events("gateway.answered", "gateway.failed")
    kept += ["status" in event or "failure" in event for event in requests[: told.requests]]
    kept += [False] * (told.requests - len(requests))
    assert sum(kept) / len(kept) >= 0.98
    crashes = [(event["error_id"], bool(event["frames"])) for event in told.events("tool.crashed")]
    assert crashes == [(told.calls[-2]["error_id"], True)]
    assert [event["transport"] for event in told.events("server.started", "server.stopped")]


@pytest.mark.requirement("privacy.corpus")
def test_the_traffic_was_sold_to_and_refused_by_each_guard(told: Told) -> None:
    assert {call["code"] for call in told.calls} >= {
        "ok", "invalid_request", "preview_required", "preview_not_found", "outcome_unknown", "gateway_refused",
        "gateway_unavailable",
    }  # fmt: skip


@pytest.mark.requirement("privacy.corpus")
async def test_without_the_layers_libraries_say_who_the_buyers_are(tmp_path: Path) -> None:
    told = Told()
    async with running_echo() as api, running(told, api, tmp_path, "-c", UNGUARDED) as server:
        client = RawClient(server)
        await client.rubbish(BUYERS[1])
        seller = Seller(client.ask, api, told, tmp_path / "ledger.db")
        api.person = {"email": BUYERS[0].email}
        await seller.call("preview_checkout", order(BUYERS[0]), "refused")
        await server.stop()
    assert found_in(told.emitted) >= {BUYERS[0].email, BUYERS[1].email}
