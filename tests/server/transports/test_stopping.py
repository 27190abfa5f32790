"""Ending a server: it ends, with calls in flight recorded."""

import asyncio
import json
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest

from faulty_upstream import FaultyUpstream, hang, hold
from processes import server_environment
from served_tools import OFFERED

CART = {"product_cart": [{"product_id": "prod_ebook_guide", "quantity": 1}]}
SIGNALS = [signal.SIGINT, signal.SIGTERM]
HANG_SECONDS = 15.0
"""Longer than this is a hang. The promise of two seconds is measured by bench/stopping.py: machines are noisy."""

pytestmark = pytest.mark.skipif(os.name != "posix", reason="Windows has no signals to send to another process")


class Stdio:
    """A server over stdio, spoken to in raw JSON-RPC."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.number = 0

    @classmethod
    async def start(cls, folder: Path, url: str) -> "Stdio":
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "checkout_server", env=server_environment(folder / "ledger.db", url),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        server = cls(process)
        hello = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}
        await server.ask("initialize", hello)
        server.send({"jsonrpc": "2.0", "method": "notifications/initialized"})
        return server

    def send(self, message: Any) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(message).encode() + b"\n")

    def call(self, tool: str, arguments: Any) -> None:
        self.request("tools/call", {"name": tool, "arguments": arguments})

    def request(self, method: str, params: Any) -> None:
        self.number += 1
        self.send({"jsonrpc": "2.0", "id": self.number, "method": method, "params": params})

    async def answer(self) -> Any:
        assert self.process.stdout is not None
        return json.loads(await self.process.stdout.readline())

    async def ask(self, method: str, params: Any) -> Any:
        self.request(method, params)
        return await self.answer()


def states(folder: Path) -> list[str]:
    with sqlite3.connect(folder / "ledger.db") as connection:
        rows = connection.execute("SELECT event FROM audit ORDER BY rowid").fetchall()
    connection.close()
    return [row[0] for row in rows]


async def stopped(process: asyncio.subprocess.Process) -> int:
    async with asyncio.timeout(HANG_SECONDS):
        return await process.wait()


@pytest.mark.requirement("once.not_cut")
@pytest.mark.parametrize("number", SIGNALS)
async def test_stdio_records_a_call_in_flight_and_ends(number: int, tmp_path: Path) -> None:
    async with FaultyUpstream(hang).running() as upstream:
        server = await Stdio.start(tmp_path, upstream.url)
        preview = await server.ask("tools/call", {"name": "preview_checkout", "arguments": CART})
        server.call("create_checkout_session", {"preview_id": preview["result"]["structuredContent"]["preview_id"]})
        await upstream.arrived.wait()
        server.process.send_signal(number)
        assert await stopped(server.process) == 0
        assert states(tmp_path) == ["quoted", "claimed", "unknown"]
        assert len(upstream.posts) == 1


@pytest.mark.requirement("transport.stop")
@pytest.mark.parametrize("number", SIGNALS)
async def test_an_answer_that_comes_while_stopping_is_recorded(number: int, tmp_path: Path) -> None:
    async with FaultyUpstream(hold).running() as upstream:
        server = await Stdio.start(tmp_path, upstream.url)
        preview = await server.ask("tools/call", {"name": "preview_checkout", "arguments": CART})
        server.call("create_checkout_session", {"preview_id": preview["result"]["structuredContent"]["preview_id"]})
        await upstream.arrived.wait()
        server.process.send_signal(number)
        upstream.released.set()
        assert await stopped(server.process) == 0
        assert states(tmp_path) == ["quoted", "claimed", "created"]


WAITING = """
import asyncio, selectors, signal, sys, threading
from checkout_server.listening.shutdown import stop_requested

sys.setswitchinterval(1000)  # the other thread runs when the loop waits, and not before
idle = threading.Event()

class Selector(selectors.DefaultSelector):
    def select(self, timeout=None):
        if timeout is None:
            idle.set()
        return super().select(timeout)

def another_thread():
    idle.wait()
    signal.pthread_kill(threading.get_ident(), signal.Signals(int(sys.argv[1])))

async def main():
    with stop_requested() as stop:
        threading.Thread(target=another_thread, daemon=True).start()
        await stop.wait()

with asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(Selector())) as runner:
    runner.run(main())
