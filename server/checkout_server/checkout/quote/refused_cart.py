"""Which rows of a cart the payment API refused, and what there is in their place. The API itself names neither."""

import asyncio
import difflib
import re
from collections.abc import Iterable, Iterator, Mapping

from checkout_schemas.errors import Problem
from checkout_schemas.parsing.words import did_you_mean
from checkout_schemas.requests.preview_checkout import PreviewCheckout
from checkout_schemas.vocabularies.currencies import CURRENCIES, display
from checkout_server.checkout.catalogue.listing import SEARCH_PAGE_SIZE, may_be_sold
from checkout_server.checkout.catalogue.search import Query
from checkout_server.checkout.desk import Desk
from checkout_server.checkout.policy.document import Policy
from checkout_server.checkout.policy.enforcement import SEE_LIST, name_products
from checkout_server.checkout.refusals import CheckoutRefusal, cart_refused
from checkout_server.gateway.answers import Product
from checkout_server.gateway.api_codes import API_CODES
from checkout_server.gateway.errors import GatewayError, NotFound, Refused
from checkout_server.gateway.reading import Rows

LOOK_UP_SECONDS = 3.0
"""How long a refused call waits to learn which row it was."""
MEANT_AT_MOST = 3
_SLIP = 0.9
"""How alike two ids are that differ by a slip of the keys. Ids of a kind begin alike and are random after that."""
_PLAIN_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""What is read out of the merchant's ids: nothing that could be a sentence."""


async def find_refused_rows(refusal: Refused, order: PreviewCheckout, desk: Desk) -> CheckoutRefusal | Refused:
    """The refusal with the rows that it is about; as it came where they cannot be found in time."""
    code = refusal.code or ("NOT_FOUND" if isinstance(refusal, NotFound) else "")
    find = _FINDERS.get(code)
    if find is None:
        return refusal
    try:
        async with asyncio.timeout(LOOK_UP_SECONDS):
            problems = await find(order, desk)
    except (GatewayError, TimeoutError):
        return refusal
    return cart_refused(problems, refusal.code, retry=API_CODES[code].retry) if problems else refusal


async def _find_unknown_products(order: PreviewCheckout, desk: Desk) -> list[Problem]:
    ids = list(dict.fromkeys(item.product_id for item in order.product_cart))
    exist = dict(zip(ids, await asyncio.gather(*(_exists(each, desk) for each in ids)), strict=True))
    wrong = {each for each in ids if not exist[each]}
    if not wrong:
        return []
    return _name_others(wrong, "is not a product that is sold here", order, await _list_sold(desk), desk.policy)


async def _exists(product_id: str, desk: Desk) -> bool:
    try:
        await desk.gateway.get_product(product_id)
    except NotFound:
        return False
    return True


async def _find_withdrawn_products(order: PreviewCheckout, desk: Desk) -> list[Problem]:
    listed = await _list_sold(desk)
    if not listed.is_last:
        return []
    wrong = {item.product_id for item in order.product_cart} - {row.product_id for row in listed.items}
    return _name_others(wrong, "is no longer sold", order, listed, desk.policy)


async def _list_sold(desk: Desk) -> Rows[Product]:
    return await desk.gateway.list_products(page_number=0, page_size=SEARCH_PAGE_SIZE, recurring=None)


def _name_others(
    wrong: set[str], problem: str, order: PreviewCheckout, listed: Rows[Product], policy: Policy
) -> list[Problem]:
    """A problem for each line with a product that is not sold."""
    sold = [row for row in listed.items if may_be_sold(row, policy)]
    return [
        Problem(
            path=f"product_cart[{index}].product_id",
            problem=problem,
            suggestion=_others(item.product_id, sold, is_all=listed.is_last),
        )
        for index, item in enumerate(order.product_cart)
        if item.product_id in wrong
    ]


def _others(wrong: str, sold: list[Product], *, is_all: bool) -> str:
    """What is sold instead: the product that has such a name, or an id with a slip in it; never just the nearest."""
    named = _readable(row.product_id for row in sold if Query(wrong).share(row) == 1)
    ids = _readable(row.product_id for row in sold)
    meant = named if 0 < len(named) <= MEANT_AT_MOST else difflib.get_close_matches(wrong, ids, n=1, cutoff=_SLIP)
    if meant:
        return f"{did_you_mean(meant)} {SEE_LIST}"
    return name_products(ids) if is_all else SEE_LIST


def _readable(ids: Iterable[str]) -> list[str]:
    return [each for each in ids if _PLAIN_ID.fullmatch(each)]


async def _find_low_amounts(order: PreviewCheckout, desk: Desk) -> list[Problem]:
    """Lines below the least that a pay-what-you-want product costs, or without an amount."""
    ids = list(dict.fromkeys(item.product_id for item in order.product_cart))
    products = dict(zip(ids, await asyncio.gather(*map(desk.gateway.get_product, ids)), strict=True))
    found: list[Problem] = []
    for index, item in enumerate(order.product_cart):
        product = products[item.product_id]
        least = product.price
        if not product.pay_what_you_want or least is None or product.currency not in CURRENCIES:
            continue
        if item.amount is None or item.amount < least:
            found.append(
                Problem(
                    path=f"product_cart[{index}].amount",
                    problem="is required" if item.amount is None else "is below the least that this product costs",
                    suggestion=f"ask the buyer for at least {display(least, product.currency)}, which is {least}",
                )
            )
    return found


async def _find_refused_addons(order: PreviewCheckout, desk: Desk) -> list[Problem]:
    with_addons = {item.product_id for item in order.product_cart if item.addons}
    taken = await desk.addons.find_taken(with_addons, desk.gateway, now=desk.clock())
    return list(_refused_addons(order, taken))


def _refused_addons(order: PreviewCheckout, taken: Mapping[str, tuple[str, ...]]) -> Iterator[Problem]:
    for index, item in enumerate(order.product_cart):
        known = taken.get(item.product_id)
        if known is None:
            continue
        ids = _readable(known)
        for place, addon in enumerate(item.addons or ()):
            if addon.addon_id not in known:
                yield Problem(
                    path=f"product_cart[{index}].addons[{place}].addon_id",
                    problem="is not an add-on of this product",
                    suggestion=f"it takes: {', '.join(ids)}" if ids else "it takes none: leave addons out",
                )


_FINDERS = {
    "NOT_FOUND": _find_unknown_products,
    "PRODUCT_IS_DELETED": _find_withdrawn_products,
    "MISSING_ADDON_IDS": _find_refused_addons,
    "PAY_AS_YOU_WANT_AMOUNT_REQUIRED": _find_low_amounts,
    "REQUEST_AMOUNT_BELOW_MINIMUM": _find_low_amounts,
}
"""By the API's code: how the rows to blame are found."""
