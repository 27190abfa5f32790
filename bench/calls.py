"""What a call costs: our tools against a trivial tool on the bare SDK that makes one POST to the same upstream.

Both over stdio with the official client, interleaved in one run; prints medians in milliseconds and their ratios.
The upstream is a process that answers at once, so that nothing hides the cost of ours.

    uv run python bench/calls.py [--calls 150] [--era 2026|2025]
"""

import sys

if __name__ == "__main__":
    sys.path.pop(0)  # this folder: its logging.py would hide the library's


import argparse
import asyncio
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Awaitable, Callable, Generator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from typing import Any

from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client

UPSTREAM = """
import asyncio, json

PREVIEW = {"billing_country": "US", "currency": "USD", "is_byop": False, "payment_method_required": True,
           "current_breakup": {"subtotal": 1900, "discount": 0, "tax": 0, "total_amount": 1900},
           "product_cart": [{"product_id": "prod_1", "name": "Guide", "quantity": 1, "currency": "USD",
                             "discounted_price": 1900, "tax": 0, "is_subscription": False, "is_usage_based": False}],
           "total_price": 1900}
SESSION = {"session_id": "cks_1", "checkout_url": "https://checkout.example/session/cks_1"}
BRANDS = {"items": [{"brand_id": "bus_bench", "business_id": "bus_bench"}]}
PRODUCT = {"product_id": "prod_1", "is_recurring": False, "price": {"type": "one_time_price", "price": 1900}}
ANSWERS = {b"/checkouts/preview": json.dumps(PREVIEW).encode(), b"/checkouts": json.dumps(SESSION).encode(),
           b"/brands": json.dumps(BRANDS).encode(), b"/products/prod_1": json.dumps(PRODUCT).encode()}

async def serve(reader, writer):
    try:
        while True:
            head = await reader.readuntil(b"\\r\\n\\r\\n")
            length = int(head.lower().partition(b"content-length:")[2].partition(b"\\r\\n")[0] or 0)
            await reader.readexactly(length)
            answer = ANSWERS[head.split(b" ")[1].partition(b"?")[0]]
            writer.write(b"HTTP/1.1 200 OK\\r\\ncontent-type: application/json\\r\\ncontent-length: %d\\r\\n\\r\\n%s"
                         % (len(answer), answer))
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()

async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()

asyncio.run(main())
"""

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

ORDER = {"product_cart": [{"product_id": "prod_1", "quantity": 1}], "billing_address": {"country": "US"}}
LIMITS = {"preview_checkout": 1.6, "create_checkout_session": 2.5}
MODES = {"2026": "auto", "2025": "legacy"}


@contextmanager
def upstream() -> Generator[str]:
    """The upstream's URL."""
    with subprocess.Popen([sys.executable, "-c", UPSTREAM], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        process.kill()


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=150)
    parser.add_argument("--era", choices=MODES, default="2026")
    options = parser.parse_args()
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = stack.enter_context(upstream())
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
