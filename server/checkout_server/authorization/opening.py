"""Which authorization a server has, by its settings and its ledger."""

import functools
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from checkout_server.authorization.access_tokens import AccessTokens
from checkout_server.authorization.answers import Answers
from checkout_server.authorization.guard import Authorization
from checkout_server.authorization.jwks import fetch_keys
from checkout_server.authorization.signing_keys import SigningKeys
from checkout_server.authorization.static_tokens import StaticTokenVerifier, is_static
from checkout_server.authorization.verified import VerifiedToken
from checkout_server.checkout.ledger.contract import Ledger
from checkout_server.settings import Settings


@asynccontextmanager
async def open_authorization(settings: Settings, ledger: Ledger) -> AsyncGenerator[Authorization | None]:
    """By an issuer, if one is set, and by static tokens; None if nobody ever made one either.

    A token that was revoked still counts as made: revoking the last one must not open the server.

    Raises:
        LedgerUnavailable: the ledger cannot be used.
    """
    static = StaticTokenVerifier(ledger)
    if settings.auth_issuer is None or settings.auth_jwks_url is None or settings.auth_audience is None:
        made = await ledger.has_tokens()
        yield Authorization(static.verify, Answers()) if made else None
        return
    keys = SigningKeys(functools.partial(fetch_keys, settings.auth_jwks_url))
    access = AccessTokens(keys, issuer=settings.auth_issuer, audience=settings.auth_audience)

    async def verify(token: str) -> VerifiedToken:
        return await (static if is_static(token) else access).verify(token)

    try:
        yield Authorization(verify, Answers(settings.auth_issuer, settings.auth_audience))
    finally:
        await keys.close()
