"""What a server offers without a policy. A test over every tool takes its list from here, so that it sees a new one."""

from checkout_server.checkout.policy.document import Policy
from checkout_server.tools.served import offered_tools

OFFERED = tuple(tool.name for tool in offered_tools(Policy(), read_only=False))
"""In the order of a sale."""
OFFERED_READ_ONLY = tuple(tool.name for tool in offered_tools(Policy(), read_only=True))
