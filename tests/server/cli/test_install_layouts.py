"""Files as people lay them out: the one entry goes where it belongs, or the file is left alone with the reason."""

import argparse
from pathlib import Path

import pytest

from checkout_server.cli import install, uninstall

FILES = {
    "vscode": ".config/Code/User/mcp.json",
    "claude": ".config/Claude/claude_desktop_config.json",
    "goose": ".config/goose/config.yaml",
    "continue": ".continue/config.yaml",
    "codex": ".codex/config.toml",
}
OURS = {
    "vscode": '"dodo-checkout": {"url": "https://h/mcp", "type": "http"}',
    "claude": '"dodo-checkout": {"command": "dodo-checkout-mcp"}',
    "goose": '{name: dodo-checkout, uri: "https://h/mcp"}',
}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("XDG_CONFIG_HOME", "CODEX_HOME", "CONTINUE_GLOBAL_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def run(client: str, command: str, content: str, home: Path) -> tuple[int, str]:
    path = home / FILES[client]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode())
    module = {"install": install, "uninstall": uninstall}[command]
    parser = argparse.ArgumentParser()
    module.add_arguments(parser)
    http = ["--http", "https://h/mcp"] if command == "install" and client != "claude" else []
    return module.run(parser.parse_args([client, "--yes", *http])), path.read_bytes().decode()


@pytest.mark.requirement("cli.install")
@pytest.mark.parametrize(
    ("client", "before", "after"),
    [
        ("vscode", '{"servers": {}, } // x', '{"servers": {ENTRY}, } // x'),
        ("vscode", '{"servers": {"a": 1 /* one */ ,}}', '{"servers": {"a": 1, /* one */ENTRY ,}}'),
        (
            "vscode",
            '{\n  "servers": {\n    // none yet\n  }\n}',
            '{\n  "servers": {\n    // none yet\n    ENTRY\n  }\n}',
        ),
        (
            "goose",
            "extensions: {} \nlast: 1",
            "extensions:\n  dodo-checkout:\nENTRY\nlast: 1",
        ),
        ("goose", "extensions:\nlast: 1\n", "extensions:\n  dodo-checkout:\nENTRY\nlast: 1\n"),
        (
            "goose",
            "extensions:\n    other:\n        type: builtin\n\n    # the end\n",
            "extensions:\n    other:\n        type: builtin\n    dodo-checkout:\nENTRY\n\n    # the end\n",
        ),
        ("goose", "# nothing but this\n", "# nothing but this\nextensions:\n  dodo-checkout:\nENTRY\n"),
        ("continue", "name: n\nmcpServers: []\n", "name: n\nmcpServers:\n  - ENTRY\n"),
        (
            "continue",
            "mcpServers:\n    - name: a\n      command: x # y\nz: 1",
            "mcpServers:\n    - name: a\n      command: x # y\n    - ENTRY\nz: 1",
        ),
        (
            "codex",
            'mcp_servers.o.command = "y"\nz = 1',
            'mcp_servers.o.command = "y"\nz = 1\n\n[mcp_servers.dodo-checkout]ENTRY',
        ),
    ],
)  # fmt: skip
def test_an_entry_goes_into_the_section_as_it_is_laid_out(client: str, before: str, after: str, home: Path) -> None:
    code, written = run(client, "install", before, home)
    start, end = after.split("ENTRY")
    assert code == 0
    assert written.startswith(start)
    assert written.endswith(end)
    assert "https://h/mcp" in written[len(start) : len(written) - len(end)]


