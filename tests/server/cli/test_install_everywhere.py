"""``install`` and ``uninstall`` over every client of the table: the documented entry, and nothing else of the file."""

import argparse
import json
import os
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from checkout_server.cli import install, uninstall
from checkout_server.clients import configuration, entry
from checkout_server.clients.targets import TARGETS
from client_files import DOCUMENTED, ENV, LIVED_IN, URL, content_of

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the documented paths are Linux's")

KEY = "sk_hunter2"
EVERY = pytest.mark.parametrize("client", TARGETS)
PROJECTS = pytest.mark.parametrize("client", [client for client in TARGETS if TARGETS[client].project])


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home, and a project in which the command is run."""
    for name in list(os.environ):
        if re.match("DODO_PAYMENTS_|CHECKOUT_|XDG_|CODEX_|CLAUDE_|CLINE_|CONTINUE_|COPILOT_", name):
            monkeypatch.delenv(name)
    home, project = tmp_path / "home", tmp_path / "project"
    home.mkdir()
    project.mkdir()
    monkeypatch.chdir(project)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("DODO_PAYMENTS_ENVIRONMENT", ENV["DODO_PAYMENTS_ENVIRONMENT"])
    return home


def path_of(client: str, home: Path) -> Path:
    return home / DOCUMENTED[client].user


def lived_in(client: str, home: Path, change: Any = lambda text: text) -> Path:
    target = TARGETS[client]
    text = LIVED_IN["listed" if target.listed else target.format].replace("SECTION", target.section)
    path = path_of(client, home)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(change(text).encode())
    return path


def run(*words: str) -> int:
    parser = argparse.ArgumentParser()
    command = {"install": install, "uninstall": uninstall}[words[0]]
    command.add_arguments(parser)
    return command.run(parser.parse_args([*words[1:], "--yes"]))


@pytest.mark.requirement("cli.install")
def test_the_documented_clients_are_those_of_the_table() -> None:
    assert list(DOCUMENTED) == list(TARGETS)
    assert [client for client, target in TARGETS.items() if not target.source.startswith("https://")] == []


@pytest.mark.requirement("cli.install")
@EVERY
def test_the_entry_is_the_documented_one(client: str, home: Path) -> None:
    assert run("install", client) == 0
    written = content_of(path_of(client, home))
    assert {name: written[name] for name in DOCUMENTED[client].local} == DOCUMENTED[client].local
    assert [path.name for path in path_of(client, home).parent.iterdir()] == [path_of(client, home).name]


@pytest.mark.requirement("cli.install")
@EVERY
def test_the_entry_of_a_running_server_is_the_documented_one(
    client: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    documented = DOCUMENTED[client].remote
    assert run("install", client, "--http", URL) == (documented is None)
    if documented is None:
        assert capsys.readouterr().err.endswith("takes no servers over HTTP from this file.\n")
        assert not path_of(client, home).exists()
        return
    written = content_of(path_of(client, home))
    assert {name: written[name] for name in documented} == documented


@pytest.mark.requirement("cli.install")
@pytest.mark.parametrize("client", [client for client in TARGETS if TARGETS[client].form.url])
def test_an_entry_that_starts_a_server_gives_way_to_a_url_and_comes_back(client: str, home: Path) -> None:
    for words, documented in (([], "local"), (["--http", URL], "remote"), ([], "local")):
        assert run("install", client, *words) == 0
        written, expected = content_of(path_of(client, home)), getattr(DOCUMENTED[client], documented)
        assert {name: written[name] for name in expected} == expected


@pytest.mark.requirement("cli.install")
@EVERY
def test_a_project_has_the_documented_file_with_no_secret_in_it(
    client: str, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DODO_PAYMENTS_API_KEY", KEY)
    monkeypatch.setenv("CHECKOUT_LEDGER", "postgresql://u:hunter2@h/d")
    code = run("install", client, "--scope", "project")
    assert not path_of(client, home).exists()
    files = [path for path in Path.cwd().rglob("*") if path.is_file()]
    reference = TARGETS[client].form.reference
    if TARGETS[client].project is None or reference is None:
        assert (code, files) == (1, [])
        assert "--scope" in capsys.readouterr().err
        return
    [path] = files
    assert path.relative_to(Path.cwd()) == Path(DOCUMENTED[client].project or "")
    assert "hunter2" not in path.read_text()
    assert reference.replace("NAME", "CHECKOUT_LEDGER") in path.read_text()
    assert path.stat().st_mode & 0o777 == 0o644


@pytest.mark.requirement("cli.install")
@PROJECTS
def test_a_project_without_secrets_is_written_and_undone(client: str, home: Path) -> None:
    assert run("install", client, "--scope", "project") == 0
    path = Path.cwd() / (DOCUMENTED[client].project or "")
    assert configuration.our_entries(path, TARGETS[client]).keys() == {"dodo-checkout"}
    assert run("uninstall", client, "--scope", "project") == 0
    assert configuration.our_entries(path, TARGETS[client]) == {}


@pytest.mark.requirement("cli.install")
@EVERY
def test_what_is_printed_is_the_entry_without_a_secret_and_nothing_is_written(
    client: str, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DODO_PAYMENTS_API_KEY", KEY)
    lived_in(client, home)
    before = path_of(client, home).read_bytes()
    assert run("install", client, "--print") == 0
    shown = capsys.readouterr()
    assert KEY not in shown.out + shown.err
    snippet = home / f"snippet{path_of(client, home).suffix}"
    snippet.write_text(shown.out)
    variable = "DODO_PAYMENTS_API_KEY"
    name = (TARGETS[client].form.reference or "<NAME>").replace("NAME", variable)
    expected = json.dumps(DOCUMENTED[client].local).replace(json.dumps(ENV), json.dumps({variable: name} | ENV))
    assert content_of(snippet) == json.loads(expected)
    assert variable in shown.err
    assert path_of(client, home).read_bytes() == before


@pytest.mark.requirement("cli.install")
@EVERY
@pytest.mark.parametrize(
    "change", [str, lambda text: text.replace("\n", "\r\n"), str.rstrip], ids=["lf", "crlf", "end"]
)
def test_every_other_line_and_comment_stays_and_uninstall_brings_the_file_back(
    client: str, change: Any, home: Path
) -> None:
    path = lived_in(client, home, change)
    before = path.read_bytes()
    assert run("install", client) == 0
    after = path.read_bytes()
    left = iter(after.split(b"\n"))
    missing = [
        line for line in before.split(b"\n") if not any(line.rstrip(b",\r") == each.rstrip(b",\r") for each in left)
    ]
    assert missing == []
    assert (b"\r\n" in before) == (b"\r\n" in after)
    [ours] = configuration.our_entries(path, TARGETS[client]).values()
    server = entry.read(ours, TARGETS[client].form)
    assert server is not None
    assert server.command == (sys.executable, "-m", "checkout_server")
    [backup] = path.parent.glob("*.bak")
    assert backup.read_bytes() == before
    assert run("install", client) == 0
    assert path.read_bytes() == after
    assert run("uninstall", client) == 0
    assert path.read_bytes().rstrip() == before.rstrip()


@pytest.mark.requirement("cli.install")
@EVERY
def test_an_entry_is_updated_in_its_place_and_its_owners_keys_stay(
    client: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = lived_in(client, home)
    assert run("install", client) == 0
    path.write_bytes(path.read_bytes().replace(b"test_mode", b"live_mode").replace(b"300", b"900"))
    assert run("install", client) == 0
    monkeypatch.setenv("DODO_PAYMENTS_API_KEY", KEY)
    assert run("install", client) == 0
    assert b"live_mode" not in path.read_bytes()
    [ours] = configuration.our_entries(path, TARGETS[client]).values()
    assert ours.get("timeout", 900) == 900
    server = entry.read(ours, TARGETS[client].form)
    assert server is not None
    assert server.env == {"DODO_PAYMENTS_API_KEY": KEY} | ENV
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.requirement("cli.install")
@EVERY
def test_another_server_of_that_name_is_left_alone_by_both(
    client: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = lived_in(client, home)
    before = path.read_bytes()
    assert run("install", client, "--name", "other") == 1
    assert run("uninstall", client, "--name", "other") == 1
    assert run("uninstall", client) == 0
    assert capsys.readouterr().out.endswith(f"has no such entry: {path}\n")
    assert path.read_bytes() == before


@pytest.mark.requirement("cli.install")
@EVERY
@pytest.mark.parametrize("content", [b"", b"\n", b"\xef\xbb\xbf"], ids=["empty", "blank", "bom"])
def test_an_empty_file_gets_the_entry_and_keeps_its_mark(client: str, content: bytes, home: Path) -> None:
    if TARGETS[client].format == "toml" and content.startswith(b"\xef"):
        content = b""  # which TOML has not
    path = path_of(client, home)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    assert run("install", client) == 0
    assert path.read_bytes().startswith(content.strip())
    assert configuration.our_entries(path, TARGETS[client]).keys() == {"dodo-checkout"}


@pytest.mark.requirement("cli.install")
@EVERY
def test_a_symbolic_link_and_the_files_mode_stay(client: str, home: Path) -> None:
    path = lived_in(client, home)
    real = path.rename(home / "dotfile")
    real.chmod(0o640)
    path.symlink_to(real)
    assert run("install", client) == 0
    assert path.is_symlink()
    assert "dodo-checkout" in real.read_text()
    assert real.stat().st_mode & 0o777 == 0o640


@pytest.mark.requirement("cli.install")
@EVERY
@pytest.mark.parametrize("content", ["[1, 2", "42", "SECTION: 7\n", '{"SECTION": 7}', "SECTION = 7\n"])
def test_what_is_no_such_file_is_left_alone(
    client: str, content: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = path_of(client, home)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content.replace("SECTION", TARGETS[client].section))
    assert run("install", client) == 1
    assert "--print" in capsys.readouterr().err
    assert [each.name for each in path.parent.iterdir()] == [path.name]
