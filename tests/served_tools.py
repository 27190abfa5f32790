"""What a server offers. A test over every tool takes its list from here, so that it sees a new one."""

from checkout_server.checkout.policy.document import Policy
from checkout_server.tools.served import TOOLS, offered_tools

ALL = tuple(tool.name for tool in TOOLS)
"""In the order of a sale."""
OFFERING_ALL = "confirm = { list_saved_payment_methods = true, list_any_customer = true }\n"
"""A policy under which a server offers them all."""
OFFERED = tuple(tool.name for tool in offered_tools(Policy(), read_only=False))
"""Without a policy."""
OFFERED_READ_ONLY = tuple(tool.name for tool in offered_tools(Policy(), read_only=True))
