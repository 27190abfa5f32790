"""What can happen to a creation on its way: one table for the tests and for ``bench/faults.py``."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

from mcp import Client
from mcp_types import ElicitResult

from checkout_server.app import build_server, open_desk
from checkout_server.checkout.desk import Desk
from checkout_server.gateway.client import Gateway
from checkout_server.settings import Settings, load_settings
from faulty_upstream import Fault, create_then_answer, drop_after, drop_before, hang, no_fault, refuse, slow
from forms import approving
from processes import server_environment


class Case(NamedTuple):
    """A fault, and the only true thing that can be said after it."""

    fault: Fault
    creates: bool
    """Whether a request that meets it makes a session."""
    confirmed: str
    """What a caller who confirms is told: ``session``, or the code of an error."""
    hosted: str
    """What a caller who does not confirm is told."""


CASES: dict[str, Case] = {
    "no fault": Case(no_fault, True, "session", "session"),
    "422": Case(refuse(422, "INVALID_REQUEST_BODY"), False, "gateway_refused", "gateway_refused"),
    "429": Case(refuse(429, "TOO_MANY_REQUESTS"), False, "outcome_unknown", "rate_limited"),
    "500 after creating": Case(
        create_then_answer(500, {"code": "INTERNAL_SERVER_ERROR"}), True, "outcome_unknown", "outcome_unknown"
    ),
    "connection dropped before creating": Case(drop_before, False, "outcome_unknown", "outcome_unknown"),
    "connection dropped after creating": Case(drop_after, True, "outcome_unknown", "outcome_unknown"),
    "hang past the deadline": Case(hang, True, "outcome_unknown", "outcome_unknown"),
    "slow answer": Case(slow, True, "session", "session"),
    "garbage body": Case(create_then_answer(200, b"<html>"), True, "outcome_unknown", "outcome_unknown"),
    "missing fields": Case(create_then_answer(200, {"checkout_url": None}), True, "outcome_unknown", "outcome_unknown"),
}


RESTORED, BUSY = "ledger restored from a backup", "lost answer in a busy shop"
"""What goes wrong elsewhere than on the way; rows of the table after the cases."""
NEWER = 600
"""Payments that a busy shop takes after a lost one."""


MODES = {"2026": "auto", "2025": "legacy"}
"""The protocol era and the client's mode that speaks it."""


async def accept(context: Any, params: Any) -> ElicitResult:
    """A person who approves."""
    return approving(params)


def environment(folder: Path, url: str, **further: str) -> dict[str, str]:
    """Settings of a server that sells from an upstream, and nothing of the tester's own."""
    return server_environment(folder / "ledger.db", url, CHECKOUT_LOG_LEVEL="WARNING", **further)


def settings(folder: Path, url: str, **further: str) -> Settings:
    """The same, for a desk in this process."""
    names = (field.alias for field in Settings.model_fields.values())
    ours = environment(folder, url, **further)
    return load_settings(**{name: ours[name] for name in names if name in ours})


@asynccontextmanager
async def opened(folder: Path, url: str, *, era: str = "2026", **further: str) -> AsyncGenerator[tuple[Client, Desk]]:
    """A client of a server in this process, with a person who approves; and the server's desk."""
    async with (
        open_desk(settings(folder, url, **further)) as desk,
        Client(build_server(desk), mode=MODES[era], elicitation_callback=accept) as client,
    ):
        yield client, desk


async def call(client: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    """A tool's structured content, be it a result or an error."""
    return (await client.call_tool(tool, arguments)).structured_content or {}


def word(result: dict[str, Any]) -> str:
    """What a caller was told: ``session``, or the code of an error."""
    return result["error"]["code"] if "error" in result else "session"


@asynccontextmanager
async def hasty_desk(settings: Settings, deadline: float) -> AsyncGenerator[Desk]:
    """A desk that waits for the answer to a creation only so many seconds."""
    assert settings.api_key is not None
    gateway = Gateway(base_url=settings.base_url, api_key=settings.api_key, creation_deadline=deadline)
    async with open_desk(settings) as desk:
        patient, desk.gateway = desk.gateway, gateway
        try:
            yield desk
        finally:
            await desk.creations.drain()
            await patient.aclose()
            await gateway.aclose()
