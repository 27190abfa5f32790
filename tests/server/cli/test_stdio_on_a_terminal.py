"""What somebody sees who starts the server by hand, without a client."""

from pathlib import Path

import pytest

from checkout_server.cli.program import RUN_AS
from processes import run
from terminals import run_on_terminal

END_OF_INPUT = b"\x04"


@pytest.mark.requirement("cli.first_message")
@pytest.mark.parametrize("run_as", ["dodo-checkout-mcp", "python3 run.py"])
def test_on_a_terminal_the_server_says_that_it_waits_and_what_to_run_instead(tmp_path: Path, run_as: str) -> None:
    settings = {"CHECKOUT_LEDGER": str(tmp_path / "ledger.db")}
    if run_as != "dodo-checkout-mcp":
        settings[RUN_AS] = run_as
    shown = run_on_terminal(settings, typed=END_OF_INPUT)
    assert shown.code == 0
    said = next(line for line in shown.output.splitlines() if "MCP server" in line)
    assert "waits for a client" in said
    for command in ("demo`", "install CLIENT`", "--help`"):
        assert f"`{run_as} {command}" in said
    assert shown.output.index(said) < shown.output.index("server.started")


@pytest.mark.requirement("cli.first_message")
def test_a_setting_that_cannot_be_used_is_all_that_is_said(tmp_path: Path) -> None:
    shown = run_on_terminal({"CHECKOUT_LEDGER": str(tmp_path / "ledger.db"), "CHECKOUT_LOG_LEVEL": "loud"})
    assert shown.code == 2
    [line] = shown.output.splitlines()
    assert line.startswith("dodo-checkout-mcp: CHECKOUT_LOG_LEVEL must be DEBUG")


@pytest.mark.requirement("cli.first_message")
def test_a_client_is_told_nothing_of_it(tmp_path: Path) -> None:
    done = run(folder=tmp_path)
    assert (done.returncode, done.stdout) == (0, "")
    assert "waits for a client" not in done.stderr
