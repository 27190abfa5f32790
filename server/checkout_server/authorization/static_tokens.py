"""Bearer tokens of a small set-up: random, made by ``dodo-checkout-mcp token``, and kept as hashes.

A token has 256 random bits, so that a plain SHA-256 of it says nothing about it.
"""

import hashlib
import secrets
from collections.abc import Iterable

from checkout_server.authorization.scopes import known_scopes
from checkout_server.authorization.tokens import CannotVerify, TokenRefused
from checkout_server.authorization.verified import VerifiedToken
from checkout_server.checkout.ledger.contract import Ledger, LedgerUnavailable
from checkout_server.checkout.ledger.static_tokens import StaticToken
from checkout_server.checkout.principal import STATIC_ISSUER, Scope

PREFIX = "dcm_"
"""By which scanners of repositories and logs can find one that was spilt."""


def make_token(name: str, scopes: Iterable[Scope], *, now: float) -> tuple[str, StaticToken]:
    """A new token, and what the ledger keeps of it."""
    token = PREFIX + secrets.token_urlsafe(32)
    stored = StaticToken(
        token_id=f"tok_{secrets.token_hex(6)}",
        token_hash=_hash_of(token),
        ending=token[-4:],
        name=name,
        scopes=" ".join(scopes),
        created_at=now,
    )
    return token, stored


def is_static(token: str) -> bool:
    """Whether it is meant as one of these."""
    return token.startswith(PREFIX)


def _hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


class StaticTokenVerifier:
    """Verifies them against the ledger, at every request: one that is revoked is refused at once, on every replica."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def verify(self, token: str) -> VerifiedToken:
        """Who and what a token stands for.

        Raises:
            TokenRefused: nobody made it, or it was revoked.
            CannotVerify: the ledger cannot be used now.
        """
        if not is_static(token):
            raise TokenRefused("malformed")
        try:
            found = await self._ledger.find_token(_hash_of(token))
        except LedgerUnavailable:
            raise CannotVerify from None
        if found is None:
            raise TokenRefused("unknown_token")
        scopes = known_scopes(set(found.scopes.split()))
        return VerifiedToken(STATIC_ISSUER, found.token_id, scopes, client_id=found.token_id)
