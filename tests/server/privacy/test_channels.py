"""No way out of the process for what is not on the lists; and what happened is told all the same."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from channels import CHANNELS, secret_of

TESTS = Path(__file__).parents[2]
NAMES = list(CHANNELS)


class Outcome:
    """What one run of the probe let out."""

    def __init__(self, folder: Path, *without: str) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "channels", folder, *without],
            cwd=TESTS,
            capture_output=True,
            text=True,
            check=False,
            timeout=50,
        )
        seen = folder / "seen"
        self.everything = done.stdout + done.stderr + (seen.read_text() if seen.exists() else "")
        self.stderr = done.stderr
        self.told: list[list[dict[str, Any]]] = []
        """The events of each channel."""
        for line in done.stderr.splitlines():
            event = json.loads(line) if line.startswith('{"time"') else {}
            if event.get("event") == "shutdown.draining":
                self.told.append([])
            elif event and self.told:
                self.told[-1].append(event)

    def leaks(self, name: str) -> bool:
        return secret_of(name) in self.everything

    def tells(self, name: str) -> bool:
        expected = CHANNELS[name][1]
        number = NAMES.index(name)
        told = self.told[number] if number < len(self.told) else []
        return not expected or any(_matches(expected, event) for event in told)

    @property
    def failures(self) -> set[str]:
        return {name for name in NAMES if self.leaks(name) or not self.tells(name)}


def _matches(expected: dict[str, Any], event: dict[str, Any]) -> bool:
    def same(name: str, value: Any) -> bool:
        if name == "causes":  # only the types: the places are this file's lines
            return [cause.split(" ")[0] for cause in event.get(name, [])] == value
        if name == "where" and str(value).endswith(":"):
            return str(event.get(name)).startswith(value)
        return event.get(name) == value

    return all(same(name, value) for name, value in expected.items())


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    return Outcome(tmp_path_factory.mktemp("channels"))


@pytest.mark.requirement("privacy.channels")
@pytest.mark.parametrize("name", NAMES)
def test_nothing_gets_out(outcome: Outcome, name: str) -> None:
    assert not outcome.leaks(name)


@pytest.mark.requirement("privacy.diagnostics")
@pytest.mark.parametrize("name", NAMES)
def test_what_happened_is_told(outcome: Outcome, name: str) -> None:
    assert outcome.tells(name), outcome.told[NAMES.index(name)]


@pytest.mark.requirement("privacy.channels")
def test_every_line_is_an_event(outcome: Outcome) -> None:
    for line in outcome.stderr.splitlines():
        assert json.loads(line).keys() >= {"time", "level", "logger", "event"}


@pytest.mark.requirement("privacy.channels")
@pytest.mark.parametrize(
    ("without", "leaking"),
    [
        (["third_party"], {"message", "exception", "handler_that_fails", "logger_with_its_own_handle", "access_log"}),
        (["hooks", "stderr"], {"process_crash", "thread_crash", "unraisable", "warning", "printed"}),
        (["stderr"], {"printed", "printed_traceback", "original_stderr", "buffer_of_stderr", "descriptor"}),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, list) else "",
)
def test_without_a_layer_there_are_leaks(without: list[str], leaking: set[str], tmp_path: Path) -> None:
    outcome = Outcome(tmp_path, *without)
    assert {name for name in NAMES if outcome.leaks(name)} >= leaking


@pytest.mark.requirement("privacy.diagnostics")
def test_without_the_hooks_crashes_are_not_told(tmp_path: Path) -> None:
    outcome = Outcome(tmp_path, "hooks")
    assert outcome.failures >= {"process_crash", "thread_crash", "unraisable", "warning"}
