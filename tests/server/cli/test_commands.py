"""The command line, as a new user meets it."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from checkout_server.cli import start
from checkout_server.settings import SettingsError, load_settings
from processes import own_environment, run, run_with
from served_tools import OFFERED_READ_ONLY

KEY = "sk_hunter2"


@pytest.mark.requirement("cli.usage")
def test_help_imports_none_of_the_sdk() -> None:
    script = (
        "import sys; from checkout_server.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit as end: assert end.code == 0\n"
        "heavy = {'mcp', 'pydantic', 'httpx2', 'starlette', 'uvicorn', 'yaml', 'tomlkit', 'rich'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for command in ("demo", "serve", "sandbox", "doctor", "install", "schemas"):
        assert command in done.stdout


@pytest.mark.requirement("cli.usage")
def test_an_unknown_command_is_a_usage_error() -> None:
    done = run("sell")
    assert (done.returncode, done.stdout) == (2, "")
    assert "usage: dodo-checkout-mcp" in done.stderr


@pytest.mark.requirement("cli.usage", "privacy.commands")
@pytest.mark.parametrize("arguments", [[KEY], ["serve", "--api-key", KEY], ["serve", "--port", KEY], ["install", KEY]])
def test_a_usage_error_repeats_no_value(arguments: list[str]) -> None:
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert "usage: dodo-checkout-mcp" in done.stderr
    assert "--help says what can be used" in done.stderr
    assert KEY not in done.stderr


@pytest.mark.requirement("cli.settings", "deploy.examples")
def test_a_start_without_its_database_ends_as_what_may_be_started_again() -> None:
    done = run(
        "serve",
        "--port",
        "0",
        CHECKOUT_LEDGER="postgresql://user:hunter2@127.0.0.1:1/db",
        CHECKOUT_SECRET_KEYS="ab" * 32,
    )
    assert (done.returncode, done.stdout, "cannot be reached" in done.stderr) == (start.TRY_AGAIN, "", True)


@pytest.mark.requirement("cli.settings")
@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("DODO_PAYMENTS_ENVIRONMENT", "production", "must be test_mode or live_mode"),
        ("DODO_PAYMENTS_ENVIRONMENT", "live_mode", "and DODO_PAYMENTS_API_KEY is not set"),
        ("DODO_PAYMENTS_BASE_URL", "ftp://hunter2", "must be an absolute http"),
        ("DODO_PAYMENTS_BASE_URL", "http://127.0.0.1:99999", "must be an absolute http"),
        ("DODO_PAYMENTS_API_KEY", "hunter2\nx", "must be the API key"),
        ("CHECKOUT_LOG_LEVEL", "hunter2", "must be DEBUG"),
        ("CHECKOUT_READ_ONLY", "hunter2", "must be true or false"),
        ("CHECKOUT_LEDGER", "mysql://user:hunter2@host/db", "must be the path of a SQLite file or a postgresql:// URL"),
        ("CHECKOUT_LEDGER", "postgresql:/hunter2@host/db", "must be the path of a SQLite file or a postgresql:// URL"),
        ("CHECKOUT_LEDGER", "postgresql//hunter2@host/db", "must be the path of a SQLite file or a postgresql:// URL"),
        ("CHECKOUT_LEDGER", "sqlite:hunter2", "must be the path of a SQLite file or a postgresql:// URL"),
        ("CHECKOUT_LEDGER", "sqlite:///:memory:", "must be the path of a SQLite file or a postgresql:// URL"),
        ("CHECKOUT_LEDGER", "sqlite:///hunter2?mode=ro", "must be the path of a SQLite file or a postgresql:// URL"),
        ("DODO_PAYMENTS_API_KEY", "${HUNTER2}", "is a placeholder that nobody filled in"),
        ("DODO_PAYMENTS_API_KEY", '"hunter2"', "has quotation marks around it"),
        ("CHECKOUT_SECRET_KEYS", "{{ hunter2 }}", "is a placeholder that nobody filled in"),
        ("CHECKOUT_POLICY", "", "is empty; name the policy file"),
        ("CHECKOUT_POLCY", "hunter2.toml", "is not a setting; did you mean CHECKOUT_POLICY?"),
        ("CHECKOUT_LEDGER", "postgresql://user:hunter2@host/db", "and CHECKOUT_SECRET_KEYS is not set"),
        ("CHECKOUT_AUTH_ISSUER", "http://hunter2.example", "must be the issuer as its tokens name it: https://"),
        ("CHECKOUT_AUTH_JWKS_URL", "https://x:hunter2@id.example/jwks", "must be where the issuer publishes its keys"),
        ("CHECKOUT_AUTH_AUDIENCE", "https://shop.example/mcp?hunter2", "must be the URL at which clients reach /mcp"),
        ("CHECKOUT_AUTH_AUDIENCE", "hunter2", "must be the URL at which clients reach /mcp"),
        ("CHECKOUT_ALLOWED_HOSTS", "mcp.example.com,https://hunter2", "must be comma-separated names as in a Host"),
        ("CHECKOUT_ALLOWED_HOSTS", "*", "must be comma-separated names as in a Host"),
        ("CHECKOUT_ALLOWED_ORIGINS", "hunter2.example", "must be comma-separated origins of web pages"),
        ("CHECKOUT_ALLOWED_ORIGINS", "https://hunter2.example/page", "must be comma-separated origins of web pages"),
        ("CHECKOUT_TRUSTED_PROXIES", "10.0.0.0/8,hunter2", "must be comma-separated addresses or networks"),
        ("CHECKOUT_TRUSTED_PROXIES", "10.0.0.1/8", "must be comma-separated addresses or networks"),
        ("CHECKOUT_AUTH_ISSUER", "https://hunter2.example", "is set and CHECKOUT_AUTH_JWKS_URL and CHECKOUT_AUTH_AUD"),
    ],
)
def test_an_unusable_setting_is_named_in_one_sentence_without_its_value(
    name: str, value: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "environ", own_environment() | {name: value})
    with pytest.raises(SettingsError) as raised:
        load_settings()
    [line] = str(raised.value).splitlines()
    assert line.startswith(name)
    assert says in line
    assert "hunter2" not in line


@pytest.mark.requirement("cli.settings")
@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("CHECKOUT_READ_ONLY", "must be true or false"),
        ("CHECKOUT_SECRET_KEYS", "key 1 is not 32 bytes"),
        ("CHECKOUT_POLICY", "names a file that cannot be read"),
    ],
)
def test_a_setting_that_cannot_be_used_stops_the_start_with_one_sentence(name: str, says: str, tmp_path: Path) -> None:
    done = run_with({name: "hunter2"}, folder=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    [line] = done.stderr.splitlines()
    assert line.startswith(f"dodo-checkout-mcp: {name}")
    assert says in line
    assert "hunter2" not in line


@pytest.mark.requirement("cli.settings")
def test_variables_of_other_programs_with_our_prefixes_stop_nothing(tmp_path: Path) -> None:
    theirs = {
        "CHECKOUT_SERVICE_HOST": "10.0.0.1",
        "CHECKOUT_PORT": "tcp://10.0.0.1:80",
        "CHECKOUT_ALLOWED_HOSTS": "x",
        "CHECKOUT_LOG_LEVEL": "INFO",
        "CHECKOUT_PAGE_TITLE": "hunter2",
        "CHECKOUT_LOG_LEVEL2": "hunter2",
    }
    done = run_with(theirs, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    [started, unknown, _stopped] = map(json.loads, done.stderr.splitlines())
    assert (started["event"], started["policy"]) == ("server.started", False)
    named = {name: unknown[name] for name in ("level", "event", "names", "count")}
    assert named == {
        "level": "WARNING",
        "event": "settings.unknown",
        "names": ["CHECKOUT_LOG_LEVEL2", "CHECKOUT_PAGE_TITLE"],
        "count": 2,
    }
    assert "hunter2" not in done.stderr


@pytest.mark.requirement("cli.usage")
@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["serve", "--port", KEY], "argument --port"),
        (["serve", "--port", "99999"], "argument --port must be 0 to 65535"),
        (["serve", "--port", "0", "must be hunter2"], "unrecognized arguments"),
        (["schemas", "must be", KEY], "unrecognized arguments"),
        (["serve", "--api-key", KEY], "unrecognized arguments --api-key"),
        (["serve", f"--api-key={KEY}", KEY, f"--{KEY}"], "unrecognized arguments --api-key"),
        (["install"], "the following arguments are required: client"),
        (["install", KEY], "argument client"),
        ([KEY], "argument command"),
    ],
)
def test_a_usage_error_names_the_argument(arguments: list[str], named: str) -> None:
    done = run(*arguments)
    assert done.stderr.splitlines()[-1].endswith(f"error: {named}; --help says what can be used")
    assert KEY not in done.stderr


@pytest.mark.requirement("cli.usage")
@pytest.mark.parametrize("command", ["serve", "sandbox"])
def test_a_port_that_cannot_be_used_is_named(command: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run(command, "--port", str(port), folder=tmp_path)
    assert done.returncode == 2
    assert f"Port {port} cannot be used" in done.stderr


@pytest.mark.requirement("cli.settings")
def test_two_spellings_of_one_setting_stop_the_start(tmp_path: Path) -> None:
    done = run_with({"checkout_policy": "hunter2", "CHECKOUT_POLICY": "hunter2"}, folder=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "dodo-checkout-mcp: CHECKOUT_POLICY is set more than once, as CHECKOUT_POLICY and checkout_policy; unset all "
        "but one.\n"
    )


@pytest.mark.requirement("cli.settings")
def test_a_setting_that_opentelemetry_cannot_use_stops_the_start_with_one_sentence(tmp_path: Path) -> None:
    wrong = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9", "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT": "hunter2"}
    done = run_with(wrong, folder=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    [line] = done.stderr.splitlines()
    assert "OTEL_" in line
    assert "hunter2" not in line


@pytest.mark.skipif(os.name != "posix", reason="Windows has no shell to close a descriptor")
@pytest.mark.requirement("cli.settings")
@pytest.mark.parametrize("closed", ["<&-", ">&-"])
def test_a_closed_stdin_or_stdout_stops_the_start_with_one_sentence(closed: str, tmp_path: Path) -> None:
    done = subprocess.run(
        ["/bin/sh", "-c", f'exec "$0" -m checkout_server {closed}', sys.executable],
        env=os.environ | {"CHECKOUT_LEDGER": str(tmp_path / "ledger.db")},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    [line] = done.stderr.splitlines()
    assert line.startswith("dodo-checkout-mcp: A client speaks with this server over stdin and stdout")


@pytest.mark.requirement("cli.settings")
def test_a_base_url_without_a_key_is_refused(tmp_path: Path) -> None:
    done = run(folder=tmp_path, DODO_PAYMENTS_BASE_URL="http://127.0.0.1:9")
    assert done.returncode == 2
    assert "DODO_PAYMENTS_API_KEY is not" in done.stderr


@pytest.mark.requirement("sell.read_only")
def test_read_only_offers_no_creation(tmp_path: Path) -> None:
    hello = [
        {
            "jsonrpc": "2.0",
            "id": 1,
            "method": "initialize",
            "params": {
                "protocolVersion": "2025-06-18",
                "capabilities": {},
                "clientInfo": {"name": "t", "version": "1"},
            },
        },
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {"jsonrpc": "2.0", "id": 2, "method": "tools/list"},
    ]
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("DODO_PAYMENTS_", "CHECKOUT_"))}
    with subprocess.Popen(
        [sys.executable, "-m", "checkout_server"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, text=True,
        env=kept | {"CHECKOUT_READ_ONLY": "true", "CHECKOUT_LEDGER": str(tmp_path / "ledger.db")},
    ) as process:  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("".join(json.dumps(each) + "\n" for each in hello))
        process.stdin.flush()
        process.stdout.readline()
        tools = json.loads(process.stdout.readline())["result"]["tools"]
        process.stdin.close()
    assert [tool["name"] for tool in tools] == [*OFFERED_READ_ONLY]
    assert "create_checkout_session" not in OFFERED_READ_ONLY
