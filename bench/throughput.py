"""Previews a second over Streamable HTTP, beside a bare SDK server whose tool makes the same POST.

16 clients, half in each era, each with a connection of its own; both servers with the same loop and parser, in turns of
one run. The requests are those that the official client sends, recorded once and sent again as bytes, so that the
clients cost next to nothing.

    uv run python bench/throughput.py [--clients 16] [--turns 10] [--seconds 1.5]
"""

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Mapping
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from upstream import ORDER, running_upstream

POSTING = """
client = httpx2.AsyncClient(base_url=os.environ["UPSTREAM"], trust_env=False)


@server.tool()
async def post(path: str, body: dict[str, object]) -> dict[str, object]:
    return (await client.post(path, json=body)).json()


async def main() -> None:
    listener = bound_socket("127.0.0.1", 0)
    listener.listen(128)
    print(url_of(listener) + "/mcp", file=sys.stderr, flush=True)
    config = uvicorn.Config(server.streamable_http_app(), log_config=None, access_log=False)
    await uvicorn.Server(config).serve(sockets=[listener])


with asyncio.Runner(loop_factory=new_event_loop) as runner:
    runner.run(main())
"""
"""What ends the program of a bare server: its tool, and serving over HTTP."""
_BARE_SERVER = """
import asyncio, os, sys
import httpx2, uvicorn
from mcp.server.mcpserver import MCPServer
from checkout_server.listening.loop import new_event_loop
from checkout_server.listening.loopback import bound_socket, url_of

server = MCPServer("bare", log_level="WARNING")
"""
BARE = f"{_BARE_SERVER}{POSTING}"
MODES = ("auto", "legacy")
AT_LEAST = 0.6
BARE_CALL: tuple[str, dict[str, Any]] = ("post", {"path": "/checkouts/preview", "body": ORDER})
OUR_CALL: tuple[str, dict[str, Any]] = ("preview_checkout", ORDER)


@contextmanager
def server(arguments: list[str], settings: dict[str, str]) -> Generator[str]:
    """The URL of a server in a process of its own, which is the first line that it writes."""
    with subprocess.Popen(
        [sys.executable, *arguments],
        env=dict(os.environ) | settings,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        try:
            yield url
        finally:
            process.kill()


async def record_call(
    stack: AsyncExitStack,
    url: str,
    mode: str,
    call: tuple[str, dict[str, Any]],
    headers: Mapping[str, str] | None = None,
) -> bytes:
    """The request of a call as bytes; its session stays open as long as the stack."""
    sent: list[httpx2.Request] = []

    async def keep(request: httpx2.Request) -> None:
        await request.aread()
        sent.append(request)

    http = await stack.enter_async_context(
        httpx2.AsyncClient(timeout=30, headers=headers, event_hooks={"request": [keep]})
    )
    client = await stack.enter_async_context(Client(streamable_http_client(url, http_client=http), mode=mode))
    result = await client.call_tool(*call)
    assert not result.is_error, result.content
    request = next(each for each in reversed(sent) if b'"tools/call"' in each.content)
    lines = [f"POST {request.url.path} HTTP/1.1", *(f"{name}: {value}" for name, value in request.headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + request.content


async def call_until(end: float, url: str, request: bytes) -> int:
    """How many calls one client makes, one after the other, until a moment of the monotonic clock."""
    parts, count = urlsplit(url), 0
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    while time.monotonic() < end:
        await exchange(reader, writer, request)
        count += 1
    writer.close()
    return count


async def exchange(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> bytes:
    """The body of the answer to a call, which must succeed."""
    writer.write(request)
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    assert head.startswith(b"http/1.1 200"), head
    if b"transfer-encoding: chunked" in head:
        body = await reader.readuntil(b"0\r\n\r\n")
    else:
        body = await reader.readexactly(int(head.partition(b"content-length:")[2].partition(b"\r\n")[0]))
    assert b'"isError":true' not in body, body
    return body


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--turns", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=1.5)
    options = parser.parse_args()
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        upstream = stack.enter_context(running_upstream())
        ours = {
            "DODO_PAYMENTS_API_KEY": "bench", "DODO_PAYMENTS_BASE_URL": upstream,
            "CHECKOUT_LEDGER": str(folder / "ledger.db"), "CHECKOUT_LOG_LEVEL": "WARNING",
        }  # fmt: skip
        urls = {
            "bare": stack.enter_context(server(["-c", BARE], {"UPSTREAM": upstream})),
            "ours": stack.enter_context(server(["-m", "checkout_server", "serve", "--port", "0"], ours)),
        }
        calls = {"bare": BARE_CALL, "ours": OUR_CALL}
        requests = {
            name: [
                await record_call(stack, url, MODES[number % len(MODES)], calls[name])
                for number in range(options.clients)
            ]
            for name, url in urls.items()
        }
        rates: dict[str, list[float]] = {name: [] for name in urls}
        for turn in range(options.turns + 1):
            for name, url in urls.items():
                started = time.monotonic()
                end = started + options.seconds
                counts = await asyncio.gather(*(call_until(end, url, request) for request in requests[name]))
                if turn:  # the first one opens connections and warms caches
                    rates[name].append(sum(counts) / (time.monotonic() - started))
    median = {name: statistics.median(each) for name, each in rates.items()}
    print(f"bare {median['bare']:6.0f} a second")
    print(f"ours {median['ours']:6.0f} a second   {median['ours'] / median['bare']:.2f} × (at least {AT_LEAST})")


if __name__ == "__main__":
    asyncio.run(main())
