"""The sentences that stand for the API's error codes."""

import pytest

from checkout_schemas.requests.create_checkout_session import CreateCheckoutSession
from checkout_schemas.requests.preview_checkout import PreviewCheckout
from checkout_server.gateway.api_codes import API_CODES

pytestmark = pytest.mark.requirement("gateway.codes")

DOCUMENTED = """
INVALID_DISCOUNT_CODE DISCOUNT_CODE_EXPIRED DISCOUNT_CODE_USAGE_LIMIT_EXCEEDED DISCOUNT_NOT_AVAILABLE_FOR_PRODUCT
DISCOUNT_NOT_AVAILABLE_FOR_ON_DEMAND ADDONS_NOT_ALLOWED_FOR_ON_DEMAND INVALID_TAX_ID UNSUPPORTED_COUNTRY
UNSUPPORTED_CURRENCY UNSUPPORTED_BILLING_CURRENCY UNSUPPORTED_PAYMENT_CURRENCY NO_ELIGIBLE_PAYMENT_METHODS
PAY_AS_YOU_WANT_AMOUNT_REQUIRED REQUEST_AMOUNT_BELOW_MINIMUM TOTAL_PAYMENT_AMOUNT_BELOW_MINIMUM_AMOUNT
PRODUCT_IS_DELETED MISSING_PRODUCT_INFORMATION MISSING_ADDON_IDS ON_DEMAND_SUBSCRIPTIONS_NOT_ENABLED
MERCHANT_NOT_LIVE EXCHANGE_RATE_NOT_FOUND INVALID_REQUEST_BODY INVALID_REQUEST_PARAMETERS NOT_FOUND UNAUTHORIZED
TOO_MANY_REQUESTS INTERNAL_SERVER_ERROR
""".split()


def test_every_documented_code_has_a_sentence_and_no_other():
    assert set(API_CODES) == set(DOCUMENTED)


@pytest.mark.parametrize("code", DOCUMENTED)
def test_a_sentence_is_one_calm_sentence_without_the_code(code):
    sentence, _ = API_CODES[code]
    assert sentence.count(".") == 1
    assert sentence.endswith(".")
    assert len(sentence) <= 120
    assert not any(word.isupper() and len(word) > 1 for word in sentence.replace("API", "").split())


@pytest.mark.parametrize(("code", "path"), [(code, path) for code, (_, path) in API_CODES.items() if path])
def test_the_field_to_blame_is_one_that_a_tool_takes(code, path):
    assert path.split(".")[0] in PreviewCheckout.model_fields.keys() | CreateCheckoutSession.model_fields.keys()
