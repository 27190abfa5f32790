"""Arguments of ``create_checkout_session``: the preview, and what cannot change its price."""

import math
import re
from typing import Annotated, Any, Literal, cast

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from checkout_schemas.contract_model import RequestModel
from checkout_schemas.fields import (
    MAX_SAFE_INTEGER,
    AmountInPaise,
    Colour,
    Email,
    Flag,
    Id,
    LanguageCode,
    PaymentMethodType,
    PhoneNumber,
    Radius,
    few,
    text,
)
from checkout_schemas.json_schema import UNADVERTISED, published_as_json_text
from checkout_schemas.personal import Personal
from checkout_schemas.web_addresses import HttpsUrl, ReturnUrl

PREVIEW_ID_KEY = "mcp_preview_id"
"""The metadata key under which a session carries its preview, so that a lost answer can be found again."""

MAX_METADATA_KEYS = 50 - 1
"""The payment API takes 50; one is ours."""


class Customer(RequestModel):
    """An existing customer by id, or a new one by e-mail."""

    customer_id: Annotated[
        Id | None, Field(description="existing customer; no other field"), Personal("customer_id")
    ] = None
    email: Annotated[Email | None, Field(description="new customer"), Personal("email")] = None
    name: Annotated[Annotated[str, text(256)] | None, Personal("name")] = None
    phone_number: Annotated[PhoneNumber | None, Field(description="E.164, e.g. +14155550123"), Personal("phone")] = None


class ThemeColours(RequestModel):
    """CSS colours of one mode, light or dark."""

    bg_primary: Colour | None = None
    bg_secondary: Colour | None = None
    border_primary: Colour | None = None
    border_secondary: Colour | None = None
    button_primary: Colour | None = None
    button_primary_hover: Colour | None = None
    button_secondary: Colour | None = None
    button_secondary_hover: Colour | None = None
    button_text_primary: Colour | None = None
    button_text_secondary: Colour | None = None
    input_focus_border: Colour | None = None
    text_error: Colour | None = None
    text_placeholder: Colour | None = None
    text_primary: Colour | None = None
    text_secondary: Colour | None = None
    text_success: Colour | None = None


class ThemeConfig(RequestModel):
    """Look of the hosted page. Published as JSON text: rarely used, and 40 fields long."""

    light: ThemeColours | None = None
    dark: ThemeColours | None = None
    font_primary_url: HttpsUrl | None = None
    font_secondary_url: HttpsUrl | None = None
    font_size: Literal["xs", "sm", "md", "lg", "xl", "2xl"] | None = None
    font_weight: Literal["normal", "medium", "bold", "extraBold"] | None = None
    pay_button_text: Annotated[str, text(100)] | None = None
    radius: Radius | None = None


class Customization(RequestModel):
    """Look of the hosted page."""

    theme: Literal["dark", "light", "system"] | None = None
    force_language: Annotated[LanguageCode | None, Field(description="e.g. ja")] = None
    show_order_details: Flag | None = None
    show_on_demand_tag: Flag | None = None
    theme_config: Annotated[
        ThemeConfig | None,
        published_as_json_text(
            "light and dark {bg_primary, button_primary, text_primary, …: CSS colour}, "
            "font_size, font_weight, font_primary_url, pay_button_text, radius"
        ),
    ] = None


class FeatureFlags(RequestModel):
    """Switches of the hosted page. Source: CheckoutSessionFlags; ``require_*`` need their ``allow_*``.

    What the buyer may edit is rarely set: one description names those flags, in place of nine schemas.
    """

    allow_currency_selection: Flag | None = None
    allow_customer_editing_business_name: Annotated[Flag | None, UNADVERTISED] = None
    allow_customer_editing_city: Annotated[Flag | None, UNADVERTISED] = None
    allow_customer_editing_country: Annotated[Flag | None, UNADVERTISED] = None
    allow_customer_editing_email: Annotated[Flag | None, UNADVERTISED] = None
    allow_customer_editing_name: Annotated[Flag | None, UNADVERTISED] = None
    allow_customer_editing_state: Annotated[Flag | None, UNADVERTISED] = None
    allow_customer_editing_street: Annotated[Flag | None, UNADVERTISED] = None
    allow_customer_editing_tax_id: Annotated[Flag | None, UNADVERTISED] = None
    allow_customer_editing_zipcode: Annotated[Flag | None, UNADVERTISED] = None
    allow_discount_code: Flag | None = None
    allow_editing_addons: Flag | None = None
    allow_phone_number_collection: Flag | None = None
    allow_tax_id: Flag | None = None
    always_create_new_customer: Flag | None = None
    redirect_immediately: Flag | None = None
    require_cardholder_name: Flag | None = None
    require_phone_number: Flag | None = None
    require_tax_id: Flag | None = None
    single_page: Flag | None = None


