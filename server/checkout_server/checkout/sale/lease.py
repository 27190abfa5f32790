"""The lease of a claim: short, and renewed for as long as its request is in flight.

So others learn soon that a process has died, however long a creation may take.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from checkout_server.checkout.desk import Desk
from checkout_server.checkout.ledger.contract import Entry, LedgerUnavailable

LEASE_SECONDS = 20.0
"""A claim whose process died becomes unknown after this at the latest."""
RENEWAL_SECONDS = 5.0
"""How often a lease is renewed: three renewals may fail before it ends."""


@asynccontextmanager
async def renewed_lease(claimed: Entry, desk: Desk) -> AsyncGenerator[None]:
    """Renew the lease of a claim until the block ends."""
    renewing = asyncio.create_task(_renew(claimed, desk))
    try:
        yield
    finally:
        renewing.cancel()
        await asyncio.wait({renewing})


async def _renew(claimed: Entry, desk: Desk) -> None:
    stands = True
    while stands:
        await asyncio.sleep(RENEWAL_SECONDS)
        with contextlib.suppress(LedgerUnavailable):  # the next renewal may still be in time
            stands = await desk.ledger.renew_lease(
                claimed.preview_id, claim_id=claimed.claim_id or "", lease_until=desk.clock() + LEASE_SECONDS
            )
