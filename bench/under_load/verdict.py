"""What became of each sale, beside what the upstream really made."""

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from mcp import Client

from fault_cases import call
from faulty_upstream import FaultyUpstream
from under_load.agents import STATUS, Attempt, Run

LOOKS, PAUSE_SECONDS = 20, 2.0
"""A claim of a killed replica ends with its lease."""
UNTRUE_IF_MADE = {"gateway_refused", "rate_limited", "gateway_unavailable", "policy_denied", "preview_not_found"}
"""What tells a caller that their call created nothing."""


@dataclass
class Verdict:
    """Each list must be empty but ``unknown``."""

    doubles: list[str] = field(default_factory=list[str])
    """Charged twice, or a third page for one preview."""
    lost: list[str] = field(default_factory=list[str])
    """Made, and not known by their preview; or told to be there, and not made."""
    unknown: int = 0
    """Pages that nobody was given, whose sale is told as unknown: nobody can have paid."""
    second_pages: int = 0
    """Of the same preview, after the answer to the first was lost: nobody was given that one."""
    sold: int = 0


async def judge(run: Run, upstream: FaultyUpstream) -> Verdict:
    """Look up every preview that was asked to be sold, at the replicas that live now."""
    made: defaultdict[str, set[str]] = defaultdict(set)
    for session in upstream.sandbox.sessions.values():
        made[session.order["metadata"]["mcp_preview_id"]].add(session.id)
    verdict, by_subject = Verdict(), defaultdict[str, list[Attempt]](list)
    for attempt in run.attempts:
        by_subject[attempt.subject].append(attempt)

    async def look_up_all(number: int, subject: str) -> None:
        async with run.client(subject, number % len(run.team.replicas)) as client:
            for attempt in by_subject[subject]:
                judge_one(attempt, made[attempt.preview_id], await _final(client, attempt), verdict)

    await asyncio.gather(*(look_up_all(number, subject) for number, subject in enumerate(by_subject)))
    return verdict


async def _final(client: Client, attempt: Attempt) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for _ in range(LOOKS):
        told = await call(client, STATUS, preview_id=attempt.preview_id)
        if told.get("status") != "in_progress" and "error" not in told:
            break
        if told.get("error", {}).get("code") == "preview_not_found":
            break
        await asyncio.sleep(PAUSE_SECONDS)
    return told


def judge_one(attempt: Attempt, made: set[str], final: dict[str, Any], verdict: Verdict) -> None:
    """Enter one sale: what was told of it, the sessions that the upstream made, and how it is looked up at last."""
    known = {final["session_id"]} if "session_id" in final else set[str]()
    given = attempt.session_ids | known
    is_unknown_page = final.get("status") == "unknown" and not attempt.confirmed and not given
    verdict.sold += bool(made)
    verdict.unknown += is_unknown_page
    verdict.second_pages += len(made) == 2 and not attempt.confirmed
    if len(made) > (1 if attempt.confirmed else 2):
        verdict.doubles.append(f"{attempt} made {made}")
    is_lost = (
        not given <= made
        or (made and not known and not is_unknown_page)
        or (made and attempt.calls == 1 and attempt.told in UNTRUE_IF_MADE)
        or ("error" in final and final["error"]["code"] != "preview_not_found")
    )
    if is_lost:
        verdict.lost.append(f"{attempt} made {made}, looked up: {final}")
