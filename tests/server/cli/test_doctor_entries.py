"""What ``doctor`` says of the clients that start this server."""

import json
import os
import stat
import subprocess
import sys
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from checkout_server.clients.found import find_entries
from checkout_server.clients.targets import TARGETS
from processes import run_with

pytestmark = pytest.mark.thorough

KEY = "sk_hunter2"
OURS = version("dodo-checkout-mcp")


def homes(folder: Path) -> dict[str, str]:
    named = {"HOME", "USERPROFILE", "APPDATA", "XDG_CONFIG_HOME", "CLAUDE_CONFIG_DIR", "CODEX_HOME"}
    return {name: str(folder) for name in named}


def examine(folder: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    return run_with(homes(folder) | settings, "doctor", folder=folder)


def row_of(client: str, output: str) -> tuple[str, str, str]:
    """State, sentence and remedy."""
    lines = output.splitlines()
    [place] = [number for number, line in enumerate(lines) if line[6:19].strip() == client]
    follows = lines[place + 1]
    return lines[place][:4].strip(), lines[place][19:], follows.strip().removeprefix("→ ") if "→" in follows else ""


def write_cursor(folder: Path, entry: Mapping[str, Any]) -> None:
    path = folder / ".cursor" / "mcp.json"
    path.parent.mkdir()
    path.write_text(json.dumps({"mcpServers": {"other": {"command": "npx"}, "dodo-checkout": entry}}), encoding="utf-8")


def entry(**env: str) -> dict[str, Any]:
    return {"command": sys.executable, "args": ["-m", "checkout_server"], "env": env}


@pytest.mark.requirement("doctor.entries")
@pytest.mark.parametrize("client", TARGETS)
def test_what_install_wrote_for_a_client_is_found(client: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = {"CHECKOUT_LOG_LEVEL": "WARNING"}
    assert run_with(homes(tmp_path) | settings, "install", client, "--yes").returncode == 0
    for name, value in homes(tmp_path).items():
        monkeypatch.setenv(name, value)
    [found] = find_entries()
    assert (found.client, found.name) == (client, "dodo-checkout")
    assert (found.command, found.env) == ((sys.executable, "-m", "checkout_server"), settings)


@pytest.mark.requirement("doctor.entries")
def test_entries_that_start_this_server_are_in_order(tmp_path: Path) -> None:
    for client in ("claude", "codex"):
        assert run_with(homes(tmp_path), "install", client, "--yes").returncode == 0
    done = examine(tmp_path)
    assert done.returncode == 0, done.stdout
    for client in ("claude", "codex"):
        assert row_of(client, done.stdout) == ("ok", f"starts version {OURS} in sandbox", "")


@pytest.mark.requirement("doctor.entries")
def test_an_entry_says_in_which_environment_it_sells(tmp_path: Path) -> None:
    write_cursor(tmp_path, entry(DODO_PAYMENTS_API_KEY=KEY, DODO_PAYMENTS_ENVIRONMENT="live_mode"))
    done = examine(tmp_path)
    assert row_of("cursor", done.stdout) == ("ok", f"starts version {OURS} in live_mode", "")
    assert KEY not in done.stdout + done.stderr


@pytest.mark.requirement("doctor.entries")
def test_an_entry_is_not_read_with_other_settings_than_its_own(tmp_path: Path) -> None:
    write_cursor(tmp_path, entry())
    done = examine(tmp_path, DODO_PAYMENTS_API_KEY=KEY, DODO_PAYMENTS_BASE_URL="http://127.0.0.1:9")
    assert row_of("cursor", done.stdout) == ("ok", f"starts version {OURS} in sandbox", "")


@pytest.mark.requirement("doctor.entries")
@pytest.mark.parametrize(
    ("changes", "says", "remedy"),
    [
        ({"command": "/nonexistent/python"}, "has an entry whose program is not on this machine", ""),
        ({"args": ["-c", "raise SystemExit('checkout_server')"]}, "has an entry that does not start this server", ""),
        ({"args": ["-c", f"print('{KEY}') # checkout_server"]}, "has an entry that does not start this server", ""),
        (
            {"env": {"DODO_PAYMENTS_ENVIRONMENT": KEY}},
            "DODO_PAYMENTS_ENVIRONMENT must be test_mode or live_mode.",
            "set it rightly in this shell, then ",
        ),
        (
            {"env": {"CHECKOUT_POLICY": f"/nonexistent/{KEY}.toml"}},
            "CHECKOUT_POLICY names a file that cannot be read.",
            "set it rightly in this shell, then ",
        ),
    ],
    ids=["gone", "crashes", "another program", "setting", "policy"],
)
def test_an_entry_that_cannot_work_is_named_with_its_remedy(
    changes: dict[str, Any], says: str, remedy: str, tmp_path: Path
) -> None:
    write_cursor(tmp_path, entry() | changes)
    done = examine(tmp_path)
    assert done.returncode == 1
    assert row_of("cursor", done.stdout) == ("FAIL", says, f"{remedy}dodo-checkout-mcp install cursor")
    assert "wrong: cursor" in done.stdout.splitlines()[-1]
    assert KEY not in done.stdout + done.stderr


@pytest.mark.requirement("doctor.entries")
def test_an_entry_of_another_version_is_told_apart(tmp_path: Path) -> None:
    program = tmp_path / "dodo-checkout-mcp"
    program.write_text("#!/bin/sh\necho 0.0.9\n", encoding="utf-8")
    program.chmod(stat.S_IRWXU)
    write_cursor(tmp_path, {"command": "dodo-checkout-mcp", "env": {"PATH": f"{tmp_path}{os.pathsep}/usr/bin"}})
    done = examine(tmp_path)
    assert row_of("cursor", done.stdout) == (
        "ok",
        "starts version 0.0.9 in sandbox",
        f"dodo-checkout-mcp install cursor updates it to {OURS}",
    )


@pytest.mark.requirement("doctor.entries")
def test_settings_that_the_client_fills_in_are_left_alone(tmp_path: Path) -> None:
    write_cursor(tmp_path, entry(DODO_PAYMENTS_API_KEY="${env:DODO_PAYMENTS_API_KEY}"))
    done = examine(tmp_path)
    assert row_of("cursor", done.stdout) == (
        "ok",
        f"starts version {OURS}, with settings that the client fills in",
        "",
    )


@pytest.mark.requirement("doctor.entries")
def test_a_client_s_file_that_cannot_be_read_stops_nothing(tmp_path: Path) -> None:
    write_cursor(tmp_path, {})
    (tmp_path / ".cursor" / "mcp.json").write_text("{", encoding="utf-8")
    done = examine(tmp_path)
    assert (done.returncode, row_of("clients", done.stdout)[0]) == (0, "ok")
