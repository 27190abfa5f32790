"""CrewAI: a tool's schema becomes a pydantic model, and that the schema that a provider is sent."""

import copy
from collections.abc import Callable
from typing import Any

from conversions import Converter, print_conversions
from crewai.mcp.tool_resolver import MCPToolResolver
from crewai.tools.mcp_native_tool import MCPNativeTool
from crewai.utilities.agent_utils import convert_tools_to_openai_schema
from crewai.utilities.pydantic_schema_utils import (
    sanitize_tool_params_for_anthropic_strict,
    sanitize_tool_params_for_openai_strict,
)


def crewai(sanitize: Callable[[Any], Any] | None = None) -> Converter:
    def convert(published: Any) -> Any:
        name = published["name"]
        model = MCPToolResolver._json_schema_to_pydantic(name, copy.deepcopy(published["inputSchema"]))
        schema = {"description": published["description"], "args_schema": model}
        tool = MCPNativeTool(lambda: None, name, schema, "shop")
        ((sent,), _, _) = convert_tools_to_openai_schema([tool])
        parameters = sent["function"]["parameters"]
        return sanitize(parameters) if sanitize else parameters

    return convert


print_conversions(
    {
        "CrewAI": crewai(),
        "CrewAI for OpenAI, strict": crewai(sanitize_tool_params_for_openai_strict),
        "CrewAI for Anthropic, strict": crewai(sanitize_tool_params_for_anthropic_strict),
    }
)
