"""Copies of the tree, each with an environment of its own: a mutant never stands in the tree that you work in."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.mutants.mutant import Mutant

ROOT = Path(__file__).parents[2]
LONGEST_TO_STOP = 20
"""Seconds for pytest to take down what its tests have started."""


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


def pass_in(root: Path, tests: list[str], seconds: float) -> bool:
    """Whether these tests pass, in this order, until the first that fails; too long a run has failed too."""
    listed = root / ".tests"
    listed.write_text("\n".join(tests))
    with subprocess.Popen(
        [root / ".venv/bin/python", "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", f"@{listed}"],
        cwd=root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    ) as pytest:  # fmt: skip
        try:
            return pytest.wait(seconds) == 0
        except subprocess.TimeoutExpired:
            pytest.send_signal(signal.SIGINT)
            try:
                pytest.wait(LONGEST_TO_STOP)
            except subprocess.TimeoutExpired:
                os.killpg(pytest.pid, signal.SIGKILL)
            return False
