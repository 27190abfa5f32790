"""The payment API's error codes that a checkout call can meet, each with a sentence of ours and what to do about it.

Source: https://docs.dodopayments.com/api-reference/error-codes, as of 27 November 2026; the provider's whole list is in
``tests/fixtures/provider_error_codes.toml``. A code that is not here is not shown. What a buyer said (a code, a
country, an amount) is theirs to change: no model may, so a person is asked.
"""

from typing import NamedTuple

from checkout_schemas.errors import Retry
from checkout_server.privacy.vocabulary.checks import know_gateway_codes


class ApiCode(NamedTuple):
    """What a code means for who called."""

    sentence: str
    path: str | None = None
    """The field to mend."""
    retry: Retry = "fix_and_retry"


def _buyer_decides(sentence: str, path: str) -> ApiCode:
    return ApiCode(sentence, path, "ask_human")


def _operator_decides(sentence: str) -> ApiCode:
    return ApiCode(sentence, retry="do_not_retry")


_CODES, _COUNTRY, _CURRENCY, _CART = "discount_codes", "billing_address.country", "billing_currency", "product_cart"
_DISCOUNTS = {
    "INVALID_DISCOUNT_CODE": "does not exist",
    "DISCOUNT_CODE_EXPIRED": "has expired",
    "DISCOUNT_NOT_YET_ACTIVE": "cannot be used yet",
    "DISCOUNT_CODE_USAGE_LIMIT_EXCEEDED": "has been used up",
    "DISCOUNT_PER_CUSTOMER_USAGE_LIMIT_EXCEEDED": "was used by this customer already",
    "DISCOUNT_CUSTOMER_NOT_ELIGIBLE": "is not for this customer",
    "DISCOUNT_MINIMUM_SUBTOTAL_NOT_MET": "needs a larger order",
    "DISCOUNT_NOT_AVAILABLE_FOR_PRODUCT": "does not apply to these products",
    "DISCOUNT_NOT_AVAILABLE_FOR_ON_DEMAND": "does not apply to on-demand subscriptions",
    "UNSUPPORTED_DISCOUNT_TYPE": "is of a kind that is not supported",
}

