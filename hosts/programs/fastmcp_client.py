"""FastMCP's client, which raises the text of a refusal, or returns both channels when it is told not to raise."""

import asyncio
from typing import Any

from fastmcp import Client
from fastmcp.client.transports import StdioTransport
from fastmcp.exceptions import ToolError
from plan import SERVER, report


async def main() -> None:
    async with Client(StdioTransport(**SERVER)) as client:
        await client.list_tools()

        async def hand_over(tool: str, arguments: Any) -> Any:
            try:
                result = await client.call_tool(tool, arguments)
            except ToolError as error:
                return {"raised": str(error)}
            return {"content": [block.text for block in result.content], "structured": result.structured_content}

        await report(hand_over)


asyncio.run(main())
