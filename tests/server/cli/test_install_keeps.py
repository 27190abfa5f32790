"""``install`` changes one entry, shows that much of the file and no more, and says when it cannot."""

import argparse
import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from checkout_server.cli import install as command

ENTRY = {"command": sys.executable, "args": ["-m", "checkout_server"], "env": {}}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in list(os.environ):
        if name.startswith(("DODO_PAYMENTS_", "CHECKOUT_", "XDG_", "CODEX_", "CLAUDE_")):
            monkeypatch.delenv(name)
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path))
    for folder in (".cursor", ".codex"):
        (tmp_path / folder).mkdir()
    return tmp_path


@pytest.fixture
def cursor(home: Path) -> Path:
    return home / ".cursor" / "mcp.json"


@pytest.fixture
def codex(home: Path) -> Path:
    return home / ".codex" / "config.toml"


def install(*words: str) -> int:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    return command.run(parser.parse_args([*words, "--yes"]))


@pytest.mark.requirement("cli.install")
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", '{\n  "mcpServers": {\n    "dodo-checkout": ENTRY\n  }\n}\n'),
        ("{}", '{\n  "mcpServers": {\n    "dodo-checkout": ENTRY\n  }\n}'),
        ('{"a":1}', '{"a":1,"mcpServers": {"dodo-checkout": ENTRY}}'),
        (
            '{\r\n\t"n": [1e400, 12345678901234567890.123],\r\n\t"s": "\\ud800\\u00e9"\r\n}\r\n',
            '{\r\n\t"n": [1e400, 12345678901234567890.123],\r\n\t"s": "\\ud800\\u00e9",\r\n'
            '\t"mcpServers": {\r\n\t\t"dodo-checkout": ENTRY\r\n\t}\r\n}\r\n',
        ),
        (
            '\ufeff{ "mcpServers": { "x}": {"a": "{,"} } }',
            '\ufeff{ "mcpServers": { "x}": {"a": "{,"},"dodo-checkout": ENTRY } }',
        ),
        (
            '{\n    "mcpServers": {\n    },\n    "z": 0\n}',
            '{\n    "mcpServers": {\n        "dodo-checkout": ENTRY\n    },\n    "z": 0\n}',
        ),
        (
            '{"mcpServers": {"dodo-checkout": {"command": "uvx", "args": ["dodo-checkout-mcp"]}, "b":{}}}',
            '{"mcpServers": {"dodo-checkout": ENTRY, "b":{}}}',
        ),
    ],
)
def test_every_other_byte_of_a_json_file_stays(before: str, after: str, cursor: Path) -> None:
    cursor.write_bytes(before.encode())
    assert install("cursor") == 0
    written = cursor.read_bytes().decode()
    start, end = after.split("ENTRY")
    assert written.startswith(start)
    assert written.endswith(end)
    assert json.loads(written[len(start) : len(written) - len(end)]) == ENTRY


