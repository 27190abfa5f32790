"""Where each client keeps its MCP servers, and in what form."""

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Format = Literal["json", "toml"]


@dataclass(frozen=True, slots=True)
class Target:
    """A client's configuration file. ``section`` holds the servers by name."""

    title: str
    format: Format
    section: str
    path: Callable[[], Path]
    extra: Mapping[str, str]
    """What an entry has besides command, args and env."""
    afterwards: str


def _home() -> Path:
    return Path.home()


def _roaming() -> Path:
    """Where desktop programs keep their settings."""
    if sys.platform == "darwin":
        return _home() / "Library" / "Application Support"
    if sys.platform == "win32":
        return Path(os.environ.get("APPDATA") or _home() / "AppData" / "Roaming")
    return Path(os.environ.get("XDG_CONFIG_HOME") or _home() / ".config")


TARGETS: dict[str, Target] = {
    "claude": Target(
        "Claude Desktop", "json", "mcpServers",
        lambda: _roaming() / "Claude" / "claude_desktop_config.json", {}, "Restart Claude Desktop.",
    ),
    "claude-code": Target(
        "Claude Code", "json", "mcpServers",
        lambda: Path(os.environ.get("CLAUDE_CONFIG_DIR") or _home()) / ".claude.json", {"type": "stdio"},
        "Check with: claude mcp list",
    ),
    "cursor": Target(
        "Cursor", "json", "mcpServers",
        lambda: _home() / ".cursor" / "mcp.json", {}, "Enable it under Settings > MCP.",
    ),
    "vscode": Target(
        "VS Code", "json", "servers",
        lambda: _roaming() / "Code" / "User" / "mcp.json", {"type": "stdio"}, "Start it with: MCP: List Servers",
    ),
    "codex": Target(
        "Codex", "toml", "mcp_servers",
        lambda: Path(os.environ.get("CODEX_HOME") or _home() / ".codex") / "config.toml", {}, "Restart Codex.",
    ),
}  # fmt: skip
