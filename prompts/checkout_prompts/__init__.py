"""MCP prompts and the server's instructions, one Markdown file each."""
