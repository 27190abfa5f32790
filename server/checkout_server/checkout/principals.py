"""From a verified token to its principal."""

import hmac
from collections.abc import Iterable

from checkout_server.checkout.ledger.contract import Ledger
from checkout_server.checkout.principal import Principal, Scope
from checkout_server.privacy.sealing import Sealer

ID_DIGITS = 32


class Principals:
    """The principals of one ledger."""

    def __init__(self, ledger: Ledger, sealer: Sealer) -> None:
        self._ledger, self._sealer = ledger, sealer
        self._key: bytes | None = None

    async def load_key(self) -> None:
        """A server that asks for tokens does so before it serves."""
        self._key = self._sealer.derived_keys("principal")[0]

    def identify(self, issuer: str, subject: str, scopes: Iterable[Scope]) -> Principal:
        """The principal of a verified token, once the key is loaded."""
        if self._key is None:
            raise RuntimeError("load_key comes first")
        content = f"{len(issuer)} {issuer} {subject}".encode("utf-8", "surrogatepass")
        digest = hmac.digest(self._key, content, "sha256").hex()[:ID_DIGITS]
        return Principal(digest, frozenset(scopes), issuer, subject)
