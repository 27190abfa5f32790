"""Recently read products, for what the answer to a preview lacks: billing cycles, and whose price the buyer chooses."""

import asyncio
from collections.abc import Iterable

from checkout_server.gateway.answers import Product
from checkout_server.gateway.client import Gateway
from checkout_server.gateway.errors import GatewayError

TRUSTED_SECONDS = 300.0
"""Seconds for which a product is not read again."""
CAPACITY = 2000
"""The most products that are kept; those read longest ago are dropped first."""


class ProductCache:
    """Products by id, each with the time it was read."""

    def __init__(self) -> None:
        self._read: dict[str, tuple[float, Product]] = {}
        self._failed: dict[str, float] = {}
        """When a product could not be read."""

    def clear(self) -> None:
        self._read.clear()
        self._failed.clear()

    def remember(self, products: Iterable[Product], *, now: float) -> None:
        """Keep what was read at ``now`` (epoch seconds)."""
        for product in products:
            self._read.pop(product.product_id, None)  # a dict keeps the place of a key that is set again
            self._read[product.product_id] = now, product
        while len(self._read) > CAPACITY:
            del self._read[next(iter(self._read))]

    async def find(
        self, product_ids: Iterable[str], gateway: Gateway, *, now: float, trusted_seconds: float = TRUSTED_SECONDS
    ) -> dict[str, Product]:
        """The products by id; without those that were never read.

        A product that cannot be read now is as it was read before, since the price does not depend on it.

        Args:
            product_ids: which ones.
            gateway: reads the products that are not known, or were read too long ago.
            now: epoch seconds.
            trusted_seconds: how old a reading may be; 0 reads every product again.
        """
        wanted = sorted(set(product_ids))
        stale = [product_id for product_id in wanted if not self._was_read_within(trusted_seconds, product_id, now)]
        answers = await asyncio.gather(*(gateway.get_product(each) for each in stale), return_exceptions=True)
        for answer in answers:
            if isinstance(answer, Product):
                self.remember([answer], now=now)
            elif not isinstance(answer, GatewayError):
                raise answer
        return {product_id: self._read[product_id][1] for product_id in wanted if product_id in self._read}

    async def find_readable(self, product_ids: Iterable[str], gateway: Gateway, *, now: float) -> dict[str, Product]:
        """As ``find``, for what is not worth asking again: a product that could not be read is left out for a while."""
        never = now - TRUSTED_SECONDS
        wanted = {each for each in product_ids if not 0 <= now - self._failed.get(each, never) < TRUSTED_SECONDS}
        found: dict[str, Product] = {}
        try:
            found = await self.find(wanted, gateway, now=now)
        finally:  # also when the caller waits no longer
            self._failed |= dict.fromkeys(wanted - found.keys(), now)
            while len(self._failed) > CAPACITY:
                del self._failed[next(iter(self._failed))]
        return found

    async def find_cycles(
        self, product_ids: Iterable[str], gateway: Gateway, *, now: float, trusted_seconds: float = TRUSTED_SECONDS
    ) -> dict[str, str | None]:
        """The billing cycles of subscription products, found as ``find`` does."""
        products = await self.find(product_ids, gateway, now=now, trusted_seconds=trusted_seconds)
        return {product_id: describe_cycle(product) for product_id, product in products.items()}

    def _was_read_within(self, seconds: float, product_id: str, now: float) -> bool:
        """Whether the reading is recent enough; one from the future is not, since the clock was set back."""
        return product_id in self._read and 0 <= now - self._read[product_id][0] < seconds


def describe_cycle(product: Product) -> str | None:
    """The billing cycle in words, such as ``1 month`` or ``3 months``; None when nothing recurs."""
    if not product.is_recurring or product.payment_frequency_interval is None:
        return None
    count = product.payment_frequency_count or 1
    return f"{count} {product.payment_frequency_interval.lower()}" + ("s" if count != 1 else "")
