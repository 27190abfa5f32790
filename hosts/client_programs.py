"""Clients of the command line that say which servers their configuration names, and whether they connect."""

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from clients import output_of
from environments import CLAUDE_CODE, CODEX, COPILOT, GEMINI_CLI, OPENCODE, Npm, installed

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True, slots=True)
class ClientProgram:
    """A client of ``install``, under the name that it has there."""

    client: str
    environment: Npm
    program: str
    """Below the environment's ``node_modules``."""
    connects: bool
    """Whether its list says of each server if it answered."""
    variables: Mapping[str, str] = field(default_factory=dict[str, str])
    trust: tuple[str, str] | None = None
    """The file in which a person's trust in PROJECT is kept, and what it says then."""


PROGRAMS = (
    ClientProgram(
        "claude-code", CLAUDE_CODE, "@anthropic-ai/claude-code-linux-x64/claude", True,
        {"DISABLE_AUTOUPDATER": "1", "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1"},
    ),
    ClientProgram(
        "codex", CODEX, "@openai/codex/vendor/x86_64-unknown-linux-musl/bin/codex", False,
        trust=(".codex/config.toml", '[projects."PROJECT"]\ntrust_level = "trusted"\n'),
    ),
    ClientProgram(
        "copilot", COPILOT, ".bin/copilot-linux-x64", False, {"COPILOT_AUTO_UPDATE": "false"},
        trust=(".copilot/config.json", '{"trusted_folders": ["PROJECT"]}'),
    ),
    ClientProgram("gemini", GEMINI_CLI, ".bin/gemini", True, {"GEMINI_CLI_TRUST_WORKSPACE": "true"}),
    ClientProgram(
        "opencode", OPENCODE, "opencode-linux-x64-baseline/bin/opencode", True,
        {
            "OPENCODE_DISABLE_AUTOUPDATE": "1", "OPENCODE_DISABLE_MODELS_FETCH": "1",
            "OPENCODE_DISABLE_LSP_DOWNLOAD": "1", "OPENCODE_DISABLE_DEFAULT_PLUGINS": "1",
        },
    ),
)  # fmt: skip


def trust(program: ClientProgram, home: Path, project: Path) -> None:
    """As if a person had agreed, on a terminal, to what a project's files say."""
    if program.trust is not None:
        name, text = program.trust
        (home / name).parent.mkdir(exist_ok=True)
        (home / name).write_text(text.replace("PROJECT", str(project)), encoding="utf-8")


async def listed_servers(program: ClientProgram, home: Path, project: Path, **variables: str) -> dict[str, bool]:
    """Each server that the client lists, and whether it says that it is connected."""
    path = await installed(program.environment) / "node_modules" / program.program
    own = {"HOME": str(home), "XDG_CONFIG_HOME": str(home / ".config"), "NO_COLOR": "1"} | dict(program.variables)
    command = ["sh", "-c", 'exec "$0" "$@" 2>&1', path, "mcp", "list"]  # some list on stderr
    servers: dict[str, bool] = {}
    for _attempt in range(3):  # some give a server five seconds, in which a busy machine does not start one
        output = _COLOUR.sub("", (await output_of(command, project, **own | variables)).decode())
        found = re.finditer(r"^\W*(dodo-checkout|in-project)\b(.*)$", output, re.MULTILINE)
        servers = {line[1]: re.search(r"\bconnected\b", line[2], re.IGNORECASE) is not None for line in found}
        if all(servers.values()) or not program.connects:
            break
    return servers


async def run_install(home: Path, project: Path, *words: str, **settings: str) -> None:
    """``install`` or ``uninstall`` in a project of a home."""
    variables = {"HOME": str(home), "XDG_CONFIG_HOME": str(home / ".config")} | settings
    await output_of([sys.executable, "-m", "checkout_server", *words, "--yes"], project, **variables)
