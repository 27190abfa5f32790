"""The many ways in which an agent puts a buyer's words where they do not belong, or in a form that is refused."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote_plus

from privacy_corpus import CARD, Buyer

CART = [{"product_id": "prod_corpus", "quantity": 1}]


def order(buyer: Buyer) -> dict[str, Any]:
    """Arguments of ``preview_checkout``, all in their right places."""
    address = {"country": "US", "state": "CA", "street": buyer.street, "city": buyer.city, "zipcode": buyer.zipcode}
    return {
        "product_cart": CART,
        "billing_address": address,
        "tax_id": buyer.tax_id,
        "customer_business_name": buyer.business,
    }


def sale(buyer: Buyer, preview_id: str) -> dict[str, Any]:
    """Arguments of ``create_checkout_session``, all in their right places."""
    return {
        "preview_id": preview_id,
        "customer": {"email": buyer.email, "name": buyer.name, "phone_number": buyer.phone},
        "return_url": f"https://shop.example/thanks?who={quote_plus(buyer.email)}",
        "cancel_url": f"https://shop.example/back?{quote_plus(buyer.name)}#{quote_plus(buyer.note)}",
        "metadata": {"email": buyer.email, "note": buyer.note, "name": buyer.name, "card": CARD},
    }


def _preview(**wrong: Callable[[Buyer], Any]) -> Callable[[Buyer, str], tuple[str, dict[str, Any]]]:
    return lambda buyer, _: ("preview_checkout", order(buyer) | {name: of(buyer) for name, of in wrong.items()})


def _create(**wrong: Callable[[Buyer], Any]) -> Callable[[Buyer, str], tuple[str, dict[str, Any]]]:
    return lambda buyer, preview_id: (
        "create_checkout_session",
        sale(buyer, preview_id) | {name: of(buyer) for name, of in wrong.items()},
    )


MISPLACED: tuple[Callable[[Buyer, str], tuple[str, dict[str, Any]]], ...] = (
    _preview(product_cart=lambda b: [{"product_id": b.email, "quantity": 1}]),
    _preview(product_cart=lambda b: [{"product_id": CARD, "quantity": b.phone}]),
    _preview(product_cart=lambda b: f'[{{"product_id": "{b.email}"'),
    _preview(product_cart=lambda b: b.email, product_collection_id=lambda b: b.note),
    _preview(billing_address=lambda b: {"country": b.name, "zipcode": CARD}),
    _preview(billing_address=lambda b: {"country": "US", "zipcode": CARD}),
    _preview(billing_address=lambda b: f"{b.street}, {b.city}"),
    _preview(billing_address=lambda b: [b.street, b.city, {b.name: b.email}]),
    _preview(billing_currency=lambda b: b.name, locale=lambda b: b.email),
    _preview(discount_codes=lambda b: [b.email, {"name": b.name}]),
    _preview(discount_codes=lambda b: b.email, tax_id=lambda b: [b.tax_id]),
    _preview(customer=lambda b: {"email": b.email, b.name: b.phone}, email=lambda b: b.email),
    _preview(subscription_data=lambda b: {b.name: {"on_demand": b.note}}),
    _preview(customer_business_name=lambda b: f"{b.business}\x00{b.note * 20}"),
    lambda b, _: ("preview_checkout", order(b) | {b.name: b.email, b.email: b.name}),
    _create(customer=lambda b: {"email": f"{b.name} <{b.email}>"}),
    _create(customer=lambda b: {"email": b.email, "phone_number": f"{b.phone} ext 9"}),
    _create(customer=lambda b: b.email),
    _create(customer=lambda b: f'{{"email": "{b.email}", "name": '),
    _create(customer=lambda b: {"customer_id": b.email, "name": b.name}),
    _create(return_url=lambda b: f"https://{quote_plus(b.email)}:{CARD}@shop.example/"),
    _create(return_url=lambda b: f"http://shop.example/?to={b.email}", cancel_url=lambda b: b.name),
    _create(metadata=lambda b: {"buyer": {"name": b.name}}),
    _create(metadata=lambda b: {b.email: b.note, b.name: True}),
    _create(metadata=lambda b: {b.note * 9: b.email}),
    _create(metadata=lambda b: [b.email, b.name]),
    _create(custom_fields=lambda b: [{"key": b.name, "field_type": b.email}]),
    _create(custom_fields=lambda b: {b.name: b.email}),
    _create(feature_flags=lambda b: {b.email: True, "single_page": b.name}),
    _create(allowed_payment_method_types=lambda b: [b.email, CARD]),
    _create(customization=lambda b: {"theme": b.name, "force_language": b.name, b.email: b.note}),
    _create(payment_method_id=lambda b: CARD, confirm=lambda b: b.name),
    _create(mandate_min_amount_inr_paise=lambda b: CARD, short_link=lambda b: b.phone),
    _create(preview_id=lambda b: b.email),
    _create(product_cart=lambda b: [{"product_id": b.email}], tax_id=lambda b: b.tax_id),
    lambda b, _: ("create_checkout_session", {k: v for k, v in sale(b, "").items() if k != "preview_id"}),
    lambda b, _: ("get_checkout_session", {"session_id": b.email}),
    lambda b, _: ("get_checkout_session", {"preview_id": CARD}),
    lambda b, _: ("get_checkout_session", {"preview_id": b.phone, "session_id": b.name}),
    lambda b, _: ("get_checkout_session", {b.email: b.name}),
    lambda b, _: ("list_products", {"query": f"{b.name} {b.email}"}),
    lambda b, _: ("list_products", {"query": b.note, "kind": b.email, "page": b.phone}),
    lambda b, _: ("list_products", {"page": int(CARD)}),
    lambda b, _: ("list_saved_payment_methods", {"customer_id": b.email}),
    lambda b, _: ("list_saved_payment_methods", {"customer_id": b.name, b.email: CARD}),
)
"""Given a buyer and a preview to name: a tool and its arguments."""
