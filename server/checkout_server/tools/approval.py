"""Asking a person through the client: elicitation, on both protocol eras."""

import contextlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any, Literal

from mcp.server.elicitation import AcceptedElicitation, ElicitationResult
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.resolve import Elicit, Resolve
from mcp_types.version import is_version_at_least
from pydantic import BaseModel, ConfigDict, Field

from checkout_schemas.requests.create_checkout_session import CreateCheckoutSession
from checkout_server.calls.deadline import present_deadline
from checkout_server.calls.stage import note_step
from checkout_server.checkout.desk import Desk
from checkout_server.checkout.ledger.contract import LedgerUnavailable
from checkout_server.checkout.orders import charges_at_once
from checkout_server.checkout.refusals import CheckoutRefusal, approval_declined, approval_required, could_not_ask
from checkout_server.checkout.sale.approval import fields_to_approve
from checkout_server.checkout.sale.guards import prepare_sale
from checkout_server.checkout.sale.question import write_question
from checkout_server.checkout.sale.question_limit import count_question, record_answer, withdraw_question
from checkout_server.checkout.sale.stages import FoundSale, PreparedSale, SoldSession
from checkout_server.checkout.sale.usable_preview import find_sale
from checkout_server.gateway.errors import GatewayError
from checkout_server.privacy.vocabulary.fields import Decision

NO = "No, do not sell"
YES = "Yes, approve this sale"


class ApprovalForm(BaseModel):
    """One required choice without a default: what a client fills in by itself, or leaves out, is never a yes.

    A plain ``enum`` whose values are the words shown, the refusal first: clients were seen to lose a titled ``oneOf``.
    """

    model_config = ConfigDict(
        hide_input_in_errors=True,
        json_schema_extra={"title": "Approval", "description": "Nothing is sold unless you choose the approval."},
    )

    decision: Annotated[
        Literal["No, do not sell", "Yes, approve this sale"],
        Field(title="Your decision", description="Choose whether this sale may go ahead."),
    ]


_NOBODY_ASKED = object()
"""Fills the answer of a sale that needs nobody's approval."""


async def _find_sale(request: CreateCheckoutSession, desk: Desk) -> PreparedSale | SoldSession:
    return await prepare_sale(request, desk)


async def _ask(
    sale: Annotated[PreparedSale | SoldSession, Resolve(_find_sale)], desk: Desk, ctx: Context[Any, Any]
) -> Elicit[ApprovalForm] | SoldSession | object:
    paths = fields_to_approve(sale, desk) if isinstance(sale, PreparedSale) else []
    if isinstance(sale, SoldSession) or not paths:
        return _NOBODY_ASKED
    if not _can_ask(ctx):
        raise approval_required(paths)
    if not _returns_questions(ctx):
        if (sold := await count_question(sale, paths, desk)) is not None:
            return sold
        _begin_question(desk)  # it is sent as soon as this returns
    return Elicit(write_question(sale, desk), ApprovalForm)


APPROVAL: Mapping[str, tuple[Resolve, bool]] = {"sale": (Resolve(_find_sale), False), "answer": (Resolve(_ask), True)}
"""How ``create_checkout_session`` asks: first everything that can refuse, then the question."""


class ElicitedApproval:
    """What becomes of the question of one call."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def count_returned_question(self, request: CreateCheckoutSession) -> Mapping[str, Any] | None:
        """Count a question that the call returns to its client. Resolvers run again when the answer comes, so they
        cannot count.

        Returns:
            What the call goes on with instead of asking; None when it may ask.

        Raises:
            CheckoutRefusal: people did not approve this order too often, or have not answered yet.
        """
        sale = await find_sale(request, self._desk)
        if isinstance(sale, FoundSale):
            sold = await count_question(sale, fields_to_approve(sale, self._desk), self._desk)
            if sold is None:
                return None
            sale = sold
        return {"sale": sale, "answer": AcceptedElicitation[Any].model_construct(data=_NOBODY_ASKED)}

    async def refuse_declined(self, request: CreateCheckoutSession, reason: str) -> CheckoutRefusal:
        """The refusal of a call whose question got no answer that counts."""
        await self._settle_question(request, _record_refusal)
        return approval_declined(reason, hosted_page=charges_at_once(request))

    async def refuse_not_asked(self, request: CreateCheckoutSession) -> CheckoutRefusal:
        """The refusal of a call whose client failed to ask."""
        await self._settle_question(request, withdraw_question)
        return could_not_ask(request)

    async def refuse_cut_short(self, request: CreateCheckoutSession) -> CheckoutRefusal:
        """The refusal of a call whose question the end of the process took back."""
        await self._settle_question(request, withdraw_question)
        return CheckoutRefusal(
            "approval_required",
            "A person must approve this sale, and this server stopped before they answered. Nothing was created; the "
            "same call can ask again.",
            retry="retry_later",
            problems=could_not_ask(request).problems,
        )

    async def _settle_question(
        self, request: CreateCheckoutSession, settle: Callable[[FoundSale, Desk], Awaitable[None]]
    ) -> None:
        """Nobody will answer it any more. That it cannot be recorded changes nothing for this call."""
        with contextlib.suppress(CheckoutRefusal, GatewayError, LedgerUnavailable):
            sale = await find_sale(request, self._desk)
            if isinstance(sale, FoundSale):
                await settle(sale, self._desk)


def _begin_question(desk: Desk) -> None:
    """From now on this call waits for a person."""
    note_step("waiting_for_person")
    if (deadline := present_deadline()) is not None:
        desk.questions.begin(deadline)


async def _record_refusal(sale: FoundSale, desk: Desk) -> None:
    await record_answer(sale, desk, approved=False)


def decision_of(answer: ElicitationResult[Any]) -> Decision | None:
    """What a person said; None when this call asked nobody."""
    if isinstance(answer, AcceptedElicitation):
        if not isinstance(answer.data, ApprovalForm):
            return None
        return "approved" if answer.data.decision == YES else "refused"
    return "declined" if answer.action == "decline" else "closed"


def sold_meanwhile(answer: ElicitationResult[Any]) -> SoldSession | None:
    """The session that a yes to another call's question made while this call waited to ask."""
    data = answer.data if isinstance(answer, AcceptedElicitation) else None
    return data if isinstance(data, SoldSession) else None


def _can_ask(ctx: Context[Any, Any]) -> bool:
    """Whether this client shows forms; otherwise the SDK would answer with an error that the model does not see."""
    capabilities = ctx.client_capabilities
    elicitation = capabilities.elicitation if capabilities is not None else None
    if elicitation is None or (elicitation.form is None and elicitation.url is not None):
        return False
    return _returns_questions(ctx) or ctx.session.can_send_request


def _returns_questions(ctx: Context[Any, Any]) -> bool:
    """Whether the protocol era returns a question and is called again with the answer, instead of waiting for it."""
    version = ctx.protocol_version
    return version is not None and is_version_at_least(version, "2026-07-28")
