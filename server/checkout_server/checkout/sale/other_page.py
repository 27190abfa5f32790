"""Other sessions of the same goods for the same buyer that are neither paid nor over: they could pay both."""

import asyncio
from datetime import UTC, datetime

from checkout_schemas.results import SessionState
from checkout_server.checkout.desk import Desk
from checkout_server.checkout.sale.stages import PreparedSale
from checkout_server.checkout.sessions.answers import ANSWERS
from checkout_server.checkout.sessions.lookup import ask_for_session, open_outcome
from checkout_server.checkout.sessions.outcome import Outcome
from checkout_server.checkout.sessions.states import SessionFacts
from checkout_server.gateway.errors import GatewayError

LOOK_SECONDS = 4.0
"""For all of them; a page that was not asked about in time may be open."""


async def warn_of_other_page(sale: PreparedSale, desk: Desk) -> list[str]:
    """Sentences where the buyer may still pay on another page for the same, or has begun to."""
    sold = [outcome for entry in sale.others.created if (outcome := open_outcome(entry, desk)) is not None]
    pages = [each for each in sold if each.checkout_url is not None and each.expires_at > desk.clock()]
    if not pages:
        return []
    states = await asyncio.gather(*(_state(each, desk) for each in pages))
    ends = [page.expires_at for page, state in zip(pages, states, strict=True) if state in _UNPAID]
    return [*([_unpaid(max(ends))] if ends else []), *([_UNDER_WAY] if "processing" in states else [])]


_UNPAID = frozenset[SessionState]({"open", "failed", "cancelled"})
_UNDER_WAY = (
    "The payment of another session of the same order for this buyer is being processed: give them this page only if "
    "that payment fails."
)


def _unpaid(end: float) -> str:
    until = datetime.fromtimestamp(end, UTC).replace(microsecond=0, tzinfo=None).isoformat()
    return (
        f"Another session of the same order for this buyer is unpaid, and its page may take money until {until}Z: "
        "give them this page only."
    )


async def _state(outcome: Outcome, desk: Desk) -> SessionState:
    """Where the other session stands; what nobody answers for may be open."""
    facts = SessionFacts(ends_at=outcome.expires_at, has_page=True, can_charge=False)
    try:
        async with asyncio.timeout(LOOK_SECONDS):
            asked = await ask_for_session(outcome.session_id, facts, desk)
    except (GatewayError, TimeoutError):
        return "open"
    return ANSWERS[asked.state].status
