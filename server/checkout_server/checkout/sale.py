"""A sale before its creation: the guardrails that can be passed before a person is asked and anything is claimed."""

from dataclasses import dataclass, field
from typing import Any

from checkout_schemas.errors import InvalidArguments, Problem
from checkout_schemas.requests.create_checkout_session import PREVIEW_ID_KEY, CreateCheckoutSession
from checkout_schemas.rules import broken_rules
from checkout_server.checkout.desk import Desk
from checkout_server.checkout.drift import needs_requote, refuse_another_price
from checkout_server.checkout.ledger.contract import Entry, State
from checkout_server.checkout.orders import Outcome, SealedOrder, confirms
from checkout_server.checkout.policy.enforcement import denied_order, denied_price, denied_sale
from checkout_server.checkout.quoting import refuse_denied
from checkout_server.checkout.refusals import too_many_creations
from checkout_server.checkout.standing import joined, usable

_TRIED_WITHOUT_CONFIRM = Problem(
    path="confirm",
    problem="cannot be set: a creation without it was already tried with this preview",
    suggestion="leave it out, or call preview_checkout for a new preview_id",
)


@dataclass(frozen=True, slots=True)
class Sale:
    """A creation that passed the first three guardrails: preview, policy and price."""

    entry: Entry
    order: SealedOrder
    body: dict[str, Any] = field(repr=False)
    """What will be sent to ``POST /checkouts``."""
    outcome: Outcome | None = None
    """Of an earlier call: it is returned again, and nothing else happens."""


async def prepare_sale(request: CreateCheckoutSession, desk: Desk, *, approved: bool = False) -> Sale:
    """Check everything that can be checked before a person is asked and anything is claimed.

    Args:
        request: the call's arguments.
        desk: where it is sold.
        approved: whether a person said yes to the price. It may have changed while they thought: it is asked for
            again, however young the preview is.

    Raises:
        InvalidArguments: the whole order breaks a rule of the API.
        CheckoutRefusal: a guardrail refused.
        GatewayError: the price could not be asked for again.
    """
    entry = await usable(request.preview_id, desk)
    order = SealedOrder.open(desk.sealer, entry.order, entry.preview_id)
    body = _body(request, order)
    if entry.outcome is not None:
        return Sale(entry, order, body, Outcome.open(desk.sealer, entry.outcome, entry.preview_id))
    if problems := broken_rules(body, "create_checkout_session", with_preview=True):
        raise InvalidArguments(problems)
    if entry.state is State.CLAIMED:
        return Sale(entry, order, body, await joined(entry.preview_id, desk))
    if entry.state is not State.QUOTED and confirms(body):
        raise InvalidArguments([_TRIED_WITHOUT_CONFIRM])  # now: the claim would fail after a person had approved
    refuse_denied(
        [
            *denied_sale(body, desk.policy, desk.environment),
            *denied_order(body, desk.policy),
            *denied_price(order, desk.policy),
        ]
    )
    limit = desk.policy.limits.creations_per_hour
    if limit is not None and await _creations_of_an_hour(desk) >= limit:
        # The claim counts again: this only spares a person a question in vain.
        if (await usable(request.preview_id, desk)).attempts == entry.attempts:
            raise too_many_creations()
        return await prepare_sale(
            request, desk, approved=approved
        )  # the last of the hour may be this very sale, by a call beside this
    if approved or needs_requote(entry, body, desk):
        await refuse_another_price(entry, order, body, desk)
    return Sale(entry, order, body)


async def _creations_of_an_hour(desk: Desk) -> int:
    return await desk.ledger.claims_of_an_hour(owner=desk.owner, now=desk.clock())


def _body(request: CreateCheckoutSession, order: SealedOrder) -> dict[str, Any]:
    """The request body: the previewed half, the rest, and the mark by which a lost session is found again."""
    rest: dict[str, Any] = request.model_dump(mode="json", exclude_unset=True, exclude={"preview_id"})
    whole = order.order | rest
    whole["metadata"] = {**whole.get("metadata", {}), PREVIEW_ID_KEY: request.preview_id}
    return whole
