"""What each client's documentation shows for a server, written down from it, and files as people have them."""

import json
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

COMMAND, ARGUMENTS, URL = sys.executable, ["-m", "checkout_server"], "http://127.0.0.1:8000/mcp"
ENV = {"DODO_PAYMENTS_ENVIRONMENT": "test_mode"}
PLAIN: dict[str, Any] = {"command": COMMAND, "args": ARGUMENTS, "env": ENV}
TYPED = {"type": "stdio"} | PLAIN
HTTP = {"type": "http", "url": URL}


@dataclass(frozen=True)
class Documented:
    """A client's files on Linux, and the section with one server in it."""

    user: str
    project: str | None
    local: dict[str, Any]
    remote: dict[str, Any] | None


def servers(section: str, local: Any, remote: Any) -> tuple[dict[str, Any], dict[str, Any] | None]:
    return {section: {"dodo-checkout": local}}, None if remote is None else {section: {"dodo-checkout": remote}}


DOCUMENTED = {
    "claude": Documented(
        ".config/Claude/claude_desktop_config.json", None, *servers("mcpServers", PLAIN, None)
    ),
    "claude-code": Documented(".claude.json", ".mcp.json", *servers("mcpServers", TYPED, HTTP)),
    "cursor": Documented(".cursor/mcp.json", ".cursor/mcp.json", *servers("mcpServers", PLAIN, {"url": URL})),
    "vscode": Documented(".config/Code/User/mcp.json", ".vscode/mcp.json", *servers("servers", TYPED, HTTP)),
    "codex": Documented(".codex/config.toml", ".codex/config.toml", *servers("mcp_servers", PLAIN, {"url": URL})),
    "gemini": Documented(
        ".gemini/settings.json", ".gemini/settings.json", *servers("mcpServers", PLAIN, {"httpUrl": URL})
    ),
    "opencode": Documented(
        ".config/opencode/opencode.json",
        "opencode.json",
        *servers(
            "mcp",
            {"type": "local", "command": [COMMAND, *ARGUMENTS], "environment": ENV, "enabled": True},
            {"type": "remote", "url": URL, "enabled": True},
        ),
    ),
    "windsurf": Documented(
        ".codeium/windsurf/mcp_config.json", None, *servers("mcpServers", PLAIN, {"serverUrl": URL})
    ),
    "zed": Documented(
        ".config/zed/settings.json", ".zed/settings.json", *servers("context_servers", PLAIN, {"url": URL})
    ),
    "cline": Documented(
        ".cline/data/settings/cline_mcp_settings.json",
        None,
        *servers("mcpServers", PLAIN, {"type": "streamableHttp", "url": URL}),
    ),
    "goose": Documented(
        ".config/goose/config.yaml",
        None,
        *servers(
            "extensions",
            {
                "name": "dodo-checkout", "type": "stdio", "cmd": COMMAND, "args": ARGUMENTS, "envs": ENV,
                "enabled": True, "timeout": 300,
            },
            {"name": "dodo-checkout", "type": "streamable_http", "uri": URL, "enabled": True, "timeout": 300},
        ),
    ),
    "continue": Documented(
        ".continue/config.yaml",
        ".continue/mcpServers/dodo-checkout.yaml",
        {"mcpServers": [{"name": "dodo-checkout"} | PLAIN]},
        {"mcpServers": [{"name": "dodo-checkout", "type": "streamable-http", "url": URL}]},
    ),
    "lm-studio": Documented(".lmstudio/mcp.json", None, *servers("mcpServers", PLAIN, {"url": URL})),
    "junie": Documented(".junie/mcp/mcp.json", ".junie/mcp/mcp.json", *servers("mcpServers", PLAIN, None)),
    "kiro": Documented(
        ".kiro/settings/mcp.json", ".kiro/settings/mcp.json", *servers("mcpServers", PLAIN, {"url": URL})
    ),
    "amazon-q": Documented(".aws/amazonq/mcp.json", ".amazonq/mcp.json", *servers("mcpServers", PLAIN, HTTP)),
    "copilot": Documented(
        ".copilot/mcp-config.json",
        ".github/mcp.json",
        *servers("mcpServers", TYPED | {"tools": ["*"]}, HTTP | {"tools": ["*"]}),
    ),
    "warp": Documented(".warp/.mcp.json", ".warp/.mcp.json", *servers("mcpServers", PLAIN, {"url": URL})),
}  # fmt: skip


LIVED_IN = {
    "json": '{\n    "first": 1e400,\n    "SECTION": {\n        "other": { "command": "x", "env": {"A": "b"} }\n    },\n'
    '    "s": "\\u00e9 // no comment, \\"]"\n}\n',
    "jsonc": '// mine, at the top\n{\n\t"first": 1, // first\n\t"SECTION": { /* servers */\n\t\t// about other\n'
    '\t\t"other": { "command": "x", }, // beside other\n\t\t/* at the end */\n\t},\n'
    '\t"s": "// none, ]" // last\n}\n// below\n',
    "toml": '# mine\nmodel = "x" # beside\n\n# about other\n[SECTION.other]\ncommand = "y"\n\n'
    "# about tui\n[tui]\na = 1\n",
    "yaml": '# mine\nfirst: yes # beside\nSECTION:\n  # about other\n  other:\n    cmd: "x" # beside x\n'
    "    args: [a, b]\n\n# about last\nlast: |\n  # no comment\n  text\n",
    "listed": "# mine\nname: Mine\nSECTION:\n- name: other # beside\n  command: x\n\n# about last\nlast: [1, 2]\n",
}
"""Files with comments and other servers, by format."""


def content_of(path: Path) -> Any:
    """What a file says, read by the format's own library."""
    text = path.read_bytes().decode()
    if path.suffix == ".toml":
        return tomllib.loads(text)
    return yaml.safe_load(text) if path.suffix == ".yaml" else json.loads(text)
