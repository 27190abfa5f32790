"""The list of products: what the policy allows to sell, searched by words, in pages."""

from collections.abc import Callable

from checkout_schemas.requests.list_products import ListProducts
from checkout_schemas.results import ListedProduct, ProductPage
from checkout_schemas.vocabularies.currencies import display
from checkout_server.checkout.catalogue.cache import describe_cycle
from checkout_server.checkout.desk import Desk
from checkout_server.checkout.policy.document import Policy
from checkout_server.gateway.answers import Product
from checkout_server.privacy.text import shown

PAGE_SIZE = 20
"""``page`` counts pages of this many products of the API's list, whether they are shown or not."""
SEARCH_PAGE_SIZE = 100
"""A multiple of ``PAGE_SIZE``, and the most that the API gives at once."""
SEARCH_PAGES = 5
"""A search reads at most this many pages of the API in one call; the API itself cannot search."""

Filter = Callable[[Product], bool]


async def list_products(request: ListProducts, desk: Desk) -> ProductPage:
    """One page of products; where a query or the policy leaves some out, the next pages until one is full.

    Raises:
        GatewayError: the API refused or did not answer.
    """
    filters = _filters(request, desk.policy)
    size = SEARCH_PAGE_SIZE if filters else PAGE_SIZE
    recurring = None if request.kind is None else request.kind == "subscription"
    allowed = desk.policy.allow.products
    unseen = None if allowed is None else set(allowed)
    page, found = request.page or 1, list[Product]()
    for _ in range(SEARCH_PAGES):
        number, skipped = divmod((page - 1) * PAGE_SIZE, size)
        answer = await desk.gateway.list_products(page_number=number, page_size=size, recurring=recurring)
        rows = answer.items
        desk.products.remember(rows, now=desk.clock())
        for start in range(skipped, size, PAGE_SIZE):
            matches = [row for row in rows[start : start + PAGE_SIZE] if all(passes(row) for passes in filters)]
            if matches and len(found) >= PAGE_SIZE:
                return _page(found, page, desk)
            found += matches
            page += 1
        if unseen is not None:
            unseen -= {row.product_id for row in rows}
        if answer.is_last or unseen == set():
            return _page(found, None, desk)
        if len(found) >= PAGE_SIZE:
            break
    return _page(found, page, desk)


def _filters(request: ListProducts, policy: Policy) -> list[Filter]:
    """What a product must pass to be shown; none when all are."""
    words = (request.query or "").casefold().split()
    limited = policy.allow.products is not None or policy.limits.max_total is not None
    return [
        *([lambda product: _matches(product, words)] if words else []),
        *([lambda product: may_be_sold(product, policy)] if limited else []),
    ]


def _matches(product: Product, words: list[str]) -> bool:
    text = " ".join((product.product_id, product.name or "", product.description or "")).casefold()
    return all(word in text for word in words)


def may_be_sold(product: Product, policy: Policy) -> bool:
    """Whether the policy allows a product, judged by its list price; a preview judges the real one.

    A product in a currency without a limit may be sold in another, by ``billing_currency`` or by the buyer's country.
    """
    if policy.allow.products is not None and product.product_id not in policy.allow.products:
        return False
    limits = policy.limits.max_total
    if limits is None:
        return True
    if product.is_usage_based:
        return False  # what cannot be bounded is not sold under a limit
    most = limits.get(product.currency or "")
    return most is None or product.price is None or product.price <= most


def _page(products: list[Product], next_page: int | None, desk: Desk) -> ProductPage:
    return ProductPage(
        environment=desk.environment, products=[_describe(product) for product in products], next_page=next_page
    )


def _describe(product: Product) -> ListedProduct:
    priced = product.price is not None and product.currency is not None
    return ListedProduct(
        product_id=product.product_id,
        name=shown(product.name),
        description=shown(product.description, 300),
        kind="subscription" if product.is_recurring else "one_time",
        price=product.price,
        currency=product.currency,
        interval=describe_cycle(product),
        pay_what_you_want=product.pay_what_you_want,
        display={"price": display(product.price, product.currency)} if priced else None,  # pyright: ignore[reportArgumentType] - priced
    )
