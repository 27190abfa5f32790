"""The parts of the API's answers that we use. Unknown fields are tolerated; a missing or mistyped one is not.

Shapes: the official SDK's response types. Amounts are in minor units.
"""

from datetime import datetime
from typing import Annotated, Any, Generic, Literal, TypeVar, cast

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, SecretStr, Strict, model_validator

RowT = TypeVar("RowT", bound=BaseModel)
Amount = Annotated[int, Strict()]
Switch = Annotated[bool, Strict()]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
ApiId = Annotated[str, Field(min_length=1, max_length=256)]


class Answer(BaseModel):
    """Base of all: quiet about values, tolerant of what it does not know."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True, defer_build=True)


class Product(Answer):
    """A product; one shape for ``GET /products`` and ``GET /products/{id}``."""

    product_id: ApiId
    name: str | None = None
    description: str | None = None
    is_recurring: Switch
    price: Amount | None = None
    currency: Currency | None = None
    pay_what_you_want: Switch = False
    payment_frequency_count: Annotated[int, Strict()] | None = None
    payment_frequency_interval: Literal["Day", "Week", "Month", "Year"] | None = None

    @model_validator(mode="before")
    @classmethod
    def _flatten(cls, data: Any) -> Any:
        """The list has ``price`` and ``price_detail``; a single product has the detail under ``price``."""
        if not isinstance(data, dict):
            return data
        row = dict(cast(dict[str, Any], data))
        single = isinstance(row.get("price"), dict)
        detail = row["price"] if single else row.get("price_detail")
        if isinstance(detail, dict):
            terms = cast(dict[str, Any], detail)
            if single:
                row["price"] = terms.get("price", terms.get("fixed_price"))
            for name in ("currency", "pay_what_you_want", "payment_frequency_count", "payment_frequency_interval"):
                if row.get(name) is None and terms.get(name) is not None:
                    row[name] = terms[name]
        return row


class Breakup(Answer):
    """Sums of what is charged now, or at each renewal. ``tax`` is None when it is not known, which is not 0."""

    subtotal: Amount
    discount: Amount
    tax: Amount | None = None
    total_amount: Amount


class PricedLine(Answer):
    """What a cart line and an add-on line have in common."""

    name: str | None = None
    quantity: Annotated[int, Strict()]
    currency: Currency
    discounted_price: Amount
    tax: Amount | None = None


class AddonLine(PricedLine):
    addon_id: ApiId


class CartLine(PricedLine):
    product_id: ApiId
    is_subscription: Switch
    is_usage_based: Switch
    addons: list[AddonLine] | None = None


class SubscriptionQuote(Answer):
    """One subscription of a cart that holds several."""

    product_id: ApiId
    amount_due_now: Amount
    recurring_amount: Amount
    next_billing_date: datetime | None = None
    trial_period_days: Annotated[int, Strict()] | None = None


class Preview(Answer):
    """``POST /checkouts/preview``."""

    billing_country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
    currency: Currency
    current_breakup: Breakup
    recurring_breakup: Breakup | None = None
    product_cart: list[CartLine]
    subscriptions: list[SubscriptionQuote] | None = None
    next_billing_date: datetime | None = None
    trial_period_days: Annotated[int, Strict()] | None = None
    is_byop: Switch
    tax_id_err_msg: str | None = None


class Session(Answer):
    """``POST /checkouts``."""

    session_id: ApiId
    checkout_url: Annotated[str, Field(pattern=r"^https?://[^\s]+$", max_length=4096)] | None = None
    payment_id: ApiId | None = None
    client_secret: SecretStr | None = None
    publishable_key: SecretStr | None = None


class SessionStatus(Answer):
    """``GET /checkouts/{id}``."""

    session_id: Annotated[ApiId, Field(validation_alias=AliasChoices("id"))]
    payment_id: ApiId | None = None
    payment_status: str | None = None
    customer_email: str | None = None
    customer_name: str | None = None


class Payment(Answer):
    """A row of ``GET /payments``."""

    payment_id: ApiId
    checkout_session_id: ApiId | None = None
    metadata: dict[str, Any]


class Page(Answer, Generic[RowT]):
    """A page of a list."""

    items: list[RowT]
