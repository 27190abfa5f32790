"""Ending a server while a call waits for a payment: the call is answered, and the server ends."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from mcp import Client

from evals.upstream import running_upstream
from processes import server_environment
from server.transports.test_stopping import Stdio, stopped

pytestmark = pytest.mark.skipif(os.name != "posix", reason="Windows has no signals to send to another process")

Call = Callable[[str, Any], Awaitable[Any]]


@asynccontextmanager
async def stdio(folder: Path, url: str) -> AsyncGenerator[tuple[Call, asyncio.subprocess.Process]]:
    server = await Stdio.start(folder, url)

    async def call(tool: str, arguments: Any) -> Any:
        answer = await server.ask("tools/call", {"name": tool, "arguments": arguments})
        return answer["result"]["structuredContent"]

    yield call, server.process
    assert server.process.stdin is not None
    server.process.stdin.close()


@asynccontextmanager
async def http(folder: Path, url: str) -> AsyncGenerator[tuple[Call, asyncio.subprocess.Process]]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "checkout_server", "serve", "--port", "0",
        env=server_environment(folder / "ledger.db", url), stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stderr is not None
    async with Client((await process.stderr.readline()).decode().strip()) as client:

        async def call(tool: str, arguments: Any) -> Any:
            return (await client.call_tool(tool, arguments)).structured_content

        yield call, process


@pytest.mark.requirement("wait.stop", "transport.stop")
@pytest.mark.parametrize("server", [stdio, http])
async def test_a_call_that_waits_is_answered_before_the_end(server: Any, tmp_path: Path) -> None:
    async with running_upstream() as upstream, server(tmp_path, upstream.url) as (call, process):
        try:
            cart = {"product_cart": [{"product_id": "prod_ebook_guide", "quantity": 1}]}
            preview_id = (await call("preview_checkout", cart))["preview_id"]
            session_id = (await call("create_checkout_session", {"preview_id": preview_id}))["session_id"]
            path, waits = f"/checkouts/{session_id}", asyncio.Event()

            async def note_second_look() -> None:
                if len(upstream.bodies("GET", path)) == 2:
                    waits.set()

            upstream.gates[path] = note_second_look
            arguments = {"session_id": session_id, "wait_seconds": 45}
            waiting = asyncio.create_task(call("get_checkout_session", arguments))
            await waits.wait()
            process.send_signal(signal.SIGTERM)
            assert (await waiting)["status"] == "open"
            assert await stopped(process) == 0
        finally:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
