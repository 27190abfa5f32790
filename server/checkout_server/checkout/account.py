"""Which merchant account a preview belongs to: two API keys of one account see the same previews, others never."""

from checkout_server.checkout.ledger.contract import Ledger
from checkout_server.gateway.client import Gateway

SANDBOX_ACCOUNT = "sandbox"
"""The embedded sandbox has one merchant."""


class MerchantAccount:
    """The account of this process's API key: asked for once, and stored in the ledger under the key's fingerprint.

    Args:
        key_fingerprint: a digest of the API key; None in the embedded sandbox, which needs no key.
    """

    def __init__(self, key_fingerprint: str | None) -> None:
        self._fingerprint = key_fingerprint
        self._found = SANDBOX_ACCOUNT if key_fingerprint is None else None

    async def find(self, gateway: Gateway, ledger: Ledger) -> str:
        """The API's business id; where the API does not say, the key's own fingerprint, so that no other key fits.

        Raises:
            GatewayError: the API did not answer, and the ledger does not know the key yet.
            LedgerUnavailable: the ledger cannot be used.
        """
        if self._found is None:
            fingerprint = self._fingerprint or ""
            self._found = await ledger.find_account(fingerprint) or await self._ask(fingerprint, gateway, ledger)
        return self._found

    @staticmethod
    async def _ask(fingerprint: str, gateway: Gateway, ledger: Ledger) -> str:
        business_id = await gateway.find_business_id()
        if business_id is None:
            return f"key:{fingerprint}"  # not stored: a key that may read more later is asked about again
        return await ledger.store_account(fingerprint, business_id)
