"""Recognising the same goods for the same buyer: sold before, or refused by people again and again."""

import contextlib
import json
import unicodedata
from collections import Counter

from checkout_schemas.requests.create_checkout_session import CreateCheckoutSession
from checkout_schemas.requests.preview_checkout import PreviewCheckout
from checkout_server.checkout.desk import Desk
from checkout_server.checkout.ledger.contract import OtherSales, State
from checkout_server.checkout.ledger.ledger_key import LedgerKey
from checkout_server.checkout.sale.stages import FoundSale
from checkout_server.checkout.sessions.life import SESSION_SECONDS

REPEATED: dict[State, str] = {
    State.UNKNOWN: "Within the last hour the same order for this buyer was sent, and how that ended is not known.",
    State.CLAIMED: "A session for the same order and buyer is being created right now.",
    State.CREATED: "A session for the same order and buyer was already created within the last hour.",
}
"""What a person and a model read of another sale of the same goods to the same buyer; of several, the first."""

MOST_SESSIONS = 10
"""Of the buyer, the newest ones."""

_TERMS = {"product_collection_id": True, "subscription_data": {"trial_period_days": True, "on_demand": True}}
_WORDS = {"subscription_data": {"on_demand": {"product_description"}}}
"""What only describes the goods; a model could change it to be allowed one more question."""


def digest_goods(order: PreviewCheckout, request: CreateCheckoutSession, key: LedgerKey) -> str:
    """A digest of what is sold to whom; the price, address, codes and page do not count."""
    terms = order.model_dump(mode="json", include=_TERMS, exclude=_WORDS, exclude_none=True)
    content = json.dumps([_goods(order), terms, _buyer(request)], sort_keys=True, separators=(",", ":"))
    return key.digest(content.encode(), purpose="goods")


def _goods(order: PreviewCheckout) -> list[tuple[tuple[str, str], int]]:
    """How many of what, however the cart spreads it over its lines."""
    units: Counter[tuple[str, str]] = Counter()
    for item in order.product_cart:
        units[item.product_id, ""] += item.quantity
        for addon in item.addons or ():
            units[item.product_id, addon.addon_id] += addon.quantity
    return sorted(units.items())


def digest_buyer(request: CreateCheckoutSession, key: LedgerKey) -> str | None:
    """A digest of who buys, by the name that the request gives them; None if it gives none."""
    buyer = _buyer(request)
    return key.digest(buyer.encode(), purpose="buyer") if buyer else None


def _buyer(request: CreateCheckoutSession) -> str:
    """Who buys, in one spelling: of case, of Unicode and of the e-mail's host. Two buyers that are taken for one cost a
    sentence too many; one that is taken for two costs a warning."""
    customer = request.customer
    named = (customer.customer_id or customer.email or "") if customer is not None else ""
    local, at, host = unicodedata.normalize("NFKC", named).casefold().rpartition("@")
    with contextlib.suppress(UnicodeError):
        host = host.encode("ascii").decode("idna")
    return f"{local}{at}{host}"


async def find_other_sales(sale: FoundSale, desk: Desk) -> OtherSales:
    """Other sales to this buyer; none for an unnamed one.

    Every replica finds the same: a question is worded after it.

    Raises:
        LedgerUnavailable: the ledger cannot be read.
    """
    if sale.sold_to is None:
        return OtherSales()
    now = desk.clock()
    return await desk.ledger.find_other_sales(
        owner=sale.owner,
        goods=sale.goods,
        sold_to=sale.sold_to,
        now=now,
        since=now - SESSION_SECONDS,
        except_preview_id=sale.entry.preview_id,
        most=MOST_SESSIONS,
    )
