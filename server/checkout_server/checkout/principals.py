"""Principals of verified tokens."""

import hmac

from checkout_server.checkout.principal import Principal, Scope
from checkout_server.privacy.sealing import Sealer

NOBODY = Principal("nobody", frozenset(), None, None)
"""Of a server that asks for tokens, before it has seen one."""


def identify(issuer: str, subject: str, scopes: frozenset[Scope], sealer: Sealer) -> Principal:
    """The principal of an issuer's subject, known by a keyed hash: a subject can be an e-mail address."""
    content = f"{issuer}\x00{subject}".encode()
    return Principal(
        hmac.digest(sealer.derived_keys("principal")[0], content, "sha256").hex()[:32], scopes, issuer, subject
    )
