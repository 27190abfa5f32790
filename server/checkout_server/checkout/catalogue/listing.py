"""The list of products: what the policy allows to sell, searched by words, in pages."""

from dataclasses import dataclass, field

from checkout_schemas.requests.list_products import ListProducts
from checkout_schemas.results import ProductPage
from checkout_server.checkout.catalogue.describing import common_currency, describe_product
from checkout_server.checkout.catalogue.search import Query
from checkout_server.checkout.desk import Desk
from checkout_server.checkout.policy.document import Policy
from checkout_server.gateway.answers import Product

PAGE_SIZE = 20
"""``page`` counts pages of this many products of the API's list, whether they are shown or not."""
SEARCH_PAGE_SIZE = 100
"""A multiple of ``PAGE_SIZE``, and the most that the API gives at once."""
SEARCH_PAGES = 5
"""A search reads at most this many pages of the API in one call; the API itself cannot search."""
LEAST_SHARE = 0.5
"""Of the query's words, for a product that is shown although it lacks some."""


@dataclass(slots=True)
class _Found:
    """What a call found so far."""

    query: Query
    policy: Policy
    whole: list[Product] = field(default_factory=list[Product])
    """With all words of the query."""
    partial: list[tuple[float, Product]] = field(default_factory=list[tuple[float, Product]])
    """With some of them: the share, and the product."""

    def matches(self, rows: list[Product]) -> list[Product]:
        """Those that may be sold and have all words; the others that have some are noted."""
        matching: list[Product] = []
        for row in rows:
            if not may_be_sold(row, self.policy):
                continue
            share = self.query.share(row)
            if share == 1:
                matching.append(row)
            elif share >= LEAST_SHARE:
                self.partial.append((share, row))
        return matching

    def closest(self) -> list[Product]:
        """At most a page of those with the most words."""
        most = max((share for share, _ in self.partial), default=0)
        return [product for share, product in self.partial if share == most][:PAGE_SIZE]


async def list_products(request: ListProducts, desk: Desk) -> ProductPage:
    """One page of products; where a query or the policy leaves some out, the next pages until one is full.

    Raises:
        GatewayError: the API refused or did not answer.
    """
    found = _Found(Query(request.query), desk.policy)
    next_page = await _read(request, found, desk)
    products = found.whole
    # On the first page alone: a later one follows products that had all words.
    closest = found.closest() if not products and _is_first(request) else []
    listed = products or closest
    addons = await desk.addons.find(listed, desk.gateway, locale=_language(request), now=desk.clock())
    currency = common_currency(listed)
    return ProductPage(
        environment=desk.environment,
        currency=currency,
        products=[
            describe_product(each, addons.get(each.product_id, ()), currency_of_page=currency) for each in listed
        ],
        next_page=next_page,
        next_step=None if products else _next_step(request, next_page, closest=bool(closest)),
    )


async def _read(request: ListProducts, found: _Found, desk: Desk) -> int | None:
    """Read the catalogue until a page is full; the page to go on with, if there is more."""
    size = SEARCH_PAGE_SIZE if found.query or _is_limited(desk.policy) else PAGE_SIZE
    recurring = None if request.kind is None else request.kind == "subscription"
    allowed = desk.policy.allow.products
    unseen = None if allowed is None else set(allowed)
    page = request.page or 1
    for _ in range(SEARCH_PAGES):
        number, skipped = divmod((page - 1) * PAGE_SIZE, size)
        answer = await desk.gateway.list_products(
            page_number=number, page_size=size, recurring=recurring, locale=_language(request)
        )
        rows = answer.items
        desk.products.remember(rows, now=desk.clock())
        for start in range(skipped, size, PAGE_SIZE):
            matches = found.matches(rows[start : start + PAGE_SIZE])
            if matches and len(found.whole) >= PAGE_SIZE:
                return page
            found.whole += matches
            page += 1
        if unseen is not None:
            unseen -= {row.product_id for row in rows}
        if answer.is_last or unseen == set():
            return None
        if len(found.whole) >= PAGE_SIZE:
            break
    return page


def _is_first(request: ListProducts) -> bool:
    return request.page in {None, 1}


def _language(request: ListProducts) -> str | None:
    """The API translates into languages, without a region (SDK: ``Locale``)."""
    return None if request.locale is None else request.locale.replace("_", "-").partition("-")[0]


def _is_limited(policy: Policy) -> bool:
    return policy.allow.products is not None or policy.limits.max_total is not None


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


def _next_step(request: ListProducts, next_page: int | None, *, closest: bool) -> str:
    """What to do where nothing is what was asked for."""
    filters = " and ".join(name for name in ("query", "kind") if getattr(request, name) is not None)
    everything = f"to see everything, call list_products without {filters}"
    if closest:
        return f"No product has all of these words; these have the most of them; {everything}."
    if next_page is not None:
        return f"Nothing so far: call list_products with page {next_page}" + (f", or {everything}." if filters else ".")
    if not _is_first(request):
        return "There are no more products: leave page out to start again."
    if filters:
        return f"No product matches: {everything}."
    return "Nothing can be sold here. The merchant's operator must add products or allow them."
