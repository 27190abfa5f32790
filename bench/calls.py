"""What a call costs: our tools against a trivial tool on the bare SDK that makes one POST to the same upstream.

Both over stdio with the official client, interleaved in one run; prints medians in milliseconds and their ratios.
The upstream is a process that answers at once, so that nothing hides the cost of ours.

    uv run python bench/calls.py [--calls 150] [--era 2026|2025]
"""

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client

from upstream import ORDER, running_upstream

BARE = """
import os
import httpx2
from mcp.server.mcpserver import MCPServer

server = MCPServer("bare")
client = httpx2.AsyncClient(base_url=os.environ["UPSTREAM"], trust_env=False)


@server.tool()
async def post(path: str, body: dict[str, object]) -> dict[str, object]:
    return (await client.post(path, json=body)).json()


server.run()
"""

LIMITS = {"preview_checkout": 1.25, "create_checkout_session": 1.6}
MODES = {"2026": "auto", "2025": "legacy"}


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=150)
    parser.add_argument("--era", choices=MODES, default="2026")
    options = parser.parse_args()
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = stack.enter_context(running_upstream())
        ours = {
            "DODO_PAYMENTS_API_KEY": "bench", "DODO_PAYMENTS_BASE_URL": url,
            "CHECKOUT_LEDGER": str(folder / "ledger.db"),
        }  # fmt: skip

        async def connect(arguments: list[str], settings: dict[str, str]) -> Client:
            server = StdioServerParameters(command=sys.executable, args=arguments, env=dict(os.environ) | settings)
            errors = stack.enter_context((folder / "errors").open("a"))
            return await stack.enter_async_context(Client(stdio_client(server, errlog=errors), mode=MODES[options.era]))

        await measure(
            await connect(["-m", "checkout_server"], ours),
            await connect(["-c", BARE], {"UPSTREAM": url}),
            options.calls,
        )


async def measure(ours: Client, bare: Client, calls: int) -> None:
    async def preview() -> Any:
        return await ours.call_tool("preview_checkout", ORDER)

    async def create() -> Any:
        return await ours.call_tool("create_checkout_session", {"preview_id": preview_ids.pop()})

    async def post() -> Any:
        return await bare.call_tool("post", {"path": "/checkouts", "body": ORDER})

    preview_ids: list[str] = []
    taken: dict[str, list[float]] = {name: [] for name in ("bare POST", *LIMITS)}
    calls_of: dict[str, Callable[[], Awaitable[Any]]] = {
        "bare POST": post, "preview_checkout": preview, "create_checkout_session": create,
    }  # fmt: skip
    for turn in range(calls + 10):
        for name, call in calls_of.items():
            started = time.perf_counter()
            result = await call()
            seconds = time.perf_counter() - started
            if result.is_error:
                raise SystemExit(f"{name} failed: {result.content}")
            if name == "preview_checkout":
                preview_ids.append(result.structured_content["preview_id"])
            if turn >= 10:  # the first ones open connections and warm caches
                taken[name].append(seconds * 1000)
    median = {name: statistics.median(values) for name, values in taken.items()}
    print(f"{'bare POST':<24} {median['bare POST']:6.2f} ms")
    for name, limit in LIMITS.items():
        print(f"{name:<24} {median[name]:6.2f} ms   {median[name] / median['bare POST']:.2f} × (at most {limit})")


if __name__ == "__main__":
    asyncio.run(main())
