"""Where each client keeps its MCP servers, and in what form."""

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

Format = Literal["json", "jsonc", "toml", "yaml"]
"""``jsonc`` is JSON with comments and trailing commas, where the client reads them."""

Scope = Literal["user", "project"]


@dataclass(frozen=True, slots=True)
class Form:
    """The names under which an entry says how its server is reached."""

    command: str = "command"
    args: str = "args"
    """The same name as the command's where one list holds the program and its arguments."""
    env: str = "env"
    url: str | None = "url"
    """None where the file takes no servers over HTTP."""
    local: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """What an entry with a command has besides."""
    remote: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """What an entry with a URL has besides."""
    defaults: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """What a new entry has besides, and its owner may change."""
    named: bool = False
    """Whether the entry repeats its name in ``name``."""
    reference: str | None = None
    """How a value names a variable of the client's own environment, with NAME in place of it."""


@dataclass(frozen=True, slots=True)
class Target:
    """A client's configuration file. ``section`` holds the servers."""

    title: str
    format: Format
    section: str
    user: Callable[[], Path]
    """The file for all projects of this user."""
    form: Form
    source: str
    """Where the client's maker documents the file; seen in November 2026."""
    afterwards: str
    project: str | None = None
    """The file of one project, from its root."""
    listed: bool = False
    """Whether the section is a list of named entries and not a table."""
    beginning: str = ""
    """What a file has that does not exist yet."""

    def path(self, scope: Scope = "user") -> Path | None:
        """The file of a scope; None where the client has none for a project."""
        if scope == "user":
            return self.user()
        return Path.cwd() / self.project if self.project else None


def _home() -> Path:
    return Path.home()


def _variable(name: str, otherwise: Path) -> Path:
    return Path(os.environ.get(name) or otherwise)


def _xdg() -> Path:
    """Where programs of the command line keep their settings, on macOS too."""
    return _variable("XDG_CONFIG_HOME", _home() / ".config")


def _roaming() -> Path:
    """Where desktop programs keep their settings."""
    if sys.platform == "darwin":
        return _home() / "Library" / "Application Support"
    if sys.platform == "win32":
        return _variable("APPDATA", _home() / "AppData" / "Roaming")
    return _xdg()


def _first_existing(*paths: Path) -> Path:
    """Of several files that a client reads, the one that is there; the last if none is."""
    return next((path for path in paths if path.exists()), paths[-1])


def _cline() -> Path:
    extension = _roaming() / "Code" / "User" / "globalStorage" / "saoudrizwan.claude-dev"
    program = _variable("CLINE_DIR", _home() / ".cline") / "data" / "settings" / "cline_mcp_settings.json"
    named = os.environ.get("CLINE_MCP_SETTINGS_PATH")
    return Path(named) if named else _first_existing(extension / "settings" / "cline_mcp_settings.json", program)


def _goose() -> Path:
    folder = _roaming() / "Block" / "goose" / "config" if sys.platform == "win32" else _xdg() / "goose"
    return folder / "config.yaml"


def _opencode() -> Path:
    folder = _xdg() / "opencode"
    return _first_existing(folder / "opencode.jsonc", folder / "opencode.json")


def _zed() -> Path:
    return (_roaming() / "Zed" if sys.platform == "win32" else _xdg() / "zed") / "settings.json"


_PLAIN = Form()

