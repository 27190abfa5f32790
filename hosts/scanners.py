"""Scanners of other people, run without a network against a server process that asks for tokens."""

import asyncio
import json
import re
from collections.abc import AsyncGenerator, Iterator, Mapping, Set
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from clients import output_of
from environments import SCANNERS, installed
from issuers import JOHN, Issuer, running_issuer
from orders import CONFIRMED, ORDER, TWO
from processes import server_environment
from shops import http_server, running_upstream

PACKAGES = ("cisco-ai-mcp-scanner", "mcp-gauntlet", "agent-security-harness")
CISCO, GAUNTLET, HARNESS = PACKAGES
NOT_EXERCISED = " (not exercised)"
"""Behind a check that a scanner has and could not run."""

OFFLINE = Path(__file__).with_name("offline")
PROMPTS = {
    "explain_a_refusal": {"code": "price_changed"},
    "quote_an_order": {"order": "two e-books"},
    "sell_a_product": {"product": "the monthly plan"},
}
"""With the arguments without which they are not given: no scanner has any."""
_FORMS = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": {"name": "harness", "version": "1"},
    "io.modelcontextprotocol/clientCapabilities": {"elicitation": {"form": {}}},
}
_REFUSED_BY_A_PERSON = {"checkout_server.tools.approval:_ask": {"action": "decline"}}


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """What a scanner says that is no praise."""

    scanner: str
    check: str
    subject: str
    """A tool, one of its properties, a prompt, or ``server``."""


@dataclass(frozen=True, slots=True)
class KnownFinding:
    """One that is explained."""

    scanner: str
    check: str
    subjects: tuple[str, ...]
    says: str
    verdict: str
    """``false positive``, ``not applicable``, ``covered elsewhere``, ``deployment`` or ``accepted``."""
    reason: str

    def findings(self) -> list[Finding]:
        return [Finding(self.scanner, self.check, subject) for subject in self.subjects]


def known_findings() -> list[KnownFinding]:
    """In the order of the page."""
    written = json.loads(Path(__file__).with_name("known_findings.json").read_text(encoding="utf-8"))
    return [KnownFinding(**each | {"subjects": tuple(each["subjects"])}) for each in written]


@dataclass(frozen=True, slots=True)
class Target:
    """A server process, and who issues tokens for it."""

    url: str
    environment: Mapping[str, str]
    issuer: Issuer

    def bearer(self, **claims: Any) -> str:
        return f"Bearer {self.issuer.token(**claims)}"

    @asynccontextmanager
    async def client(self) -> AsyncGenerator[Client]:
        async with (
            httpx2.AsyncClient(headers={"authorization": self.bearer()}, trust_env=False) as http,
            Client(streamable_http_client(self.url, http_client=http)) as client,
        ):
            yield client


@asynccontextmanager
async def running_target(folder: Path, program: str | None = None) -> AsyncGenerator[Target]:
    """``serve`` with tokens, or another program in its place."""
    async with running_upstream() as upstream, running_issuer() as issuer:
        environment = server_environment(folder / "ledger.db", upstream.url, **issuer.settings)
        async with http_server(environment, folder / "server.log", program=program) as url:
            yield Target(url, environment, issuer)


async def scan(target: Target, folder: Path) -> list[Finding]:
    """What each scanner finds; all at once, since they mostly wait."""
    found = await asyncio.gather(*(find(target, _own(folder, find.__name__)) for find in (_cisco, _gauntlet, _harness)))
    return sorted({each for findings in found for each in findings})


def _own(folder: Path, name: str) -> Path:
    own = folder / name
    own.mkdir()
    return own


async def _cisco(target: Target, folder: Path) -> list[Finding]:
    async with target.client() as client:
        listed = (await client.list_prompts()).prompts
        rendered = {each.name: await client.get_prompt(each.name, PROMPTS[each.name]) for each in listed}
    texts = {name: prompt.model_dump_json() for name, prompt in rendered.items()}
    plan = folder / "plan.json"
    plan.write_text(json.dumps({"url": target.url, "token": target.issuer.token(), "prompts": texts}), "utf-8")
    command = SCANNERS.command(await installed(SCANNERS), "cisco_scanner.py")
    output = await _output([*command, str(plan)], folder, LITELLM_LOCAL_MODEL_COST_MAP="True")
    return [Finding(CISCO, row["check"], row["subject"]) for row in json.loads(output)]


