"""The ledger's own key: random, made once for each ledger, and kept there sealed.

Principals and goods are known by digests under it. Every server of the ledger has the same, and it outlives
``CHECKOUT_SECRET_KEYS``: a digest under one of those would be another on each replica while they are rotated.
"""

import hmac
import secrets

from checkout_server.checkout.ledger.contract import Ledger
from checkout_server.privacy.sealing import KEY_BYTES, KeyUnusable, SealBroken, Sealer

_CONTEXT = "ledger key"
_LOST = (
    "CHECKOUT_SECRET_KEYS has none of the keys that the ledger's own key is sealed with; add the key that its servers"
    " had before."
)


class LedgerKey:
    """The key of one ledger, found or made when it is first needed."""

    def __init__(self, ledger: Ledger, sealer: Sealer) -> None:
        self._ledger, self._sealer = ledger, sealer
        self._key: bytes | None = None

    def __repr__(self) -> str:
        return "LedgerKey()"

    async def load(self) -> None:
        """Find the key, or make it; once for a process.

        Raises:
            KeyUnusable: it was sealed by a server with other keys.
            LedgerUnavailable: the ledger cannot be used.
        """
        if self._key is not None:
            return
        sealed = await self._ledger.find_ledger_key()
        if sealed is None:
            made = self._sealer.seal(secrets.token_bytes(KEY_BYTES), context=_CONTEXT)
            await self._ledger.store_ledger_key(made, instead_of=None)
            sealed = await self._ledger.find_ledger_key() or made  # another server's, if that one was faster
        try:
            self._key = self._sealer.open(sealed, context=_CONTEXT)
        except SealBroken:
            raise KeyUnusable(_LOST) from None

    def digest(self, content: bytes, *, purpose: str) -> str:
        """64 hex digits that tell contents apart and say nothing about them to who has no key; once it is loaded."""
        if self._key is None:
            raise RuntimeError("load comes first")
        derived = hmac.digest(self._key, purpose.encode(), "sha256")
        return hmac.digest(derived, content, "sha256").hex()

    async def seal_again(self, *, generated: bool) -> None:
        """Seal the key, where there is one, with the present first sealing key, so that an older one can be dropped.

        Args:
            generated: whether the sealing keys are those of the file beside the ledger. A lost file takes the key
                with it, and the previews of every principal, as it does their orders.

        Raises:
            KeyUnusable: it is sealed with a key that this server does not have.
            LedgerUnavailable: the ledger cannot be used.
        """
        sealed = await self._ledger.find_ledger_key()
        if sealed is None or self._sealer.is_sealed_by_first(sealed):
            return
        try:
            key = self._sealer.open(sealed, context=_CONTEXT)
        except SealBroken:
            if not generated:
                raise KeyUnusable(_LOST) from None
            key = secrets.token_bytes(KEY_BYTES)
        await self._ledger.store_ledger_key(self._sealer.seal(key, context=_CONTEXT), instead_of=sealed)