_EDITING = "allow_customer_editing_"
_EDITABLE = ", ".join(name.removeprefix(_EDITING) for name in FeatureFlags.model_fields if name.startswith(_EDITING))


class CustomField(RequestModel):
    """A question that the hosted page asks the buyer."""

    key: Annotated[str, text(128), Personal("label")]
    label: Annotated[str, text(256), Personal("label")]
    field_type: Literal["text", "number", "email", "url", "date", "dropdown", "boolean"]
    required: Flag | None = None
    placeholder: Annotated[Annotated[str, text(256)] | None, Personal("label")] = None
    options: Annotated[
        Annotated[list[Annotated[str, text(256)]], few(100)] | None,
        Field(description="dropdown only"),
        Personal("label"),
    ] = None


_METADATA_KEY = re.compile(r"[A-Za-z0-9_-]{1,40}")
"""The provider's page on metadata, as the limits of values and of their number."""
MAX_METADATA_VALUE = 500
"""Characters."""


def _metadata_key(key: str) -> str:
    if key == PREVIEW_ID_KEY:
        raise PydanticCustomError("reserved_key", "")
    if not _METADATA_KEY.fullmatch(key):
        raise PydanticCustomError("metadata_key", "", {"max_length": 40})
    return key


def _metadata_value(value: Any) -> str | int | float | bool:
    if not isinstance(value, str | int | float):
        raise PydanticCustomError("metadata_value_type", "")
    if isinstance(value, str):
        if len(value) > MAX_METADATA_VALUE:
            raise PydanticCustomError("text_too_long", "", {"max_length": MAX_METADATA_VALUE})
        if any("\ud800" <= character <= "\udfff" for character in value):
            raise PydanticCustomError("string_unicode", "")
    elif (isinstance(value, int) and abs(value) > MAX_SAFE_INTEGER) or not math.isfinite(value):
        raise PydanticCustomError("metadata_number", "")
    return value


def _without_null(value: Any) -> Any:
    """An object whose null entries are unset."""
    if not isinstance(value, dict):
        raise PydanticCustomError("dict_type", "")
    entries = cast(dict[Any, Any], value)
    return {key: item for key, item in entries.items() if item is not None}


def _not_too_many(value: dict[str, Any]) -> dict[str, Any]:
    if len(value) > MAX_METADATA_KEYS:
        raise PydanticCustomError("too_many_keys", "", {"max_length": MAX_METADATA_KEYS})
    return value


Metadata = Annotated[
    dict[Annotated[str, AfterValidator(_metadata_key)], Annotated[Any, AfterValidator(_metadata_value)]],
    BeforeValidator(_without_null),
    AfterValidator(_not_too_many),
]


class CreateCheckoutSession(RequestModel):
    """The sale of a previewed order. Source: POST /checkouts."""

    preview_id: Annotated[Id, Field(description="from preview_checkout")]
    customer: Customer | None = None
    return_url: Annotated[
        ReturnUrl | None, Field(description="https page or allowed app link after payment"), Personal("url")
    ] = None
    cancel_url: Annotated[ReturnUrl | None, Field(description="the same after cancelling"), Personal("url")] = None
    confirm: Annotated[
        Flag | None,
        Field(description="finalise at once; a person approves; needs customer and full billing address"),
    ] = None
    payment_method_id: Annotated[
        Id | None, Field(description="charge a saved method; needs confirm and customer_id")
    ] = None
    allowed_payment_method_types: Annotated[
        Annotated[list[PaymentMethodType], few(200)] | None,
        Field(description="e.g. apple_pay, credit, debit; keep the last two"),
    ] = None
    show_saved_payment_methods: Flag | None = None
    metadata: Annotated[
        Metadata | None,
        published_as_json_text(f"at most {MAX_METADATA_KEYS} keys; string, number or boolean values"),
        Personal("metadata"),
    ] = None
    force_3ds: Flag | None = None
    minimal_address: Annotated[Flag | None, Field(description="ask for country and zipcode only")] = None
    customization: Customization | None = None
    feature_flags: Annotated[
        FeatureFlags | None, Field(description=f"also {_EDITING}…: true or false, for {_EDITABLE}")
    ] = None
    custom_fields: Annotated[list[CustomField], Field(max_length=5)] | None = None
    short_link: Flag | None = None
    mandate_min_amount_inr_paise: Annotated[AmountInPaise | None, Field(description="minor units")] = None
