"""How fast one principal may quote and sell: the policy's ``[rates]``, counted over all that share the ledger."""

import math

from checkout_server.checkout.desk import Desk
from checkout_server.checkout.refusals import CheckoutRefusal
from checkout_server.privacy.vocabulary.fields import PolicyRule


async def count_preview(desk: Desk) -> None:
    """Count a preview before the API is asked for its price, so that those that it refuses count too.

    Raises:
        CheckoutRefusal: ``rate_limited``: the minute has no room.
        GatewayError: the API did not say which merchant account its key belongs to.
        LedgerUnavailable: it could not be counted.
    """
    most = desk.policy.rates.previews_per_minute
    if most is None:
        return
    seconds = await desk.ledger.count_preview(owner=await desk.find_owner(), now=desk.clock(), most=most)
    if seconds is not None:
        raise too_fast("rates.previews_per_minute", "previews", seconds)


def too_many_claims(seconds: float | None) -> CheckoutRefusal:
    """The refusal of a creation for which the minute has no room, for so many seconds more."""
    return too_fast("rates.creations_per_minute", "creations", seconds)


def too_fast(rule: PolicyRule, what: str, seconds: float | None) -> CheckoutRefusal:
    whole = max(1, math.ceil(seconds or 0.0))
    return CheckoutRefusal(
        "rate_limited",
        f"The operator's policy ({rule}) allows no more {what} this minute. Nothing was created by this call; try "
        f"again in {whole} second{'' if whole == 1 else 's'}.",
        retry="retry_later",
        rules=[rule],
    )
