"""Arguments of ``list_saved_payment_methods``."""

from typing import Annotated

from pydantic import Field

from checkout_schemas.contract_model import RequestModel
from checkout_schemas.fields import Id
from checkout_schemas.personal import Personal


class ListSavedPaymentMethods(RequestModel):
    """Whose saved methods to list. Source: GET /customers/{customer_id}/payment-methods."""

    customer_id: Annotated[Id, Field(description="who was sold to here before"), Personal("customer_id")]
