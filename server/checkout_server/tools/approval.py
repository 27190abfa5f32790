"""Asking a person through the client: elicitation, on both protocol eras."""

from collections.abc import Mapping
from typing import Annotated, Any

from mcp.server.elicitation import AcceptedElicitation, ElicitationResult
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.resolve import Elicit, Resolve
from mcp_types.version import is_version_at_least
from pydantic import BaseModel, Field

from checkout_schemas.requests.create_checkout_session import CreateCheckoutSession
from checkout_server.checkout.approval import fields_to_approve, question
from checkout_server.checkout.creation import Sale, prepare_sale
from checkout_server.checkout.desk import Desk
from checkout_server.checkout.refusals import approval_declined, approval_required


class Approval(BaseModel):
    """The form that the person fills in. Accepting it approves, unless the box is unticked."""

    approve: bool = Field(default=True, title="Approve this sale")


def resolvers(desk: Desk) -> Mapping[str, tuple[Resolve, bool]]:
    """What fills the parameters ``sale`` and ``approval``: first everything that can refuse, then the question."""

    async def sale(request: CreateCheckoutSession) -> Sale:
        return await prepare_sale(request, desk)

    async def approval(sale: Annotated[Sale, Resolve(sale)], ctx: Context[Any, Any]) -> Elicit[Approval] | Approval:
        paths = fields_to_approve(sale, desk)
        if not paths:
            return Approval(approve=True)
        if not _can_ask(ctx):
            raise approval_required(paths)
        return Elicit(question(sale, desk), Approval)

    return {"sale": (Resolve(sale), False), "approval": (Resolve(approval), True)}


def refuse_unapproved(answer: ElicitationResult[Approval]) -> None:
    """Go on only with a person's yes.

    Raises:
        CheckoutRefusal: ``approval_declined``.
    """
    if isinstance(answer, AcceptedElicitation):
        if answer.data.approve is not True:
            raise approval_declined("The person refused.")
        return
    raise approval_declined("The person declined." if answer.action == "decline" else "The person closed the question.")


def _can_ask(ctx: Context[Any, Any]) -> bool:
    """Whether this client shows forms; otherwise the SDK would answer with an error that the model does not see."""
    capabilities = ctx.client_capabilities
    elicitation = capabilities.elicitation if capabilities is not None else None
    if elicitation is None or (elicitation.form is None and elicitation.url is not None):
        return False
    version = ctx.protocol_version
    stateless = version is not None and is_version_at_least(version, "2026-07-28")
    return stateless or ctx.session.can_send_request
