"""The policy's limit of creations in an hour, checked before a person is asked for nothing."""

from checkout_server.checkout import refusals
from checkout_server.checkout.desk import Desk
from checkout_server.checkout.sale.stages import FoundSale


async def refuse_above_hourly_limit(sale: FoundSale, desk: Desk) -> None:
    """Refuse when the limit of this hour is reached. The claim counts again, in its own transaction.

    Raises:
        CheckoutRefusal: ``policy_denied`` with ``retry_later``.
        LedgerUnavailable: the ledger cannot be read.
    """
    limit = desk.policy.limits.creations_per_hour
    if limit is None or await desk.ledger.claims_of_an_hour(owner=sale.owner, now=desk.clock()) < limit:
        return
    # The last creation of the hour may be this very sale, made by a concurrent call; this call then joins that one.
    entry = await desk.ledger.find(sale.entry.preview_id, owner=sale.owner, now=desk.clock())
    if entry is None or entry.attempts == sale.entry.attempts:
        raise refusals.too_many_creations()
