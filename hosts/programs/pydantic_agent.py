"""pydantic-ai: a model that calls the tool once, and reads what the agent gives it back."""

import asyncio
from typing import Any

from fastmcp.client.transports import StdioTransport
from plan import SERVER, report
from pydantic_ai import Agent
from pydantic_ai.mcp import MCPToolset
from pydantic_ai.messages import ModelResponse, RetryPromptPart, TextPart, ToolCallPart, ToolReturnPart
from pydantic_ai.models.function import FunctionModel


async def main() -> None:
    toolset = MCPToolset(StdioTransport(**SERVER))

    async def hand_over(tool: str, arguments: Any) -> Any:
        told: list[str] = []

        def scripted(messages: Any, _info: Any) -> ModelResponse:
            if len(messages) == 1:
                return ModelResponse(parts=[ToolCallPart(tool, arguments)])
            for part in messages[-1].parts:
                if isinstance(part, ToolReturnPart):
                    told.append(part.model_response_str())
                elif isinstance(part, RetryPromptPart):
                    told.append(part.model_response())
            return ModelResponse(parts=[TextPart("done")])

        await Agent(FunctionModel(scripted), toolsets=[toolset]).run("go")
        return {"model": told}

    async with toolset:
        await report(hand_over)


asyncio.run(main())
