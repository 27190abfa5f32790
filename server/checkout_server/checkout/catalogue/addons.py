"""The add-ons that subscriptions take: read beside the list of products, within bounds, and remembered for a while."""

import asyncio
import contextlib
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from checkout_server.checkout.catalogue.cache import TRUSTED_SECONDS
from checkout_server.gateway.answers import Addon, Product
from checkout_server.gateway.client import Gateway
from checkout_server.gateway.errors import GatewayError

READ_SECONDS = 3.0
"""How long a list of products waits for its add-ons."""
ADDONS_AT_ONCE = 100
"""The most that the API gives in a page. An add-on beyond it is listed by its id."""
MOST_PRODUCTS = 40
"""Subscriptions whose add-ons are asked for in one call: the API gives them with a single product only."""
PRODUCTS_AT_ONCE = 8
MOST_PRODUCTS_KEPT = 2000
MOST_LOCALES_KEPT = 30
"""What was read longest ago is forgotten first."""

KeyT = TypeVar("KeyT")
ReadingT = TypeVar("ReadingT")
Addons = Mapping[str, Addon]
"""By id."""


class AddonShelf:
    """Which add-ons a subscription takes, and what each of them is called and costs."""

    def __init__(self) -> None:
        self._addons: dict[str | None, tuple[float, Addons]] = {}
        """By locale."""
        self._taken: dict[str, tuple[float, tuple[str, ...]]] = {}
        """Ids of add-ons by product, each with the time they were read."""

    async def find(
        self, products: Sequence[Product], gateway: Gateway, *, locale: str | None, now: float
    ) -> Mapping[str, list[Addon]]:
        """The add-ons of each subscription that takes any.

        What the API does not answer in time is left out: an add-on without its name and price, a subscription without
        its add-ons.

        Args:
            products: of one list.
            gateway: where they are read.
            locale: of the names.
            now: epoch seconds.
        """
        wanted = [each.product_id for each in products if each.is_recurring and not each.is_usage_based][:MOST_PRODUCTS]
        if not wanted:
            return {}
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(READ_SECONDS):
                if await self._read_addons(gateway, locale, now) != {}:  # most merchants have none at all
                    await self._read_taken(wanted, gateway, now)
        _, addons = self._addons.get(locale, (now, {}))
        taken = {each: self._taken[each][1] for each in wanted if each in self._taken}
        return {
            product_id: [addons.get(each) or Addon.model_validate({"id": each}) for each in ids]
            for product_id, ids in taken.items()
            if ids
        }

    async def find_taken(
        self, product_ids: Iterable[str], gateway: Gateway, *, now: float
    ) -> Mapping[str, tuple[str, ...]]:
        """Ids of the add-ons that each product takes; a product of which the API does not tell is left out.

        Args:
            product_ids: of subscriptions.
            gateway: where they are read.
            now: epoch seconds.
        """
        wanted = list(product_ids)
        await self._read_taken(wanted, gateway, now)
        return {each: self._taken[each][1] for each in wanted if each in self._taken}

    async def _read_addons(self, gateway: Gateway, locale: str | None, now: float) -> Addons | None:
        """Read the merchant's add-ons unless they were read lately; None when the API does not tell."""
        if _is_fresh(self._addons.get(locale), now):
            return self._addons[locale][1]
        try:
            rows = await gateway.list_addons(page_number=0, page_size=ADDONS_AT_ONCE, locale=locale)
        except GatewayError:
            return None
        _keep(self._addons, locale, (now, {each.addon_id: each for each in rows.items}), most=MOST_LOCALES_KEPT)
        return self._addons[locale][1] if rows.is_last else None

    async def _read_taken(self, product_ids: Iterable[str], gateway: Gateway, now: float) -> None:
        """Read which add-ons the products take. What was read before a time-out stays read."""
        at_once = asyncio.Semaphore(PRODUCTS_AT_ONCE)

        async def read(product_id: str) -> None:
            with contextlib.suppress(GatewayError):
                async with at_once:
                    product = await gateway.get_product(product_id)
                _keep(
                    self._taken, product_id, (now, tuple(dict.fromkeys(product.addons or ()))), most=MOST_PRODUCTS_KEPT
                )

        await asyncio.gather(*(read(each) for each in product_ids if not _is_fresh(self._taken.get(each), now)))


def _keep(readings: dict[KeyT, ReadingT], key: KeyT, reading: ReadingT, *, most: int) -> None:
    readings.pop(key, None)  # a dict keeps the place of a key that is set again
    readings[key] = reading
    while len(readings) > most:
        del readings[next(iter(readings))]


def _is_fresh(reading: tuple[float, object] | None, now: float) -> bool:
    """Whether it is young enough; one from the future is not, since the clock jumped back."""
    return reading is not None and 0 <= now - reading[0] < TRUSTED_SECONDS
