"""The Python SDK 1.x, which most hosts still have."""

import asyncio
from typing import Any

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client
from plan import SERVER, report


async def main() -> None:
    async with stdio_client(StdioServerParameters(**SERVER)) as streams, ClientSession(*streams) as session:
        await session.initialize()
        await session.list_tools()

        async def hand_over(tool: str, arguments: Any) -> Any:
            result = await session.call_tool(tool, arguments)
            return {"content": [block.text for block in result.content], "structured": result.structuredContent}

        await report(hand_over)


asyncio.run(main())
