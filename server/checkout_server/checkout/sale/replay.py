"""A preview that was used: the same arguments get the recorded session again, others learn nothing of it."""

from dataclasses import replace

from checkout_schemas.requests.create_checkout_session import CreateCheckoutSession
from checkout_server.checkout import refusals
from checkout_server.checkout.desk import Desk
from checkout_server.checkout.ledger.contract import Entry, Owner, State
from checkout_server.checkout.sale.arguments import differing_paths, digest_arguments, is_sold_as_before
from checkout_server.checkout.sale.record import recorded_session
from checkout_server.checkout.sale.stages import SoldSession
from checkout_server.checkout.sale.waiting import wait_for_creation
from checkout_server.checkout.sessions.answers import ANSWERS, Refuses
from checkout_server.checkout.sessions.lookup import ask_for_session
from checkout_server.checkout.sessions.states import SaleState, may_have_charged
from checkout_server.gateway.errors import GatewayError


async def replay_session(request: CreateCheckoutSession, entry: Entry, owner: Owner, desk: Desk) -> SoldSession:
    """The session of a preview that is used, or being used by another call.

    Raises:
        CheckoutRefusal: it was used with other arguments, its session is over, or its creation failed.
        GatewayError: the API could not be asked whether a session that is over was paid.
    """
    if entry.state is State.CREATED:
        return await _replay_now(request, recorded_session(entry, desk), desk)
    return await replay_sold(request, await wait_for_creation(entry.preview_id, owner, desk), desk)


async def _replay_now(request: CreateCheckoutSession, sold: SoldSession, desk: Desk) -> SoldSession:
    """As ``replay_sold``, with the state of this moment: no page is handed out again where the buyer has paid."""
    replayed = await replay_sold(request, sold, desk)
    charges_without_page = sold.can_charge and sold.outcome.checkout_url is None
    if charges_without_page or sold.outcome.expires_at <= desk.clock():
        return replayed
    try:
        state = (await ask_for_session(sold.outcome.session_id, sold.facts, desk)).state
    except GatewayError:
        return replace(replayed, state=None) if sold.outcome.checkout_url is None else replayed
    return _in_state(replayed, state)


async def replay_sold(request: CreateCheckoutSession, sold: SoldSession, desk: Desk) -> SoldSession:
    """The session again, for the arguments that made it.

    Raises:
        CheckoutRefusal: ``preview_used`` for other arguments; ``preview_expired`` when it ended without a payment.
        GatewayError: the API could not be asked whether a session that is over was paid.
    """
    if paths := _differing_paths(request, sold, desk):
        raise refusals.preview_used(paths, may_have_charged=await _may_have_charged(sold, desk))
    if sold.outcome.expires_at > desk.clock():
        return replace(sold, replayed=True)
    asked = await ask_for_session(sold.outcome.session_id, sold.facts, desk)
    if isinstance(ANSWERS[asked.state].creation, Refuses):
        raise refusals.refused_in(asked.state)
    return _in_state(replace(sold, replayed=True), asked.state)


def _in_state(sold: SoldSession, state: SaleState) -> SoldSession:
    """The session in this state; without its page where that is of no use any more."""
    if ANSWERS[state].has_page:
        return replace(sold, state=state)
    return replace(sold, state=state, outcome=sold.outcome.model_copy(update={"checkout_url": None}))


def _differing_paths(request: CreateCheckoutSession, sold: SoldSession, desk: Desk) -> list[str]:
    """The paths of the arguments that differ. A record of an earlier version tells that some do, but not which."""
    if sold.arguments is not None:
        return differing_paths(sold.arguments, digest_arguments(request))
    recorded = sold.outcome.sold
    if recorded is not None and is_sold_as_before(recorded, request, sold.entry.order, desk.sealer):
        return []
    return ["arguments"]


async def _may_have_charged(sold: SoldSession, desk: Desk) -> bool:
    """Whether the session took money, or may have: so also when the API cannot be asked."""
    try:
        asked = await ask_for_session(sold.outcome.session_id, sold.facts, desk)
    except GatewayError:
        return True
    return may_have_charged(asked.state, asked.facts)
