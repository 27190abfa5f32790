"""The API's rules for the body of a checkout, checked as the API would: first error wins."""

import re
from collections.abc import Mapping
from math import inf
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
_METADATA_KEY = re.compile(r"[A-Za-z0-9_-]{1,40}")
_METADATA_LENGTH = 500
_FIELD_TYPES = {"text", "number", "email", "url", "date", "dropdown", "boolean"}


_ELIGIBLE = frozenset({"credit", "debit", "upi_collect", "paypal", "klarna"})
"""Payment methods that the sandbox's merchant has."""


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
    if value is None:
        return None
    if not isinstance(value, kind) or (kind is int and (isinstance(value, bool) or not -(2**63) <= value < 2**63)):
        raise bad_body(f"{name} has a wrong type")
    return value


def _object(body: Body, name: str) -> Body:
    return _optional(body, name, dict) or Body()


def _objects(body: Body, name: str) -> list[Body]:
    objects = parts(body, name)
    if len(objects) != len(_optional(body, name, list) or ()):
        raise bad_body(f"{name} holds something that is not an object")
    return objects


def _strings(body: Body, name: str) -> list[str]:
    values: list[Any] = _optional(body, name, list) or []
    if not all(isinstance(value, str) for value in values):
        raise bad_body(f"{name} holds something that is not a string")
    return values


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
    addons = _objects(item, "addons")
    addon_ids = [_optional(addon, "addon_id", str) for addon in addons]
    if not all(each in ADDONS and each in product.addons for each in addon_ids):
        raise unprocessable("MISSING_ADDON_IDS", "addon does not belong to the product")
    if len(set(addon_ids)) < len(addon_ids):
        raise unprocessable("DUPLICATE_ADDON_IDS_IN_REQUEST", "addon is given twice")
    for addon in addons:
        _positive(addon.get("quantity"), "addon quantity")
    for override in _objects(item, "credit_entitlements"):
        if override.get("credit_entitlement_id") != product.credit_entitlement:
            raise not_found("credit entitlement")
        try:
            positive = 0 < float(_optional(override, "credits_amount", str) or "") < inf
        except ValueError:
            positive = False
        if not positive:
            raise bad_body("credits_amount must be above zero")


def _discounts(body: Body) -> None:
    codes = _strings(body, "discount_codes")
    if body.get("discount_codes") is not None and body.get("discount_code") is not None:
        raise bad_body("discount_code and discount_codes exclude each other")
    if len(codes) > 20:
        raise bad_body("discount_codes must be at most 20")
    _optional(body, "discount_code", str)


def _address(body: Body) -> None:
    address = _object(body, "billing_address")
    for name in ADDRESS:
        _optional(address, name, str)
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
    for name in ("customer_id", "email", "name", "phone_number"):
        _optional(customer, name, str)
    if "customer_id" in customer:
        if customer["customer_id"] not in customers:
            raise not_found("customer")
    elif not re.fullmatch(r"[^@\s]+@[^@\s]+", customer.get("email") or ""):
        raise bad_body("customer.email is required")
    phone = customer.get("phone_number")
    if phone is not None and not re.fullmatch(r"\+[1-9][0-9]{1,14}", phone):
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
        kind, key, label = (_optional(field, name, str) for name in ("field_type", "key", "label"))
        if kind not in _FIELD_TYPES or not key or not label:
            raise bad_body("a custom field is malformed")
        if kind == "dropdown" and not _strings(field, "options"):
            raise bad_body("a dropdown needs options")
    _metadata(_object(body, "metadata"))
    flags = _object(body, "feature_flags")
    for name in flags:
        _optional(flags, name, bool)
    customization = _object(body, "customization")
    for name in ("theme", "force_language"):
        _optional(customization, name, str)
    _object(customization, "theme_config")
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
    methods = _strings(body, "allowed_payment_method_types")
    if body.get("allowed_payment_method_types") is not None and not _ELIGIBLE.intersection(methods):
        raise unprocessable("NO_ELIGIBLE_PAYMENT_METHODS", "no payment method is eligible")


def _metadata(metadata: Body) -> None:
    if len(metadata) > 50 or not all(isinstance(value, str | int | float) for value in metadata.values()):
        raise bad_body("metadata must be at most 50 strings, numbers or booleans")
    if not all(map(_METADATA_KEY.fullmatch, metadata)):
        raise bad_body("a metadata key must be 1 to 40 letters, digits, underscores or hyphens")
    if any(isinstance(value, str) and len(value) > _METADATA_LENGTH for value in metadata.values()):
        raise bad_body(f"a metadata value must be at most {_METADATA_LENGTH} characters")


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
    products = [PRODUCTS[item["product_id"]] for item in body["product_cart"]]
    if any(product.cycle is None for product in products):
        raise unprocessable("ONE_TIME_PRODUCTS_NOT_ALLOWED_FOR_ON_DEMAND", "an on-demand cart holds subscriptions only")
    if any(product.meters for product in products):
        raise unprocessable("ON_DEMAND_USAGE_BASED_BILLING_NOT_SUPPORTED", "usage cannot be billed on demand")
    price, currency = _optional(on_demand, "product_price", int), _optional(on_demand, "product_currency", str)
    if price is not None and not 0 <= price < 2**31:
        raise bad_body("on_demand.product_price must not be negative")
    if currency is not None and currency not in RATES:
        raise unprocessable("UNSUPPORTED_CURRENCY", "currency of the first charge is not supported")
