"""The hosts, and running one: it connects to a server process, makes each call, and prints what its model is handed."""

import asyncio
import json
import sys
from collections.abc import Mapping, Sequence, Set
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from environments import (
    INSPECTOR_0,
    INSPECTOR_2,
    MASTRA_0,
    MASTRA_2,
    MCP_1,
    MCP_2,
    TYPESCRIPT,
    Environment,
    environment_variables,
    installed,
)
from scenarios import PreparedShop
from shops import http_server

RUN_SECONDS = 120

Handed = Mapping[str, Mapping[str, Any]]
"""Call → channel → what a model is handed there. An SDK has two channels, and hosts built on it show either."""


@dataclass(frozen=True, slots=True)
class Host:
    """A client of somebody else, and our program that drives it."""

    name: str
    package: str
    environment: Environment
    program: str
    channels: tuple[str, ...] = ("model",)
    """In which its program finds a result; ``model`` is the message that a model reads."""
    refusal_channels: tuple[str, ...] = ()
    """The same of a refusal, where that differs."""
    options: tuple[str, ...] = ()
    over_http: bool = False
    """Whether it connects to a running server instead of starting one."""
    announces_forms: bool = False
    """Whether it says that it shows forms to a person, and fails when it is asked to."""


BOTH = ("content", "structured")
HOSTS = (
    Host("TypeScript SDK 1.32", "@modelcontextprotocol/sdk", TYPESCRIPT, "sdk_1.mjs", BOTH),
    Host("TypeScript SDK 2.4", "@modelcontextprotocol/client", TYPESCRIPT, "sdk_2.mjs", BOTH),
    Host("Vercel AI SDK over stdio", "@ai-sdk/mcp", TYPESCRIPT, "ai_sdk.mjs"),
    Host("Vercel AI SDK over HTTP", "@ai-sdk/mcp", TYPESCRIPT, "ai_sdk.mjs", over_http=True),
    Host("Mastra 0.14", "@mastra/mcp", MASTRA_0, "mastra.mjs", announces_forms=True),
    Host("Mastra 2.0", "@mastra/mcp", MASTRA_2, "mastra.mjs"),
    Host("Inspector 0.15", "@modelcontextprotocol/inspector", INSPECTOR_0, "inspector.mjs", BOTH, over_http=True),
    Host("Inspector 2.12", "@modelcontextprotocol/inspector", INSPECTOR_2, "inspector.mjs", BOTH, over_http=True),
    Host("Python SDK 2.3, 2026 era", "mcp", MCP_2, "sdk.py", BOTH, options=("auto",)),
    Host("Python SDK 2.3, 2025 era", "mcp", MCP_2, "sdk.py", BOTH, options=("legacy",)),
    Host("Python SDK 1.30", "mcp", MCP_1, "sdk_before_2.py", BOTH),
    Host("FastMCP", "fastmcp", MCP_2, "fastmcp_client.py", BOTH, ("raised",)),
    Host("LangChain", "langchain-mcp-adapters", MCP_1, "langchain_tools.py"),
    Host("openai-agents", "openai-agents", MCP_2, "openai_agent.py"),
    Host("pydantic-ai", "pydantic-ai-slim", MCP_2, "pydantic_agent.py"),
)


async def run_host(host: Host, shop: PreparedShop, folder: Path) -> Handed:
    """What the host hands to its model for each call."""
    environment_folder = await installed(host.environment)
    plan: dict[str, Any] = {
        "server": {"command": sys.executable, "args": ["-m", "checkout_server"], "env": shop.environment},
        "calls": [{"name": call.name, "tool": call.tool, "arguments": call.arguments} for call in shop.calls],
    }
    async with AsyncExitStack() as stack:
        if host.over_http:
            plan["url"] = await stack.enter_async_context(http_server(shop.environment, folder / "server.log"))
        (folder / "plan.json").write_text(json.dumps(plan), encoding="utf-8")
        command = host.environment.command(environment_folder, host.program)
        return json.loads(await output_of([*command, folder / "plan.json", *host.options], folder))


async def output_of(
    command: Sequence[str | Path], folder: Path, codes: Set[int] = frozenset({0}), /, **variables: str
) -> bytes:
    """What a program prints to stdout that ends with one of ``codes``.

    Raises:
        RuntimeError: the program failed; with the end of its stderr.
        TimeoutError: it took longer than ``RUN_SECONDS``.
    """
    process = await asyncio.create_subprocess_exec(
        *command, cwd=folder, env=environment_variables() | {"HOME": str(folder)} | variables,
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        async with asyncio.timeout(RUN_SECONDS):
            output, errors = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode not in codes:
        end = errors.decode(errors="replace")[-3000:]
        raise RuntimeError(f"{Path(command[-1]).name} ended with {process.returncode}:\n{end}")
    return output
