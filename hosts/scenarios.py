"""What a host is made to call, over a shop that was prepared for it, and what each call answers.

A refusal is chosen so that only the server can know of it: some hosts check arguments against the published schema.
"""

import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orders import CONFIRMED, HOSTED, ORDER
from processes import server_environment
from served_tools import OFFERED
from shops import Shop, Upstream, running_upstream

SUCCESSES = OFFERED
REFUSALS = (
    "invalid_request",
    "preview_required",
    "policy_denied",
    "approval_required",
    "price_changed",
    "outcome_unknown",
    "preview_used",
    "preview_expired",
)

POLICY = """
[limits]
max_quantity = 5
[allow]
countries = ["US"]
"""
_PREVIEWS = "/checkouts/preview"
_CREATIONS = "/checkouts"
_AN_HOUR = 3600


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a tool; its name is what it shows: a tool's success, or the code of a refusal."""

    name: str
    tool: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PreparedShop:
    """A server's environment, and the calls that its ledger was prepared for."""

    environment: dict[str, str]
    calls: tuple[Call, ...]


@asynccontextmanager
async def prepared_shop(folder: Path) -> AsyncGenerator[PreparedShop]:
    """A payment API, and a ledger with a preview for each call. The prices of laptops rise after that, and the answers
    to orders of mice are lost."""
    (folder / "policy.toml").write_text(POLICY, encoding="utf-8")
    async with running_upstream() as upstream:
        environment = server_environment(
            folder / "ledger.db", upstream.url, CHECKOUT_POLICY=str(folder / "policy.toml")
        )
        calls = await _prepare(environment)
        upstream.rewrites[_PREVIEWS] = _dearer_laptops
        upstream.rewrites[_CREATIONS] = lambda answer: {} if _is_of_mice(upstream) else answer
        yield PreparedShop(environment, calls)


@asynccontextmanager
async def open_client(environment: Mapping[str, str], **options: Any) -> AsyncGenerator[Shop]:
    """A client of a server in this process, over the same ledger."""
    from mcp import Client

    from checkout_server.app import build_server, open_desk
    from checkout_server.settings import load_settings

    ours = {name: text for name, text in environment.items() if name.startswith(("DODO_PAYMENTS_", "CHECKOUT_"))}
    async with open_desk(load_settings(**ours)) as desk, Client(build_server(desk), **options) as client:
        yield Shop(client, Upstream(), desk)


def _order(product_id: str) -> dict[str, Any]:
    return ORDER | {"product_cart": [{"product_id": product_id, "quantity": 1}]}


async def _prepare(environment: Mapping[str, str]) -> tuple[Call, ...]:
    async with open_client(environment) as shop:

        async def preview(order: Mapping[str, Any]) -> str:
            return (await shop.call("preview_checkout", order))["preview_id"]

        async def create(preview_id: str, **sale: Any) -> str:
            return (await shop.call("create_checkout_session", {"preview_id": preview_id, **sale}))["session_id"]

        shop.desk.clock = lambda: time.time() - _AN_HOUR
        expired = await preview(ORDER)
        shop.desk.clock = time.time
        used, asked, dearer, lost, sold = [
            await preview(order) for order in (ORDER, ORDER, _order("prod_laptop"), _order("prod_mouse"), ORDER)
        ]
        await create(used, metadata={"order": "7"})
        session_id = await create(await preview(ORDER), **HOSTED)
    wrong = {
        "billing_address": {"country": "ZZ"},
        "billing_currency": "ZZZ",
        "discount_codes": ["SAVE20", "save20"],
    }
    forbidden = {
        "product_cart": [{"product_id": "prod_mouse", "quantity": 6}],
        "billing_address": {"country": "GB"},
    }
    return (
        Call("list_products", "list_products", {}),
        Call("preview_checkout", "preview_checkout", ORDER | {"discount_codes": ["WELCOME10"]}),
        Call("create_checkout_session", "create_checkout_session", {"preview_id": sold} | HOSTED),
        Call("get_checkout_session", "get_checkout_session", {"session_id": session_id}),
        Call("invalid_request", "preview_checkout", ORDER | wrong),
        Call("preview_required", "create_checkout_session", {"preview_id": ""}),
        Call("policy_denied", "preview_checkout", forbidden),
        Call("approval_required", "create_checkout_session", {"preview_id": asked} | CONFIRMED),
        Call("price_changed", "create_checkout_session", {"preview_id": dearer} | HOSTED),
        Call("outcome_unknown", "create_checkout_session", {"preview_id": lost} | HOSTED),
        Call(
            "preview_used",
            "create_checkout_session",
            {"preview_id": used, "metadata": '{"order": "8"}', "return_url": "https://shop.example/done"},
        ),
        Call("preview_expired", "create_checkout_session", {"preview_id": expired}),
    )


def _dearer_laptops(quote: Any) -> Any:
    if quote["product_cart"][0]["product_id"] == "prod_laptop":
        quote["current_breakup"]["total_amount"] += 100
    return quote


def _is_of_mice(upstream: Upstream) -> bool:
    return upstream.created[-1]["product_cart"][0]["product_id"] == "prod_mouse"
