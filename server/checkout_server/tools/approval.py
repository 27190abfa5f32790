"""Asking a person through the client: elicitation, on both protocol eras."""

from collections.abc import Mapping
from typing import Annotated, Any

from mcp.server.elicitation import AcceptedElicitation, ElicitationResult
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.resolve import Elicit, Resolve
from mcp_types.version import is_version_at_least
from pydantic import BaseModel, Field, Strict

from checkout_schemas.requests.create_checkout_session import CreateCheckoutSession
from checkout_server.checkout.approval import fields_to_approve, question
from checkout_server.checkout.desk import Desk
from checkout_server.checkout.refusals import approval_declined, approval_required
from checkout_server.checkout.sale import Sale, prepare_sale
from checkout_server.privacy.events import emit
from checkout_server.privacy.vocabulary import Decision


class Approval(BaseModel):
    """The form that the person fills in. Accepting it is the protocol's yes, unless the box is unticked."""

    approve: Annotated[bool, Strict()] = Field(default=True, title="Approve this sale")


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
        emit("approval.asked", preview_id=sale.entry.preview_id, paths=paths)
        return Elicit(question(sale, desk), Approval)

    return {"sale": (Resolve(sale), False), "approval": (Resolve(approval), True)}


_REFUSALS: dict[Decision, str] = {
    "refused": "The person refused.",
    "declined": "The person declined.",
    "closed": "The person closed the question.",
}


def refuse_unapproved(answer: ElicitationResult[Approval], sale: Sale, desk: Desk) -> None:
    """Go on only with a person's yes.

    Raises:
        CheckoutRefusal: ``approval_declined``.
    """
    decision = _decision(answer)
    if fields_to_approve(sale, desk):
        emit("approval.answered", preview_id=sale.entry.preview_id, decision=decision)
    if decision != "approved":
        raise approval_declined(_REFUSALS[decision])


def _decision(answer: ElicitationResult[Approval]) -> Decision:
    if isinstance(answer, AcceptedElicitation):
        return "approved" if answer.data.approve is True else "refused"
    return "declined" if answer.action == "decline" else "closed"


def _can_ask(ctx: Context[Any, Any]) -> bool:
    """Whether this client shows forms; otherwise the SDK would answer with an error that the model does not see."""
    capabilities = ctx.client_capabilities
    elicitation = capabilities.elicitation if capabilities is not None else None
    if elicitation is None or (elicitation.form is None and elicitation.url is not None):
        return False
    version = ctx.protocol_version
    stateless = version is not None and is_version_at_least(version, "2026-07-28")
    return stateless or ctx.session.can_send_request
