"""The address of our own return page, which nobody can guess and the ledger does not hold."""

import hashlib
import re
import secrets
from dataclasses import dataclass, field

from checkout_schemas.requests.create_checkout_session import CreateCheckoutSession
from checkout_server.checkout.ledger.sale_parts import ReturnToken
from checkout_server.privacy.personal_values.tripwire import in_flight

PATH = "/checkout/return/"
TOKEN_BYTES = 16
_TOKEN = re.compile("[A-Za-z0-9_-]{22}")


@dataclass(frozen=True, slots=True)
class ReturnAddress:
    """Where the buyer of one session returns to."""

    url: str = field(repr=False)
    """Goes to the API, and nowhere else."""
    token: ReturnToken


def new_return_address(sale: CreateCheckoutSession, public_url: str | None) -> ReturnAddress | None:
    """The address for a session; None where the sale has its own, or there is no page."""
    if public_url is None or sale.return_url is not None:
        return None
    token = secrets.token_urlsafe(TOKEN_BYTES)
    in_flight.note(token)
    language = sale.customization.force_language if sale.customization is not None else None
    return ReturnAddress(f"{public_url}{PATH}{token}", ReturnToken(_digest(token), language))


def digest_token(text: str) -> str | None:
    """What the ledger knows a token by; None for what cannot be one."""
    return _digest(text) if _TOKEN.fullmatch(text) else None


def _digest(token: str) -> str:
    """Without a key: 128 random bits cannot be found by guessing."""
    return hashlib.sha256(b"checkout return token " + token.encode()).hexdigest()
