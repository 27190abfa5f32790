"""The Markdown prompts as MCP prompts."""

from typing import Any

from mcp.server.mcpserver import Context
from mcp.server.mcpserver.prompts import Prompt
from mcp.server.mcpserver.prompts.base import Message, PromptArgument, UserMessage
from mcp.shared.exceptions import MCPError
from mcp_types import INVALID_PARAMS

from checkout_prompts.library import ArgumentError, PromptFile, load_prompts


class FilePrompt(Prompt):
    """A prompt whose argument mistakes are the protocol's "invalid params", not a crash."""

    async def render(self, arguments: dict[str, Any] | None, context: Context[Any, Any]) -> list[Message]:
        try:
            return [UserMessage(str(self.fn(arguments or {})))]
        except ArgumentError as error:
            raise MCPError(INVALID_PARAMS, str(error)) from None


def build_prompts() -> list[Prompt]:
    """One prompt for each Markdown file."""
    return [_prompt(file) for file in load_prompts()]


def _prompt(file: PromptFile) -> Prompt:
    return FilePrompt(
        name=file.name,
        title=file.title,
        description=file.description,
        arguments=[
            PromptArgument(name=each.name, description=each.description, required=each.required)
            for each in file.arguments
        ],
        fn=file.render,
        context_kwarg=None,
    )
