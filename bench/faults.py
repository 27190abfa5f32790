"""What becomes of one sale when the request that creates its session meets a fault.

Our server and the official client sell the same order to the same faulty upstream, in one run. The upstream is the
sandbox behind real sockets; it counts the sessions that it really made. The fault lasts for the whole sale. Two more
rows are about what goes wrong elsewhere: a ledger that lost its last writes, and many newer payments.

    uv run python bench/faults.py [--write]
"""

import argparse
import asyncio
import logging
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dodopayments import AsyncDodoPayments, DodoPaymentsError
from mcp import Client

from backups import back_up, put_back
from checkout_server.app import build_server
from fault_cases import BUSY, CASES, NEWER, RESTORED, Case, accept, call, hasty_desk, settings, word
from faulty_upstream import FaultyUpstream
from orders import CONFIRMED, HOSTED, ORDER

DOCUMENT = Path(__file__).parents[1] / "docs" / "unknown-outcomes.md"
DEADLINE = 1.0
"""Seconds that either client waits for an answer."""
BEGIN, END = "<!-- faults:begin -->", "<!-- faults:end -->"
COLUMNS = ("what happens to the request", "ours, `confirm`", "ours, hosted page", "official client, `confirm`")


@dataclass
class Sale:
    """How one sale ended."""

    made: int
    """Sessions that exist afterwards."""
    sent: int
    """Requests that came."""
    told: str
    true: bool
    then: str = ""
    """What looking it up by its preview says."""

    def __str__(self) -> str:
        untrue = "" if self.true else ", **untrue**"
        return f"{self.made} of {self.sent}: {self.told}{untrue}{self.then}"


async def ours(case: Case, rest: dict[str, Any], *, newer: int = 0) -> Sale:
    """Preview, create, and look up what the answer did not say, after so many newer payments."""
    with tempfile.TemporaryDirectory() as folder:
        async with (
            FaultyUpstream(case.fault).running() as upstream,
            hasty_desk(settings(Path(folder), upstream.url), DEADLINE) as desk,
            Client(build_server(desk), elicitation_callback=accept) as client,
        ):
            preview_id = (await call(client, "preview_checkout", **ORDER))["preview_id"]
            result = await call(client, "create_checkout_session", preview_id=preview_id, **rest)
            told, made, sent = word(result), set(upstream.sandbox.sessions), len(upstream.posts)
            if told == "session":
                return Sale(len(made), sent, told, made == {result["session_id"]})
            if told != "outcome_unknown":
                return Sale(len(made), sent, f"`{told}`", not made)
            upstream.sell_to_others(newer)
            found = await call(client, "get_checkout_session", preview_id=preview_id)
            true = {found.get("session_id")} <= made | {None}
            return Sale(len(made), sent, f"`{told}`", true, f"; looked up: `{found['status']}`")


async def ours_restored(rest: dict[str, Any]) -> Sale:
    """Preview, back up, sell, put the backup back, and sell the same preview again."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with FaultyUpstream().running() as upstream:
            configured = settings(folder, upstream.url)
            async with (
                hasty_desk(configured, DEADLINE) as desk,
                Client(build_server(desk), elicitation_callback=accept) as client,
            ):
                preview_id = (await call(client, "preview_checkout", **ORDER))["preview_id"]
                back_up(folder)
                await call(client, "create_checkout_session", preview_id=preview_id, **rest)
            put_back(folder)
            async with (
                hasty_desk(configured, DEADLINE) as desk,
                Client(build_server(desk), elicitation_callback=accept) as client,
            ):
                again = await call(client, "create_checkout_session", preview_id=preview_id, **rest)
                found = await call(client, "get_checkout_session", preview_id=preview_id)
            told, made = word(again), set(upstream.sandbox.sessions)
            true = {found.get("session_id"), again.get("session_id")} <= made | {None}
            told = told if told == "session" else f"`{told}`"
            return Sale(len(made), len(upstream.posts), told, true, f"; looked up: `{found['status']}`")


async def official_again() -> Sale:
    """The official client keeps no ledger: asked again, it sells again."""
    async with FaultyUpstream().running() as upstream:
        body: dict[str, Any] = ORDER | CONFIRMED | {"metadata": {"mcp_preview_id": "none"}}
        async with AsyncDodoPayments(bearer_token="bench", base_url=upstream.url, timeout=DEADLINE) as client:  # noqa: S106 - no secret
            for _ in range(2):
                await client.checkout_sessions.create(**body)
        return Sale(len(upstream.sandbox.sessions), len(upstream.posts), "session", true=True)


async def official(case: Case) -> Sale:
    """The same order through the provider's own client with its own retries."""
    async with FaultyUpstream(case.fault).running() as upstream:
        body: dict[str, Any] = ORDER | CONFIRMED | {"metadata": {"mcp_preview_id": "none"}}
        async with AsyncDodoPayments(bearer_token="bench", base_url=upstream.url, timeout=DEADLINE) as client:  # noqa: S106 - no secret
            try:
                answer: Any = await client.checkout_sessions.create(**body)
            except (DodoPaymentsError, ValueError) as error:
                return Sale(len(upstream.sandbox.sessions), len(upstream.posts), f"`{type(error).__name__}`",
                            true=not upstream.sandbox.sessions)  # fmt: skip
        session_id = getattr(answer, "session_id", None)
        told = "session" if session_id else f"{type(answer).__name__} without an id"
        made = set(upstream.sandbox.sessions)
        return Sale(len(made), len(upstream.posts), told, true=made == {session_id})


async def table() -> str:
    """Markdown, one row for each case."""
    rows = [f"| {' | '.join(COLUMNS)} |", f"|{'---|' * len(COLUMNS)}"]
    for name, case in CASES.items():
        cells = [await ours(case, CONFIRMED), await ours(case, HOSTED), await official(case)]
        rows.append(f"| {name} | {' | '.join(map(str, cells))} |")
    restored = [await ours_restored(CONFIRMED), await ours_restored(HOSTED), await official_again()]
    rows.append(f"| {RESTORED} | {' | '.join(map(str, restored))} |")
    lost = CASES["connection dropped after creating"]
    busy = [await ours(lost, CONFIRMED, newer=NEWER), await ours(lost, HOSTED, newer=NEWER), await official(lost)]
    rows.append(f"| {BUSY} | {' | '.join(map(str, busy))} |")
    return "\n".join(rows)


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="put the table into docs/unknown-outcomes.md")
    write = parser.parse_args().write
    # The servers are in this process; without a handler of ours the SDK's own would print their lines between the rows.
    logging.basicConfig(handlers=[logging.NullHandler()])
    made = await table()
    if not write:
        print(made)
        return
    before, _, rest = DOCUMENT.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    DOCUMENT.write_text(f"{before}{BEGIN}\n{made}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(main())
