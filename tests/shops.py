"""Shops to try a behaviour in: over memory, stdio and HTTP, in both protocol eras."""

import asyncio
import sys
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from evals.upstream import Upstream, running_upstream
from forms import approving, refusing
from processes import server_environment
from published_outputs import misfits

TRANSPORTS = ("memory", "stdio", "http")
ERAS = {"2026": "auto", "2025": "legacy"}
"""The protocol era and the client's mode that speaks it."""


@dataclass
class Person:
    """Answers what the client asks: ``accept``, ``decline`` or ``cancel``, or ``refuse`` by the form's first choice."""

    answer: str = "accept"
    questions: list[str] = field(default_factory=list)
    delegate: "Person | None" = None
    """Who answers instead."""

    async def __call__(self, _context: Any, params: Any) -> Any:
        from mcp_types import ElicitResult

        if self.delegate is not None:
            return await self.delegate(_context, params)

        self.questions.append(params.message)
        if self.answer == "accept":
            return approving(params)
        if self.answer == "refuse":
            return refusing(params)
        return ElicitResult(action=self.answer, content=None)  # pyright: ignore[reportArgumentType] - a test's own word


@dataclass
class Shop:
    """A client connected to a server that sells from the upstream."""

    client: Any
    upstream: Upstream
    desk: Any = None
    """The server's own, where it runs in this process."""

    async def call(self, tool: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """A call that must succeed; its structured content."""
        result = await self.client.call_tool(tool, dict(arguments))
        assert not result.is_error, result.structured_content
        assert misfits(tool, result.structured_content) == []
        return result.structured_content

    async def refusal(self, tool: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """A call that must be refused; its error."""
        result = await self.client.call_tool(tool, dict(arguments))
        assert result.is_error, result.structured_content
        assert misfits(tool, result.structured_content) == []
        return result.structured_content["error"]

    async def preview_id(self, product_id: str = "prod_ebook_guide", **order: Any) -> str:
        cart = {"product_cart": [{"product_id": product_id, "quantity": 1}]}
        return (await self.call("preview_checkout", cart | order))["preview_id"]


OpenShop = Callable[..., AbstractAsyncContextManager[Shop]]


@asynccontextmanager
async def _memory(ledger: Path, upstream_url: str, errors: Path, **extra: str) -> AsyncGenerator[Any]:
    from checkout_server.app import build_server, open_desk
    from checkout_server.settings import load_settings

    common = {"DODO_PAYMENTS_API_KEY": "test_key", "DODO_PAYMENTS_BASE_URL": upstream_url}
    settings = load_settings(**common | {"CHECKOUT_LEDGER": str(ledger)} | extra)
    async with open_desk(settings) as desk:
        yield build_server(desk), desk


@asynccontextmanager
async def _stdio(ledger: Path, upstream_url: str, errors: Path, **extra: str) -> AsyncGenerator[Any]:
    from mcp import StdioServerParameters
    from mcp.client.stdio import stdio_client

    parameters = StdioServerParameters(
        command=sys.executable, args=["-m", "checkout_server"], env=server_environment(ledger, upstream_url, **extra)
    )
    with errors.open("a") as errlog:
        yield stdio_client(parameters, errlog=errlog), None


@asynccontextmanager
async def _http(ledger: Path, upstream_url: str, errors: Path, **extra: str) -> AsyncGenerator[Any]:
    async with http_server(server_environment(ledger, upstream_url, **extra), errors) as url:
        yield url, None


@asynccontextmanager
async def http_server(
    environment: Mapping[str, str], errors: Path, *options: str, program: str | None = None
) -> AsyncGenerator[str]:
    """A server process on a free port; its URL. Ready when it says so. It may run another Python program."""
    run = ("-m", "checkout_server") if program is None else ("-c", program)
    process = await asyncio.create_subprocess_exec(
        sys.executable, *run, "serve", "--port", "0", *options,
        env=dict(environment), stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stderr is not None
    seen: list[bytes] = []

    async def drain() -> None:
        async for line in process.stderr or ():
            seen.append(line)

    while (first := await process.stderr.readline()) and not first.startswith(b"http://"):
        seen.append(first)
    assert first, seen
    draining = asyncio.create_task(drain())
    try:
        yield first.decode().strip()
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
        await draining
        errors.write_bytes(b"".join(seen))


SERVERS = {"memory": _memory, "stdio": _stdio, "http": _http}


@asynccontextmanager
async def open_shop_over(
    transport: str, era: str, folder: Path, *, policy: str | None = None, person: Any = None, **settings: str
) -> AsyncGenerator[Shop]:
    """A shop under a policy (TOML) and settings, with a client that can ask a person or not."""
    from mcp import Client

    if policy is not None:
        (folder / "policy.toml").write_text(policy, encoding="utf-8")
        settings["CHECKOUT_POLICY"] = str(folder / "policy.toml")
    async with (
        running_upstream() as upstream,
        SERVERS[transport](folder / "ledger.db", upstream.url, folder / "stderr.log", **settings) as (server, desk),
        Client(server, mode=ERAS[era], elicitation_callback=person) as client,
    ):
        yield Shop(client, upstream, desk)
