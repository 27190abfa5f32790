"""The first guard: the preview can be sold, or was sold with these very arguments."""

from pydantic import ValidationError

from checkout_schemas.errors import InvalidArguments, Problem
from checkout_schemas.requests.create_checkout_session import CreateCheckoutSession
from checkout_schemas.sale_rules import broken_sale_rules
from checkout_server.checkout import refusals
from checkout_server.checkout.desk import Desk
from checkout_server.checkout.ledger.contract import Entry, Owner, State
from checkout_server.checkout.orders import QuotedOrder, charges_at_once
from checkout_server.checkout.sale.checked import refusal_of_expired
from checkout_server.checkout.sale.repeats import digest_buyer, digest_goods
from checkout_server.checkout.sale.replay import replay_session
from checkout_server.checkout.sale.stages import FoundSale, SoldSession
from checkout_server.checkout.sale.waiting import refuse_unless_sellable
from checkout_server.checkout.sessions.states import SaleState, state_without_session

_TRIED_WITHOUT_CONFIRM = Problem(
    path="confirm",
    problem="cannot be set: a creation without it was already tried with this preview",
    suggestion="leave confirm and payment_method_id out, or call preview_checkout for a new preview_id",
)


async def find_sale(request: CreateCheckoutSession, desk: Desk) -> FoundSale | SoldSession:
    """Find the preview of this owner, and what can still be done with it.

    Raises:
        InvalidArguments: the whole order breaks a rule of the API.
        CheckoutRefusal: the preview is not known here, expired, used with other arguments, or used up by an attempt
            that could charge; or the attempt that ran when this call came was not answered.
        GatewayError: the API could not be asked about the account, or about a session that is over.
        KeyUnusable: the ledger's key was sealed by a server with other keys.
        LedgerUnavailable: the ledger cannot be read.
    """
    begun = desk.clock()
    owner = await desk.find_owner()
    entry = await find_usable_preview(request.preview_id, owner, desk)
    if entry.state in {State.CREATED, State.CLAIMED}:
        return await replay_session(request, entry, owner, desk)
    if entry.state is State.UNKNOWN and (entry.ended_at or 0.0) > begun:
        raise refusals.outcome_unknown()  # it came while the lost attempt ran, and shares what became of it
    order = await _open_order(entry, owner, desk)
    if problems := broken_sale_rules(order.order, request):
        raise InvalidArguments(problems, retry="new_preview")  # what is missing belongs to the order
    if entry.state is not State.QUOTED and charges_at_once(request):
        raise InvalidArguments([_TRIED_WITHOUT_CONFIRM])  # now: the claim would fail after a person had approved
    await desk.ledger_key.load()
    return FoundSale(
        owner=owner,
        entry=entry,
        order=order,
        request=request,
        goods=digest_goods(order.order, request, desk.ledger_key),
        sold_to=digest_buyer(request, desk.ledger_key),
    )


async def find_usable_preview(preview_id: str, owner: Owner, desk: Desk) -> Entry:
    """The preview, unless nothing can be done with it any more.

    Raises:
        CheckoutRefusal: as ``sessions/answers.py`` says of its state; of one that has expired unsold, only once the
            payments list was asked.
        LedgerUnavailable: the ledger cannot be read.
    """
    entry = await desk.ledger.find(preview_id, owner=owner, now=desk.clock())
    if entry is None:
        raise refusals.preview_not_found()
    if entry.state not in {State.CREATED, State.CLAIMED}:
        state = state_without_session(entry, now=desk.clock())
        if state in {SaleState.QUOTED_EXPIRED, SaleState.REFUSED_EXPIRED}:
            raise await refusal_of_expired(entry, state, owner, desk)
        refuse_unless_sellable(entry, now=desk.clock())
    return entry


async def _open_order(entry: Entry, owner: Owner, desk: Desk) -> QuotedOrder:
    try:
        return QuotedOrder.open(desk.sealer, entry.order, entry.preview_id)
    except ValidationError:
        pass  # refused below, outside the handler: the error's text holds what the buyer ordered
    # An earlier version quoted it, and showed less than is asked about now.
    if entry.state is State.UNKNOWN:
        raise refusals.refused_in(SaleState.UNKNOWN_EXPIRED)
    raise await refusal_of_expired(entry, SaleState.QUOTED_EXPIRED, owner, desk)