API_CODES: dict[str, ApiCode] = {
    code: _buyer_decides(f"A discount code {what}; ask the buyer for another or whether to go on without it.", _CODES)
    for code, what in _DISCOUNTS.items()
} | {
    "INVALID_TAX_ID": _buyer_decides(
        "The tax id is not valid in the billing country; ask the buyer to correct it, or leave it out.", "tax_id"
    ),
    "UNSUPPORTED_COUNTRY": _buyer_decides(
        "The merchant does not sell to this country; ask the buyer for another billing country.", _COUNTRY
    ),
    "UNSUPPORTED_CURRENCY": ApiCode("The currency is not supported for this order; leave it out.", _CURRENCY),
    "UNSUPPORTED_BILLING_CURRENCY": ApiCode("The billing currency is not supported; leave it out.", _CURRENCY),
    "UNSUPPORTED_PAYMENT_CURRENCY": ApiCode(
        "The payment method cannot pay in this currency; leave billing_currency out.", _CURRENCY
    ),
    "EXCHANGE_RATE_NOT_FOUND": ApiCode("No exchange rate exists for this currency; leave it out.", _CURRENCY),
    "NO_ELIGIBLE_PAYMENT_METHODS": ApiCode(
        "None of the allowed payment methods fits this order; add credit and debit.", "allowed_payment_method_types"
    ),
    "PAY_AS_YOU_WANT_AMOUNT_REQUIRED": _buyer_decides(
        "A pay-what-you-want product needs an amount; ask the buyer how much.", _CART
    ),
    "INVALID_SUGGESTED_PRICE": _buyer_decides(
        "An amount cannot be paid for this product; ask the buyer for another.", _CART
    ),
    "REQUEST_AMOUNT_BELOW_MINIMUM": _buyer_decides(
        "An amount is below the product's minimum; ask the buyer for a higher one.", _CART
    ),
    "TOTAL_PAYMENT_AMOUNT_BELOW_MINIMUM_AMOUNT": _buyer_decides(
        "The total is below the smallest amount that can be charged; ask the buyer for a larger order.", _CART
    ),
    "INVALID_QUANTITY": ApiCode("A quantity cannot be sold; list_products says what is sold.", _CART),
    "PRODUCT_CART_EMTPY": ApiCode("The cart is empty; give at least one product.", _CART),  # spelt so by the provider
    "PRODUCT_IS_DELETED": ApiCode("A product is no longer sold; list_products shows what is.", _CART),
    "MISSING_PRODUCT_INFORMATION": _operator_decides(
        "A product is not fully set up; the merchant must complete it before it can be sold."
    ),
    "METER_IS_DELETED": _operator_decides(
        "A meter of a product no longer exists; the merchant must set the product up again."
    ),
    "PRODUCT_COLLECTION_IS_DELETED": ApiCode(
        "The collection is no longer sold; name products instead.", "product_collection_id"
    ),
    "UNSUPPORTED_TAX_CATEGORY": _operator_decides(
        "The tax category of a product is not supported; the merchant must change it."
    ),
    "CREDIT_ENTITLEMENT_IS_DELETED": ApiCode(
        "A credit entitlement no longer exists; leave credit_entitlements out.", _CART
    ),
    "MISSING_ADDON_IDS": ApiCode(
        "An add-on does not exist or does not belong to the product; list_products shows its add-ons.", _CART
    ),
    "DUPLICATE_ADDON_IDS_IN_REQUEST": ApiCode("An add-on is given twice; give it once with its quantity.", _CART),
    "ADDONS_NOT_ALLOWED_FOR_ON_DEMAND": ApiCode("On-demand subscriptions take no add-ons; leave addons out.", _CART),
    "ADDONS_IN_USAGE_BASED_BILLING_NOT_SUPPORTED": ApiCode(
        "Products with billed usage take no add-ons; leave addons out.", _CART
    ),
    "ON_DEMAND_SUBSCRIPTIONS_NOT_ENABLED": ApiCode(
        "The merchant has not enabled on-demand subscriptions; leave on_demand out.", "subscription_data.on_demand"
    ),
    "ON_DEMAND_USAGE_BASED_BILLING_NOT_SUPPORTED": ApiCode(
        "Products with billed usage cannot be sold on demand; leave on_demand out.", "subscription_data.on_demand"
    ),
    "ONE_TIME_PRODUCTS_NOT_ALLOWED_FOR_ON_DEMAND": ApiCode(
        "One-time products cannot be sold on demand; leave on_demand out.", "subscription_data.on_demand"
    ),
    "CUSTOMER_HAS_EXISTING_SUBSCRIPTION": _buyer_decides(
        "The customer has this subscription already; ask the buyer whether they want another product.", _CART
    ),
    "MAXIMUM_KEYS_REACHED": ApiCode("The metadata holds too many keys; leave some out.", "metadata"),
    "BYOP_CUSTOM_INVOICE_ADDRESS_MISSING": _operator_decides(
        "The merchant's own processor needs an invoice address; the operator must set it up."
    ),
    "BRAND_MISMATCH": ApiCode("These products belong to different brands; sell them in orders of their own.", _CART),
    "BRAND_NOT_ENABLED": _operator_decides("The merchant's brand cannot sell yet; the operator must enable it."),
    "MERCHANT_NOT_LIVE": _operator_decides(
        "The merchant's account is not live yet; only test mode can sell until the merchant is verified."
    ),
    "CHECKOUT_SESSION_CONSUMED": ApiCode(
        "The checkout session was used already; call preview_checkout for a new sale.", retry="new_preview"
    ),
    "PREVIOUS_PAYMENT_PENDING": ApiCode(
        "An earlier payment of this customer is still under way; try again in a minute.", retry="retry_later"
    ),
    "DISCOUNT_CONCURRENT_REDEMPTION": ApiCode(
        "Others used the discount code at the same moment and nothing happened; try again in a few seconds.",
        retry="retry_later",
    ),
    "INTEGER_CONVERSION_FAILURE": ApiCode("A number is too large for the payment API; give a smaller one."),
    "UNSUPPORTED_ACTION": _operator_decides(
        "The payment API does not do this for the merchant; the operator must look into it."
    ),
    "INVALID_REQUEST_BODY": ApiCode(
        "The payment API does not accept this combination of fields; check them and try again."
    ),
    "INVALID_REQUEST_PARAMETERS": ApiCode(
        "The payment API does not accept these parameters; check them and try again."
    ),
    "NOT_FOUND": ApiCode("Something that the call names does not exist there; check the ids."),
    "UNAUTHORIZED": _operator_decides("The payment API does not accept this server's key; the operator must check it."),
    "TOO_MANY_REQUESTS": ApiCode("The payment API asks to slow down; try again in a minute.", retry="retry_later"),
    "INTERNAL_SERVER_ERROR": ApiCode("The payment API had a failure of its own; try again later.", retry="retry_later"),
}

PROVEN_REFUSALS = frozenset({"DISCOUNT_CONCURRENT_REDEMPTION"})
"""Codes that prove that nothing happened, whatever the status: the provider documents a 503 so."""

know_gateway_codes(API_CODES)
