"""The running MCP server: tools over the checkout domain over the payment API's gateway."""
