"""The public conformance suite of the protocol, run against a server process."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clients import output_of
from environments import CONFORMANCE, NODE, installed

PACKAGE = "@modelcontextprotocol/conformance"
REVISIONS = ("2025-11-25", "2026-07-28")
_FOLDER = re.compile(r"server-(?P<scenario>.+)-\d{4}-\d\d-\d\dT[\d-]+Z")
_FINE = {"SUCCESS", "INFO"}

Outcomes = Mapping[str, Mapping[str, str]]
"""Scenario → check → ``FAILURE``, ``WARNING`` or ``SKIPPED``; of a scenario that passes, nothing."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What is written down of a target in ``conformance.json``."""

    passes: frozenset[str]
    exceptions: tuple[tuple[str, Outcomes], ...]
    """Reason → the scenarios that do not pass for it."""

    def outcomes(self) -> dict[str, Mapping[str, str]]:
        """Of all scenarios."""
        excepted = {name: checks for _, scenarios in self.exceptions for name, checks in scenarios.items()}
        return {name: {} for name in self.passes} | excepted


def expected(target: str) -> Expected:
    """By the target's name."""
    written = json.loads(Path(__file__).with_name("conformance.json").read_text(encoding="utf-8"))[target]
    return Expected(
        frozenset(written["passes"]), tuple((each["reason"], each["checks"]) for each in written["exceptions"])
    )


async def run_suite(url: str, revision: str, folder: Path) -> Outcomes:
    """Each scenario that the suite has for a revision, those too that it runs and does not score."""
    program = await installed(CONFORMANCE) / "node_modules" / PACKAGE / "dist" / "index.js"
    command = [NODE, program, "server", "--url", url, "--requirements", revision, "--output-dir", folder]
    await output_of(command, folder.parent, {0, 1})
    return _read_checks(folder)


def _read_checks(folder: Path) -> Outcomes:
    return {
        match["scenario"]: _outcomes(json.loads((each / "checks.json").read_text(encoding="utf-8")))
        for each in sorted(folder.iterdir())
        if (match := _FOLDER.fullmatch(each.name))
    }


def _outcomes(checks: list[Any]) -> dict[str, str]:
    """The worst status of each check that is not fine: a check can be made several times."""
    order = ("SKIPPED", "WARNING", "FAILURE")
    found: dict[str, str] = {}
    for check in checks:
        if check["status"] not in _FINE:
            found[check["id"]] = max(found.get(check["id"], order[0]), check["status"], key=order.index)
    return found
