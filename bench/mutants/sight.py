"""Which tests can see a change: those that ran its statement once, the fastest first."""

import ast
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from coverage import CoverageData

from bench.mutants.mutant import Mutant
from bench.mutants.watching import FOLDER

WATCHED = (
    "tests/schemas", "tests/guide", "tests/prompts", "tests/server/test_promised_values.py", "tests/server/checkout",
    "tests/server/tools", "tests/server/public", "tests/server/privacy/test_shown_dataclasses.py",
    "tests/server/cli/test_policy_command.py", "tests/server/cli/test_policy_try.py",
    "tests/server/cli/sales/test_listing.py", "tests/server/cli/sales/test_settle.py",
)  # fmt: skip
IN_MEMORY = "not stdio-20 and not http-20 and not 2025"
"""What runs the domain in its own process, in one era: other processes run the same lines, more slowly."""

LONGEST = 240.0
"""Seconds that the tests of one mutant may have taken together when they were watched."""

FARTHER = 3
"""How much slower a test counts that is less likely to see a change."""


@dataclass(frozen=True)
class Sight:
    """What was seen when the tests ran without a change."""

    seconds: dict[str, float]
    """How long each test took, setting up included."""
    tests: dict[str, dict[int, set[str]]]
    """Of each module, the tests that ran each line."""

    def tests_of(self, mutant: Mutant) -> list[str]:
        lines = self.tests.get(mutant.module, {})
        seeing = set[str]().union(*(lines.get(line, ()) for line in _statement(mutant)))
        near = lines.get(mutant.line) if seeing else set[str]().union(*lines.values())

        def place(test: str) -> float:
            """The fastest first, and sooner if they run the line, or use the module of what runs at its import."""
            return self.seconds[test] * (1 if test in (near or seeing) else FARTHER)

        # What runs at import may be seen by anybody.
        chosen, took = list[str](), 0.0
        for test in sorted(seeing & self.seconds.keys() or self.seconds, key=place):
            took += self.seconds[test]
            if took > LONGEST:
                break
            chosen.append(test)
        return chosen


def watch(root: Path, folder: Path, workers: int) -> Sight:
    """Run the tests once, without a change, in ``root``."""
    folder.mkdir()
    subprocess.run(
        [
            root / ".venv/bin/python", "-m", "pytest", "-q", "-n", str(workers), "--dist", "worksteal",
            "-p", "bench.mutants.watching", "-k", IN_MEMORY, *WATCHED,
        ],
        cwd=root, env={**os.environ, FOLDER: str(folder), "PYTHONPATH": str(root)}, stdout=sys.stderr, check=False,
    )  # fmt: skip
    return read(folder, root)


def read(folder: Path, root: Path) -> Sight:
    """What the workers wrote there."""
    seconds: dict[str, float] = {}
    for each in folder.glob("*.json"):
        seconds |= json.loads(each.read_text())
    tests: dict[str, dict[int, set[str]]] = {}
    for each in folder.glob("*.coverage"):
        data = CoverageData(str(each))
        data.read()
        for file in data.measured_files():
            module = tests.setdefault(Path(file).relative_to(root).as_posix(), {})
            for line, contexts in data.contexts_by_lineno(file).items():
                module.setdefault(line, set()).update(context for context in contexts if context)
    return Sight(seconds, tests)


def _statement(mutant: Mutant) -> range:
    """The lines of the smallest statement around a change; of a compound one, those before its body."""
    found = range(mutant.line, mutant.line + 1)
    for node in ast.walk(ast.parse(mutant.code)):  # from the outermost to the innermost
        if isinstance(node, ast.stmt):
            body: list[ast.stmt] = getattr(node, "body", [])
            end = max(body[0].lineno if body else (node.end_lineno or 0) + 1, node.lineno + 1)
            if mutant.line in range(node.lineno, end):
                found = range(node.lineno, end)
    return found
