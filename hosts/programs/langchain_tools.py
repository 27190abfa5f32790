"""langchain-mcp-adapters: what a tool call becomes as the message that the model reads."""

import asyncio
from typing import Any

from langchain_mcp_adapters.client import MultiServerMCPClient
from langchain_mcp_adapters.tools import load_mcp_tools
from plan import SERVER, report


async def main() -> None:
    client = MultiServerMCPClient({"shop": {"transport": "stdio", **SERVER}})
    async with client.session("shop") as session:
        tools = {tool.name: tool for tool in await load_mcp_tools(session)}

        async def hand_over(tool: str, arguments: Any) -> Any:
            call = {"type": "tool_call", "id": "call_1", "name": tool, "args": arguments}
            return {"model": (await tools[tool].ainvoke(call)).content}

        await report(hand_over)


asyncio.run(main())
