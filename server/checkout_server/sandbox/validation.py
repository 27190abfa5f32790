"""The API's rules for the body of a checkout, checked as the API would: first error wins."""

import re
from collections.abc import Mapping
from typing import Any, cast

from checkout_server.sandbox.body import Body, part, parts
from checkout_server.sandbox.catalogue import (
    ADDONS,
    COLLECTIONS,
    CUSTOMERS,
    PRODUCTS,
    RATES,
    UNSUPPORTED_COUNTRIES,
    Customer,
)
from checkout_server.sandbox.errors import bad_body, not_found, unprocessable

ADDRESS = ("street", "city", "state", "country", "zipcode")
_RETURN_URL = re.compile(r"https?://[^/\s]|(?!(https?|javascript|vbscript|data|file):)[a-z][\w+.-]+://", re.IGNORECASE)
"""A page, or a mobile app's own link; the hosted page has it as a link, so that a script must not pass."""
_FIELD_TYPES = {"text", "number", "email", "url", "date", "dropdown", "boolean"}


def check_body(body: object, customers: Mapping[str, Customer] = CUSTOMERS) -> Body:
    """The body of a checkout or a preview, once it is known to be acceptable.

    Raises:
        ApiError: 400 for a wrong shape, 404 for unknown ids, 422 for what the rules forbid.
    """
    if not isinstance(body, dict):
        raise bad_body("expected an object")
    order = cast(Body, body)
    for check in (_cart, _discounts, _address):
        check(order)
    _customer(order, customers)
    _confirm(order, customers)
    _extras(order)
    _subscription(order)
    return order


def _optional(body: Body, name: str, kind: type) -> Any:
    value = body.get(name)
    if value is not None and (not isinstance(value, kind) or (kind is int and isinstance(value, bool))):
        raise bad_body(f"{name} has a wrong type")
    return value


def _object(body: Body, name: str) -> Body:
    return _optional(body, name, dict) or Body()


def _objects(body: Body, name: str) -> list[Body]:
    objects = parts(body, name)
    if len(objects) != len(_optional(body, name, list) or ()):
        raise bad_body(f"{name} holds something that is not an object")
    return objects


