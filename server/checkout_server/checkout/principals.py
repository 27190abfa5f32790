"""From a verified token to its principal. A subject can be an e-mail address, and a plain hash of one is guessed."""

from collections.abc import Iterable

from checkout_server.checkout.ledger.ledger_key import LedgerKey
from checkout_server.checkout.principal import Principal, Scope

ID_DIGITS = 32
"""Hex digits of an id: 128 bits, since previews are kept apart by it."""


def identify_principal(key: LedgerKey, issuer: str, subject: str, scopes: Iterable[Scope]) -> Principal:
    """The principal of a verified token, once the ledger's key is loaded."""
    # With its length, so that no other pair makes the same text.
    content = f"{len(issuer)} {issuer} {subject}".encode("utf-8", "surrogatepass")
    return Principal(key.digest(content, purpose="principal")[:ID_DIGITS], frozenset(scopes), issuer, subject)
