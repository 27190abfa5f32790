"""What is served, in the order of a sale."""

from collections.abc import Iterator

from checkout_server.checkout.policy.document import Policy
from checkout_server.tools.create_checkout_session import CREATE_CHECKOUT_SESSION
from checkout_server.tools.definition import ToolDefinition
from checkout_server.tools.get_checkout_session import GET_CHECKOUT_SESSION
from checkout_server.tools.list_products import LIST_PRODUCTS
from checkout_server.tools.list_saved_payment_methods import LIST_SAVED_PAYMENT_METHODS
from checkout_server.tools.preview_checkout import PREVIEW_CHECKOUT

TOOLS = (
    LIST_PRODUCTS,
    PREVIEW_CHECKOUT,
    LIST_SAVED_PAYMENT_METHODS,
    CREATE_CHECKOUT_SESSION,
    GET_CHECKOUT_SESSION,
)


def offered_tools(policy: Policy, *, read_only: bool) -> Iterator[ToolDefinition]:
    """The tools that the operator offers: by the policy, and without creations when ``read_only``."""
    return (each for each in TOOLS if each.is_offered(policy) and not (read_only and each.creates))
