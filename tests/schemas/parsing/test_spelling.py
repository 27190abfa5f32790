"""Slips of the keyboard, and what is none."""

import pytest

from checkout_schemas.parsing.spelling import count_slips, nearest_spelling

SLIPS: list[tuple[str, str | None]] = [
    ("product_crat", "product_cart"),
    ("productCart", "product_cart"),
    ("prodct_cart", "product_cart"),
    ("quantty", "quantity"),
    ("quality", None),
    ("status", None),
    ("require_address", None),
    ("line2", None),
    ("no_product_cart", None),
    ("a_quantity", None),
    ("x" * 65, None),
]


@pytest.mark.requirement("error.meant")
@pytest.mark.parametrize(("written", "word"), SLIPS)
def test_only_a_slip_of_the_keyboard_is_taken_for_another_word(written: str, word: str | None) -> None:
    words = ["product_cart", "quantity", "state", "require_tax_id", "line1", "required", "x" * 64]
    assert nearest_spelling(written, words) == word


@pytest.mark.requirement("error.meant")
@pytest.mark.parametrize(
    ("one", "other", "slips"),
    [("", "", 0), ("a", "", 1), ("cart", "cart", 0), ("crat", "cart", 1), ("acrt", "cart", 1), ("carts", "cart", 1),
     ("dart", "cart", 1), ("tracs", "cart", 4), ("ca", "abc", 3)],
)  # fmt: skip
def test_a_slip_is_a_letter_missing_added_replaced_or_swapped(one: str, other: str, slips: int) -> None:
    assert count_slips(one, other) == count_slips(other, one) == slips
