"""``list_saved_payment_methods``: how an existing customer can be charged. Offered only where the policy says so."""

from mcp_types import ToolAnnotations

from checkout_schemas.requests.list_saved_payment_methods import ListSavedPaymentMethods
from checkout_schemas.results import SavedPaymentMethods
from checkout_server.checkout.customers.saved_methods import list_saved_methods
from checkout_server.checkout.desk import Desk
from checkout_server.tools.definition import ToolDefinition


async def list_saved_payment_methods(request: ListSavedPaymentMethods, desk: Desk) -> SavedPaymentMethods:
    return await list_saved_methods(request, desk)


LIST_SAVED_PAYMENT_METHODS = ToolDefinition(
    name="list_saved_payment_methods",
    title="List saved payment methods",
    description=(
        "Lists what an existing customer has saved to pay by, without card numbers. Use it when a returning buyer "
        "wants to pay by a saved method; create_checkout_session with payment_method_id comes next."
    ),
    request=ListSavedPaymentMethods,
    result=SavedPaymentMethods,
    handler=list_saved_payment_methods,
    annotations=ToolAnnotations(
        read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=True
    ),
    is_offered=lambda policy: policy.confirm.list_saved_payment_methods,
)
