"""Names that tell buyers apart without naming them: keyed, since a plain hash of an e-mail is found by guessing."""

import hmac
import re
import secrets
import unicodedata
from collections.abc import Callable, Mapping
from typing import Literal

Kind = Literal["principal", "email", "phone", "name", "customer_id"]

DIGITS = 12
_CARD = re.compile(r"(?:\d[ -]?){12,18}\d")


def _words(value: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", value).casefold().split())


def _number(value: str) -> str:
    return "".join(character for character in unicodedata.normalize("NFKC", value) if character.isdigit())


_CANONICAL: Mapping[Kind, Callable[[str], str]] = {
    "principal": lambda value: value,
    "email": _words,
    "phone": _number,
    "name": _words,
    "customer_id": lambda value: value.strip(),
}
"""What is the same to a person has the same pseudonym."""


class Pseudonyms:
    """Pseudonyms under one key of 32 bytes; without one, under a random key that ends with the process."""

    def __init__(self, key: bytes | None = None) -> None:
        self._key = key or secrets.token_bytes(32)

    def __repr__(self) -> str:
        return "Pseudonyms()"

    def of(self, kind: Kind, value: str) -> str | None:
        """12 hex digits; None for what may hold a card number, which is told in no form at all."""
        if any(_passes_luhn(_number(found)) for found in _CARD.findall(unicodedata.normalize("NFKC", value))):
            return None
        content = f"{kind}\x00{_CANONICAL[kind](value)}".encode()
        return hmac.digest(self._key, content, "sha256").hex()[:DIGITS]


def _passes_luhn(digits: str) -> bool:
    """The check digit of ISO/IEC 7812-1."""
    doubled = [int(digit) * (2 - place % 2) for place, digit in enumerate(reversed(digits), 1)]
    return sum(number - 9 if number > 9 else number for number in doubled) % 10 == 0
