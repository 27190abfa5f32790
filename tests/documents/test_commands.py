"""Every command in the documents runs, or stands in one list with the reason why it cannot run here."""

import asyncio
import os
import re
import shlex
import sys
from pathlib import Path

import pytest

from checkout_server.settings import load_settings
from docs.generate.documents import ROOT
from documented import Fence, fences
from evals.upstream import running_upstream

pytestmark = pytest.mark.thorough

_KEY = "needs a model's key and the network"
_CHECK = "is a check of .ci/run, with its own dependencies"
_STAGE = "is a stage of .ci/run, and takes minutes"
_ENGINE = "needs Docker, or a cluster; tests/deploy reads the file, and runs the steps of the image"
_ROOT = "installs for the whole machine; tests/deploy checks the unit"
_SQLITE = "needs SQLite's command line; tests/documents/test_restoring.py runs it where it is installed"
NOT_RUN = {
    "openssl rand -hex 32": "needs OpenSSL's command line, which a machine may lack",
    "docker build --file deploy/Dockerfile --tag dodo-checkout-mcp .": _ENGINE,
    "docker compose --file deploy/compose.yaml up --detach --build": _ENGINE,
    "docker compose --file deploy/compose.yaml up --detach --no-deps --build checkout-1": _ENGINE,
    "docker compose --file deploy/compose.yaml up --detach --no-deps --build checkout-2": _ENGINE,
    "docker compose --file deploy/compose.yaml exec checkout-1 dodo-checkout-mcp token create support-bot": _ENGINE,
    "kubectl exec deploy/checkout -- dodo-checkout-mcp token create support-bot": _ENGINE,
    "kubectl create secret generic checkout --from-env-file=secrets.env": _ENGINE,
    "kubectl apply --filename deploy/kubernetes.yaml": _ENGINE,
    "uv sync --locked --no-dev --no-editable --python /usr/bin/python3 --extra postgres --extra otel --extra "
    "prometheus": _ROOT,
    "install -D --mode=0600 settings.env /etc/dodo-checkout-mcp/environment": _ROOT,
    "install --mode=0644 deploy/dodo-checkout-mcp.service /etc/systemd/system/": _ROOT,
    "systemctl enable --now dodo-checkout-mcp": _ROOT,
    "systemd-run --pipe --wait --property=EnvironmentFile=/etc/dodo-checkout-mcp/environment "
    "--setenv=XDG_DATA_HOME=/var/lib/dodo-checkout-mcp --property=DynamicUser=yes --property=User=dodo-checkout-mcp "
    "--property=StateDirectory=dodo-checkout-mcp --property=UMask=0077 "
    "/opt/dodo-checkout-mcp/bin/dodo-checkout-mcp token create support-bot": _ROOT,
    ".ci/run": "runs this test",
    "uv sync --locked --group lint": "changes the environment that this test runs in",
    "uv run --group lint ruff check .": _CHECK,
    "uv run --group lint ruff format --check .": _CHECK,
    "uv run --group lint pyright": _CHECK,
    "uv run --group lint lint-imports": _CHECK,
    "python3 run.py demo --browser": "waits for a person to pay",
    "uv run python -m evals": _STAGE,
    "uv run python -m evals --transport stdio": "is the same over processes, and takes minutes",
    "uv run python -m evals --model NAME --url https://api.example.com/v1 --key-env MODEL_KEY": _KEY,
    "uv run python -m evals --model NAME --url https://api.anthropic.com --key-env MODEL_KEY --api anthropic": _KEY,
    "uv run --group mutants python -m bench.mutants --sample 150 --seed 1": "takes an hour",
    "sqlite3 ledger.db \".backup 'ledger.backup.db'\"": _SQLITE,
    "sqlite3 ledger.db \".restore 'ledger.backup.db'\"": _SQLITE,
}
"""Each with its reason."""
THE_TESTS = re.compile(r"uv run pytest\b.*|python3 run\.py tests")
"""They would run themselves; ``.ci/run`` takes the command from README.md."""
ENDS_WITH = {"python3 run.py sales settle prv_": 2}
"""Where the command is about a sale that is not there: the exit status of that. Others end with 0."""
FILLED_IN = {
    "DODO_PAYMENTS_API_KEY": "test_key",
    "DODO_PAYMENTS_WEBHOOK_KEY": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "CHECKOUT_SECRET_KEYS": "ab" * 32,
}
"""What stands in place of ``...``."""
_SERVERS = {"serve", "sandbox"}


