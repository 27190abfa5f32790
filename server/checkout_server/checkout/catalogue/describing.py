"""A product and its add-ons, as a model reads them. What is usual is not mentioned."""

from collections import Counter
from collections.abc import Callable, Iterable

from checkout_schemas.results import ListedAddon, ListedProduct
from checkout_schemas.vocabularies.currencies import display, display_number
from checkout_server.checkout.catalogue.cache import describe_cycle
from checkout_server.gateway.answers import Addon, Product
from checkout_server.privacy.text import shown

MOST_DESCRIPTION = 300
"""Characters of a product's description."""


def common_currency(products: Iterable[Product]) -> str | None:
    """The currency of the most prices of a page, which its products do not repeat."""
    [(currency, _)] = Counter(each.currency for each in products).most_common(1) or [(None, 0)]
    return currency


def describe_product(product: Product, addons: Iterable[Addon], *, currency_of_page: str | None) -> ListedProduct:
    """What is listed of a product on a page whose prices are in ``currency_of_page`` where nothing else is said."""
    return ListedProduct(
        product_id=product.product_id,
        name=shown(product.name),
        description=shown(product.description, MOST_DESCRIPTION) or None,
        price=product.price,
        currency=product.currency if product.currency != currency_of_page else None,
        interval=describe_cycle(product),
        special=", ".join(words for describe in _SPECIALS if (words := describe(product)) is not None) or None,
        addons=[_describe_addon(each, product.currency) for each in addons] or None,
        display=_display(product.price, product.currency),
    )


def _describe_addon(addon: Addon, currency_of_product: str | None) -> ListedAddon:
    return ListedAddon(
        addon_id=addon.addon_id,
        name=shown(addon.name),
        price=addon.price,
        currency=addon.currency if addon.currency != currency_of_product else None,
        display=_display(addon.price, addon.currency),
    )


def _display(price: int | None, currency: str | None) -> dict[str, str] | None:
    return None if price is None or currency is None else {"price": display_number(price, currency)}


def _trial(product: Product) -> str | None:
    if not product.trial_period_days:
        return None
    if not product.trial_amount or product.currency is None:
        return f"{product.trial_period_days}-day free trial"
    return f"{product.trial_period_days}-day trial for {display(product.trial_amount, product.currency)}"


_SPECIALS: tuple[Callable[[Product], str | None], ...] = (
    lambda product: "subscription" if product.is_recurring and product.payment_frequency_interval is None else None,
    lambda product: "pay what you want, from price up" if product.pay_what_you_want else None,
    lambda product: "usage billed on top" if product.is_usage_based else None,
    _trial,
    lambda product: "tax included" if product.tax_inclusive else None,
)
"""What the price alone does not say."""
