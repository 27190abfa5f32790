"""What to do about a name that no field of ours stands for: in one object, or wherever it stands."""

from collections.abc import Iterable, Mapping

from checkout_schemas.contract_model import RequestModel
from checkout_schemas.parsing.host_fields import snake_case
from checkout_schemas.requests.create_checkout_session import (
    CreateCheckoutSession,
    CustomField,
    FeatureFlags,
)
from checkout_schemas.requests.get_checkout_session import GetCheckoutSession
from checkout_schemas.requests.list_products import ListProducts
from checkout_schemas.requests.list_saved_payment_methods import ListSavedPaymentMethods
from checkout_schemas.requests.preview_checkout import (
    Addon,
    BillingAddress,
    CartItem,
    PreviewCheckout,
    SubscriptionData,
)

NEVER_GUESSED = frozenset({"confirm", "payment_method_id"})
"""What charges. Whoever wants it finds it in the schema; no other name leads there."""

_YES = frozenset(
    """
    confirm confirmed confirms confirmation approve approved approves approval agree agreed agrees agreement
    consent consented consents accept accepted accepts acceptance yes
    """.split()
)
"""Words in the names that callers give to the buyer's agreement."""
_YES_IS_NOT_SENT = "leave it out: a buyer's yes is not sent"

_SAVED_METHOD = "leave it out: a saved method is charged only where a person asks for it"
_METHODS = f"{_SAVED_METHOD}; for what the page offers there is allowed_payment_method_types"
_SAVING = "leave it out: the buyer decides on the hosted page what is saved"
_PAID_ON_PAGE = "leave it out: the buyer pays on the hosted page"
_CARD = "leave it out: card data is typed on the hosted page only"
_UNIT_PRICE = (
    "price", "unit_price", "unit_amount", "cost", "rate", "price_cents", "amount_cents", "price_in_cents",
    "amount_in_cents", "total_price",
)  # fmt: skip
_PRICE = ("amount", *_UNIT_PRICE)
_ONE_STREET = "join it to billing_address.street, with a comma"
_WHOLE_NAME = "put the whole name into customer.name of create_checkout_session"
_FIXED_PAGES = "leave it out: pages have a fixed size, and page asks for the next one"
_OF_THE_PRODUCT = "leave it out: the product has it, and product_id is enough"
_OF_THE_ADDON = "leave it out: the add-on has it, and addon_id is enough"
_QUOTED = "leave it out: amounts are quoted, not given"
_PRODUCTS_DECIDE = "leave it out: the products decide whether it is a payment or a subscription"
_NO_SHIPPING = "leave it out: nothing is shipped from here, and tax follows billing_address"
_ADDRESS_ASKED = "leave it out: the page asks for the billing address, and minimal_address asks for less of it"


def _for(names: Iterable[str], advice: str) -> dict[str, str]:
    return dict.fromkeys(names, advice)


ADVICE_IN: Mapping[type[RequestModel], Mapping[str, str]] = {
    PreviewCheckout: _for(_PRICE, "leave it out: products have their prices, and the quote adds them up"),
    CartItem: _for(
        _UNIT_PRICE, "leave it out: a product has its price; amount is for a pay-what-you-want product, in minor units"
    )
    | _for(("name", "title", "description", "image", "images", "kind", "label", "type"), _OF_THE_PRODUCT)
    | _for(
        ("options", "variant", "size", "color", "colour", "attributes"),
        "leave it out: what varies is a product of its own or an add-on, which list_products names",
    ),
    Addon: _for((*_PRICE, "name", "title", "description", "label", "currency"), _OF_THE_ADDON),
    BillingAddress: _for(("type", "label", "key"), "leave it out: there is one billing address")
    | {"name": "give it to create_checkout_session as customer.name, after the preview"},
    SubscriptionData: _for(
        _PRICE, "leave it out: a subscription has its product's price; a mandate has on_demand.product_price"
    ),
    CreateCheckoutSession: _for(_PRICE, "leave it out: the preview has the price"),
    FeatureFlags: _for(
        ("require_address", "require_billing_address", "allow_address", "collect_address"), _ADDRESS_ASKED
    ),
    CustomField: _for(("optional", "is_optional"), "leave it out: without required the buyer may leave it out")
    | {"default": "leave it out: the buyer answers; placeholder is a hint in the empty field"},
    ListProducts: _for((*_PRICE, "min_price", "max_price"), "leave it out: choose by the prices in the list")
    | _for(("limit", "per_page", "page_size", "count", "max_results"), _FIXED_PAGES)
    | _for(("product_id", "id", "ids", "product_ids"), "leave it out, and find the id in the list")
    | _for(("currency", "country"), "leave it out: each product is listed in its own currency"),
    GetCheckoutSession: _for(
        ("payment_id", "checkout_url", "url", "subscription_id"), "leave it out, and give session_id or preview_id"
    ),
    ListSavedPaymentMethods: _for(
        ("limit", "per_page", "page_size", "page", "count", "cursor"), "leave it out: all of them are listed"
    )
    | _for(
        ("email", "customer_email", "name", "phone_number"), "give the customer_id instead; without one ask a person"
    ),
}
"""By the object that the name stands in."""

