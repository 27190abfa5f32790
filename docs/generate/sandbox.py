"""What the sandbox sells and knows, from its catalogue."""

from checkout_schemas.vocabularies.currencies import display
from checkout_server.privacy.text import shown
from checkout_server.sandbox.cards import CARDS, Card
from checkout_server.sandbox.catalogue import CUSTOMERS, DISCOUNTS, PRODUCTS, Customer, Cycle, Discount, Product
from docs.generate.markdown import code, table

_NAME_LENGTH = 60


def catalogue() -> str:
    rows = [
        (code(product.id), shown(product.name, _NAME_LENGTH) or "", _price(product), ", ".join(_special(product)))
        for product in PRODUCTS.values()
        if not product.archived
    ]
    return table(("product_id", "name", "price", "special"), rows)


def _price(product: Product) -> str:
    price = display(product.price, product.currency)
    return price if product.cycle is None else f"{price} every {_interval(product.cycle)}"


def _interval(cycle: Cycle) -> str:
    unit = cycle.interval.lower()
    return unit if cycle.count == 1 else f"{cycle.count} {unit}s"


def _special(product: Product) -> list[str]:
    """What an agent must cope with."""
    keys, days = product.license_keys, product.cycle.trial_days if product.cycle is not None else 0
    found = {
        "the buyer chooses the price, at least this": product.pay_what_you_want,
        "tax included": product.tax_inclusive,
        "usage on top": bool(product.meters),
        "add-ons": bool(product.addons),
        "credits": product.credit_entitlement is not None,
        "a licence key" if keys == 1 else f"{keys} licence keys": keys > 0,
        f"{days} days of trial": days > 0,
    }
    return [words for words, holds in found.items() if holds]


def codes() -> str:
    return table(("code", "discount"), [(code(name), _discount(each)) for name, each in DISCOUNTS.items()])


def _discount(discount: Discount) -> str:
    parts = [f"{discount.basis_points / 100:g} %"]
    parts += [f"for {discount.cycles} billing cycles"] if discount.cycles else []
    parts += ["on " + ", ".join(map(code, discount.products))] if discount.products else []
    parts += ["expired"] if discount.expired else []
    parts += ["used up"] if discount.used_up else []
    return ", ".join(parts)


def cards() -> str:
    return table(("card", "what comes of it"), [(code(card.spaced), _end(card)) for card in CARDS.values()])


def _end(card: Card) -> str:
    if card.is_challenged:
        return "the bank asks the buyer (3-D Secure)"
    return f"declined: {code(card.error_code)}" if card.error_code else "pays"


def customers() -> str:
    return table(
        ("customer_id", "saved payment methods"), [(code(key), _methods(each)) for key, each in CUSTOMERS.items()]
    )


def _methods(customer: Customer) -> str:
    methods = [
        code(method.id) + (f" ({', '.join(method.currencies)} only)" if method.currencies else "")
        for method in customer.methods
    ]
    return ", ".join(methods) or "none"
