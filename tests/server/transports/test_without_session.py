"""Requests of the older era that belong to no session: each is answered by itself."""

import asyncio
import json
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest

from checkout_server.sandbox.listener import running_app
from checkout_server.tools import progress
from checkout_server.transports import without_session
from checkout_server.transports.bodies import MAX_BODY, BoundedBodies
from checkout_server.transports.sessions import mcp_app
from evals.upstream import Upstream, running_upstream
from orders import ORDER
from shops import _memory

HEADERS = {"accept": "application/json, text/event-stream", "mcp-protocol-version": "2025-11-25"}
LISTING = {"jsonrpc": "2.0", "id": 7, "method": "tools/list"}


def previewing(**meta: Any) -> dict[str, Any]:
    params = {"name": "preview_checkout", "arguments": ORDER} | ({"_meta": meta} if meta else {})
    return {"jsonrpc": "2.0", "id": 8, "method": "tools/call", "params": params}


@pytest.fixture
async def upstream() -> AsyncGenerator[Upstream]:
    async with running_upstream() as upstream:
        yield upstream


@pytest.fixture
async def http(upstream: Upstream, tmp_path: Path) -> AsyncGenerator[httpx2.AsyncClient]:
    async with (
        _memory(tmp_path / "ledger.db", upstream.url, tmp_path / "errors") as (server, _desk),
        running_app(BoundedBodies(mcp_app(server, max_body=MAX_BODY))) as url,
        httpx2.AsyncClient(base_url=url, trust_env=False, headers=HEADERS, timeout=30) as http,
    ):
        yield http


def waiting_for(event: asyncio.Event) -> Callable[[], Awaitable[None]]:
    """A gate that opens with the event."""

    async def wait() -> None:
        await event.wait()

    return wait


class CallsThatEnded(logging.Handler):
    """How calls of tools ended, in their order."""

    def __init__(self) -> None:
        super().__init__()
        self.codes: asyncio.Queue[str] = asyncio.Queue()

    def emit(self, record: Any) -> None:
        if record.line.event == "tool.finished":
            self.codes.put_nowait(record.line.fields["code"])


@pytest.fixture
def ended() -> Any:
    handler = CallsThatEnded()
    logging.getLogger("checkout").addHandler(handler)
    yield handler
    logging.getLogger("checkout").removeHandler(handler)


@pytest.mark.requirement("transport.alone")
async def test_a_call_is_answered_with_json_and_opens_no_session(http: httpx2.AsyncClient) -> None:
    answer = await http.post("/mcp", json=previewing())
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    assert "mcp-session-id" not in answer.headers
    assert (answer.json()["id"], answer.json()["result"]["structuredContent"]["currency"]) == (8, "USD")


@pytest.mark.requirement("transport.alone")
async def test_what_is_told_before_the_answer_makes_it_a_stream(
    http: httpx2.AsyncClient, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "PROGRESS_SECONDS", 0.02)
    heard = asyncio.Event()
    upstream.gates["/checkouts/preview"] = waiting_for(heard)
    messages: list[Any] = []
    async with http.stream("POST", "/mcp", json=previewing(progressToken="t")) as answer:
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/event-stream")
        async for line in answer.aiter_lines():
            heard.set()
            messages += [json.loads(line.removeprefix("data: "))] if line.startswith("data: ") else []
    told, last = messages[0], messages[-1]
    assert told["method"] == "notifications/progress"
    assert told["params"]["progressToken"] == "t"
    assert last["result"]["structuredContent"]["preview_id"]
    assert [each for each in messages if "id" in each] == [last]


@pytest.mark.requirement("transport.alone")
async def test_a_long_call_keeps_its_connection_alive(
    http: httpx2.AsyncClient, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ATTENDED_AFTER_SECONDS", "PING_SECONDS"):
        monkeypatch.setattr(without_session, name, 0.02)
    pinged = asyncio.Event()
    upstream.gates["/checkouts/preview"] = waiting_for(pinged)
    lines: list[str] = []
    async with http.stream("POST", "/mcp", json=previewing()) as answer:
        async for line in answer.aiter_lines():
            lines.append(line)
            pinged.set()
    assert lines[0] == ": ping"
    assert json.loads(lines[-2].removeprefix("data: "))["result"]["structuredContent"]["preview_id"]


@pytest.mark.requirement("transport.alone")
async def test_the_call_of_a_client_that_has_gone_is_cut(
    http: httpx2.AsyncClient, upstream: Upstream, ended: CallsThatEnded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(without_session, "ATTENDED_AFTER_SECONDS", 0.02)
    asked, answering = asyncio.Event(), asyncio.Event()

    async def hang() -> None:
        asked.set()
        await answering.wait()

    upstream.gates["/checkouts/preview"] = hang
    calling = asyncio.create_task(http.post("/mcp", json=previewing()))
    await asked.wait()
    calling.cancel()
    assert await ended.codes.get() == "cancelled"
    answering.set()


@pytest.mark.requirement("transport.alone")
async def test_the_protocol_s_errors_are_told_with_the_id_and_without_words_of_the_caller(
    http: httpx2.AsyncClient,
) -> None:
    for method, code in (("hunter2", -32601), ("tools/call", -32602)):
        answer = await http.post("/mcp", json={"jsonrpc": "2.0", "id": 7, "method": method, "params": {"hunter2": 1}})
        assert (answer.status_code, answer.json()["id"], answer.json()["error"]["code"]) == (200, 7, code)


@pytest.mark.requirement("transport.alone")
async def test_a_notification_or_a_reply_is_taken_and_not_answered(http: httpx2.AsyncClient) -> None:
    for message in ({"method": "notifications/initialized"}, {"id": 1, "result": {}}):
        answer = await http.post("/mcp", json={"jsonrpc": "2.0"} | message)
        assert (answer.status_code, answer.content) == (202, b"")


@pytest.mark.requirement("transport.alone")
async def test_what_is_sent_or_read_in_another_form_is_refused(http: httpx2.AsyncClient) -> None:
    answer = await http.post("/mcp", json=LISTING, headers={"accept": "application/json"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (406, -32600)
    assert "text/event-stream" in answer.json()["error"]["message"]
    plain = await http.post("/mcp", content=json.dumps(LISTING), headers={"content-type": "text/plain"})
    assert plain.status_code == 400


@pytest.mark.requirement("transport.alone")
def test_a_connection_is_kept_alive_as_often_as_the_sdk_does() -> None:
    from mcp.server import _streamable_http_modern as sdk

    assert without_session.PING_SECONDS == sdk._SSE_PING_INTERVAL  # pyright: ignore[reportPrivateUsage] - the judge
