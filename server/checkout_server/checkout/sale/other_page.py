"""Other sessions for the same buyer with a product of this order, neither paid nor over: they could pay both."""

import asyncio
import contextlib
from datetime import UTC, datetime

from checkout_schemas.results import SessionState
from checkout_server.checkout.desk import Desk
from checkout_server.checkout.ledger.contract import Entry
from checkout_server.checkout.orders import open_arguments_of_preview
from checkout_server.checkout.sale.stages import PreparedSale
from checkout_server.checkout.sessions.answers import ANSWERS
from checkout_server.checkout.sessions.lookup import ask_for_session, open_outcome
from checkout_server.checkout.sessions.outcome import Outcome
from checkout_server.checkout.sessions.states import SessionFacts
from checkout_server.gateway.errors import GatewayError
from checkout_server.privacy.sealing import SealBroken

MOST_PAGES = 3
"""The newest ones, which the API is asked about."""
LOOK_SECONDS = 4.0
"""For all of them; a page that was not asked about in time may be open."""


async def warn_of_other_page(sale: PreparedSale, desk: Desk) -> list[str]:
    """Sentences where the buyer may still pay on another page for a product of this order, or has begun to."""
    products = {item.product_id for item in sale.order.order.product_cart}
    shared = [each for each in sale.others.created if not products.isdisjoint(_products_of(each, desk))]
    sold = [outcome for entry in shared if (outcome := open_outcome(entry, desk)) is not None]
    pages = [each for each in sold if each.checkout_url is not None and each.expires_at > desk.clock()][:MOST_PAGES]
    if not pages:
        return []
    states = await asyncio.gather(*(_state(each, desk) for each in pages))
    ends = [page.expires_at for page, state in zip(pages, states, strict=True) if state in _UNPAID]
    return [*([_unpaid(max(ends))] if ends else []), *([_UNDER_WAY] if "processing" in states else [])]


_UNPAID = frozenset[SessionState]({"open", "failed", "cancelled"})
_UNDER_WAY = (
    "The payment of another session for this buyer, with a product of this order, is being processed: give them this "
    "page only if that payment fails."
)


def _unpaid(end: float) -> str:
    until = datetime.fromtimestamp(end, UTC).replace(microsecond=0, tzinfo=None).isoformat()
    return (
        "Another session for this buyer, with a product of this order, is unpaid, and its page may take money until "
        f"{until}Z: give them this page only."
    )


def _products_of(entry: Entry, desk: Desk) -> set[str]:
    """What another preview sells; nothing if it was sealed with a key that is gone."""
    with contextlib.suppress(SealBroken):
        cart = open_arguments_of_preview(desk.sealer, entry.order, entry.preview_id)["product_cart"]
        return {item["product_id"] for item in cart}
    return set()


async def _state(outcome: Outcome, desk: Desk) -> SessionState:
    """Where the other session stands; what nobody answers for may be open."""
    facts = SessionFacts(ends_at=outcome.expires_at, has_page=True, can_charge=False)
    try:
        async with asyncio.timeout(LOOK_SECONDS):
            asked = await ask_for_session(outcome.session_id, facts, desk)
    except (GatewayError, TimeoutError):
        return "open"
    return ANSWERS[asked.state].status