@pytest.mark.requirement("cli.install")
def test_comments_below_the_entry_and_keys_of_the_client_stay_when_it_is_updated(
    codex: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (
        '[mcp_servers.dodo-checkout]\ncommand = "old" # mine\nargs = ["-m", "checkout_server"]\n'
        "tool_timeout_sec = 9\n\n"
        '[mcp_servers.dodo-checkout.env]\nHTTPS_PROXY = "p"\nCHECKOUT_READ_ONLY = "true"\n\n'
        '# about other\n[mcp_servers.other]\ncommand = "y"\n'
    )
    codex.write_text(before)
    monkeypatch.setenv("CHECKOUT_LOG_LEVEL", "DEBUG")
    assert install("codex") == 0
    after = codex.read_text()
    assert "# about other\n[mcp_servers.other]" in after
    assert tomllib.loads(after)["mcp_servers"] == {
        "dodo-checkout": {**ENTRY, "tool_timeout_sec": 9, "env": {"HTTPS_PROXY": "p", "CHECKOUT_LOG_LEVEL": "DEBUG"}},
        "other": {"command": "y"},
    }


@pytest.mark.requirement("cli.install")
@pytest.mark.parametrize(
    ("client", "content"),
    [
        ("codex", 'mcp_servers = { o = { command = "y" } }\n'),
        ("codex", "[[mcp_servers]]\na = 1\n"),
        ("codex", '[mcp_servers.dodo-checkout]\ncommand = "somebody-else"\n'),
        ("cursor", '{"mcpServers": {"a": {}}, "mcpServers": {"b": {}}}'),
        ("cursor", '{"a": NaN}'),
        ("cursor", '{"mcpServers": {"dodo-checkout": {"command": "somebody-else"}}}'),
        ("cursor", '{"mcpServers": {"dodo-checkout": "text"}}'),
        ("cursor", "[" * 100_000),
    ],
)
def test_what_would_change_or_lose_another_entry_is_left_alone(
    client: str, content: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = home / {"codex": ".codex/config.toml", "cursor": ".cursor/mcp.json"}[client]
    path.write_text(content)
    assert install(client) == 1
    assert "was left alone" in capsys.readouterr().err
    assert path.read_text() == content
    assert [each.name for each in path.parent.iterdir()] == [path.name]


@pytest.mark.requirement("cli.install")
@pytest.mark.parametrize(
    ("old", "shown"),
    [
        ({"command": "npx", "args": ["dodo-checkout-mcp", "--api-key", "hunter2"]}, ['"npx"', '"dodo-checkout-mcp"']),
        ({"command": "npx", "args": ["dodo-checkout-mcp", "--api-key=hunter2"]}, ['"dodo-checkout-mcp"']),
        ({"command": "env DODO_PAYMENTS_API_KEY=hunter2 /usr/bin/dodo-checkout-mcp", "args": []}, ["command"]),
        ({"command": "/opt/v/bin/dodo-checkout-mcp"}, ['"/opt/v/bin/dodo-checkout-mcp"']),
        ({"command": "dodo-checkout-mcp", "env": {"DODO_PAYMENTS_ENVIRONMENT": "hunter2"}}, ["_ENVIRONMENT"]),
    ],
)
def test_of_an_older_entry_only_programs_and_words_of_ours_are_shown(
    old: dict[str, Any], shown: list[str], cursor: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cursor.write_text(json.dumps({"mcpServers": {"dodo-checkout": old}}))
    assert install("cursor") == 0
    output = capsys.readouterr()
    assert "hunter2" not in output.out + output.err
    assert [word for word in shown if word not in output.out] == []


@pytest.mark.requirement("cli.install")
@pytest.mark.parametrize("client", ["cursor", "codex"])
def test_no_value_that_may_be_private_is_shown(
    client: str, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = home / {"codex": ".codex/config.toml", "cursor": ".cursor/mcp.json"}[client]
    env = {"DODO_PAYMENTS_API_KEY": "hunter2-old", "HTTPS_PROXY": "http://u:hunter2@p"}
    old = {"command": "x", "args": ["-m", "checkout_server"], "env": env}
    path.write_text(
        json.dumps({"mcpServers": {"gh": {"env": {"T": "hunter2-gh"}}, "dodo-checkout": old}})
        if client == "cursor"
        else '[mcp_servers.gh.env]\nT = "hunter2-gh"\n[mcp_servers.dodo-checkout]\ncommand = "x"\n'
        'args = ["-m", "checkout_server"]\nenv = {DODO_PAYMENTS_API_KEY = "hunter2-old", HTTPS_PROXY = "hunter2"}\n'
    )
    for name in ("DODO_PAYMENTS_API_KEY", "DODO_PAYMENTS_BASE_URL", "CHECKOUT_SECRET_KEYS", "CHECKOUT_LEDGER"):
        monkeypatch.setenv(name, 'a"\\hunter2')
    monkeypatch.setenv("DODO_PAYMENTS_ENVIRONMENT", "live_mode")
    monkeypatch.setenv("DODO_PAYMENTS_WEBHOOK_KEY", "hunter2")
    assert install(client) == 0
    shown = capsys.readouterr()
    assert "hunter2" not in shown.out + shown.err
    assert "********" in shown.out
    assert "(changed)" in shown.out
    assert "live_mode" in shown.out
    assert "WEBHOOK" not in path.read_text()
    assert sys.platform == "win32" or path.stat().st_mode & 0o077 == 0


@pytest.mark.requirement("cli.install")
def test_paths_are_written_so_that_they_hold_from_any_folder(
    cursor: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CHECKOUT_LEDGER", "here.db")
    assert install("cursor") == 0
    env = json.loads(cursor.read_text())["mcpServers"]["dodo-checkout"]["env"]
    assert env == {"CHECKOUT_LEDGER": str(Path.cwd() / "here.db")}


@pytest.mark.requirement("cli.install")
def test_the_folder_that_claude_code_was_told_to_use_is_used(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(home / "other"))
    assert install("claude-code") == 0
    assert [path.name for path in (home / "other").iterdir()] == [".claude.json"]
    assert not (home / ".claude.json").exists()


@pytest.mark.requirement("cli.install")
@pytest.mark.parametrize("name", ["", "a b", "a.b", "ä", "x" * 65])
def test_a_name_that_a_client_would_refuse_is_a_usage_error(name: str, cursor: Path) -> None:
    with pytest.raises(SystemExit) as caught:
        install("cursor", "--name", name)
    assert caught.value.code == 2
    assert not cursor.exists()


def asked(home: Path, typed: bytes, meanwhile: Callable[[], Any] = lambda: None) -> tuple[int, str]:
    """The exit code and the complaint of an ``install`` that a person answers on a terminal."""
    pty = pytest.importorskip("pty")
    parent, child = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "checkout_server", "install", "cursor"],
        stdin=child, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=os.environ | {"HOME": str(home)},
    ) as process:  # fmt: skip
        assert process.stdout is not None
        shown = b""
        while b"[y/N]" not in shown:
            shown += os.read(process.stdout.fileno(), 4096)
        meanwhile()
        os.write(parent, typed)
        _, complaint = process.communicate()
    os.close(parent)
    os.close(child)
    return process.returncode, complaint.decode()


@pytest.mark.requirement("cli.install")
def test_the_end_of_input_is_a_no(home: Path, cursor: Path) -> None:
    assert asked(home, b"\x04") == (1, "Nothing was changed.\n")
    assert not cursor.exists()


@pytest.mark.requirement("cli.install")
def test_what_the_client_wrote_while_the_person_thought_stays(home: Path, cursor: Path) -> None:
    code, complaint = asked(home, b"y\n", lambda: cursor.write_text('{"added": 1}'))
    assert (code, "changed in the meantime" in complaint) == (1, True)
    assert cursor.read_text() == '{"added": 1}'


@pytest.mark.requirement("cli.install")
def test_a_console_that_cannot_show_a_path_does_not_stop_the_writing(home: Path) -> None:
    elsewhere = home / "здесь"
    elsewhere.mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "checkout_server", "install", "cursor", "--yes"],
        env=os.environ | {"HOME": str(elsewhere), "USERPROFILE": str(elsewhere), "PYTHONIOENCODING": "cp1252"},
        capture_output=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b"")
    assert (elsewhere / ".cursor" / "mcp.json").exists()