ADVICE: Mapping[str, str] = {
    **_for(  # Stripe, PayPal
        ("client_reference_id", "custom_id", "order_id", "reference", "reference_id"),
        "put it into metadata of create_checkout_session, under this name",
    ),
    "price_data": "leave it out: what is sold is a product of list_products, by its product_id",
    **_for(("mode", "intent"), _PRODUCTS_DECIDE),
    **_for(
        ("interval", "billing_interval", "billing_cycle", "billing_period", "frequency", "recurring"),
        "leave it out: the product decides how often it is billed",
    ),
    **_for(
        (
            "line2", "line_2", "address2", "address_2", "address_line2", "address_line_2", "street2", "street_2",
            "street_line_2", "apartment", "apt", "suite",
        ),
        _ONE_STREET,
    ),
    **_for(
        ("first_name", "last_name", "given_name", "family_name", "middle_name", "surname"), _WHOLE_NAME
    ),
    **_for(
        ("shipping", "shipping_address", "shipping_address_collection", "shipping_options"), _NO_SHIPPING
    ),
    "billing_address_collection": _ADDRESS_ASKED,  # Stripe
    **_for(("total", "subtotal", "total_amount", "grand_total"), _QUOTED),
    **_for(
        ("tax", "tax_rate", "taxes", "tax_amount"), "leave it out: tax is quoted, from billing_address and tax_id"
    ),
    "automatic_tax": "leave it out: tax is always quoted",
    **_for(("limit", "per_page", "page_size"), "leave it out: nothing is listed here"),
    "expires_at": "leave it out: a session ends by itself",
    "idempotency_key": "leave it out: a preview makes one session, however often it is asked for",
    "webhook_url": "leave it out: the merchant sets webhooks in their dashboard",
    **_for(("payment_method", "payment_source"), _METHODS),
    **_for(
        (
            "saved_card", "saved_method", "saved_payment_method", "saved_payment_method_id", "card_id", "token",
            "payment_token", "card_token", "source", "default_payment_method", "charge_saved_method",
            "payment_method_data",
        ),
        _SAVED_METHOD,
    ),
    **_for(("save_card", "save_payment_method", "setup_future_usage"), _SAVING),
    **_for(
        (
            "charge", "charge_now", "charge_immediately", "auto_charge", "capture", "capture_now", "capture_method",
            "pay_now", "off_session", "authorize", "authorized", "authorise", "authorised", "immediate",
        ),
        _PAID_ON_PAGE,
    ),
    **_for(("card", "card_number", "cvc", "cvv", "expiry", "exp_month", "exp_year", "iban"), _CARD),
}  # fmt: skip
"""Wherever the name stands."""

ADVISED_NAMES = frozenset(ADVICE).union(*ADVICE_IN.values())


def advise_on(here: type[RequestModel], name: str) -> str | None:
    """What to do about a name in an object; None where we know nothing of it."""
    snake = snake_case(name)
    if snake == "payment_method_id":
        return _SAVED_METHOD
    if advice := ADVICE_IN.get(here, {}).get(snake):
        return advice
    return _YES_IS_NOT_SENT if not _YES.isdisjoint(snake.split("_")) else ADVICE.get(snake)
