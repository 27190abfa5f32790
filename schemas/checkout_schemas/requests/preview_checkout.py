"""Arguments of ``preview_checkout``: everything that can change the price."""

from typing import Annotated, ClassVar

from pydantic import Field

from checkout_schemas.contract_model import RequestModel
from checkout_schemas.fields import (
    Amount,
    CountryCode,
    CreditsAmount,
    CurrencyCode,
    Flag,
    Id,
    Locale,
    Quantity,
    State,
    Street,
    TrialDays,
    few,
    text,
)
from checkout_schemas.json_schema import UNADVERTISED
from checkout_schemas.personal import Personal

MAX_DISCOUNT_CODES = 20
"""The official SDK's field comment."""


class Addon(RequestModel):
    """An add-on of a subscription product."""

    addon_id: Annotated[Id, Field(description="from list_products")]
    quantity: Quantity


class CreditEntitlement(RequestModel):
    """How many credits this sale grants, instead of the product's own number."""

    credit_entitlement_id: Id
    credits_amount: Annotated[CreditsAmount, Field(description="decimal above 0")]


class CartItem(RequestModel):
    """One product and how many of it."""

    product_id: Annotated[Id, Field(description="from list_products")]
    quantity: Quantity
    amount: Annotated[Amount | None, Field(description="pay-what-you-want price, minor units")] = None
    addons: Annotated[Annotated[list[Addon], few(100)] | None, Field(description="subscriptions only")] = None
    credit_entitlements: Annotated[list[CreditEntitlement], few(100)] | None = None


class BillingAddress(RequestModel):
    """Where the buyer is billed. The country alone is enough for a tax quote."""

    country: Annotated[CountryCode, Field(description="2 letters, e.g. US")]
    state: Annotated[State | None, Field(description="US, CA: 2 letters"), Personal("address")] = None
    city: Annotated[Annotated[str, text(256)] | None, Personal("address")] = None
    street: Annotated[Street | None, Personal("address")] = None
    zipcode: Annotated[Annotated[str, text(32)] | None, Personal("address")] = None


class OnDemand(RequestModel):
    """A subscription that is charged later, at the merchant's request."""

    mandate_only: Annotated[Flag, Field(description="authorise now, charge nothing")]
    product_price: Annotated[Amount | None, Field(description="first charge, minor units")] = None
    product_currency: CurrencyCode | None = None
    product_description: Annotated[Annotated[str, text(1000)] | None, Personal("label")] = None
    adaptive_currency_fees_inclusive: Flag | None = None


class SubscriptionData(RequestModel):
    """Terms of the subscription products in the cart."""

    trial_period_days: TrialDays | None = None
    on_demand: OnDemand | None = None


class PreviewCheckout(RequestModel):
    """The order to quote. Source: POST /checkouts/preview."""

    empty_if_unset: ClassVar[frozenset[str]] = frozenset({"product_cart"})

    product_cart: Annotated[list[CartItem], Field(max_length=20, description="empty only with product_collection_id")]
    product_collection_id: Id | None = None
    billing_address: Annotated[BillingAddress | None, Field(description="needed for tax")] = None
    billing_currency: Annotated[CurrencyCode | None, Field(description="ISO 4217; default by product or country")] = (
        None
    )
    discount_codes: Annotated[
        Annotated[list[Annotated[str, text(256)]], Field(max_length=MAX_DISCOUNT_CODES)] | None,
        Field(description="applied in order"),
    ] = None
    discount_code: Annotated[Annotated[str, text(256)] | None, UNADVERTISED] = None
    tax_id: Annotated[
        Annotated[str, text(64)] | None,
        Field(description="e.g. VAT number; needs billing_address"),
        Personal("tax_id"),
    ] = None
    customer_business_name: Annotated[Annotated[str, text(256)] | None, Personal("business_name")] = None
    subscription_data: SubscriptionData | None = None
    locale: Annotated[Locale | None, Field(description="of product names, e.g. fr")] = None
