"""The parts of the API's answers that we use. Unknown fields are tolerated; a missing or mistyped one is not.

Shapes: the official SDK's response types. Amounts are in minor units.
"""

from typing import Annotated, Any, cast

from pydantic import AliasChoices, ConfigDict, Field, SecretStr, model_validator

from checkout_schemas.personal import DiscreetModel
from checkout_server.gateway.fields import (
    ApiId,
    Charge,
    Count,
    Country,
    Currency,
    DecimalText,
    Interval,
    Moment,
    OrNone,
    PageUrl,
    Switch,
    SwitchOrOff,
    Text,
    Whole,
    Word,
)

_TERMS = (
    "currency",
    "pay_what_you_want",
    "payment_frequency_count",
    "payment_frequency_interval",
    "tax_inclusive",
    "trial_amount",
    "trial_period_days",
)
"""What a price's detail says of its product."""


class Answer(DiscreetModel):
    """Base of all: quiet about values, tolerant of what it does not know."""

    model_config = ConfigDict(extra="ignore")


class Product(Answer):
    """A row of ``GET /products``."""

    product_id: ApiId
    name: Text | None = None
    description: Text | None = None
    is_recurring: Switch
    price: Charge | None = None
    """Of a usage-based product, the fixed part; usage is billed on top."""
    currency: Currency | None = None
    pay_what_you_want: SwitchOrOff = False
    payment_frequency_count: Count | None = None
    payment_frequency_interval: Interval | None = None
    tax_inclusive: SwitchOrOff = False
    """Whether the price holds the tax already."""
    trial_period_days: Count | None = None
    """0 is no trial."""
    trial_amount: Count | None = None
    """What the trial costs; None for a free one."""
    is_usage_based: Switch = False

    @model_validator(mode="before")
    @classmethod
    def _flatten(cls, data: Any) -> Any:
        """The list has ``price`` and ``price_detail``; a single product has the detail under ``price``."""
        if not isinstance(data, dict):
            return data
        row = dict(cast(dict[str, Any], data))
        single = isinstance(row.get("price"), dict)
        detail = row["price"] if single else row.get("price_detail")
        if not isinstance(detail, dict | None):
            raise ValueError("price_detail is no object")
        terms = cast(dict[str, Any], detail or {})
        row["is_usage_based"] = terms.get("type") == "usage_based_price"
        if single or row.get("price") is None:
            row["price"] = terms.get("fixed_price" if row["is_usage_based"] else "price")
        return row | {name: terms[name] for name in _TERMS if row.get(name) is None and terms.get(name) is not None}


class WholeProduct(Product):
    """``GET /products/{id}``. Odd add-ons do not hide the product, whose price counts."""

    addons: OrNone[list[ApiId]] = None
    """Ids of the add-ons that a subscription takes."""


class Addon(Answer):
    """A row of ``GET /addons``."""

    addon_id: Annotated[ApiId, Field(validation_alias=AliasChoices("id"))]
    name: OrNone[Text] = None
    price: OrNone[Charge] = None
    currency: OrNone[Currency] = None


class Breakup(Answer):
    """Sums of what is charged now, or at each renewal. ``tax`` is None when it is not known, which is not 0."""

    subtotal: Whole
    discount: Whole
    tax: Whole | None = None
    total_amount: Charge


class PricedLine(Answer):
    """What a cart line and an add-on line have in common."""

    name: Text | None = None
    quantity: Count
    currency: Currency
    og_currency: Currency | None = None
    """The product's own, which the quote may convert, and in which a pay-what-you-want amount is given."""
    og_price: Whole | None = None
    """For the whole quantity, before discounts. A flat code's deduction is this less ``discounted_price``."""
    discounted_price: Whole
    """For the whole quantity."""
    discount_amount: Count | None = None
    """Basis points of a percentage code, in spite of its name; None with a flat code."""
    tax: Whole | None = None
    tax_rate: Count | None = None
    """Basis points."""
    tax_inclusive: SwitchOrOff = False
    """Whether the prices hold the tax already."""


class AddonLine(PricedLine):
    addon_id: ApiId


class CreditEntitlement(Answer):
    """Credits that a product grants to its buyer."""

    credit_entitlement_id: ApiId
    credits_amount: DecimalText


class Meter(Answer):
    """Usage that is billed on top of a price."""

    name: Text
    price_per_unit: DecimalText
    """Minor units."""
    free_threshold: Count | None = None
    """Units of each billing cycle that cost nothing."""


class CartLine(PricedLine):
    product_id: ApiId
    is_subscription: Switch
    is_usage_based: Switch
    discount_cycle: Count | None = None
    """Billing cycles for which the discount holds."""
    addons: list[AddonLine] | None = None
    credit_entitlements: list[CreditEntitlement] | None = None
    meters: list[Meter] | None = None


class SubscriptionQuote(Answer):
    """One subscription of a cart that holds several."""

    product_id: ApiId
    amount_due_now: Charge
    tax_due_now: Whole | None = None
    """The part of ``amount_due_now`` that is tax."""
    recurring_amount: Charge
    recurring_tax: Whole | None = None
    """The part of ``recurring_amount`` that is tax."""
    next_billing_date: Moment | None = None
    trial_period_days: Count | None = None


class Preview(Answer):
    """``POST /checkouts/preview``."""

    billing_country: Country
    currency: Currency
    current_breakup: Breakup
    recurring_breakup: Breakup | None = None
    product_cart: list[CartLine]
    subscriptions: list[SubscriptionQuote] | None = None
    next_billing_date: Moment | None = None
    trial_period_days: Count | None = None
    trial_amount: Charge | None = None
    """Of one unit of a paid trial, before tax; None for a free trial and for several subscriptions."""
    payment_method_required: Switch | None = None
    """False when the buyer can confirm without a card."""
    is_byop: SwitchOrOff = False
    """Whether the merchant's own processor takes the payment; the amounts then hold no tax."""
    tax_id_err_msg: Annotated[Text | None, Field(repr=False)] = None
    """That there is one is all that counts; the text is the API's."""
    tax_id_format_name: Annotated[OrNone[Text], Field(repr=False)] = None
    """There is one when the tax id is valid."""


class Session(Answer):
    """``POST /checkouts``. The id alone proves that a session exists, so nothing else that is odd hides it."""

    session_id: ApiId
    checkout_url: Annotated[OrNone[PageUrl], Field(repr=False)] = None
    """Absent where a saved payment method is charged at once; else nobody can pay without it."""
    payment_id: OrNone[ApiId] = None
    client_secret: OrNone[SecretStr] = None
    publishable_key: OrNone[SecretStr] = None


class SessionStatus(Answer):
    """``GET /checkouts/{id}``."""

    session_id: Annotated[ApiId, Field(validation_alias=AliasChoices("id"))]
    created_at: OrNone[Moment] = None
    payment_id: ApiId | None = None
    payment_status: Word | None = None
    customer_email: Annotated[Text | None, Field(repr=False)] = None
    customer_name: Annotated[Text | None, Field(repr=False)] = None


class Owned(Answer):
    """A row of ``GET /brands`` or ``GET /products``: whose it is."""

    business_id: ApiId
