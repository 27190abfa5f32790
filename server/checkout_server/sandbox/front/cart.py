"""The cart of the front page, as the body of a checkout."""

from collections.abc import Mapping

from checkout_server.sandbox.body import Body
from checkout_server.sandbox.catalogue import PRODUCTS, Product
from checkout_server.sandbox.errors import bad_body


def order_of(form: Mapping[str, str], url: str) -> Body:
    """The order of a submitted form.

    Args:
        form: quantities by product id, or by product and add-on id; codes, customer, country and currency.
        url: of the sandbox, where the buyer returns.

    Raises:
        ApiError: 400 for an empty cart, an add-on without its product, or a quantity that is not a number.
    """
    cart = [item for product in PRODUCTS.values() if (item := _item(product, form))]
    if not cart:
        raise bad_body("product_cart is empty")
    order: Body = {"product_cart": cart, "cancel_url": f"{url}/", "return_url": f"{url}/returned"}
    if codes := form.get("discount_codes", "").replace(",", " ").split():
        order["discount_codes"] = codes
    if customer_id := form.get("customer_id"):
        order["customer"] = {"customer_id": customer_id}
    if country := form.get("country"):
        order["billing_address"] = {"country": country}
    if currency := form.get("billing_currency"):
        order["billing_currency"] = currency
    return order


def _item(product: Product, form: Mapping[str, str]) -> Body | None:
    quantity = _quantity(product.id, form)
    counts = {addon_id: _quantity(f"{product.id} {addon_id}", form) for addon_id in product.addons}
    addons = [{"addon_id": addon_id, "quantity": count} for addon_id, count in counts.items() if count]
    if addons and not quantity:
        raise bad_body("an add-on needs its product")
    item: Body = {"product_id": product.id, "quantity": quantity}
    return item | ({"addons": addons} if addons else {}) if quantity else None


def _quantity(name: str, form: Mapping[str, str]) -> int:
    text = form.get(name, "").strip() or "0"
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise bad_body("quantity must be a positive integer")
    return int(text)
