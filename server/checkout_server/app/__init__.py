"""Builds the MCP server, and opens what its calls need."""

from checkout_server.app.desk import open_desk
from checkout_server.app.server import CheckoutServer, build_server

__all__ = ["CheckoutServer", "build_server", "open_desk"]
