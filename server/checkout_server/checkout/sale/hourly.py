"""The policy's limit of creations in an hour, looked at before a person is asked in vain."""

from checkout_server.checkout import refusals
from checkout_server.checkout.desk import Desk
from checkout_server.checkout.sale.stages import FoundSale


async def refuse_above_hourly_limit(sale: FoundSale, desk: Desk) -> None:
    """Refuse when the hour has no room left. The claim counts again, in its own transaction.

    Raises:
        CheckoutRefusal: ``policy_denied``, to be tried later.
        LedgerUnavailable: the ledger cannot be read.
    """
    limit = desk.policy.limits.creations_per_hour
    if limit is None or await desk.ledger.claims_of_an_hour(owner=sale.owner, now=desk.clock()) < limit:
        return
    # The last of the hour may be this very sale, by a call beside this one, whose session this call then joins.
    entry = await desk.ledger.find(sale.entry.preview_id, owner=sale.owner, now=desk.clock())
    if entry is None or entry.attempts == sale.entry.attempts:
        raise refusals.too_many_creations()
