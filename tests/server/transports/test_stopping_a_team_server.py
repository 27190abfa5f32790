"""A server that asks for tokens is told to stop, in this process: what it still waits for, and what it ends."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
import uvicorn
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from checkout_server.checkout.after_sale import waiting as waiting_for_payment
from checkout_server.checkout.sale.in_flight import CreationsInFlight
from checkout_server.listening.embedded import EmbeddedServer
from checkout_server.settings import load_settings
from checkout_server.transports import http
from evals.upstream import running_upstream
from faulty_upstream import FaultyUpstream, hold
from issuers import running_issuer
from orders import CONFIRMED, TWO
from server.transports.test_stopping import CART, states
from shops import ERAS


@dataclass
class TeamServer:
    url: str
    bearer: dict[str, str]
    stop: asyncio.Event
    serving: "asyncio.Task[None]"

    @asynccontextmanager
    async def client(self, era: str, person: Any = None) -> AsyncGenerator[Client]:
        async with (
            httpx2.AsyncClient(trust_env=False, headers=self.bearer, timeout=30) as caller,
            Client(
                streamable_http_client(self.url, http_client=caller), mode=ERAS[era], elicitation_callback=person
            ) as client,
        ):
            yield client


@asynccontextmanager
async def team_server(
    folder: Path, upstream_url: str, monkeypatch: pytest.MonkeyPatch, *, drain_seconds: float = 0
) -> AsyncGenerator[TeamServer]:
    stop, told, listening = asyncio.Event(), asyncio.Queue[str](), list[EmbeddedServer]()

    class Listening(EmbeddedServer):
        def __init__(self, config: uvicorn.Config) -> None:
            super().__init__(config)
            listening.append(self)

    monkeypatch.setattr(http, "EmbeddedServer", Listening)
    monkeypatch.setattr(http, "stop_requested", lambda: nullcontext(stop))
    monkeypatch.setattr(http, "say", told.put_nowait)
    monkeypatch.setattr(http, "tell_started", lambda *_: None)  # it is about the whole process
    async with running_issuer() as issuer:
        settings = load_settings(
            DODO_PAYMENTS_API_KEY="test_key",
            DODO_PAYMENTS_BASE_URL=upstream_url,
            CHECKOUT_LEDGER=str(folder / "ledger.db"),
            **issuer.settings,
        )
        serving = asyncio.create_task(
            http.serve_http(settings, http.Listeners(host="127.0.0.1", port=0), drain_seconds=drain_seconds)
        )
        try:
            bearer = {"authorization": f"Bearer {issuer.token()}"}
            yield TeamServer(await told.get(), bearer, stop, serving)
        finally:
            stop.set()
            for each in listening:  # whose end is the end of a drain, too
                each.stop()
            await serving


@pytest.mark.requirement("transport.stop", "once.not_cut")
async def test_a_creation_that_outlasts_the_grace_of_other_calls_is_recorded_as_created(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "TEAM_GRACE_SECONDS", 0)
    async with (
        FaultyUpstream(hold).running() as upstream,
        team_server(tmp_path, upstream.url, monkeypatch) as server,
        server.client("2026") as client,
    ):
        preview: Any = (await client.call_tool("preview_checkout", CART)).structured_content
        selling = asyncio.create_task(
            client.call_tool("create_checkout_session", {"preview_id": preview["preview_id"]})
        )
        await upstream.arrived.wait()
        server.stop.set()
        await asyncio.wait({selling})  # its connection is cut
        assert selling.exception() is not None
        upstream.released.set()
        await server.serving
    assert states(tmp_path) == ["quoted", "claimed", "created"]


@pytest.mark.requirement("transport.stop", "once.not_cut")
async def test_a_creation_that_a_call_begins_while_the_server_stops_has_its_time_too() -> None:
    creations, answered = CreationsInFlight(), asyncio.Event()

    async def sell() -> Any:
        await answered.wait()
        return "sold"

    async def turns(count: int) -> None:
        for _ in range(count):
            await asyncio.sleep(0)

    async def serve_one_more_call() -> None:
        await turns(10)
        creations.start("prv_1", sell())

    async def answer_later() -> None:
        await turns(100)
        answered.set()

    answering = asyncio.create_task(answer_later())
    serving = asyncio.create_task(serve_one_more_call())
    await http._finish([serving], creations, 10)  # pyright: ignore[reportPrivateUsage]
    assert answering.done()
    assert creations.tasks() == set()


@pytest.mark.requirement("transport.stop", "wait.stop")
async def test_calls_that_wait_are_answered_when_the_drain_begins_and_no_call_waits_during_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting_for_payment, "API_PAUSES", (0.05,))
    waits, over = asyncio.Event(), asyncio.Event()
    async with (
        running_upstream() as upstream,
        team_server(tmp_path, upstream.url, monkeypatch, drain_seconds=600) as server,
        server.client("2026") as client,
    ):
        preview: Any = (await client.call_tool("preview_checkout", CART)).structured_content
        sale = {"preview_id": preview["preview_id"]}
        sold: Any = (await client.call_tool("create_checkout_session", sale)).structured_content
        path = f"/checkouts/{sold['session_id']}"

        async def hold_second_look() -> None:
            if len(upstream.bodies("GET", path)) == 2:
                waits.set()
                await over.wait()

        upstream.gates[path] = hold_second_look
        arguments = {"session_id": sold["session_id"], "wait_seconds": 45}
        waiting = asyncio.create_task(client.call_tool("get_checkout_session", arguments))
        await waits.wait()
        server.stop.set()
        answers: list[Any] = [await waiting, await client.call_tool("get_checkout_session", arguments)]
        ready = await asyncio.to_thread(httpx2.get, server.url.replace("/mcp", "/readyz"), trust_env=False)
        looks = len(upstream.bodies("GET", path))
        over.set()
    assert [answer.structured_content["status"] for answer in answers] == ["open", "open"]
    assert looks == 3  # whoever waited longer would have looked again
    assert (ready.status_code, ready.json()) == (503, {"status": "draining"})


@pytest.mark.requirement("transport.stop")
async def test_a_person_who_is_being_asked_does_not_hold_the_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    asked = asyncio.Event()

    async def silent(_context: Any, _params: Any) -> Any:
        asked.set()
        await asyncio.Event().wait()

    async with (
        running_upstream() as upstream,
        team_server(tmp_path, upstream.url, monkeypatch) as server,
        server.client("2025", silent) as client,
    ):
        preview: Any = (await client.call_tool("preview_checkout", TWO)).structured_content
        sale = {"preview_id": preview["preview_id"], **CONFIRMED}
        selling = asyncio.create_task(client.call_tool("create_checkout_session", sale))
        await asked.wait()
        server.stop.set()
        refused: Any = (await selling).structured_content
        await server.serving
    assert refused["error"]["code"] == "approval_required"
    assert [record.getMessage() for record in caplog.records if record.name.startswith("uvicorn")] == []
