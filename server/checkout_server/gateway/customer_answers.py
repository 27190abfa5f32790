"""The parts of the API's answers about a customer that we use. Shapes: the official SDK's response types."""

from typing import Annotated

from pydantic import Field

from checkout_server.gateway.answers import Answer
from checkout_server.gateway.fields import ApiId, ExpiryMonth, ExpiryYear, LastFour, OrNone, Text, Word


class Card(Answer):
    """What of a saved card may be shown. Its holder and its bank's country are not read."""

    card_network: OrNone[Text] = None
    """A word of the card scheme's own, such as ``visa``."""
    last4_digits: OrNone[LastFour] = None
    expiry_month: OrNone[ExpiryMonth] = None
    expiry_year: OrNone[ExpiryYear] = None


class SavedMethod(Answer):
    """A row of ``GET /customers/{id}/payment-methods``. It can be charged by its id, whatever else is odd."""

    payment_method_id: ApiId
    payment_method: OrNone[Word] = None
    payment_method_type: OrNone[Word] = None
    card: Annotated[OrNone[Card], Field(repr=False)] = None
