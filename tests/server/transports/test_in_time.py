"""Requests that would not end, and a team's server that stops: calls are finished, and nothing else holds it."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from checkout_server.sandbox.listener import running_app
from checkout_server.transports.in_time import BeginningInTime
from faulty_upstream import FaultyUpstream, hold
from issuers import running_issuer
from processes import server_environment
from server.transports.test_stopping import states, stopped

ACCEPT = {"accept": "application/json, text/event-stream", "mcp-protocol-version": "2025-11-25"}
of_signals = pytest.mark.skipif(os.name != "posix", reason="Windows has no signals to send to another process")


@pytest.mark.requirement("transport.deadline")
async def test_an_answer_that_does_not_begin_is_a_refusal_to_try_again_after() -> None:
    cancelled = asyncio.Event()

    async def hang(scope: Any, receive: Any, send: Any) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    async with running_app(BeginningInTime(hang, 0.1)) as url, httpx2.AsyncClient(trust_env=False) as http:
        answer = await http.get(url)
        assert cancelled.is_set()
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert answer.json()["error"]["message"] == "The server did not answer in time; try again later."


@pytest.mark.requirement("transport.deadline")
async def test_an_answer_that_has_begun_may_take_its_time() -> None:
    async def slow(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await asyncio.sleep(0.3)
        await send({"type": "http.response.body", "body": b"sold"})

    async with running_app(BeginningInTime(slow, 0.1)) as url, httpx2.AsyncClient(trust_env=False) as http:
        assert (await http.get(url)).content == b"sold"


@asynccontextmanager
async def team_server(folder: Path, upstream_url: str) -> AsyncGenerator[tuple[str, Any, httpx2.AsyncClient]]:
    """A server that asks for tokens: its URL, its process and a client with a token."""
    async with running_issuer() as issuer:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "checkout_server", "serve", "--port", "0",
            env=server_environment(folder / "ledger.db", upstream_url, **issuer.settings), stderr=subprocess.PIPE,
        )  # fmt: skip
        assert process.stderr is not None
        url = (await process.stderr.readline()).decode().strip()
        bearer = {"authorization": f"Bearer {issuer.token()}"}
        try:
            async with httpx2.AsyncClient(trust_env=False, headers=bearer, timeout=30) as http:
                yield url, process, http
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()


@of_signals
@pytest.mark.requirement("transport.stop", "once.not_cut")
async def test_a_creation_that_is_under_way_is_answered_before_the_end(tmp_path: Path) -> None:
    async with (
        FaultyUpstream(hold).running() as upstream,
        team_server(tmp_path, upstream.url) as (url, process, http),
        Client(streamable_http_client(url, http_client=http)) as client,
    ):
        cart = {"product_cart": [{"product_id": "prod_ebook_guide", "quantity": 1}]}
        preview: Any = (await client.call_tool("preview_checkout", cart)).structured_content
        selling = asyncio.create_task(
            client.call_tool("create_checkout_session", {"preview_id": preview["preview_id"]})
        )
        await upstream.arrived.wait()
        process.send_signal(signal.SIGTERM)
        await asyncio.sleep(2.5)  # more than a server for one person waits
        upstream.released.set()
        sold: Any = (await selling).structured_content
        assert await stopped(process) == 0
    assert {sold["session_id"]} == upstream.sessions_of(preview["preview_id"])
    assert states(tmp_path) == ["quoted", "claimed", "created"]


@of_signals
@pytest.mark.requirement("transport.stop")
async def test_an_open_stream_ends_and_does_not_hold_the_process(tmp_path: Path) -> None:
    about = {"protocolVersion": "2025-11-25", "clientInfo": {"name": "a", "version": "1"}}
    opening = {"jsonrpc": "2.0", "id": 1, "method": "initialize"}
    params = about | {"capabilities": {"elicitation": {}}}
    async with (
        FaultyUpstream().running() as upstream,
        team_server(tmp_path, upstream.url) as (url, process, http),
    ):
        session = (await http.post(url, json=opening | {"params": params}, headers=ACCEPT)).headers["mcp-session-id"]
        async with http.stream("GET", url, headers=ACCEPT | {"mcp-session-id": session}) as stream:
            assert stream.status_code == 200
            process.send_signal(signal.SIGTERM)
            await stream.aread()  # to its proper end
            assert await stopped(process) == 0
