"""``create_checkout_session``: sell what was previewed, once."""

from datetime import UTC, datetime
from typing import Any

from mcp.server.elicitation import ElicitationResult
from mcp_types import ToolAnnotations

from checkout_schemas.requests.create_checkout_session import CreateCheckoutSession
from checkout_schemas.results import CreatedSession
from checkout_schemas.vocabularies.currencies import display
from checkout_server.checkout.desk import Desk
from checkout_server.checkout.sale.guards import complete_sale
from checkout_server.checkout.sale.stages import PreparedSale, SoldSession
from checkout_server.checkout.sessions.answers import ANSWERS, STATUS_NOT_ASKED
from checkout_server.tools.approval import APPROVAL, ElicitedApproval, decision_of, sold_meanwhile
from checkout_server.tools.definition import ToolDefinition


async def create_checkout_session(
    request: CreateCheckoutSession,
    desk: Desk,
    sale: PreparedSale | SoldSession,
    answer: ElicitationResult[Any],
) -> CreatedSession:
    sold = await complete_sale(sold_meanwhile(answer) or sale, decision_of(answer), desk)
    entry, outcome = sold.entry, sold.outcome
    return CreatedSession(
        session_id=outcome.session_id,
        checkout_url=outcome.checkout_url,
        payment_id=outcome.payment_id,
        expires_at=datetime.fromtimestamp(outcome.expires_at, UTC).replace(microsecond=0),
        environment=desk.environment,
        currency=entry.currency,
        total=entry.total,
        display={"total": display(entry.total, entry.currency)},
        replayed=True if sold.replayed else None,
        next_step=ANSWERS[sold.state].next_step if sold.state is not None else STATUS_NOT_ASKED,
        warnings=outcome.warnings or None,
    )


CREATE_CHECKOUT_SESSION = ToolDefinition(
    name="create_checkout_session",
    title="Create a checkout session",
    description=(
        "Creates the checkout session of a preview and returns the checkout_url where the buyer pays. Use it once the "
        "buyer agreed to the amounts; the order itself is in the preview. The same arguments return the same session "
        "again. get_checkout_session comes next."
    ),
    request=CreateCheckoutSession,
    result=CreatedSession,
    handler=create_checkout_session,
    annotations=ToolAnnotations(
        read_only_hint=False, destructive_hint=True, idempotent_hint=True, open_world_hint=True
    ),
    rules_of="create_checkout_session",
    creates=True,
    asks=ElicitedApproval,
    resolvers=APPROVAL,
)
