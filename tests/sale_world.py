"""A shop with a clock, a buyer with a browser, and faults: where a sale comes into a state, and goes on from it."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
from mcp import Client

from checkout_server.app import build_server, open_desk
from checkout_server.checkout.desk import Desk
from checkout_server.sandbox.sessions import Session
from fault_cases import MODES, accept, call, settings
from faulty_upstream import Fault, FaultyUpstream, no_fault
from literal_agent import LiteralAgent
from orders import ORDER


@dataclass
class ShopWorld:
    """A shop at a clock that is set by hand, and a buyer with a browser."""

    client: Client
    desk: Desk
    browser: httpx2.AsyncClient
    now: float = field(default_factory=lambda: datetime.now(UTC).timestamp())
    buyer_pays: bool = True
    answers: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    """Of every call."""

    def __post_init__(self) -> None:
        self.desk.clock = lambda: self.now

    @property
    def buyer_wants(self) -> bool:
        return self.buyer_pays

    async def call(self, tool: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        self.answers.append(await call(self.client, tool, **arguments))
        return self.answers[-1]

    async def describe(self, tool: str) -> str:
        listed = (await self.client.list_tools()).tools
        return next(each.description or "" for each in listed if each.name == tool)

    async def wait(self, seconds: float) -> None:
        self.now += seconds

    async def open_page(self, url: str) -> None:
        page = await self.browser.get(url)
        assert page.status_code == 200, f"the page answers {page.status_code}"
        if self.buyer_pays:
            assert (await self.browser.post(f"{url}/pay")).status_code == 200


@dataclass(kw_only=True)
class SaleWorld(ShopWorld):
    """One sale of ``ORDER``, with a sandbox that has the same clock, behind faults."""

    folder: Path
    upstream: FaultyUpstream
    rest: dict[str, Any] = field(default_factory=dict[str, Any])
    preview_id: str | None = None
    session_id: str | None = None
    answer: dict[str, Any] = field(default_factory=dict[str, Any])
    """Of the first call of ``create_checkout_session``."""
    held: asyncio.Task[Any] | None = None
    """A creation that another process has in hand."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.upstream.sandbox.clock = lambda: datetime.fromtimestamp(self.now, UTC)

    async def wait(self, seconds: float) -> None:
        await super().wait(seconds)
        if seconds and self.held is not None:
            self.upstream.released.set()
            await self.held

    def agent(self) -> LiteralAgent:
        """The agent, with what it knows of the sale so far."""
        rest = deepcopy(self.rest)
        return LiteralAgent(self, deepcopy(ORDER), rest, preview_id=self.preview_id, session_id=self.session_id)

    async def preview(self) -> None:
        self.preview_id = (await self.call("preview_checkout", ORDER))["preview_id"]

    async def create(self, fault: Fault = no_fault) -> None:
        """Preview, and ask for the session once, while the fault lasts."""
        await self.preview()
        self.upstream.fault = fault
        self.answer = await self.ask_again()
        self.upstream.fault = no_fault

    async def ask_again(self) -> dict[str, Any]:
        return await self.call("create_checkout_session", {"preview_id": self.preview_id, **self.rest})

    async def ask_status(self) -> dict[str, Any]:
        ids = {"preview_id": self.preview_id} if self.preview_id else {"session_id": self.session_id}
        return await self.call("get_checkout_session", ids)

    @property
    def session(self) -> Session:
        """The only one that was made."""
        [made] = self.upstream.sandbox.sessions.values()
        return made

    def set_payment(self, status: str) -> None:
        """The session's payment, whatever it was before."""
        self.upstream.sandbox.pay(self.session, status).status = status

    def paid_sales(self) -> int:
        return sum(each.status == "succeeded" for each in self.upstream.sandbox.payments)

    @asynccontextmanager
    async def another_process(self) -> AsyncGenerator[Client]:
        """Another server over the same ledger and upstream."""
        async with open_desk(settings(self.folder, self.upstream.url)) as desk:
            desk.clock = lambda: self.now
            async with Client(build_server(desk), elicitation_callback=accept) as client:
                yield client


@asynccontextmanager
async def open_world(folder: Path, era: str) -> AsyncGenerator[SaleWorld]:
    """A world with a person in the client who approves."""
    async with (
        FaultyUpstream().running() as upstream,
        open_desk(settings(folder, upstream.url)) as desk,
        Client(build_server(desk), mode=MODES[era], elicitation_callback=accept) as client,
        httpx2.AsyncClient(trust_env=False, verify=False) as browser,
    ):
        yield SaleWorld(client, desk, browser, folder=folder, upstream=upstream)
