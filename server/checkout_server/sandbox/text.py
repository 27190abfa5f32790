"""Text and amounts for a person, as HTML."""

import unicodedata
from html import escape

from checkout_server.sandbox.catalogue import EXPONENTS


def text_of(text: str | None) -> str:
    """Escaped, without control, bidi and zero-width characters."""
    return escape("".join(character for character in text or "" if unicodedata.category(character)[0] != "C"))


def money(amount: int, currency: str) -> str:
    """An amount of minor units, which is read from left to right in every language."""
    exponent = EXPONENTS.get(currency, 2)
    sign = "−" if amount < 0 else ""
    return f'<bdi dir="ltr">{sign}{currency}\u00a0{abs(amount) / 10**exponent:,.{exponent}f}</bdi>'


def day(text: str) -> str:
    """A date or a moment as ISO 8601 has it, which is read from left to right in every language."""
    return f'<time dir="ltr" datetime="{escape(text.replace(" ", "T"))}">{escape(text)}</time>'
