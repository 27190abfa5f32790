"""``demo``: a whole sale in the embedded sandbox, through the official MCP client over stdio."""

import argparse
import asyncio
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from checkout_server.privacy.stderr import child_log
from checkout_server.settings import foreign_environment

BUYER = {"email": "buyer@example.com", "name": "Jane Doe"}


def run(_arguments: argparse.Namespace) -> int:
    with tempfile.TemporaryDirectory(prefix="dodo-checkout-demo-") as folder:
        return asyncio.run(_demo(Path(folder)))


async def _demo(folder: Path) -> int:
    from mcp import Client, StdioServerParameters
    from mcp.client.stdio import stdio_client

    # It must never touch a real account or a real ledger.
    environment = foreign_environment() | {
        "CHECKOUT_LEDGER": str(folder / "ledger.db"),
        "CHECKOUT_LOG_LEVEL": "WARNING",
    }
    server = StdioServerParameters(command=sys.executable, args=["-m", "checkout_server"], env=environment)
    async with Client(stdio_client(server, errlog=child_log())) as client:
        tools = await client.list_tools()
        print("A sale in the embedded sandbox: no money moves, its prices and taxes are made up.")
        print(
            f"Connected over stdio, protocol {client.protocol_version}; "
            f"tools: {', '.join(tool.name for tool in tools.tools)}"
        )

        step = _Steps(client)
        products = await step.call("list_products", {"query": "course"}, "Find something to sell")
        product_id = products["products"][0]["product_id"]
        order = {
            "product_cart": [{"product_id": product_id, "quantity": 2}],
            "billing_address": {"country": "US", "state": "CA", "zipcode": "94102"},
            "discount_codes": ["SAVE20"],
        }
        preview = await step.call("preview_checkout", order, "Quote it: this is what the buyer is shown")
        _print_price(preview)
        sale = {
            "preview_id": preview["preview_id"],
            "customer": BUYER,
            "return_url": "https://shop.example.com/thanks",
            "metadata": {"order_id": "demo-1"},
        }
        session = await step.call("create_checkout_session", sale, "The buyer agreed: create the session")
        status = await step.call("get_checkout_session", {"session_id": session["session_id"]}, "Has the buyer paid?")

        print(f"\nCheckout URL: {session['checkout_url']}")
        print(f"Total:        {preview['display']['total']}   Status: {status['status']}")
        print("(The page lives as long as its server; `dodo-checkout-mcp sandbox` keeps one open for a browser.)")
    return 0


class _Steps:
    """Calls tools and shows what was sent and what came back."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._number = 0

    async def call(self, tool: str, arguments: dict[str, Any], purpose: str) -> dict[str, Any]:
        self._number += 1
        print(f"\n{self._number}. {purpose}\n   → {tool}")
        print(_indented(arguments))
        result = await self._client.call_tool(tool, arguments)
        print("   ←" + (" refused" if result.is_error else ""))
        print(_indented(result.structured_content))
        if result.is_error:
            raise SystemExit(1)
        return result.structured_content


def _indented(content: Any) -> str:
    return "\n".join(f"     {line}" for line in json.dumps(content, indent=2, ensure_ascii=False).splitlines())


def _print_price(preview: dict[str, Any]) -> None:
    """The lines and, below them, their sums."""
    names = ("amount", "discount", "tax")
    print(f"\n   The price, in {preview['currency']}{'':27}" + "".join(f"{name:>12}" for name in names))
    for line in preview["lines"]:
        shown = "".join(f"{line['display'].get(name, ''):>12}" for name in names)
        print(f"     {line['quantity']:>3} × {line.get('name', line['product_id']):<37}{shown}")
    sums = "".join(f"{_number(preview['display'].get(name, '')):>12}" for name in ("subtotal", "discount", "tax"))
    print(f"     {'Together':<43}{sums}\n     {'Due now':<43}{_number(preview['display']['total']):>12}")
    for warning in preview.get("warnings", ()):
        print(f"     ({warning})")


def _number(display: str) -> str:
    """An amount without its currency."""
    return display.rpartition(" ")[2]