@pytest.mark.requirement("cli.install")
@pytest.mark.parametrize(
    ("client", "content"),
    [
        ("claude", '{"mcpServers": {} } // not read by it'),
        ("claude", '{"mcpServers": {},}'),
        ("vscode", '{"servers": {"dodo-checkout": {"url": "https://x" /* mine */, "type": "http"}}}'),
        ("vscode", '{"servers": {/* unended }}'),
        ("goose", "extensions: {other: {type: builtin}}\n"),
        ("goose", "extensions:\n  a: 1\n  a: 2\n"),
        ("goose", "extensions: # mine\n"),
        ("goose", "a: 1\n---\nb: 2\n"),
        ("goose", "extensions:\n  dodo-checkout:\n    uri: https://x # mine\n    type: streamable_http\n"),
        ("continue", "mcpServers:\n  - command: unnamed\n"),
        ("continue", "mcpServers:\n  - name: a\n  - name: a\n"),
        ("continue", "mcpServers:\n  a: {}\n"),
    ],
)
def test_a_file_that_cannot_keep_all_that_it_has_is_left_alone(
    client: str, content: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(client, "install", content, home) == (1, content)
    assert "was left alone. Mend it, or add what --print shows." in capsys.readouterr().err


@pytest.mark.requirement("cli.install")
@pytest.mark.parametrize(
    ("client", "before", "after"),
    [
        ("vscode", '{"servers": {"a": 1, OURS}}', '{"servers": {"a": 1 }}'),
        ("vscode", '{"servers": {OURS, "a": 1}}', '{"servers": { "a": 1}}'),
        ("vscode", '{"servers": {OURS}}', '{"servers": {}}'),
        (
            "vscode",
            '{\n  "servers": {\n    "a": 1, // one\n    // two\n    OURS // ours\n  }\n}',
            '{\n  "servers": {\n    "a": 1 // one\n    // two\n     // ours\n  }\n}',
        ),
        ("vscode", '{\n  "servers": {\n    OURS,\n    "a": 1,\n  }\n}', '{\n  "servers": {\n    "a": 1,\n  }\n}'),
        ("claude", '{\r\n\t"mcpServers": {\r\n\t\tOURS\r\n\t}\r\n}', '{\r\n\t"mcpServers": {\r\n\t}\r\n}'),
        ("goose", "extensions:\n  dodo-checkout: OURS\n  # of b\n  b: 1\n", "extensions:\n  # of b\n  b: 1\n"),
        ("goose", "extensions:\n  dodo-checkout: OURS # ours\nz: 1\n", "extensions:\n  {}\nz: 1\n"),
        ("goose", "# a\nextensions:\n  {}\nz: 1\n", "# a\nextensions:\n  {}\nz: 1\n"),
        (
            "codex",
            '[mcp_servers."dodo-checkout"]\n# of the url\nurl = "https://h"\n# of a\n[a]\nb = 1\n',
            "# of a\n[a]\nb = 1\n",
        ),
        (
            "codex",
            'a = 1\n\n[mcp_servers.dodo-checkout]\ncommand = "dodo-checkout-mcp"\n\n'
            '[mcp_servers.dodo-checkout.env]\nA = "b"\n\n[mcp_servers.dodo-checkout-2]\ncommand = "x"\n',
            'a = 1\n\n\n[mcp_servers.dodo-checkout-2]\ncommand = "x"\n',
        ),
    ],
)  # fmt: skip
def test_only_the_entry_goes_and_comments_beside_it_stay(client: str, before: str, after: str, home: Path) -> None:
    assert run(client, "uninstall", before.replace("OURS", OURS.get(client, "")), home) == (0, after)


@pytest.mark.requirement("cli.install")
def test_an_entry_that_is_not_a_table_of_its_own_stays(home: Path) -> None:
    content = 'mcp_servers.dodo-checkout = {url = "https://h"}\n'
    assert run("codex", "uninstall", content, home) == (1, content)


@pytest.mark.requirement("cli.install")
def test_an_empty_section_that_uninstall_left_takes_an_entry_again(home: Path) -> None:
    code, written = run("goose", "install", "extensions:\n  {}\nz: 1\n", home)
    assert code == 0
    assert written.startswith("extensions:\n  dodo-checkout:\n")
    assert written.endswith("\nz: 1\n")


@pytest.mark.requirement("cli.install")
@pytest.mark.parametrize(
    "url",
    ["http://h/mcp", "https://u:p@h/mcp", "https://h/mcp?token=x", "ftp://h", "h/mcp", "https://h/\u202emcp", "https://"],
)  # fmt: skip
def test_a_url_that_would_carry_a_secret_in_the_clear_is_a_usage_error(url: str, home: Path) -> None:
    parser = argparse.ArgumentParser()
    install.add_arguments(parser)
    with pytest.raises(SystemExit):
        parser.parse_args(["vscode", "--http", url])