async def _gauntlet(target: Target, folder: Path) -> list[Finding]:
    """With the tool that sells: the shop is made up."""
    command = await _command("mcp-gauntlet", "run", target.url, "--header", f"Authorization: {target.bearer()}")
    await _output([*command, "--no-agentic", "--no-track-drift", "--allow-writes", "--out", str(folder)], folder)
    report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    if report["unevaluated_reason"]:
        raise RuntimeError(report["unevaluated_reason"])
    found = [each for dimension in report["dimensions"] for each in dimension["findings"]]
    return [_named(each["message"], each["tool"] or "server") for each in found]


def _named(message: str, subject: str) -> Finding:
    """With the property that a message names as a part of its subject, so that one check is one check."""
    if match := re.search("property '([^']*)'", message):
        return Finding(GAUNTLET, message.replace(match[0], "property"), f"{subject}.{match[1]}")
    return Finding(GAUNTLET, message, subject)


async def _harness(target: Target, folder: Path) -> list[Finding]:
    """In both protocol eras. A check counts as exercised if one of the runs could."""
    async with target.client() as client:
        ids = [(await client.call_tool("preview_checkout", each)).structured_content for each in (ORDER, TWO, ORDER)]
    first, second, other = [
        _call("create_checkout_session", **CONFIRMED, preview_id=each["preview_id"]) for each in ids
    ]
    person = ("--mrtr-input-responses", json.dumps(_REFUSED_BY_A_PERSON))
    modern = (*_over_http(target), "--protocol-version", "2026-07-28")
    john = f"Authorization:{target.bearer(sub=JOHN)}"
    # A person is asked three times about one order and not a fourth time: two runs, each with an order of its own.
    runs = (
        _over_http(target),
        (*modern, "--mrtr-probe", first, *person, "--mrtr-attacker-header", john),
        (*modern, "--mrtr-probe", second, *person, "--mrtr-altered-probe", other),
    )
    outcomes: dict[str, set[str]] = {}
    for run in runs:
        report = folder / "harness.json"
        command = await _command("agent-security", "test", "mcp", *run, "--json", "--report", str(report))
        await _output(command, folder, {0, 1, 2})
        for row in json.loads(report.read_text(encoding="utf-8"))["results"]:
            outcome = "passed" if row["passed"] else "not exercised" if row["not_evaluated"] else "failed"
            outcomes.setdefault(row["test_id"], set()).add(outcome)
    return list(_harness_findings(outcomes))


def _harness_findings(outcomes: Mapping[str, set[str]]) -> Iterator[Finding]:
    for check, seen in outcomes.items():
        if "failed" in seen:
            yield Finding(HARNESS, check, "server")
        elif "passed" not in seen:
            yield Finding(HARNESS, check + NOT_EXERCISED, "server")


def _over_http(target: Target) -> tuple[str, ...]:
    """With what the harness needs to try a preview of somebody else's, and tokens that are wrong."""
    listing = json.dumps({"method": "tools/list", "params": {}})
    preview = json.loads(_call("preview_checkout", **ORDER)) | {"handlePath": "result.structuredContent.preview_id"}
    return (
        "--url", target.url,
        "--header", f"Authorization:{target.bearer()}",
        "--handle-create", json.dumps(preview),
        "--handle-access", _call("get_checkout_session", preview_id="$HANDLE"),
        "--handle-attacker-header", f"Authorization:{target.bearer(sub=JOHN)}",
        "--issuer-probe", listing,
        "--issuer-attacker-header", f"Authorization:{target.bearer(iss='https://evil.example')}",
        "--audience-attacker-header", f"Authorization:{target.bearer(aud='https://shop.example/mcp')}",
    )  # fmt: skip


def _call(tool: str, **arguments: Any) -> str:
    return json.dumps({"method": "tools/call", "params": {"name": tool, "arguments": arguments, "_meta": _FORMS}})


async def _command(program: str, *arguments: str) -> list[str]:
    return [str(await installed(SCANNERS) / "venv" / "bin" / program), *arguments]


async def _output(command: list[str], folder: Path, codes: Set[int] = frozenset({0}), /, **variables: str) -> bytes:
    """What a program prints, that can reach this machine alone.

    Raises:
        AssertionError: it tried to reach another.
    """
    log = folder / "left"
    output = await output_of(command, folder, codes, PYTHONPATH=str(OFFLINE), OFFLINE_LOG=str(log), **variables)
    assert not log.exists(), log.read_text(encoding="utf-8")
    return output
