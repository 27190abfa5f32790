"""The test cards that the hosted page takes: no other number is one."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Card:
    """A test card, and what an attempt to pay with it comes to."""

    number: str
    network: str
    error_code: str | None = None
    """Why it is declined; None where it pays."""
    is_challenged: bool = False
    """Whether the bank asks the buyer to confirm: 3-D Secure."""

    @property
    def last_four(self) -> str:
        return self.number[-4:]

    @property
    def spaced(self) -> str:
        """The number as it stands on a card."""
        return " ".join(self.number[start : start + 4] for start in range(0, len(self.number), 4))


CARDS = {
    card.number: card
    for card in (
        # The provider's page "testing process", read in November 2026.
        Card("4242424242424242", "visa"),
        Card("5555555555554444", "mastercard"),
        Card("4576238912771450", "visa"),
        Card("5409162669381034", "mastercard"),
        Card("4000000000000002", "visa", "GENERIC_DECLINE"),
        Card("4000000000009995", "visa", "INSUFFICIENT_FUNDS"),
        Card("4706131211212123", "visa", "GENERIC_DECLINE"),
        Card("5105105105105100", "mastercard", "GENERIC_DECLINE"),
        # Those of Stripe's page "testing" that everybody knows.
        Card("4000002760003184", "visa", is_challenged=True),
        Card("4000000000003220", "visa", is_challenged=True),
        Card("4000000000000069", "visa", "EXPIRED_CARD"),
        Card("4000000000000127", "visa", "INCORRECT_CVC"),
        Card("4000000000000119", "visa", "PROCESSING_ERROR"),
        Card("4000000000006975", "visa", "CARD_VELOCITY_EXCEEDED"),
        Card("4000000000009987", "visa", "LOST_CARD"),
        Card("4000000000009979", "visa", "STOLEN_CARD"),
    )
}
"""By number, without spaces."""

PAYING_CARD = CARDS["4242424242424242"]


def find_card(typed: str) -> Card | None:
    """The test card of a number as a buyer types it, with spaces or dashes."""
    return CARDS.get(typed.strip().replace(" ", "").replace("-", ""))
