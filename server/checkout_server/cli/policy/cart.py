"""The cart that ``policy --try`` is about: of the command line, of a JSON file or of stdin."""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any, cast

from checkout_schemas.requests.preview_checkout import PreviewCheckout
from checkout_server.settings.model import expanded

MOST_BYTES = 1024 * 1024
_ADDRESS = ("country", "state", "zipcode")


class CartUnusable(Exception):
    """The cart cannot be read. The text is a sentence without anything of the cart."""


def read_cart(arguments: argparse.Namespace) -> tuple[dict[str, Any], dict[str, Any]]:
    """The arguments of ``preview_checkout`` and those of ``create_checkout_session``, as a model would send them.

    No field is in both tools, so that one object can hold both.

    Raises:
        CartUnusable: it is neither products nor JSON.
    """
    cart = _read(arguments.cart) | _options(arguments)
    address = {name: getattr(arguments, name) for name in _ADDRESS if getattr(arguments, name) is not None}
    if address:
        given = cart.get("billing_address")
        cart["billing_address"] = (cast(dict[str, Any], given) if isinstance(given, dict) else {}) | address
    order = {name: value for name, value in cart.items() if name in PreviewCheckout.model_fields}
    return order, {name: value for name, value in cart.items() if name not in order}


def _options(arguments: argparse.Namespace) -> dict[str, Any]:
    given = {
        "billing_currency": arguments.currency,
        "discount_codes": arguments.code,
        "return_url": arguments.return_url,
    }
    return {name: value for name, value in given.items() if value is not None}


def _read(words: Sequence[str]) -> dict[str, Any]:
    match words:
        case ["-"]:
            return _object(sys.stdin.buffer.read(MOST_BYTES))
        case [name] if name.endswith(".json"):
            try:
                with expanded(name).open("rb") as file:
                    return _object(file.read(MOST_BYTES))
            except OSError:
                raise CartUnusable("The JSON file of the cart cannot be read.") from None
        case _:
            return {"product_cart": [_line(word) for word in words]}


def _object(content: bytes) -> dict[str, Any]:
    try:
        cart: Any = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise CartUnusable("The cart is not JSON.") from None
    if not isinstance(cart, dict):
        raise CartUnusable("The cart must be one JSON object, with the arguments of the tools.")
    return cast(dict[str, Any], cart)


def _line(word: str) -> Mapping[str, Any]:
    product_id, colon, quantity = word.partition(":")
    if colon and not (quantity.isascii() and quantity.isdecimal()):
        raise CartUnusable("A product is given as PRODUCT or PRODUCT:QUANTITY, the quantity being a whole number.")
    return {"product_id": product_id, "quantity": int(quantity) if colon else 1}
