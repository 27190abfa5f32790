"""The policy's limits of creations in an hour and in a minute, checked before a person is asked for nothing."""

from checkout_server.checkout import refusals
from checkout_server.checkout.desk import Desk
from checkout_server.checkout.ledger.contract import Owner
from checkout_server.checkout.rates import too_many_claims
from checkout_server.checkout.sale.stages import FoundSale


async def refuse_above_limits(sale: FoundSale, desk: Desk) -> None:
    """Refuse when the limit of this hour or minute is reached. The claim counts again, in its own transaction.

    Raises:
        CheckoutRefusal: ``policy_denied`` or ``rate_limited``, with ``retry_later``.
        LedgerUnavailable: the ledger cannot be read.
    """
    refusal = await _reached_limit(sale.owner, desk)
    if refusal is None:
        return
    # The last creation that had room may be this very sale, made by a concurrent call; this call then joins that one.
    entry = await desk.ledger.find(sale.entry.preview_id, owner=sale.owner, now=desk.clock())
    if entry is None or entry.attempts == sale.entry.attempts:
        raise refusal


async def _reached_limit(owner: Owner, desk: Desk) -> refusals.CheckoutRefusal | None:
    hourly, of_a_minute = desk.policy.limits.creations_per_hour, desk.policy.rates.creations_per_minute
    if hourly is not None and await desk.ledger.claims_of_an_hour(owner=owner, now=desk.clock()) >= hourly:
        return refusals.too_many_creations()
    if of_a_minute is not None:
        seconds = await desk.ledger.seconds_until_claim(owner=owner, now=desk.clock(), most=of_a_minute)
        return too_many_claims(seconds) if seconds is not None else None
    return None
