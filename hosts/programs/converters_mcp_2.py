"""Adapters of openai-agents, google-genai, LangChain and pydantic-ai."""

import copy
from collections.abc import Mapping
from typing import Any

import mcp  # noqa: F401 - google-genai looks whether it is loaded
from agents.mcp import MCPServerStdio
from agents.mcp.util import MCPUtil
from conversions import Converter, print_conversions
from google.genai._mcp_utils import mcp_to_gemini_tool
from langchain_anthropic.chat_models import convert_to_anthropic_tool
from langchain_core.tools import StructuredTool
from langchain_core.utils.function_calling import convert_to_openai_tool
from langchain_google_genai._function_utils import convert_to_genai_function_declarations
from mcp_types import Tool
from pydantic_ai.profiles.google import GoogleJsonSchemaTransformer, GoogleOpenAPISchemaTransformer
from pydantic_ai.profiles.openai import OpenAIJsonSchemaTransformer
from pydantic_ai.providers.anthropic import AnthropicJsonSchemaTransformer

Published = Mapping[str, Any]


def mcp_tool(published: Published) -> Tool:
    return Tool.model_validate({name: published[name] for name in ("name", "description", "inputSchema")})


def openai_agents(*, strict: bool) -> Converter:
    def convert(published: Published) -> Any:
        server = MCPServerStdio({"command": "true"})
        tool = MCPUtil.to_function_tool(mcp_tool(published), server, strict)
        if strict and not tool.strict_json_schema:
            raise ValueError("the schema cannot be strict; it is sent as it was published")
        return tool.params_json_schema

    return convert


def google_genai(published: Published) -> Any:
    (declaration,) = mcp_to_gemini_tool(mcp_tool(published)).function_declarations
    return declaration.parameters.model_dump(mode="json", exclude_none=True)


def langchain_tool(published: Published) -> StructuredTool:
    """As langchain-mcp-adapters makes one."""

    async def call(**_arguments: Any) -> None: ...

    return StructuredTool(
        name=published["name"],
        description=published["description"],
        args_schema=copy.deepcopy(published["inputSchema"]),
        coroutine=call,
    )


def langchain_openai(*, strict: bool | None) -> Converter:
    return lambda tool: convert_to_openai_tool(langchain_tool(tool), strict=strict)["function"]["parameters"]


def langchain_anthropic(*, strict: bool | None) -> Converter:
    return lambda tool: convert_to_anthropic_tool(langchain_tool(tool), strict=strict)["input_schema"]


def langchain_google(published: Published) -> Any:
    (converted,) = convert_to_genai_function_declarations([langchain_tool(published)])
    (declaration,) = converted.function_declarations
    schema = declaration.parameters or declaration.parameters_json_schema
    return schema if isinstance(schema, dict) else schema.model_dump(mode="json", exclude_none=True)


def pydantic_ai(transformer: Any, *, strict: bool | None = None) -> Converter:
    return lambda tool: transformer(copy.deepcopy(tool["inputSchema"]), strict=strict).walk()


print_conversions(
    {
        "openai-agents": openai_agents(strict=False),
        "openai-agents, strict": openai_agents(strict=True),
        "google-genai for Python": google_genai,
        "LangChain for OpenAI": langchain_openai(strict=None),
        "LangChain for OpenAI, strict": langchain_openai(strict=True),
        "LangChain for Anthropic": langchain_anthropic(strict=None),
        "LangChain for Anthropic, strict": langchain_anthropic(strict=True),
        "LangChain for Google": langchain_google,
        "pydantic-ai for OpenAI": pydantic_ai(OpenAIJsonSchemaTransformer),
        "pydantic-ai for OpenAI, strict": pydantic_ai(OpenAIJsonSchemaTransformer, strict=True),
        "pydantic-ai for Anthropic": pydantic_ai(AnthropicJsonSchemaTransformer),
        "pydantic-ai for Anthropic, strict": pydantic_ai(AnthropicJsonSchemaTransformer, strict=True),
        "pydantic-ai for Google": pydantic_ai(GoogleJsonSchemaTransformer),
        "pydantic-ai for Google, OpenAPI": pydantic_ai(GoogleOpenAPISchemaTransformer),
    }
)