def _positive(value: Any, name: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value < 2**31:
        raise bad_body(f"{name} must be a positive integer")
    return value


def _cart(body: Body) -> None:
    cart: list[Any] | None = _optional(body, "product_cart", list)
    if cart is None or len(cart) > 20:
        raise bad_body("product_cart must hold at most 20 products")
    collection = _optional(body, "product_collection_id", str)
    if collection is not None and collection not in COLLECTIONS:
        raise not_found("product collection")
    if not cart and collection is None:
        raise bad_body("product_cart is empty")
    items = _objects(body, "product_cart")
    if not all(isinstance(item.get("product_id"), str) for item in items):
        raise bad_body("product_cart holds something that is not a product")
    for item in items:
        _item(item)


def _item(item: Body) -> None:
    _positive(item.get("quantity"), "quantity")
    product = PRODUCTS.get(item["product_id"])
    if product is None:
        raise not_found("product")
    if product.archived:
        raise unprocessable("PRODUCT_IS_DELETED", "product is archived")
    amount = _optional(item, "amount", int)
    if product.pay_what_you_want and amount is not None and amount < product.price:
        raise unprocessable("REQUEST_AMOUNT_BELOW_MINIMUM", "amount is below the minimum")
    for addon in _objects(item, "addons"):
        if addon.get("addon_id") not in ADDONS or addon["addon_id"] not in product.addons:
            raise unprocessable("MISSING_ADDON_IDS", "addon does not belong to the product")
        _positive(addon.get("quantity"), "addon quantity")
    for override in _objects(item, "credit_entitlements"):
        if override.get("credit_entitlement_id") != product.credit_entitlement:
            raise not_found("credit entitlement")
        try:
            positive = float(override.get("credits_amount", "")) > 0
        except (TypeError, ValueError):
            positive = False
        if not positive:
            raise bad_body("credits_amount must be above zero")


def _discounts(body: Body) -> None:
    codes = _optional(body, "discount_codes", list)
    if codes is not None and body.get("discount_code") is not None:
        raise bad_body("discount_code and discount_codes exclude each other")
    if codes is not None and (len(codes) > 20 or not all(isinstance(code, str) for code in codes)):
        raise bad_body("discount_codes must be at most 20 strings")
    _optional(body, "discount_code", str)


def _address(body: Body) -> None:
    address = _object(body, "billing_address")
    country = address.get("country")
    if body.get("billing_address") is not None and not re.fullmatch(r"[A-Z]{2}", str(country)):
        raise bad_body("billing_address.country must be an ISO code")
    if country in UNSUPPORTED_COUNTRIES:
        raise unprocessable("UNSUPPORTED_COUNTRY", "country is not supported")
    tax_id = _optional(body, "tax_id", str)
    if tax_id is not None and country is None:
        raise bad_body("tax_id needs billing_address.country")
    if tax_id is not None and not re.fullmatch(r"[A-Za-z0-9 .-]{4,20}", tax_id):
        raise unprocessable("INVALID_TAX_ID", "tax id is not valid")
    currency = _optional(body, "billing_currency", str)
    if currency is not None and currency not in RATES:
        raise unprocessable("UNSUPPORTED_BILLING_CURRENCY", "billing currency is not supported")


def _customer(body: Body, customers: Mapping[str, Customer]) -> None:
    customer = _optional(body, "customer", dict)
    if customer is None:
        return
    if "customer_id" in customer:
        if customer["customer_id"] not in customers:
            raise not_found("customer")
    elif not re.fullmatch(r"[^@\s]+@[^@\s]+", str(customer.get("email"))):
        raise bad_body("customer.email is required")
    phone = customer.get("phone_number")
    if phone is not None and not re.fullmatch(r"\+[1-9][0-9]{1,14}", str(phone)):
        raise bad_body("customer.phone_number must be E.164")


def _confirm(body: Body, customers: Mapping[str, Customer]) -> None:
    confirm, method = _optional(body, "confirm", bool), _optional(body, "payment_method_id", str)
    customer = part(body, "customer")
    if method is not None:
        existing = customers.get(customer.get("customer_id", ""))
        if not confirm or existing is None:
            raise bad_body("payment_method_id needs confirm and an existing customer")
        if method not in {each.id for each in existing.methods}:
            raise not_found("payment method")
    if not confirm:
        return
    if not customer:
        raise bad_body("confirm needs a customer")
    address = part(body, "billing_address")
    needed = ("country", "zipcode") if body.get("minimal_address") else ADDRESS
    if method is None and not all(address.get(name) for name in needed):
        raise bad_body("confirm needs a full billing address")
    flags = part(body, "feature_flags")
    if flags.get("require_tax_id") and not body.get("tax_id"):
        raise bad_body("require_tax_id with confirm needs tax_id")


def _extras(body: Body) -> None:
    fields = _objects(body, "custom_fields")
    if len(fields) > 5:
        raise bad_body("custom_fields must be at most 5")
    for field in fields:
        if field.get("field_type") not in _FIELD_TYPES or not field.get("key"):
            raise bad_body("a custom field is malformed")
        if field["field_type"] == "dropdown" and not field.get("options"):
            raise bad_body("a dropdown needs options")
    metadata = _object(body, "metadata")
    if len(metadata) > 50 or not all(isinstance(value, str | int | float) for value in metadata.values()):
        raise bad_body("metadata must be at most 50 strings, numbers or booleans")
    flags = _object(body, "feature_flags")
    for required, allowed in (
        ("require_phone_number", "allow_phone_number_collection"),
        ("require_tax_id", "allow_tax_id"),
    ):
        if flags.get(required) and flags.get(allowed) is False:
            raise bad_body(f"{required} needs {allowed}")
    for name in ("return_url", "cancel_url"):
        url = _optional(body, name, str)
        if url is not None and not _RETURN_URL.match(url):
            raise bad_body(f"{name} must be an absolute URL")
    methods = _optional(body, "allowed_payment_method_types", list)
    if methods is not None and not {"credit", "debit", "upi_collect", "paypal", "klarna"} & set(methods):
        raise unprocessable("NO_ELIGIBLE_PAYMENT_METHODS", "no payment method is eligible")


def _subscription(body: Body) -> None:
    data = _object(body, "subscription_data")
    trial = _optional(data, "trial_period_days", int)
    if trial is not None and not 0 <= trial <= 10000:
        raise bad_body("trial_period_days must be 0 to 10000")
    on_demand = _optional(data, "on_demand", dict)
    if on_demand is None:
        return
    if not isinstance(on_demand.get("mandate_only"), bool):
        raise bad_body("on_demand.mandate_only is required")
    if body.get("discount_codes") or body.get("discount_code"):
        raise unprocessable("DISCOUNT_NOT_AVAILABLE_FOR_ON_DEMAND", "discounts do not apply to on-demand subscriptions")
    if any(item.get("addons") for item in body["product_cart"]):
        raise unprocessable("ADDONS_NOT_ALLOWED_FOR_ON_DEMAND", "on-demand subscriptions take no addons")
