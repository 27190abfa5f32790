"""The MCP clients whose configuration ``install`` can write."""