"""


@pytest.mark.requirement("transport.stop")
@pytest.mark.parametrize("number", SIGNALS)
async def test_a_signal_wakes_a_loop_that_waits_for_nothing_else(number: int) -> None:
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", WAITING, str(int(number)))
    try:
        assert await stopped(process) == 0
    finally:
        if process.returncode is None:
            process.kill()


@pytest.mark.requirement("transport.stop")
async def test_the_end_of_input_ends_stdio(tmp_path: Path) -> None:
    async with FaultyUpstream().running() as upstream:
        server = await Stdio.start(tmp_path, upstream.url)
        assert server.process.stdin is not None
        server.process.stdin.close()
        assert await stopped(server.process) == 0


@pytest.mark.requirement("transport.stop")
@pytest.mark.parametrize("asks", [True, False])
async def test_a_client_that_reads_no_more_ends_stdio(tmp_path: Path, asks: bool) -> None:
    async with FaultyUpstream().running() as upstream:
        read, write = os.pipe()
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "checkout_server", env=server_environment(tmp_path / "ledger.db", upstream.url),
            stdin=subprocess.PIPE, stdout=write, stderr=subprocess.PIPE,
        )  # fmt: skip
        os.close(write)
        assert process.stderr is not None
        assert b"server.started" in await process.stderr.readline()
        os.close(read)
        if asks:
            Stdio(process).request("tools/list", {})
        assert await stopped(process) == 0  # with its stdin open
        assert process.stdin is not None
        process.stdin.close()
        told = [json.loads(line)["event"] for line in (await process.stderr.read()).splitlines()]
        assert (told[-1], "process.crashed" in told) == ("server.stopped", False)


@pytest.mark.requirement("transport.robust")
async def test_what_is_not_json_rpc_does_not_stop_the_server(tmp_path: Path) -> None:
    async with FaultyUpstream().running() as upstream:
        server = await Stdio.start(tmp_path, upstream.url)
        assert server.process.stdin is not None
        for line in (
            b"not json",
            b"[1]",
            b'{"jsonrpc":"2.0","id":1,"method":5}',
            b"[" * 100_000,
            b'"\\ud800"',
            b"\xff",
        ):
            server.process.stdin.write(line + b"\n")
        server.request("tools/list", {})
        async with asyncio.timeout(10):
            while "result" not in (answer := await server.answer()) or answer.get("id") != server.number:
                assert "hunter2" not in json.dumps(answer)
        assert [tool["name"] for tool in answer["result"]["tools"]] == [*OFFERED]
        server.process.stdin.close()
        assert await stopped(server.process) == 0


@pytest.mark.requirement("once.not_cut")
@pytest.mark.parametrize("number", SIGNALS)
async def test_http_records_a_call_in_flight_and_ends(number: int, tmp_path: Path) -> None:
    from mcp import Client

    async with FaultyUpstream(hang).running() as upstream:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "checkout_server", "serve", "--port", "0",
            env=server_environment(tmp_path / "ledger.db", upstream.url), stderr=subprocess.PIPE,
        )  # fmt: skip
        assert process.stderr is not None
        url = (await process.stderr.readline()).decode().strip()
        called = asyncio.Event()

        async def sell() -> None:
            async with Client(url) as client:
                preview = (await client.call_tool("preview_checkout", CART)).structured_content
                called.set()
                await client.call_tool("create_checkout_session", {"preview_id": preview["preview_id"]})

        selling = asyncio.create_task(sell())
        await called.wait()
        await upstream.arrived.wait()
        process.send_signal(number)
        assert await stopped(process) == 0
        await asyncio.gather(selling, return_exceptions=True)
        assert states(tmp_path) == ["quoted", "claimed", "unknown"]
        assert len(upstream.posts) == 1


@pytest.mark.requirement("transport.loopback")
async def test_serve_refuses_addresses_that_others_can_reach(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "checkout_server", "serve", "--host", "0.0.0.0", "--port", "0",
        env=server_environment(tmp_path / "ledger.db", "http://127.0.0.1:9"),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    out, err = await process.communicate()
    assert (process.returncode, out) == (2, b"")
    assert err.decode().startswith("dodo-checkout-mcp: --host must be a loopback address")


@pytest.mark.requirement("transport.stop")
async def test_no_process_is_left_behind(tmp_path: Path) -> None:
    async with FaultyUpstream().running() as upstream:
        server = await Stdio.start(tmp_path, upstream.url)
        children = psutil.Process(server.process.pid).children(recursive=True)
        server.process.terminate()
        await stopped(server.process)
        assert children == []
