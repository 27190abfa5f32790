"""The upstream of the other benchmarks: a payment API that answers at once, so that nothing hides the cost of ours.

uv run python bench/upstream.py    # prints its port and serves until it is killed
"""

import argparse
import asyncio
import json
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

ORDER: dict[str, Any] = {
    "product_cart": [{"product_id": "prod_1", "quantity": 1}],
    "billing_address": {"country": "US"},
}
_LINE = {
    "product_id": "prod_1", "name": "Guide", "quantity": 1, "currency": "USD", "discounted_price": 1900, "tax": 0,
    "is_subscription": False, "is_usage_based": False,
}  # fmt: skip
_PREVIEW = {
    "billing_country": "US", "currency": "USD", "is_byop": False, "payment_method_required": True, "total_price": 1900,
    "current_breakup": {"subtotal": 1900, "discount": 0, "tax": 0, "total_amount": 1900}, "product_cart": [_LINE],
}  # fmt: skip
_ANSWERS: dict[str, Any] = {
    "/checkouts/preview": _PREVIEW,
    "/checkouts": {"session_id": "cks_1", "checkout_url": "https://checkout.example/session/cks_1"},
    "/brands": {"items": [{"brand_id": "bus_bench", "business_id": "bus_bench"}]},
    "/products/prod_1": {
        "product_id": "prod_1", "is_recurring": False, "price": {"type": "one_time_price", "price": 1900},
    },
}  # fmt: skip
ANSWERS = {path.encode(): json.dumps(answer).encode() for path, answer in _ANSWERS.items()}


@contextmanager
def running_upstream() -> Generator[str]:
    """The URL of an upstream in a process of its own."""
    with subprocess.Popen([sys.executable, __file__], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        finally:
            process.kill()


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
            await reader.readexactly(length)
            answer = ANSWERS[head.split(b" ")[1].partition(b"?")[0]]
            writer.write(
                b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(answer)
                + answer
            )
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


async def _serve() -> None:
    server = await asyncio.start_server(_answer, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    asyncio.run(_serve())
