"""The API's known error codes, each with a sentence of ours and the field to blame.

Source: the error code list of the provider's documentation. A code that is not here is not shown.
"""

from checkout_server.privacy.vocabulary import know_gateway_codes

API_CODES: dict[str, tuple[str, str | None]] = {
    "INVALID_DISCOUNT_CODE": (
        "A discount code does not exist; remove it or ask the buyer for the right one.",
        "discount_codes",
    ),
    "DISCOUNT_CODE_EXPIRED": ("A discount code has expired; remove it.", "discount_codes"),
    "DISCOUNT_CODE_USAGE_LIMIT_EXCEEDED": ("A discount code has been used up; remove it.", "discount_codes"),
    "DISCOUNT_NOT_AVAILABLE_FOR_PRODUCT": (
        "A discount code does not apply to these products; remove it.",
        "discount_codes",
    ),
    "DISCOUNT_NOT_AVAILABLE_FOR_ON_DEMAND": (
        "Discount codes do not apply to on-demand subscriptions; remove them.",
        "discount_codes",
    ),
    "ADDONS_NOT_ALLOWED_FOR_ON_DEMAND": ("On-demand subscriptions take no add-ons; remove them.", "product_cart"),
    "INVALID_TAX_ID": ("The tax id is not valid in the billing country; correct it or leave it out.", "tax_id"),
    "UNSUPPORTED_COUNTRY": (
        "The merchant does not sell to this country; ask the buyer for another billing country.",
        "billing_address.country",
    ),
    "UNSUPPORTED_CURRENCY": ("The currency is not supported for this order; choose another.", "billing_currency"),
    "UNSUPPORTED_BILLING_CURRENCY": (
        "The billing currency is not supported; choose another or leave it out.",
        "billing_currency",
    ),
    "UNSUPPORTED_PAYMENT_CURRENCY": (
        "The payment method cannot pay in this currency; choose another of the two.",
        "billing_currency",
    ),
    "NO_ELIGIBLE_PAYMENT_METHODS": (
        "None of the allowed payment methods fits this order; add credit and debit.",
        "allowed_payment_method_types",
    ),
    "PAY_AS_YOU_WANT_AMOUNT_REQUIRED": (
        "A pay-what-you-want product needs an amount; ask the buyer how much.",
        "product_cart",
    ),
    "REQUEST_AMOUNT_BELOW_MINIMUM": ("An amount is below the product's minimum; raise it.", "product_cart"),
    "TOTAL_PAYMENT_AMOUNT_BELOW_MINIMUM_AMOUNT": (
        "The total is below the smallest amount that can be charged; sell more or raise the amount.",
        "product_cart",
    ),
    "PRODUCT_IS_DELETED": ("A product is no longer sold; list_products shows what is.", "product_cart"),
    "MISSING_PRODUCT_INFORMATION": ("A product is not fully set up; the merchant must complete it.", "product_cart"),
    "MISSING_ADDON_IDS": ("An add-on does not exist or does not belong to the product; remove it.", "product_cart"),
    "ON_DEMAND_SUBSCRIPTIONS_NOT_ENABLED": (
        "The merchant has not enabled on-demand subscriptions; leave on_demand out.",
        "subscription_data.on_demand",
    ),
    "MERCHANT_NOT_LIVE": (
        "The merchant's account is not live yet; only test mode can sell until the merchant is verified.",
        None,
    ),
    "EXCHANGE_RATE_NOT_FOUND": ("No exchange rate exists for this currency; choose another.", "billing_currency"),
    "INVALID_REQUEST_BODY": (
        "The payment API does not accept this combination of fields; check them and try again.",
        None,
    ),
    "INVALID_REQUEST_PARAMETERS": ("The payment API does not accept these parameters; check them and try again.", None),
    "NOT_FOUND": ("Something that the call names does not exist there; check the ids.", None),
    "UNAUTHORIZED": ("The payment API does not accept this server's key; the operator must check it.", None),
    "TOO_MANY_REQUESTS": ("The payment API asks to slow down; try again in a minute.", None),
    "INTERNAL_SERVER_ERROR": ("The payment API had a failure of its own; try again later.", None),
}

know_gateway_codes(API_CODES)
