"""The parts of the API's answers that we use. Unknown fields are tolerated; a missing or mistyped one is not.

Shapes: the official SDK's response types. Amounts are in minor units.
"""

from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar, cast

from pydantic import AfterValidator, AliasChoices, BaseModel, ConfigDict, Field, SecretStr, Strict, model_validator

from checkout_schemas.fields import web_address
from checkout_schemas.personal import DiscreetModel

RowT = TypeVar("RowT", bound=BaseModel)

LARGEST = 2**53 - 1
"""A larger integer does not survive a JSON client in JavaScript, nor SQLite's 64 bits."""

# Vocabularies are patterns and not enumerations: a word that the API learns must not break its answers.
Whole = Annotated[int, Strict(), Field(ge=-LARGEST, le=LARGEST)]
Charge = Annotated[int, Strict(), Field(ge=0, le=LARGEST)]
"""What is charged at once. Nobody pays a buyer for buying."""
Switch = Annotated[bool, Strict()]
Moment = Annotated[datetime, Strict()]
"""ISO 8601; a number is not a moment."""
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
Word = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]
ApiId = Annotated[str, Field(pattern=r"^[A-Za-z0-9][!-~]{0,255}$")]
"""Ids reach the model and our URLs as they are, so they cannot be text or a path."""

PageUrl = Annotated[str, Field(max_length=4096), AfterValidator(web_address)]
"""A buyer is sent there: https (http on loopback), without credentials or characters that cannot be seen."""


class Answer(DiscreetModel):
    """Base of all: quiet about values, tolerant of what it does not know."""

    model_config = ConfigDict(extra="ignore", defer_build=True)


class Product(Answer):
    """A product; one shape for ``GET /products`` and ``GET /products/{id}``."""

    product_id: ApiId
    name: str | None = None
    description: str | None = None
    is_recurring: Switch
    price: Whole | None = None
    currency: Currency | None = None
    pay_what_you_want: Switch = False
    payment_frequency_count: Whole | None = None
    payment_frequency_interval: Word | None = None

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
            if single or row.get("price") is None:
                row["price"] = terms.get("price", terms.get("fixed_price"))
            for name in ("currency", "pay_what_you_want", "payment_frequency_count", "payment_frequency_interval"):
                if row.get(name) is None and terms.get(name) is not None:
                    row[name] = terms[name]
        return row


class Breakup(Answer):
    """Sums of what is charged now, or at each renewal. ``tax`` is None when it is not known, which is not 0."""

    subtotal: Whole
    discount: Whole
    tax: Whole | None = None
    total_amount: Charge


class PricedLine(Answer):
    """What a cart line and an add-on line have in common."""

    name: str | None = None
    quantity: Whole
    currency: Currency
    discounted_price: Whole
    tax: Whole | None = None


class AddonLine(PricedLine):
    addon_id: ApiId


class CartLine(PricedLine):
    product_id: ApiId
    is_subscription: Switch
    is_usage_based: Switch
    discount_cycle: Whole | None = None
    """Billing cycles for which the discount holds."""
    addons: list[AddonLine] | None = None


class SubscriptionQuote(Answer):
    """One subscription of a cart that holds several."""

    product_id: ApiId
    amount_due_now: Charge
    recurring_amount: Charge
    next_billing_date: Moment | None = None
    trial_period_days: Whole | None = None


class Preview(Answer):
    """``POST /checkouts/preview``."""

    billing_country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
    currency: Currency
    current_breakup: Breakup
    recurring_breakup: Breakup | None = None
    product_cart: list[CartLine]
    subscriptions: list[SubscriptionQuote] | None = None
    next_billing_date: Moment | None = None
    trial_period_days: Whole | None = None
    is_byop: Switch
    tax_id_err_msg: Annotated[str | None, Field(repr=False)] = None
    """That there is one is all that counts; the text is the API's."""


class Session(Answer):
    """``POST /checkouts``."""

    session_id: ApiId
    checkout_url: Annotated[PageUrl | None, Field(repr=False)] = None
    """Absent only where the payment is confirmed at once."""
    payment_id: ApiId | None = None
    client_secret: SecretStr | None = None
    publishable_key: SecretStr | None = None


class SessionStatus(Answer):
    """``GET /checkouts/{id}``."""

    session_id: Annotated[ApiId, Field(validation_alias=AliasChoices("id"))]
    payment_id: ApiId | None = None
    payment_status: Word | None = None
    customer_email: Annotated[str | None, Field(repr=False)] = None
    customer_name: Annotated[str | None, Field(repr=False)] = None


class Payment(Answer):
    """A row of ``GET /payments``."""

    payment_id: ApiId
    status: Word | None = None
    checkout_session_id: ApiId | None = None
    metadata: Annotated[dict[str, Any], Field(repr=False)]


class Page(Answer, Generic[RowT]):
    """A page of a list."""

    items: list[RowT]
