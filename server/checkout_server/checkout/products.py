"""The catalogue, and how often a subscription product recurs."""

import asyncio

from checkout_schemas.requests.list_products import ListProducts
from checkout_schemas.results import ListedProduct, ProductPage
from checkout_schemas.vocabularies.currencies import display
from checkout_server.checkout.desk import Desk
from checkout_server.gateway.answers import Product
from checkout_server.gateway.errors import GatewayError
from checkout_server.privacy.text import shown

PAGE_SIZE = 20
SEARCH_PAGE_SIZE = 100
SEARCH_PAGES = 5
"""A search reads at most this many pages of the API in one call; the API itself cannot search."""
PRODUCT_LIFE = 300.0
"""Seconds for which a product read once is not read again for its billing cycle."""
REMEMBERED = 2000


async def list_products(request: ListProducts, desk: Desk) -> ProductPage:
    """One page of products; with a query, the next page that has matches."""
    words = (request.query or "").casefold().split()
    size = SEARCH_PAGE_SIZE if words else PAGE_SIZE
    recurring = None if request.kind is None else request.kind == "subscription"
    first, page = request.page or 1, 0
    found: list[Product] = []
    for page in range(first, first + (SEARCH_PAGES if words else 1)):
        rows = await desk.gateway.list_products(page_number=page - 1, page_size=size, recurring=recurring)
        _remember(desk, rows.items)
        found += [product for product in rows.items if _matches(product, words)]
        if rows.is_last:
            return _page(desk, found, None)
        if words and len(found) >= PAGE_SIZE:
            break
    return _page(desk, found, page + 1)


def _matches(product: Product, words: list[str]) -> bool:
    text = " ".join((product.product_id, product.name or "", product.description or "")).casefold()
    return all(word in text for word in words)


def _page(desk: Desk, products: list[Product], next_page: int | None) -> ProductPage:
    return ProductPage(
        environment=desk.environment, products=[_listed(product) for product in products], next_page=next_page
    )


def _listed(product: Product) -> ListedProduct:
    priced = product.price is not None and product.currency is not None
    return ListedProduct(
        product_id=product.product_id,
        name=shown(product.name),
        description=shown(product.description, 300),
        kind="subscription" if product.is_recurring else "one_time",
        price=product.price,
        currency=product.currency,
        interval=interval(product),
        pay_what_you_want=product.pay_what_you_want,
        display={"price": display(product.price, product.currency)} if priced else None,  # pyright: ignore[reportArgumentType] - priced
    )


def interval(product: Product) -> str | None:
    """The billing cycle in words, such as ``1 month`` or ``3 months``."""
    if not product.is_recurring or product.payment_frequency_interval is None:
        return None
    count = product.payment_frequency_count or 1
    return f"{count} {product.payment_frequency_interval.lower()}" + ("s" if count != 1 else "")


async def intervals(
    product_ids: set[str], desk: Desk, *, trusted_seconds: float = PRODUCT_LIFE
) -> dict[str, str | None]:
    """The billing cycle of each product. One that cannot be read has none: the price does not depend on it."""
    oldest = desk.clock() - trusted_seconds
    unknown = [
        product_id for product_id in sorted(product_ids) if desk.products.get(product_id, (0.0, None))[0] < oldest
    ]
    answers = await asyncio.gather(*(desk.gateway.get_product(each) for each in unknown), return_exceptions=True)
    for answer in answers:
        if isinstance(answer, Product):
            _remember(desk, [answer])
        elif not isinstance(answer, GatewayError):
            raise answer
    return {
        product_id: interval(desk.products[product_id][1]) for product_id in product_ids if product_id in desk.products
    }


def _remember(desk: Desk, products: list[Product]) -> None:
    if len(desk.products) > REMEMBERED:
        desk.products.clear()
    now = desk.clock()
    desk.products |= {product.product_id: (now, product) for product in products}
