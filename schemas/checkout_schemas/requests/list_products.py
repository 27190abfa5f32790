"""Arguments of ``list_products``."""

from typing import Annotated, Literal

from pydantic import Field

from checkout_schemas.contract_model import RequestModel
from checkout_schemas.fields import Locale, PageNumber, text


class ListProducts(RequestModel):
    """Which products to list. Source: GET /products."""

    query: Annotated[
        Annotated[str, text(200)] | None, Field(description="words of name, kind, interval, e.g. yearly plan")
    ] = None
    kind: Literal["one_time", "subscription"] | None = None
    page: Annotated[PageNumber | None, Field(description="the last next_page")] = None
    locale: Annotated[Locale | None, Field(description="of names, e.g. fr")] = None
