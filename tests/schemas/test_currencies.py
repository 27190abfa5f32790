"""Minor units, against the ISO 4217 list."""

import iso4217
import pytest

from checkout_schemas.vocabularies.currencies import CURRENCIES, MINOR_UNIT_EXPONENTS, display

WITHDRAWN = {"ANG", "BGN", "HRK", "SLL"}
"""No longer in the ISO list; all had two digits."""


@pytest.mark.requirement("sell.money")
def test_exponents_are_those_of_iso_4217() -> None:
    listed = {code: iso4217.Currency(code).exponent for code in CURRENCIES - WITHDRAWN}
    assert {code: exponent for code, exponent in listed.items() if exponent != 2} == MINOR_UNIT_EXPONENTS


@pytest.mark.requirement("sell.money")
@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (1234, "USD", "USD 12.34"),
        (5, "USD", "USD 0.05"),
        (0, "EUR", "EUR 0.00"),
        (1500, "JPY", "JPY 1,500"),
        (1250, "KWD", "KWD 1.250"),
        (-199, "USD", "USD -1.99"),
        (123456, "XXX", "XXX 1,234.56"),
    ],
)
def test_an_amount_reads_as_money(amount: int, currency: str, text: str) -> None:
    assert display(amount, currency) == text
