"""Reads a server's tools, instructions and prompts with Cisco's scanner, and probes its endpoint."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from mcpscanner import Config
from mcpscanner.core.analyzers.base import SecurityFinding
from mcpscanner.core.analyzers.protocol_analyzer import ProtocolAnalyzer
from mcpscanner.core.analyzers.yara_analyzer import YaraAnalyzer
from mcpscanner.core.auth import Auth
from mcpscanner.core.models import AnalyzerEnum
from mcpscanner.core.scanner import Scanner

ANALYZERS = [AnalyzerEnum.YARA, AnalyzerEnum.SCHEMA]


def check_of(finding: SecurityFinding) -> str:
    """The id of the check, or the rule's name."""
    details = finding.details or {}
    return details.get("check_id") or details.get("rule_id") or f"{finding.analyzer}: {finding.threat_category}"


async def main(plan: dict[str, Any]) -> None:
    scanner = Scanner(Config())
    caller = Auth.bearer(plan["token"])
    tools = await scanner.scan_remote_server_tools(plan["url"], auth=caller, analyzers=ANALYZERS)
    instructions = await scanner.scan_remote_server_instructions(
        plan["url"], auth=caller, analyzers=[AnalyzerEnum.YARA]
    )
    incomplete = [each for each in [*tools, instructions] if each.status != "completed" or each.analyzer_errors]
    if incomplete:
        raise RuntimeError(f"not scanned: {[vars(each) for each in incomplete]}")
    found = [(each.tool_name, finding) for each in tools for finding in each.findings]
    found += [("server", finding) for finding in instructions.findings]
    for name, text in plan["prompts"].items():
        context = {"prompt_name": name, "content_type": "prompt"}
        found += [(name, finding) for finding in await YaraAnalyzer().analyze(text, context)]
    found += [("server", finding) for finding in await ProtocolAnalyzer().analyze(plan["url"])]
    rows = [{"subject": subject, "check": check_of(finding)} for subject, finding in found]
    sys.stdout.write(json.dumps(rows))


asyncio.run(main(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))))