TARGETS: dict[str, Target] = {
    "claude": Target(
        "Claude Desktop", "json", "mcpServers",
        lambda: _roaming() / "Claude" / "claude_desktop_config.json",
        Form(url=None),
        "https://modelcontextprotocol.io/docs/develop/connect-local-servers",
        "Restart Claude Desktop.",
    ),
    "claude-code": Target(
        "Claude Code", "json", "mcpServers",
        lambda: _variable("CLAUDE_CONFIG_DIR", _home()) / ".claude.json",
        Form(local={"type": "stdio"}, remote={"type": "http"}, reference="${NAME}"),
        "https://code.claude.com/docs/en/mcp",
        "Check with: claude mcp list",
        project=".mcp.json",
    ),
    "cursor": Target(
        "Cursor", "json", "mcpServers",
        lambda: _home() / ".cursor" / "mcp.json",
        Form(reference="${env:NAME}"),
        "https://cursor.com/docs/mcp",
        "Enable it under Settings > MCP.",
        project=".cursor/mcp.json",
    ),
    "vscode": Target(
        "VS Code", "jsonc", "servers",
        lambda: _roaming() / "Code" / "User" / "mcp.json",
        Form(local={"type": "stdio"}, remote={"type": "http"}, reference="${env:NAME}"),
        "https://code.visualstudio.com/docs/agents/reference/mcp-configuration",
        "Start it with: MCP: List Servers",
        project=".vscode/mcp.json",
    ),
    "codex": Target(
        "Codex", "toml", "mcp_servers",
        lambda: _variable("CODEX_HOME", _home() / ".codex") / "config.toml",
        _PLAIN,
        "https://developers.openai.com/codex/mcp",
        "Restart Codex. Check with: codex mcp list",
        project=".codex/config.toml",
    ),
    "gemini": Target(
        "Gemini CLI", "jsonc", "mcpServers",
        lambda: _home() / ".gemini" / "settings.json",
        Form(url="httpUrl", reference="${NAME}"),
        "https://geminicli.com/docs/tools/mcp-server",
        "Check with: gemini mcp list",
        project=".gemini/settings.json",
    ),
    "opencode": Target(
        "opencode", "jsonc", "mcp",
        _opencode,
        Form(
            args="command", env="environment", local={"type": "local"}, remote={"type": "remote"},
            defaults={"enabled": True}, reference="{env:NAME}",
        ),
        "https://opencode.ai/docs/mcp-servers",
        "Check with: opencode mcp list",
        project="opencode.json",
    ),
    "windsurf": Target(
        "Windsurf", "json", "mcpServers",
        lambda: _home() / ".codeium" / "windsurf" / "mcp_config.json",
        Form(url="serverUrl", reference="${env:NAME}"),
        "https://docs.devin.ai/desktop/cascade/mcp",
        "Refresh the list of MCP servers in Cascade.",
    ),
    "zed": Target(
        "Zed", "jsonc", "context_servers",
        _zed,
        _PLAIN,
        "https://zed.dev/docs/ai/mcp",
        "The Agent Panel's settings show whether it runs.",
        project=".zed/settings.json",
    ),
    "cline": Target(
        "Cline", "json", "mcpServers",
        _cline,
        Form(remote={"type": "streamableHttp"}),
        "https://docs.cline.bot/mcp/adding-and-configuring-servers",
        "Enable it under MCP Servers > Configure.",
    ),
    "goose": Target(
        "Goose", "yaml", "extensions",
        _goose,
        Form(
            command="cmd", env="envs", url="uri", local={"type": "stdio"}, remote={"type": "streamable_http"},
            defaults={"enabled": True, "timeout": 300}, named=True,
        ),
        "https://block.github.io/goose/docs/guides/config-files",
        "Start a new session.",
    ),
    "continue": Target(
        "Continue", "yaml", "mcpServers",
        lambda: _variable("CONTINUE_GLOBAL_DIR", _home() / ".continue") / "config.yaml",
        Form(remote={"type": "streamable-http"}, named=True),
        "https://docs.continue.dev/customize/deep-dives/mcp",
        "Continue has tools in agent mode only.",
        project=".continue/mcpServers/dodo-checkout.yaml",
        listed=True,
        beginning="name: Local Config\nversion: 1.0.0\nschema: v1\n",
    ),
    "lm-studio": Target(
        "LM Studio", "json", "mcpServers",
        lambda: _home() / ".lmstudio" / "mcp.json",
        _PLAIN,
        "https://lmstudio.ai/docs/app/mcp",
        "Enable it under Program > Integrations.",
    ),
    "junie": Target(
        "Junie", "json", "mcpServers",
        lambda: _home() / ".junie" / "mcp" / "mcp.json",
        Form(url=None),
        "https://www.jetbrains.com/help/junie/model-context-protocol-mcp.html",
        "Enable it under Settings > Tools > Junie > MCP Settings.",
        project=".junie/mcp/mcp.json",
    ),
    "kiro": Target(
        "Kiro", "json", "mcpServers",
        lambda: _home() / ".kiro" / "settings" / "mcp.json",
        Form(reference="${NAME}"),
        "https://kiro.dev/docs/mcp/configuration",
        "The MCP servers tab of the Kiro panel shows whether it runs.",
        project=".kiro/settings/mcp.json",
    ),
    "amazon-q": Target(
        "Amazon Q", "json", "mcpServers",
        lambda: _home() / ".aws" / "amazonq" / "mcp.json",
        Form(remote={"type": "http"}),
        "https://docs.aws.amazon.com/amazonq/latest/qdeveloper-ug/command-line-mcp-config-CLI.html",
        "Check with: q mcp list",
        project=".amazonq/mcp.json",
    ),
    "copilot": Target(
        "Copilot CLI", "json", "mcpServers",
        lambda: _variable("COPILOT_HOME", _home() / ".copilot") / "mcp-config.json",
        Form(local={"type": "stdio"}, remote={"type": "http"}, defaults={"tools": ["*"]}, reference="${NAME}"),
        "https://docs.github.com/en/copilot/how-tos/copilot-cli/customize-copilot/add-mcp-servers",
        "Check with: /mcp show",
        project=".github/mcp.json",
    ),
    "warp": Target(
        "Warp", "json", "mcpServers",
        lambda: _home() / ".warp" / ".mcp.json",
        _PLAIN,
        "https://docs.warp.dev/agents/capabilities/mcp",
        "Start it under Settings > Agents > MCP servers.",
        project=".warp/.mcp.json",
    ),
}  # fmt: skip
