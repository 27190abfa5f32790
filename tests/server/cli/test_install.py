"""``install``: merges, backs up, and leaves alone what it cannot edit safely."""

import argparse
import io
import json
import os
import subprocess
import sys
import tomllib
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest

from checkout_server.cli import install as command
from checkout_server.clients import targets

KEY = "sk_hunter2"
JSON_CLIENTS = ("claude", "claude-code", "cursor", "vscode")
CLIENTS = (*JSON_CLIENTS, "codex")
NEITHER_ASKED = 2


def path_of(client: str, home: Path) -> Path:
    return (
        home
        / {
            "claude": ".config/Claude/claude_desktop_config.json",
            "claude-code": ".claude.json",
            "cursor": ".cursor/mcp.json",
            "vscode": ".config/Code/User/mcp.json",
            "codex": ".codex/config.toml",
        }[client]
    )


def environment(home: Path, **settings: str) -> dict[str, str]:
    dropped = ("DODO_PAYMENTS_", "CHECKOUT_", "CODEX_HOME", "XDG_CONFIG_HOME", "CLINE_")
    return {k: v for k, v in os.environ.items() if not k.startswith(dropped)} | {"HOME": str(home)} | settings


def install(client: str, home: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """The command, in this process and without a terminal."""
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    printed, complained = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(printed), redirect_stderr(complained):
        patch.setattr(os, "environ", environment(home))
        patch.setattr(sys, "stdin", io.StringIO())
        code = command.run(parser.parse_args([client, *options]))
    return subprocess.CompletedProcess([], code, printed.getvalue(), complained.getvalue())


def servers(client: str, home: Path) -> Any:
    text = path_of(client, home).read_text()
    content = tomllib.loads(text) if client == "codex" else json.loads(text)
    return content[targets.TARGETS[client].section]


pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the paths of path_of are Linux's")


@pytest.mark.requirement("cli.install")
@pytest.mark.parametrize("client", CLIENTS)
def test_a_first_entry_starts_this_installation(client: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "checkout_server", "install", client, "--yes"],
        env=environment(tmp_path, DODO_PAYMENTS_API_KEY=KEY),
        capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    entry = servers(client, tmp_path)["dodo-checkout"]
    assert (entry["command"], entry["args"]) == (sys.executable, ["-m", "checkout_server"])
    assert entry["env"] == {"DODO_PAYMENTS_API_KEY": KEY}
    assert KEY not in done.stdout + done.stderr
    assert "********" in done.stdout
    assert path_of(client, tmp_path).stat().st_mode & 0o077 == 0


@pytest.mark.requirement("cli.install")
@pytest.mark.parametrize("client", JSON_CLIENTS)
def test_other_entries_stay_as_they_are(client: str, tmp_path: Path) -> None:
    path = path_of(client, tmp_path)
    path.parent.mkdir(parents=True, exist_ok=True)
    section = targets.TARGETS[client].section
    before = {"first": 1, section: {"other": {"command": "x"}}, "last": {"ä": [1, 2]}}
    path.write_text(json.dumps(before, indent=4, ensure_ascii=False))
    assert install(client, tmp_path, "--yes").returncode == 0
    after = json.loads(path.read_text())
    assert list(after) == list(before)
    assert after[section].pop("dodo-checkout")
    assert after == before
    assert '\n    "first"' in path.read_text()
    [backup] = path.parent.glob(f"{path.name}.*.bak")
    assert json.loads(backup.read_text()) == before


@pytest.mark.requirement("cli.install")
def test_comments_in_toml_stay(tmp_path: Path) -> None:
    path = path_of("codex", tmp_path)
    path.parent.mkdir()
    before = '# mine\nmodel = "x" # keep\n\n[mcp_servers.other]\ncommand = "y"\n'
    path.write_text(before)
    assert install("codex", tmp_path, "--yes").returncode == 0
    assert path.read_text().startswith(before.rstrip("\n"))
    assert set(servers("codex", tmp_path)) == {"other", "dodo-checkout"}


@pytest.mark.requirement("cli.install")
@pytest.mark.parametrize("client", CLIENTS)
def test_an_entry_that_is_there_is_not_written_again(client: str, tmp_path: Path) -> None:
    install(client, tmp_path, "--yes")
    before = path_of(client, tmp_path).read_bytes()
    done = install(client, tmp_path, "--yes")
    assert done.returncode == 0
    assert "already" in done.stdout
    assert path_of(client, tmp_path).read_bytes() == before
    assert not list(path_of(client, tmp_path).parent.glob("*.bak"))


@pytest.mark.requirement("cli.install")
@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("content", [b'{"a": 1, ; no comment\n}', b"[1, 2", b"\xff\xfe", b"42", b'{"mcpServers": []}'])
def test_a_file_that_cannot_be_edited_safely_is_left_alone(client: str, content: bytes, tmp_path: Path) -> None:
    if client == "vscode" and content == b'{"mcpServers": []}':
        content = b'{"servers": []}'
    path = path_of(client, tmp_path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    done = install(client, tmp_path, "--yes")
    assert done.returncode == 1
    assert "was left alone" in done.stderr
    assert path.read_bytes() == content
    assert [each.name for each in path.parent.iterdir()] == [path.name]


@pytest.mark.requirement("cli.install")
@pytest.mark.parametrize("client", CLIENTS)
def test_without_a_terminal_nothing_is_written(client: str, tmp_path: Path) -> None:
    done = install(client, tmp_path)
    assert done.returncode == NEITHER_ASKED
    assert "--yes" in done.stderr
    assert not path_of(client, tmp_path).exists()


@pytest.mark.requirement("cli.install")
def test_a_symbolic_link_is_followed(tmp_path: Path) -> None:
    real = tmp_path / "dotfiles" / "mcp.json"
    real.parent.mkdir()
    real.write_text("{}")
    link = path_of("cursor", tmp_path)
    link.parent.mkdir()
    link.symlink_to(real)
    assert install("cursor", tmp_path, "--yes").returncode == 0
    assert link.is_symlink()
    assert "dodo-checkout" in real.read_text()


@pytest.mark.requirement("cli.install")
@pytest.mark.parametrize(
    ("client", "platform", "variables", "path"),
    [
        ("claude", "darwin", {}, "Library/Application Support/Claude/claude_desktop_config.json"),
        ("claude", "win32", {"APPDATA": "{home}/Roaming"}, "Roaming/Claude/claude_desktop_config.json"),
        ("claude", "win32", {}, "AppData/Roaming/Claude/claude_desktop_config.json"),
        ("claude", "linux", {"XDG_CONFIG_HOME": "{home}/xdg"}, "xdg/Claude/claude_desktop_config.json"),
        ("claude", "linux", {}, ".config/Claude/claude_desktop_config.json"),
        ("goose", "darwin", {}, ".config/goose/config.yaml"),
        ("goose", "win32", {}, "AppData/Roaming/Block/goose/config/config.yaml"),
        ("zed", "darwin", {}, ".config/zed/settings.json"),
        ("zed", "win32", {}, "AppData/Roaming/Zed/settings.json"),
        ("opencode", "win32", {}, ".config/opencode/opencode.json"),
        ("cline", "linux", {"CLINE_MCP_SETTINGS_PATH": "{home}/named.json"}, "named.json"),
        ("copilot", "linux", {"COPILOT_HOME": "{home}/c"}, "c/mcp-config.json"),
        ("continue", "linux", {"CONTINUE_GLOBAL_DIR": "{home}/c"}, "c/config.yaml"),
    ],
)
def test_each_platform_and_its_variables_have_their_own_path(
    client: str, platform: str, variables: dict[str, str], path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("APPDATA", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value.format(home=tmp_path))
    assert targets.TARGETS[client].path() == tmp_path / path


@pytest.mark.requirement("cli.install")
@pytest.mark.parametrize(
    ("client", "path"),
    [
        ("opencode", ".config/opencode/opencode.jsonc"),
        ("cline", ".config/Code/User/globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json"),
    ],
)
def test_of_several_files_that_a_client_reads_the_one_that_is_there_is_changed(
    client: str, path: str, tmp_path: Path
) -> None:
    there = tmp_path / path
    there.parent.mkdir(parents=True)
    there.write_text("{}")
    assert install(client, tmp_path, "--yes").returncode == 0
    assert "dodo-checkout" in there.read_text()


@pytest.mark.requirement("cli.install")
@pytest.mark.parametrize(("typed", "written"), [("y\n", True), ("n\n", False), ("\n", False)])
def test_a_person_is_asked(typed: str, written: bool, tmp_path: Path) -> None:
    import pty

    parent, child = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "checkout_server", "install", "cursor"],
        stdin=child, stdout=subprocess.PIPE, env=environment(tmp_path), text=True,
    ) as process:  # fmt: skip
        os.write(parent, typed.encode())
        shown, _ = process.communicate()
    os.close(parent)
    os.close(child)
    assert "Write this? [y/N]" in shown
    assert path_of("cursor", tmp_path).exists() is written
    assert process.returncode == (0 if written else 1)
