"""Arguments of ``list_products``."""

from typing import Annotated, Literal

from pydantic import Field

from checkout_schemas.contract_model import RequestModel
from checkout_schemas.fields import MAX_INT32, integer, text


class ListProducts(RequestModel):
    """Which products to list. Source: GET /products."""

    query: Annotated[text(200) | None, Field(description="words in the name, description or id")] = None
    kind: Literal["one_time", "subscription"] | None = None
    page: Annotated[integer(1, MAX_INT32) | None, Field(description="next_page of the last answer")] = None
