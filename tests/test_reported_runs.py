"""What a run of the tests says of itself: what it could not run, and how to replay what failed."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import STRICT_MACHINE

pytestmark = pytest.mark.thorough

ROOT = Path(__file__).parents[1]
SKIPPED = """
import pytest
@pytest.mark.parametrize("number", [1, 2])
def test_one(number): pytest.skip("no browser: install one")
"""
FAILING = """
from hypothesis import given, strategies
@given(strategies.lists(strategies.integers(), min_size=1))
def test_lists_begin_with_their_smallest(numbers):
    print(numbers)
    assert numbers[0] == min(numbers)
"""


def run(folder: Path, code: str, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a file of tests as this project's tests are run."""
    test = folder / "test_it.py"
    test.write_text(code)
    shutil.copy(ROOT / "tests" / "conftest.py", folder)
    inherited = {name: value for name, value in os.environ.items() if name != STRICT_MACHINE}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-c", ROOT / "pyproject.toml", "--rootdir", folder, *options, test],
        cwd=folder, env=inherited | environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.requirement("tests.not_run")
def test_what_a_machine_could_not_run_is_said_once_with_its_reason(tmp_path: Path) -> None:
    done = run(tmp_path, SKIPPED)
    _, _, summary = done.stdout.partition("not run on this machine")
    assert "\n   2 × no browser: install one\n" in summary
    assert done.stdout.count("no browser") == 1
    assert done.returncode == 0


@pytest.mark.requirement("tests.not_run")
@pytest.mark.parametrize("options", [[], ["-n", "1"]], ids=["alone", "in parallel"])
def test_a_machine_on_which_every_test_must_run_fails_a_run_that_skips_one(tmp_path: Path, options: list[str]) -> None:
    done = run(tmp_path, SKIPPED, *options, **{STRICT_MACHINE: "1"})
    assert done.returncode == 1
    assert "   2 × no browser: install one\n" in done.stdout
    assert run(tmp_path, "def test_one(): pass", *options, **{STRICT_MACHINE: "1"}).returncode == 0


@pytest.mark.requirement("tests.replay")
def test_a_property_that_fails_prints_how_to_replay_it(tmp_path: Path) -> None:
    failed = run(tmp_path, FAILING, CI="true").stdout
    decorator = re.findall(r"@reproduce_failure\(.*\)", failed)[-1]
    replay = FAILING.replace("@given", f"from hypothesis import reproduce_failure\n{decorator}\n@given")
    numbers = re.compile(r"numbers=(\[.*\])")
    assert numbers.findall(run(tmp_path, replay).stdout)[-1] == numbers.findall(failed)[-1]


@pytest.mark.requirement("tests.replay")
def test_a_property_meets_the_same_values_each_time_and_others_under_the_random_profile(tmp_path: Path) -> None:
    def values(*options: str) -> list[str]:
        passing = FAILING.replace("assert", "assert True or")
        return re.findall(r"^\[.*\]$", run(tmp_path, passing, "-s", *options, CI="true").stdout, re.MULTILINE)

    assert len(values()) > 50
    assert values() == values()
    assert values("--hypothesis-profile", "random") != values("--hypothesis-profile", "random")
