"""Copies of the tree, each with an environment of its own: a mutant never stands in the tree that you work in."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal, NamedTuple

import psutil
import pytest

from bench.mutants.mutant import Mutant

ROOT = Path(__file__).parents[2]
Ending = Literal["killed", "timed out", "survived"]
"""What a mutant comes to: one of its tests fails, or they take far longer than without it, or all pass."""


class Limits(NamedTuple):
    """Seconds: of all tests together, and of one, with which pytest ends then and which counts as failed."""

    together: float
    of_one: float


def copy(folder: Path) -> Path:
    """The files that git knows, as they are now, installed."""
    folder.mkdir()
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True).stdout
    packed = subprocess.run(
        ["tar", "--null", "--files-from=-", "--create"], cwd=ROOT, input=listed, check=True, capture_output=True
    )
    subprocess.run(["tar", "--extract"], cwd=folder, input=packed.stdout, check=True)
    own = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    subprocess.run(["uv", "sync", "--quiet", "--locked", "--group", "mutants"], cwd=folder, env=own, check=True)
    return folder


@contextmanager
def mutated(root: Path, mutant: Mutant) -> Iterator[None]:
    """The change is on disk, where processes that a test starts see it too."""
    module = root / mutant.module
    code = module.read_text(encoding="utf-8")
    module.write_text(mutant.code, encoding="utf-8")
    try:
        yield
    finally:
        module.write_text(code, encoding="utf-8")


def try_tests(root: Path, tests: list[str], limits: Limits) -> Ending:
    """Run these tests in this order until the first that fails."""
    code = _run_tests(root, tests, limits)
    if code is pytest.ExitCode.USAGE_ERROR:  # a test's parameters are made of what was changed
        code = _run_tests(root, list(dict.fromkeys(test.partition("[")[0] for test in tests)), limits)
    if code is None:
        return "timed out"
    return "survived" if code is pytest.ExitCode.OK else "killed"


def _run_tests(root: Path, tests: list[str], limits: Limits) -> pytest.ExitCode | None:
    """Nothing if they take longer."""
    listed = root / ".tests"
    listed.write_text("\n".join(tests))
    # A test that waits in the event loop for ever cannot be stopped by an exception, and neither can its fixtures.
    limit = (f"--timeout={limits.of_one:.0f}", "--timeout-method=thread")
    with subprocess.Popen(
        [root / ".venv/bin/python", "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *limit, f"@{listed}"],
        cwd=root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    ) as running:  # fmt: skip
        try:
            return pytest.ExitCode(running.wait(limits.together))
        except subprocess.TimeoutExpired:
            running.kill()
            return None
        finally:
            _end_all(root)


def _end_all(root: Path) -> None:
    """What the tests of a copy have started and not ended; it runs from the copy's environment."""
    for process in psutil.process_iter(["cmdline"]):
        with suppress(psutil.Error):
            if f"{root}/" in next(iter(process.info["cmdline"] or ()), ""):
                process.kill()
