"""The request bodies of the payment API, made from the models."""

from typing import Any

from checkout_schemas.requests.create_checkout_session import PREVIEW_ID_KEY, CreateCheckoutSession
from checkout_schemas.requests.preview_checkout import PreviewCheckout

Body = dict[str, Any]


def preview_body(order: PreviewCheckout) -> Body:
    """The body of ``POST /checkouts/preview``; ``locale`` goes into the query."""
    return order.model_dump(mode="json", exclude_unset=True, exclude={"locale"})


def checkout_body(order: PreviewCheckout, sale: CreateCheckoutSession, *, return_url: str | None = None) -> Body:
    """The body of ``POST /checkouts``: both halves, and the mark that finds a session whose answer was lost.

    ``return_url`` is ours, for a sale that has none.
    """
    body = preview_body(order) | sale.model_dump(mode="json", exclude_unset=True, exclude={"preview_id"})
    body["metadata"] = {**(sale.metadata or {}), PREVIEW_ID_KEY: sale.preview_id}
    if return_url is not None:
        body["return_url"] = return_url
    return body
