"""From a verified token to its principal, under a key that all servers of the ledger share.

A subject can be an e-mail address, and a plain hash of one is found by guessing. The key is random, made once for each
ledger, and stored there sealed: every replica has the same, and rotating ``CHECKOUT_SECRET_KEYS`` changes nobody's id.
"""

import hmac
import secrets
from collections.abc import Iterable

from checkout_server.checkout.ledger.contract import Ledger
from checkout_server.checkout.principal import Principal, Scope
from checkout_server.privacy.sealing import KEY_BYTES, KeyUnusable, SealBroken, Sealer

ID_DIGITS = 32
"""Hex digits of an id: 128 bits, since previews are kept apart by it."""
_CONTEXT = "principal key"
_LOST = (
    "CHECKOUT_SECRET_KEYS has none of the keys that the ledger's principals are sealed with; add the key that its"
    " servers had before."
)


class Principals:
    """The principals of one ledger."""

    def __init__(self, ledger: Ledger, sealer: Sealer) -> None:
        self._ledger, self._sealer = ledger, sealer
        self._key: bytes | None = None

    def __repr__(self) -> str:
        return "Principals()"

    async def load_key(self) -> None:
        """Find the ledger's key, or make it. A server that asks for tokens does so before it serves.

        Raises:
            KeyUnusable: the key was sealed by a server with other keys.
            LedgerUnavailable: the ledger cannot be used.
        """
        sealed = await self._ledger.find_principal_key()
        if sealed is None:
            made = self._sealer.seal(secrets.token_bytes(KEY_BYTES), context=_CONTEXT)
            await self._ledger.store_principal_key(made, instead_of=None)
            sealed = await self._ledger.find_principal_key() or made  # another server's, if that one was faster
        try:
            self._key = self._sealer.open(sealed, context=_CONTEXT)
        except SealBroken:
            raise KeyUnusable(_LOST) from None

    def identify(self, issuer: str, subject: str, scopes: Iterable[Scope]) -> Principal:
        """The principal of a verified token, once the key is loaded."""
        if self._key is None:
            raise RuntimeError("load_key comes first")
        # With its length, so that no other pair makes the same text.
        content = f"{len(issuer)} {issuer} {subject}".encode("utf-8", "surrogatepass")
        digest = hmac.digest(self._key, content, "sha256").hex()[:ID_DIGITS]
        return Principal(digest, frozenset(scopes), issuer, subject)

    async def seal_again(self, *, generated: bool) -> None:
        """Seal the key, where there is one, with the present first sealing key, so that an older one can be dropped.

        Args:
            generated: whether the sealing keys are those of the file beside the ledger. A lost file takes the key
                with it, and the previews of every principal, as it does their orders.

        Raises:
            KeyUnusable: it is sealed with a key that this server does not have.
            LedgerUnavailable: the ledger cannot be used.
        """
        sealed = await self._ledger.find_principal_key()
        if sealed is None or self._sealer.is_sealed_by_first(sealed):
            return
        try:
            key = self._sealer.open(sealed, context=_CONTEXT)
        except SealBroken:
            if not generated:
                raise KeyUnusable(_LOST) from None
            key = secrets.token_bytes(KEY_BYTES)
        await self._ledger.store_principal_key(self._sealer.seal(key, context=_CONTEXT), instead_of=sealed)
