"""When and by whom what a preview sold was paid, and the search for it in the payments list."""

import contextlib

from checkout_server.checkout.desk import Desk
from checkout_server.checkout.ledger.contract import Entry
from checkout_server.checkout.sessions.life import CLOCK_MARGIN_SECONDS, SESSION_SECONDS, end_of_session
from checkout_server.checkout.sessions.search import Found, Span
from checkout_server.privacy.sealing import SealBroken, Sealer

MOST_SECONDS_APART = 24 * 3600.0
"""How far the API's clock and ours are believed to be apart: a proxy's wrong date must not open the search to years."""


async def find_payment(entry: Entry, desk: Desk) -> Found:
    """Search for the payment of a claim whose answer was lost: from the claim to the end of its session.

    Raises:
        GatewayError: the payments list cannot be read.
    """
    begun = entry.claimed_at if entry.claimed_at is not None else entry.created_at
    return await _search(entry, begun, end_of_session(entry), desk, customer_id=_known_buyer(entry, desk.sealer))


async def find_forgotten_payment(entry: Entry, desk: Desk) -> Found:
    """Search for the payment of a preview that this ledger takes for unsold, new or refused.

    A ledger that lost its last writes, in a fail-over or by a restored backup, does not know that it was sold, nor to
    whom. What is not in the list cannot be seen: a request in flight, and a page that nobody has paid yet.

    Raises:
        GatewayError: the payments list cannot be read.
    """
    end = min(desk.clock(), entry.expires_at + SESSION_SECONDS)
    return await _search(entry, entry.created_at, max(entry.created_at, end), desk, customer_id=None)


async def _search(entry: Entry, begin: float, end: float, desk: Desk, *, customer_id: str | None) -> Found:
    """Search a span of our time; again if the first answer of the API shows that its clock is further from ours."""
    margin = _margin(desk)
    found = await desk.searches.search(
        desk.gateway, entry.preview_id, entry.claim_id, Span.of(begin, end, margin=margin), customer_id=customer_id
    )
    if found.payment is not None or not found.is_complete or (wider := _margin(desk)) <= margin + CLOCK_MARGIN_SECONDS:
        return found
    return await desk.searches.search(
        desk.gateway, entry.preview_id, entry.claim_id, Span.of(begin, end, margin=wider), customer_id=customer_id
    )


def _margin(desk: Desk) -> float:
    """Seconds around a moment of ours in which the API's clock may have shown it."""
    apart = abs(desk.gateway.clock.seconds_ahead(desk.clock()))
    return CLOCK_MARGIN_SECONDS + min(apart, MOST_SECONDS_APART)


def seal_buyer(customer_id: str, sealer: Sealer, preview_id: str) -> bytes:
    return sealer.seal(customer_id.encode(), context=_context(preview_id))


def _known_buyer(entry: Entry, sealer: Sealer) -> str | None:
    """The API's id of the only customer to whom the preview can have been sold, if it was one that the API knew.

    A second attempt may have been for another customer than the first, which may be the one that was paid.
    """
    if entry.buyer is None or entry.attempts != 1:
        return None
    with contextlib.suppress(SealBroken):
        return sealer.open(entry.buyer, context=_context(entry.preview_id)).decode()
    return None


def _context(preview_id: str) -> str:
    return f"buyer:{preview_id}"
