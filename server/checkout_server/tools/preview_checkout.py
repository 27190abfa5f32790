"""``preview_checkout``: the exact price of an order, and the handle to sell it."""

from mcp_types import ToolAnnotations

from checkout_schemas.requests.preview_checkout import PreviewCheckout
from checkout_schemas.results import Preview
from checkout_server.checkout.desk import Desk
from checkout_server.checkout.quote import preview
from checkout_server.tools.definition import ToolDefinition


async def preview_checkout(request: PreviewCheckout, desk: Desk) -> Preview:
    return await preview.preview_checkout(request, desk)


PREVIEW_CHECKOUT = ToolDefinition(
    name="preview_checkout",
    title="Preview a checkout",
    description=(
        "Quotes an order: itemised price, tax, discount, total due now, what recurs, and a preview_id. Use it before "
        "every sale and whenever cart, address or codes change. Show the buyer the amounts; "
        "create_checkout_session comes next."
    ),
    request=PreviewCheckout,
    result=Preview,
    handler=preview_checkout,
    annotations=ToolAnnotations(
        read_only_hint=True, destructive_hint=False, idempotent_hint=False, open_world_hint=True
    ),
    rules_of="preview_checkout",
)
