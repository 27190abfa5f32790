"""What is printed where: colours on a terminal that takes them, and plain text anywhere else."""

import subprocess
import sys
from pathlib import Path

import pytest

from processes import own_environment
from terminals import ESCAPE, run_on_terminal

pytestmark = pytest.mark.thorough

REPORTING = """
import sys
from checkout_server.cli import main
main(["doctor"])
sys.exit("rich" in sys.modules)
"""


@pytest.mark.requirement("cli.screen")
def test_in_a_pipe_nothing_of_the_terminal_is_imported(tmp_path: Path) -> None:
    own = {"HOME": str(tmp_path), "CHECKOUT_LEDGER": str(tmp_path / "ledger.db")}
    done = subprocess.run(
        [sys.executable, "-c", REPORTING], env=own_environment() | own, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout


@pytest.mark.requirement("cli.screen")
@pytest.mark.parametrize("settings", [{"NO_COLOR": "1"}, {"TERM": "dumb"}], ids=["NO_COLOR", "dumb"])
def test_a_terminal_that_takes_no_colours_gets_the_same_table(settings: dict[str, str], tmp_path: Path) -> None:
    own = {"HOME": str(tmp_path), "CHECKOUT_LEDGER": str(tmp_path / "ledger.db")}
    plain, coloured = (run_on_terminal(own | each, "doctor", columns=80) for each in (settings, {}))
    assert ESCAPE.search(plain.output) is None
    assert ESCAPE.search(coloured.output) is not None
    assert plain.text == coloured.text


@pytest.mark.requirement("cli.screen")
def test_an_encoding_that_lacks_a_character_stops_no_report(tmp_path: Path) -> None:
    own = {"HOME": str(tmp_path), "CHECKOUT_LEDGER": str(tmp_path / "ledger.db"), "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(
        [sys.executable, "-m", "checkout_server", "doctor"],
        env=own_environment() | own,
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert rb"\u2192 set DODO_PAYMENTS_API_KEY" in done.stdout
