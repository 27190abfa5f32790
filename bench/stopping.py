"""From a signal to the end of the process, with a creation in flight whose answer never comes.

Promised: within 2 seconds, over stdio and HTTP alike.

    uv run python bench/stopping.py [--runs 5]
"""

import argparse
import asyncio
import json
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from faulty_upstream import FaultyUpstream, hang
from processes import server_environment


async def seconds(transport: str, number: int) -> float:
    from mcp import Client

    with tempfile.TemporaryDirectory() as folder:
        async with FaultyUpstream(hang).running() as upstream:
            environment = server_environment(Path(folder) / "ledger.db", upstream.url)
            command = [
                sys.executable,
                "-m",
                "checkout_server",
                *(("serve", "--port", "0") if transport == "http" else ()),
            ]
            process = await asyncio.create_subprocess_exec(
                *command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
            )
            cart = {"product_cart": [{"product_id": "prod_ebook_guide", "quantity": 1}]}
            if transport == "http":
                assert process.stderr is not None
                url = (await process.stderr.readline()).decode().strip()

                async def sell() -> None:
                    async with Client(url) as client:
                        preview: Any = (await client.call_tool("preview_checkout", cart)).structured_content
                        await client.call_tool("create_checkout_session", {"preview_id": preview["preview_id"]})

                selling = asyncio.create_task(sell())
            else:
                selling = asyncio.create_task(sell_over_stdio(process, cart))
            await upstream.arrived.wait()
            started = time.perf_counter()
            process.send_signal(number)
            await process.wait()
            taken = time.perf_counter() - started
            selling.cancel()
            await asyncio.gather(selling, return_exceptions=True)
    return taken


async def sell_over_stdio(process: asyncio.subprocess.Process, cart: dict[str, Any]) -> None:
    assert process.stdin is not None
    assert process.stdout is not None
    client = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "b", "version": "1"}}

    def ask(number: int, method: str, params: Any) -> None:
        assert process.stdin is not None
        message = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
        process.stdin.write(json.dumps(message).encode() + b"\n")

    ask(1, "initialize", client)
    await process.stdout.readline()
    process.stdin.write(b'{"jsonrpc":"2.0","method":"notifications/initialized"}\n')
    ask(2, "tools/call", {"name": "preview_checkout", "arguments": cart})
    preview = json.loads(await process.stdout.readline())["result"]["structuredContent"]
    ask(3, "tools/call", {"name": "create_checkout_session", "arguments": {"preview_id": preview["preview_id"]}})


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    for transport in ("stdio", "http"):
        for number in (signal.SIGINT, signal.SIGTERM):
            taken = [await seconds(transport, number) for _ in range(runs)]
            name, middle = signal.Signals(number).name, statistics.median(taken)
            print(f"{transport:<6} {name:<8} median {middle:.2f} s, worst {max(taken):.2f} s")


if __name__ == "__main__":
    asyncio.run(main())
