"""Looking for the payment of a session whose creation got no answer."""

from datetime import UTC, datetime

from checkout_schemas.requests.create_checkout_session import PREVIEW_ID_KEY
from checkout_server.checkout.desk import Desk
from checkout_server.checkout.ledger.contract import Entry
from checkout_server.gateway.answers import Payment

PAYMENT_PAGE_SIZE = 100
PAYMENT_PAGES = 5
"""How far back the payments list is searched for a lost session, from the newest."""
CLOCK_SKEW = 24 * 3600.0
"""Seconds by which our clock may be ahead of the API's: a charged session that is overlooked costs more than pages."""


async def find_payment(entry: Entry, desk: Desk) -> Payment | None:
    """The payment whose metadata carries this preview, whatever else is odd in it; None while there is none.

    Where a second attempt made another session, one that is paid says more than a newer one that is not.

    Raises:
        GatewayError: the payments list cannot be read.
    """
    since = datetime.fromtimestamp(entry.created_at - CLOCK_SKEW, UTC)
    for number in range(PAYMENT_PAGES):
        page = await desk.gateway.list_payments(page_number=number, page_size=PAYMENT_PAGE_SIZE, created_at_gte=since)
        found = [row for row in page.items if row.metadata.get(PREVIEW_ID_KEY) == entry.preview_id]
        if found:
            return next((row for row in found if row.status == "succeeded"), found[0])
        if page.is_last:
            break
    return None
