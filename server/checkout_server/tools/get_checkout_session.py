"""``get_checkout_session``: has the buyer paid?"""

from mcp_types import ToolAnnotations

from checkout_schemas.requests.get_checkout_session import GetCheckoutSession
from checkout_schemas.results import SessionStatus
from checkout_server.checkout.after_sale.waiting import await_session
from checkout_server.checkout.desk import Desk
from checkout_server.tools.definition import ToolDefinition


async def get_checkout_session(request: GetCheckoutSession, desk: Desk) -> SessionStatus:
    return await await_session(request, desk)


GET_CHECKOUT_SESSION = ToolDefinition(
    name="get_checkout_session",
    title="Get a checkout session",
    description="Tells whether a session was paid. Use it after create_checkout_session, with one of the two ids.",
    request=GetCheckoutSession,
    result=SessionStatus,
    handler=get_checkout_session,
    annotations=ToolAnnotations(
        read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=True
    ),
    rules_of="get_checkout_session",
)
