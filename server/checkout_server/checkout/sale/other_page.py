"""Another session of the same goods for the same buyer that is unpaid and not over: they could pay both."""

import asyncio
from datetime import UTC, datetime

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
    """A sentence where the buyer may still pay on another page for the same."""
    sold = [outcome for entry in sale.others.created if (outcome := open_outcome(entry, desk)) is not None]
    pages = [each for each in sold if each.checkout_url is not None and each.expires_at > desk.clock()]
    if not pages:
        return []
    are_open = await asyncio.gather(*(_may_be_open(each, desk) for each in pages))
    ends = [page.expires_at for page, is_open in zip(pages, are_open, strict=True) if is_open]
    if not ends:
        return []
    until = datetime.fromtimestamp(max(ends), UTC).replace(microsecond=0, tzinfo=None).isoformat()
    return [
        f"Another session of the same order for this buyer is unpaid, and its page may take money until {until}Z: "
        "give them this page only."
    ]


async def _may_be_open(outcome: Outcome, desk: Desk) -> bool:
    facts = SessionFacts(ends_at=outcome.expires_at, has_page=True, can_charge=False)
    try:
        async with asyncio.timeout(LOOK_SECONDS):
            asked = await ask_for_session(outcome.session_id, facts, desk)
    except (GatewayError, TimeoutError):
        return True
    return ANSWERS[asked.state].status in {"open", "failed", "cancelled"}
