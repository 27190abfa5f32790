"""The sentences that stand for the API's error codes."""

import pytest

from checkout_schemas.requests.create_checkout_session import CreateCheckoutSession
from checkout_schemas.requests.preview_checkout import PreviewCheckout
from checkout_server.gateway.api_codes import API_CODES

pytestmark = pytest.mark.requirement("gateway.codes")

DOCUMENTED = """
INVALID_DISCOUNT_CODE DISCOUNT_CODE_EXPIRED DISCOUNT_CODE_USAGE_LIMIT_EXCEEDED DISCOUNT_NOT_AVAILABLE_FOR_PRODUCT
DISCOUNT_NOT_AVAILABLE_FOR_ON_DEMAND DISCOUNT_CONCURRENT_REDEMPTION DISCOUNT_CUSTOMER_NOT_ELIGIBLE
DISCOUNT_MINIMUM_SUBTOTAL_NOT_MET DISCOUNT_NOT_YET_ACTIVE DISCOUNT_PER_CUSTOMER_USAGE_LIMIT_EXCEEDED
ADDONS_NOT_ALLOWED_FOR_ON_DEMAND ADDONS_IN_USAGE_BASED_BILLING_NOT_SUPPORTED DUPLICATE_ADDON_IDS_IN_REQUEST
INVALID_TAX_ID UNSUPPORTED_COUNTRY UNSUPPORTED_CURRENCY UNSUPPORTED_BILLING_CURRENCY UNSUPPORTED_PAYMENT_CURRENCY
UNSUPPORTED_TAX_CATEGORY UNSUPPORTED_ACTION NO_ELIGIBLE_PAYMENT_METHODS PAY_AS_YOU_WANT_AMOUNT_REQUIRED
REQUEST_AMOUNT_BELOW_MINIMUM TOTAL_PAYMENT_AMOUNT_BELOW_MINIMUM_AMOUNT INVALID_SUGGESTED_PRICE INVALID_QUANTITY
PRODUCT_CART_EMTPY PRODUCT_IS_DELETED PRODUCT_COLLECTION_IS_DELETED CREDIT_ENTITLEMENT_IS_DELETED
MISSING_PRODUCT_INFORMATION MISSING_ADDON_IDS ON_DEMAND_SUBSCRIPTIONS_NOT_ENABLED
ON_DEMAND_USAGE_BASED_BILLING_NOT_SUPPORTED ONE_TIME_PRODUCTS_NOT_ALLOWED_FOR_ON_DEMAND
CUSTOMER_HAS_EXISTING_SUBSCRIPTION CHECKOUT_SESSION_CONSUMED PREVIOUS_PAYMENT_PENDING
BYOP_CUSTOM_INVOICE_ADDRESS_MISSING BRAND_MISMATCH BRAND_NOT_ENABLED MERCHANT_NOT_LIVE EXCHANGE_RATE_NOT_FOUND
MAXIMUM_KEYS_REACHED INTEGER_CONVERSION_FAILURE INVALID_REQUEST_BODY INVALID_REQUEST_PARAMETERS NOT_FOUND UNAUTHORIZED
TOO_MANY_REQUESTS INTERNAL_SERVER_ERROR
""".split()
"""Those of the provider's page "error codes" that a checkout call can meet, read in November 2026."""


def test_every_documented_code_has_a_sentence_and_no_other():
    assert set(API_CODES) == set(DOCUMENTED)


@pytest.mark.parametrize("code", DOCUMENTED)
def test_a_sentence_is_one_calm_sentence_without_the_code(code):
    sentence = API_CODES[code].sentence
    assert sentence.count(".") == 1
    assert sentence.endswith(".")
    assert len(sentence) <= 120
    assert not any(word.isupper() and len(word) > 1 for word in sentence.replace("API", "").split())


@pytest.mark.parametrize(("code", "path"), [(code, known.path) for code, known in API_CODES.items() if known.path])
def test_the_field_to_blame_is_one_that_a_tool_takes(code, path):
    assert path.split(".")[0] in PreviewCheckout.model_fields.keys() | CreateCheckoutSession.model_fields.keys()


@pytest.mark.parametrize("code", DOCUMENTED)
def test_what_the_buyer_said_is_not_for_a_model_to_change(code):
    known = API_CODES[code]
    assert ("ask the buyer" in known.sentence) == (known.retry == "ask_human")
    assert known.retry != "fix_and_retry" or "remove" not in known.sentence
