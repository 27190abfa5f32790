"""The discount codes of an order, and what they take off a price."""

from dataclasses import dataclass
from fractions import Fraction
from math import floor

from checkout_server.sandbox.body import Body
from checkout_server.sandbox.catalogue import DISCOUNTS, Discount
from checkout_server.sandbox.errors import unprocessable


def rounded(amount: Fraction) -> int:
    """Whole minor units, halves up."""
    return floor(amount + Fraction(1, 2))


@dataclass(frozen=True, slots=True)
class Discounts:
    """The codes of an order, in their order."""

    given: tuple[Discount, ...]

    @classmethod
    def of(cls, body: Body) -> "Discounts":
        """Those of a checked order; the API upper-cases their codes.

        Raises:
            ApiError: a code is given twice, does not exist, has expired, is used up or applies to none of the products.
        """
        codes: list[str] = body.get("discount_codes") or ([body["discount_code"]] if body.get("discount_code") else [])
        codes = [code.upper() for code in codes]
        if len(set(codes)) < len(codes):
            raise unprocessable("INVALID_DISCOUNT_CODE", "discount code is given twice")
        cart = {item["product_id"] for item in body["product_cart"]}
        return cls(tuple(_valid(code, cart) for code in codes))

    def reduced(self, price: int, product_id: str) -> int:
        """A price of a product, in minor units, after its codes."""
        for discount in self._of_product(product_id):
            price -= rounded(Fraction(price * discount.basis_points, 10000))
        return price

    def rate(self, product_id: str) -> int | None:
        """Basis points that a product's code takes off; None with no code, and with several."""
        found = self._of_product(product_id)
        return found[0].basis_points if len(found) == 1 else None

    def cycles(self, product_id: str) -> int | None:
        """Billing cycles after which the first of a subscription's codes ends; None when none ends."""
        return min((each.cycles for each in self._of_product(product_id) if each.cycles is not None), default=None)

    def _of_product(self, product_id: str) -> list[Discount]:
        return [each for each in self.given if not each.products or product_id in each.products]


def _valid(code: str, cart: set[str]) -> Discount:
    discount = DISCOUNTS.get(code)
    if discount is None:
        raise unprocessable("INVALID_DISCOUNT_CODE", "discount code does not exist")
    if discount.expired:
        raise unprocessable("DISCOUNT_CODE_EXPIRED", "discount code has expired")
    if discount.used_up:
        raise unprocessable("DISCOUNT_CODE_USAGE_LIMIT_EXCEEDED", "discount code is used up")
    if discount.products and not cart.intersection(discount.products):
        raise unprocessable("DISCOUNT_NOT_AVAILABLE_FOR_PRODUCT", "discount code is for another product")
    return discount
