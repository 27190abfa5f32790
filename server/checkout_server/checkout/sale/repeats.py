"""Recognising the same goods for the same buyer: sold a moment ago, or refused by people again and again."""

import json
from collections import Counter

from checkout_schemas.requests.create_checkout_session import CreateCheckoutSession
from checkout_schemas.requests.preview_checkout import PreviewCheckout
from checkout_server.checkout.desk import Desk
from checkout_server.checkout.ledger.contract import State
from checkout_server.checkout.sale.stages import FoundSale
from checkout_server.privacy.sealing import Sealer

REPEATED: dict[State, str] = {
    State.CREATED: "A session for the same order and buyer was already created within the last hour.",
    State.CLAIMED: "A session for the same order and buyer is being created right now.",
    State.UNKNOWN: "Within the last hour the same order for this buyer was sent, and how that ended is not known.",
}
"""What a person and a model read of another sale of the same goods to the same buyer."""


def digest_goods(order: PreviewCheckout, request: CreateCheckoutSession, sealer: Sealer) -> str:
    """A keyed digest of what is sold to whom; the price, address, codes and page do not count.

    It changes with the first sealing key: for an hour after that, repeats are not recognised.
    """
    customer = request.customer
    buyer = (customer.customer_id or customer.email or "") if customer is not None else ""
    terms = order.model_dump(mode="json", include={"product_collection_id", "subscription_data"}, exclude_none=True)
    content = json.dumps([_goods(order), terms, buyer.casefold()], sort_keys=True, separators=(",", ":"))
    return sealer.fingerprint(content.encode(), purpose="goods")


def _goods(order: PreviewCheckout) -> list[tuple[tuple[str, str, str], int]]:
    """How many of what, at which chosen amount, however the cart spreads it over its lines."""
    units: Counter[tuple[str, str, str]] = Counter()
    for item in order.product_cart:
        units[item.product_id, "", str(item.amount)] += item.quantity
        for addon in item.addons or ():
            units[item.product_id, addon.addon_id, ""] += addon.quantity
    return sorted(units.items())


async def find_recent_sale(sale: FoundSale, desk: Desk) -> State | None:
    """The state of another sale of the same goods to this buyer within the last hour; None for an unnamed buyer.

    Raises:
        LedgerUnavailable: the ledger cannot be read.
    """
    if not sale.names_buyer:
        return None
    return await desk.ledger.find_recent_sale(
        owner=sale.owner, goods=sale.goods, now=desk.clock(), except_preview_id=sale.entry.preview_id
    )
