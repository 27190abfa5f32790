"""What a sale brings forth: subscriptions and licence keys, with ids of their own."""

import secrets
import string
from collections.abc import Sequence
from datetime import datetime

from checkout_server.sandbox.body import Body
from checkout_server.sandbox.catalogue import PRODUCTS
from checkout_server.sandbox.payments import LicenseKey, Subscription

MAX_LICENSE_KEYS = 50
_BASE62 = string.ascii_letters + string.digits


def new_id(prefix: str, length: int = 21) -> str:
    """An id as the provider makes them, as long as the guide's example of a session."""
    return prefix + "".join(secrets.choice(_BASE62) for _ in range(length))


def begin_subscriptions(order: Body, begun: Sequence[Subscription]) -> list[Subscription]:
    """Those of an order's recurring lines; the ones that were begun keep their ids."""
    recurring = [item for item in order["product_cart"] if PRODUCTS[item["product_id"]].cycle is not None]
    ids = [each.id for each in begun]
    return [
        Subscription(id=ids[number] if number < len(ids) else new_id("sub_"), item=item)
        for number, item in enumerate(recurring)
    ]


def make_license_keys(order: Body, now: datetime) -> list[LicenseKey]:
    """The keys of a paid order's products, numbered from 1."""
    products = [
        PRODUCTS[item["product_id"]]
        for item in order["product_cart"]
        for _ in range(min(PRODUCTS[item["product_id"]].license_keys * item["quantity"], MAX_LICENSE_KEYS))
    ]
    return [
        LicenseKey(
            id=new_id("lic_"),
            key=f"LK-{number:03d}-{secrets.token_hex(4).upper()}",
            product_id=product.id,
            created_at=now,
        )
        for number, product in enumerate(products[:MAX_LICENSE_KEYS], 1)
    ]