def _command(line: str) -> str:
    """A line of the documents without its comment."""
    return re.sub(r"\s+#.*", "", line).strip()


def _lines(fence: Fence) -> list[str]:
    return [command for line in fence.text.split("\n") if (command := _command(line))]


def _exported(commands: list[str]) -> dict[str, str]:
    pairs = [command.removeprefix("export ").partition("=") for command in commands if command.startswith("export ")]
    return {name: FILLED_IN[name] if value == "..." else value for name, _, value in pairs if name != "MODEL_KEY"}


def _program(command: str) -> list[str]:
    """The same program from this environment, without what ``uv`` would look at first."""
    words = shlex.split(
        re.sub(
            r"^(uv run (--no-dev |--extra [a-z]+ )?dodo-checkout-mcp|python3 run\.py)\b", "dodo-checkout-mcp", command
        )
    )
    if words[:2] == ["uv", "run"]:
        words = words[2:]
    if words[0] == "dodo-checkout-mcp":
        words = ["python", "-m", "checkout_server", *words[1:]]
    assert words[0] == "python", f"{command} is neither run nor listed"
    return [sys.executable, *words[1:]]


def _made_safe(program: list[str]) -> list[str]:
    """Ports that are free, and a yes where a person would be asked."""
    command = program[3] if len(program) > 3 else None
    if command in _SERVERS:
        free = [re.sub(r"^[0-9]+$", "0", word) for word in program]
        return free if "--port" in free else [*free, "--port", "0"]
    return [*program, "--yes"] if command in {"install", "uninstall"} and "--print" not in program else program


@pytest.mark.requirement("docs.commands")
@pytest.mark.timeout(180)
@pytest.mark.parametrize("fence", fences("sh"), ids=str)
async def test_the_commands_of_a_block_run_one_after_the_other(fence: Fence, tmp_path: Path) -> None:
    commands = _lines(fence)
    (tmp_path / "policy.toml").write_text("[limits]\nmax_quantity = 5\n", encoding="utf-8")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DODO_PAYMENTS_", "CHECKOUT_"))}
    async with running_upstream() as upstream:
        own = {"HOME": str(tmp_path), "PYTHONPATH": str(ROOT), "CHECKOUT_LEDGER": str(tmp_path / "ledger.db")}
        api = {"DODO_PAYMENTS_API_KEY": "test_key", "DODO_PAYMENTS_BASE_URL": upstream.url}
        environment = kept | own | api | _exported(commands)
        ran = [
            await _run(command, environment, tmp_path)
            for command in commands
            if not command.startswith("export ") and command not in NOT_RUN and not THE_TESTS.fullmatch(command)
        ]
    if not ran:  # nothing but settings, which the server must take
        load_settings(**api | {name: value for name, value in _exported(commands).items() if name in environment})


async def _run(command: str, environment: dict[str, str], folder: Path) -> None:
    program = _made_safe(_program(command))
    process = await asyncio.create_subprocess_exec(
        *program, env=environment, cwd=folder, stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    assert process.stdout is not None
    if len(program) > 3 and program[3] in _SERVERS:
        while not re.match(rb"http://127\.0\.0\.1:[0-9]+", line := await process.stdout.readline()):
            assert line, "the server ended before it said where it is"
        process.terminate()
    output = await process.stdout.read()
    status = next((status for start, status in ENDS_WITH.items() if command.startswith(start)), 0)
    assert await process.wait() == status, output.decode()


@pytest.mark.requirement("docs.commands")
def test_what_is_listed_as_not_run_stands_in_a_document() -> None:
    documented = {command for fence in fences("sh") for command in _lines(fence)}
    assert NOT_RUN.keys() - documented == set()
