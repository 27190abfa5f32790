"""The world of a task: the real server behind a real client, the sandbox behind a recorder, a buyer and a person."""

import os
import sys
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, cast

from mcp import Client, StdioServerParameters
from mcp.client import ClientRequestContext
from mcp.client.stdio import stdio_client
from mcp_types import ElicitRequestFormParams, ElicitRequestParams, ElicitResult

from checkout_server.app import build_server, open_desk
from checkout_server.checkout.desk import Desk
from checkout_server.settings import Settings, load_settings
from evals.task import PriceRise, Surroundings
from evals.upstream import Upstream, running_upstream

Transport = Literal["memory", "stdio"]


@dataclass(frozen=True)
class Tool:
    """A tool as a model is shown it, and whether it changes anything."""

    name: str
    description: str
    schema: dict[str, Any]
    is_read_only: bool


@dataclass
class Person:
    """Who is asked in the client, and answers with the form's last choice or its first."""

    approves: bool
    questions: list[str] = field(default_factory=list[str])

    async def __call__(self, context: ClientRequestContext, params: ElicitRequestParams) -> ElicitResult:
        self.questions.append(params.message)
        if not isinstance(params, ElicitRequestFormParams):
            return ElicitResult(action="cancel")
        schema: dict[str, Any] = params.requested_schema
        chosen = -1 if self.approves else 0
        content = {name: schema["properties"][name]["enum"][chosen] for name in schema["required"]}
        return ElicitResult(action="accept", content=content)


@dataclass
class World:
    """Where an agent works, and what can be seen of its work."""

    client: Client
    tools: dict[str, Tool]
    instructions: str
    upstream: Upstream
    person: Person | None
    _clock: Callable[[float], None]
    calls: list[tuple[str, dict[str, Any], dict[str, Any]]] = field(
        default_factory=list[tuple[str, dict[str, Any], dict[str, Any]]]
    )
    """Tool, arguments and structured content of every call."""

    async def call(self, tool: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """The structured content of a call, be it a result or an error."""
        answer = await self.client.call_tool(tool, dict(arguments))
        self.calls.append((tool, dict(arguments), answer.structured_content or {}))
        return self.calls[-1][2]

    def wait(self, seconds: float) -> None:
        """Let time pass, where the clocks are ours: a server of another process keeps its own."""
        self._clock(seconds)

    def pay(self, outcome: Literal["succeeded", "failed"]) -> None:
        """The buyer pays on the page of the newest session, or tries to."""
        *_, session = self.upstream.sandbox.sessions.values()
        self.upstream.sandbox.pay(session, outcome)


@asynccontextmanager
async def open_world(surroundings: Surroundings, folder: Path, transport: Transport) -> AsyncGenerator[World]:
    """A world that nothing has happened in."""
    ours = {"DODO_PAYMENTS_API_KEY": "test_key", "CHECKOUT_LEDGER": str(folder / "ledger.db")}
    if surroundings.policy:
        (folder / "policy.toml").write_text(surroundings.policy, encoding="utf-8")
        ours["CHECKOUT_POLICY"] = str(folder / "policy.toml")
    person = None if surroundings.person is None else Person(surroundings.person == "approves")
    async with running_upstream() as upstream:
        _arrange(surroundings, upstream)
        ours["DODO_PAYMENTS_BASE_URL"] = upstream.url
        async with (
            _SERVERS[transport](ours, folder) as (server, desk),
            Client(server, elicitation_callback=person) as client,
        ):
            listed = (await client.list_tools()).tools
            tools = {
                tool.name: Tool(
                    tool.name,
                    tool.description or "",
                    tool.input_schema,
                    tool.annotations is not None and tool.annotations.read_only_hint is True,
                )
                for tool in listed
            }
            yield World(client, tools, client.instructions or "", upstream, person, _clock_of(desk, upstream))


@asynccontextmanager
async def _memory(ours: dict[str, str], _folder: Path) -> AsyncGenerator[tuple[Any, Desk | None]]:
    unset = {each.alias: each.default for each in Settings.model_fields.values() if each.alias is not None}
    async with open_desk(load_settings(**unset | ours)) as desk:
        yield build_server(desk), desk


@asynccontextmanager
async def _stdio(ours: dict[str, str], folder: Path) -> AsyncGenerator[tuple[Any, Desk | None]]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DODO_PAYMENTS_", "CHECKOUT_"))}
    parameters = StdioServerParameters(command=sys.executable, args=["-m", "checkout_server"], env=kept | ours)
    with (folder / "stderr.log").open("w") as errors:
        yield stdio_client(parameters, errlog=errors), None


_SERVERS = {"memory": _memory, "stdio": _stdio}


def _clock_of(desk: Desk | None, upstream: Upstream) -> Callable[[float], None]:
    """Moves the clocks of the server and the sandbox on, which agree."""
    if desk is None:
        return lambda seconds: None
    passed = 0.0

    def now() -> float:
        return time.time() + passed

    def move_on(seconds: float) -> None:
        nonlocal passed
        passed += seconds

    desk.clock = now
    upstream.sandbox.clock = lambda: datetime.fromtimestamp(now(), UTC)
    return move_on


def _arrange(surroundings: Surroundings, upstream: Upstream) -> None:
    """Set what the sandbox answers otherwise in this world."""

    def named(answer: Any) -> Any:
        return _renamed(answer, surroundings.names)

    for path in ("/products", *(f"/products/{each}" for each in surroundings.names)):
        upstream.rewrites[path] = named
    rise = _Rise(surroundings.price_rise)
    upstream.rewrites["/checkouts/preview"] = lambda answer: named(rise(answer))
    if surroundings.lost_answers:
        _lose_answers(upstream, surroundings.lost_answers)


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, list):
        return [_renamed(each, names) for each in cast(list[Any], value)]
    if not isinstance(value, dict):
        return value
    renamed = {name: _renamed(each, names) for name, each in cast(dict[str, Any], value).items()}
    if "name" in renamed and renamed.get("product_id") in names:
        renamed["name"] = names[renamed["product_id"]]
    return renamed


class _Rise:
    """Quotes that are dearer after the first ones. The first line carries it, so that the table still adds up."""

    def __init__(self, rise: PriceRise | None) -> None:
        self._rise, self._quotes = rise, 0

    def __call__(self, quote: Any) -> Any:
        self._quotes += 1
        if self._rise is None or self._quotes <= self._rise.after_quotes or "current_breakup" not in quote:
            return quote
        by = self._rise.by
        line = quote["product_cart"][0]
        for amounts, names in (
            (quote["current_breakup"], ("subtotal", "total_amount")),
            (line, ("og_price", "discounted_price")),
            (quote, ("total_price",)),
        ):
            amounts.update({name: amounts[name] + by for name in names})
        return quote


def _lose_answers(upstream: Upstream, number: int) -> None:
    """Make the first sessions, and answer as a server that failed: nobody can tell from it whether they exist."""
    left = number
    upstream.statuses["/checkouts"] = 500

    async def count() -> None:
        nonlocal left
        left -= 1
        if not left:
            upstream.statuses.pop("/checkouts")
            upstream.gates.pop("/checkouts")

    upstream.gates["/checkouts"] = count
