"""A customer as the ledger keeps them: a keyed digest of the API's customer id."""

from checkout_schemas.requests.create_checkout_session import CreateCheckoutSession
from checkout_server.privacy.sealing import Sealer

_PURPOSE = "customer"


def digest_customer(customer_id: str, sealer: Sealer) -> list[str]:
    """The digest under every sealing key, the present one first."""
    return sealer.fingerprints(customer_id.encode(), purpose=_PURPOSE)


def digest_customer_of(sale: CreateCheckoutSession, sealer: Sealer) -> str | None:
    """The digest of an existing customer; None when the sale names a new one, or nobody."""
    if sale.customer is None or sale.customer.customer_id is None:
        return None
    return digest_customer(sale.customer.customer_id, sealer)[0]
