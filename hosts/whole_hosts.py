"""Agents that are installed and run whole, with a scripted model behind them."""

import json
import sys
from pathlib import Path
from typing import Any

from clients import output_of
from environments import GEMINI_CLI, NODE, OPENCODE, installed

WHOLE_HOSTS = (
    ("Gemini CLI", "@google/gemini-cli", GEMINI_CLI),
    ("opencode", "opencode-linux-x64-baseline", OPENCODE),
)
PROMPT = "Sell the laptop."


async def run_gemini_cli(model_url: str, server_environment: dict[str, str], folder: Path) -> str:
    """One prompt of Gemini CLI; what it prints."""
    settings = {
        "security": {"auth": {"selectedType": "gemini-api-key"}},
        "privacy": {"usageStatisticsEnabled": False},
        "telemetry": {"enabled": False},
        "general": {"enableAutoUpdate": False},
        "mcpServers": {"shop": _server(server_environment) | {"trust": True}},
    }
    home = folder / ".gemini"
    home.mkdir()
    (home / "settings.json").write_text(json.dumps(settings), encoding="utf-8")
    program = await installed(GEMINI_CLI) / "node_modules" / ".bin" / "gemini"
    # Without the name of a model it asks one which to take, and asks again for a minute when the answer is not one.
    options = ("--model", "gemini-2.5-flash", "--approval-mode", "yolo", "--skip-trust", "--prompt", PROMPT)
    output = await output_of(
        [NODE, program, *options], folder, GEMINI_API_KEY="scripted", GOOGLE_GEMINI_BASE_URL=model_url, NO_COLOR="1"
    )
    return output.decode()


async def run_opencode(model_url: str, server_environment: dict[str, str], folder: Path) -> str:
    """One prompt of opencode; what it prints."""
    server = _server(server_environment)
    provider = {
        "npm": "@ai-sdk/openai-compatible",
        "name": "Scripted",
        "options": {"baseURL": f"{model_url}/v1", "apiKey": "scripted"},
        "models": {"scripted": {"name": "Scripted"}},
    }
    settings = {
        "provider": {"scripted": provider},
        "model": "scripted/scripted",
        "small_model": "scripted/scripted",
        "autoupdate": False,
        "share": "disabled",
        "permission": "allow",
        "mcp": {
            "shop": {
                "type": "local",
                "command": [server["command"], *server["args"]],
                "environment": server["env"],
                "enabled": True,
            }
        },
    }
    (folder / "opencode.json").write_text(json.dumps(settings), encoding="utf-8")
    program = await installed(OPENCODE) / "node_modules" / "opencode-linux-x64-baseline" / "bin" / "opencode"
    output = await output_of(
        [program, "run", "--model", "scripted/scripted", PROMPT], folder,
        OPENCODE_DISABLE_AUTOUPDATE="1", OPENCODE_DISABLE_MODELS_FETCH="1", OPENCODE_DISABLE_LSP_DOWNLOAD="1",
        OPENCODE_DISABLE_DEFAULT_PLUGINS="1", OPENCODE_CONFIG=str(folder / "opencode.json"), XDG_DATA_HOME=str(folder),
    )  # fmt: skip
    return output.decode()


def _server(environment: dict[str, str]) -> dict[str, Any]:
    return {"command": sys.executable, "args": ["-m", "checkout_server"], "env": environment}
