"""The Python SDK 2.x, in the protocol era that the command line names: ``auto`` or ``legacy``."""

import asyncio
import sys
from typing import Any

from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client
from plan import SERVER, report


async def main() -> None:
    async with Client(stdio_client(StdioServerParameters(**SERVER)), mode=sys.argv[2]) as client:
        await client.list_tools()

        async def hand_over(tool: str, arguments: Any) -> Any:
            result = await client.call_tool(tool, arguments)
            return {"content": [block.text for block in result.content], "structured": result.structured_content}

        await report(hand_over)


asyncio.run(main())
