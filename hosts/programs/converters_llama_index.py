"""LlamaIndex: a tool's schema becomes a pydantic model, and that the schema that a provider is sent."""

import asyncio
from types import SimpleNamespace
from typing import Any

from conversions import print_conversions
from google import genai
from llama_index.core.tools import FunctionTool
from llama_index.llms.google_genai.utils import convert_schema_to_function_declaration
from llama_index.llms.openai import OpenAI
from llama_index.tools.mcp import McpToolSpec

CLIENT = genai.Client(api_key="none")


def tool_of(published: Any) -> FunctionTool:
    """As the MCP tool specification makes one of what a server lists."""
    listed = SimpleNamespace(
        name=published["name"], description=published["description"], input_schema=published["inputSchema"]
    )

    async def list_tools() -> Any:
        return SimpleNamespace(tools=[listed])

    (tool,) = asyncio.run(McpToolSpec(SimpleNamespace(list_tools=list_tools)).to_tool_list_async())
    return tool


def llama_index(published: Any) -> Any:
    return tool_of(published).metadata.to_openai_tool()["function"]["parameters"]


def llama_index_openai_strict(published: Any) -> Any:
    model = OpenAI(model="gpt-4o", api_key="none", strict=True)
    (sent,) = model._prepare_chat_with_tools([tool_of(published)], user_msg="go", strict=True)["tools"]
    return sent["function"]["parameters"]


def llama_index_google(published: Any) -> Any:
    declaration = convert_schema_to_function_declaration(CLIENT, tool_of(published))
    return declaration.parameters.model_dump(mode="json", exclude_none=True)


print_conversions(
    {
        "LlamaIndex": llama_index,
        "LlamaIndex for OpenAI, strict": llama_index_openai_strict,
        "LlamaIndex for Google": llama_index_google,
    }
)
