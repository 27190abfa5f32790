"""The audit is about each risk of the list, and every test that it names exists."""

import ast
import re

import pytest

from docs.generate.documents import ROOT

PAGE = (ROOT / "docs" / "security-audit.md").read_text(encoding="utf-8")
RISKS = {
    "MCP01:2025": "Token Mismanagement & Secret Exposure",
    "MCP02:2025": "Privilege Escalation via Scope Creep",
    "MCP03:2025": "Tool Poisoning",
    "MCP04:2025": "Software Supply Chain Attacks & Dependency Tampering",
    "MCP05:2025": "Command Injection & Execution",
    "MCP06:2025": "Intent Flow Subversion",
    "MCP07:2025": "Insufficient Authentication & Authorization",
    "MCP08:2025": "Lack of Audit and Telemetry",
    "MCP09:2025": "Shadow MCP Servers",
    "MCP10:2025": "Context Injection & Over-Sharing",
}
"""OWASP MCP Top 10, version 0.1."""


def sections() -> dict[str, str]:
    """Id and name of a risk → what is written of it."""
    _, *found = re.split(r"^### ", PAGE.partition("\n## Scanners")[0], flags=re.MULTILINE)
    return {heading: text for heading, _, text in (each.partition("\n") for each in found)}


def named_tests(text: str) -> set[str]:
    return set(re.findall(r"`(test_\w+)`", text))


def existing_tests() -> set[str]:
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in (ROOT / "tests").rglob("test_*.py")]
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {node.name for tree in trees for node in ast.walk(tree) if isinstance(node, functions)}


@pytest.mark.requirement("docs.audit")
def test_each_risk_of_the_list_has_its_section() -> None:
    assert list(sections()) == [f"{each} {name}" for each, name in RISKS.items()]


@pytest.mark.requirement("docs.audit")
@pytest.mark.parametrize("risk", RISKS)
def test_each_guard_against_a_risk_names_tests(risk: str) -> None:
    [text] = [text for heading, text in sections().items() if heading.startswith(risk)]
    rows = re.findall(r"^\| (.+) \|$", text, re.MULTILINE)[1:]
    assert rows
    assert [row for row in rows if not named_tests(row)] == []


@pytest.mark.requirement("docs.audit")
def test_every_test_that_the_page_names_exists() -> None:
    assert named_tests(PAGE) - existing_tests() == set()
