"""``create_checkout_session``: sell what was previewed, once."""

from datetime import UTC, datetime

from mcp.server.elicitation import ElicitationResult
from mcp_types import ToolAnnotations

from checkout_schemas.requests.create_checkout_session import CreateCheckoutSession
from checkout_schemas.results import CreatedSession
from checkout_schemas.vocabularies.currencies import display
from checkout_server.checkout.approval import fields_to_approve
from checkout_server.checkout.creation import create_session
from checkout_server.checkout.desk import Desk
from checkout_server.checkout.orders import Outcome, digest_of
from checkout_server.checkout.sale import Sale, prepare_sale
from checkout_server.tools.approval import Approval, refuse_unapproved, resolvers
from checkout_server.tools.definition import ToolDefinition

_HOSTED = "Give the buyer checkout_url to pay. Then call get_checkout_session with session_id to see whether they did."
_ANOTHER_CALL = (
    "An earlier call with other arguments made this session; those of this call were not used. Go on with it only if "
    "the buyer is the same. For another buyer call preview_checkout, and create with the new preview_id."
)
_CHARGED = "Call get_checkout_session with session_id for the payment's status."


async def create_checkout_session(
    request: CreateCheckoutSession, desk: Desk, sale: Sale, approval: ElicitationResult[Approval]
) -> CreatedSession:
    refuse_unapproved(approval, sale, desk)
    if fields_to_approve(sale, desk):
        sale = await prepare_sale(request, desk, approved=True)
    entry = sale.entry
    outcome, replayed = await create_session(sale, desk)
    return CreatedSession(
        session_id=outcome.session_id,
        checkout_url=outcome.checkout_url,
        payment_id=outcome.payment_id,
        preview_id=entry.preview_id,
        expires_at=datetime.fromtimestamp(outcome.expires_at, UTC).replace(microsecond=0),
        environment=desk.environment,
        currency=entry.currency,
        total=entry.total,
        display={"total": display(entry.total, entry.currency)},
        replayed=replayed,
        next_step=_next_step(sale, outcome, replayed=replayed),
        warnings=outcome.warnings or None,
    )


def _next_step(sale: Sale, outcome: Outcome, *, replayed: bool) -> str:
    if replayed and outcome.sold not in {None, digest_of(sale.body)}:
        return _ANOTHER_CALL
    return _HOSTED if outcome.checkout_url else _CHARGED


CREATE_CHECKOUT_SESSION = ToolDefinition(
    name="create_checkout_session",
    title="Create a checkout session",
    description=(
        "Creates the checkout session of a preview and returns the checkout_url where the buyer pays. Use it after "
        "preview_checkout, once the buyer agreed to the amounts; the order itself is in the preview. Calling it again "
        "with the same preview_id returns the same session. get_checkout_session comes next."
    ),
    request=CreateCheckoutSession,
    result=CreatedSession,
    handler=create_checkout_session,
    annotations=ToolAnnotations(
        read_only_hint=False, destructive_hint=True, idempotent_hint=True, open_world_hint=True
    ),
    rules_of="create_checkout_session",
    creates=True,
    resolvers=resolvers,
)
