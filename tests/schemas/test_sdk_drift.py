"""Field by field against the official SDK's types: drift in either direction fails."""

import typing
from typing import Any, get_args, get_origin

import pytest
from dodopayments import types
from dodopayments.types import product_item_req_param, theme_config_param, theme_mode_config_param
from dodopayments.types.attach_existing_customer_param import AttachExistingCustomerParam
from dodopayments.types.new_customer_param import NewCustomerParam

from checkout_schemas.contract_model import RequestModel
from checkout_schemas.requests import create_checkout_session as create
from checkout_schemas.requests import preview_checkout as preview
from checkout_schemas.vocabularies.countries import COUNTRIES
from checkout_schemas.vocabularies.currencies import CURRENCIES
from checkout_schemas.vocabularies.payment_methods import PAYMENT_METHOD_TYPES

LEFT_OUT: dict[str, str] = {}
"""Fields of the SDK that we leave out, with the reason."""

OURS = {"preview_id": "the handle of the preview; not a field of the API"}
"""Fields that the SDK does not have, with the reason."""

STRICTER = {
    # The SDK wants an e-mail or a customer_id by two types; a portable schema has one, and a rule between them.
    "Customer": {"email", "customer_id"},
}

PAIRS: list[tuple[type[RequestModel], list[Any]]] = [
    (preview.CartItem, [types.ProductItemReqParam]),
    (preview.Addon, [types.AttachAddonParam]),
    (preview.CreditEntitlement, [product_item_req_param.CreditEntitlement]),
    (preview.BillingAddress, [types.CheckoutSessionBillingAddressParam]),
    (preview.SubscriptionData, [types.SubscriptionDataParam]),
    (preview.OnDemand, [types.OnDemandSubscriptionParam]),
    (create.Customer, [AttachExistingCustomerParam, NewCustomerParam]),
    (create.Customization, [types.CheckoutSessionCustomizationParam]),
    (create.ThemeConfig, [theme_config_param.ThemeConfigParam]),
    (create.ThemeColours, [theme_mode_config_param.ThemeModeConfigParam]),
    (create.FeatureFlags, [types.CheckoutSessionFlagsParam]),
    (create.CustomField, [types.CustomFieldParam]),
]


def fields_of(typed_dicts: list[Any]) -> set[str]:
    return set().union(*(typing.get_type_hints(each, include_extras=True) for each in typed_dicts))


def required_of(typed_dicts: list[Any]) -> set[str]:
    return {
        name
        for each in typed_dicts
        for name, hint in typing.get_type_hints(each, include_extras=True).items()
        if "Required[" in str(hint)
    }


@pytest.mark.requirement("schema.sdk")
@pytest.mark.parametrize(("model", "typed_dicts"), PAIRS, ids=lambda value: getattr(value, "__name__", ""))
def test_a_nested_object_has_the_same_fields(model: type[RequestModel], typed_dicts: list[Any]) -> None:
    assert set(model.model_fields) == fields_of(typed_dicts) - LEFT_OUT.keys()
    required = {name for name, info in model.model_fields.items() if info.is_required()}
    assert required == required_of(typed_dicts) - STRICTER.get(model.__name__, set())


@pytest.mark.requirement("schema.sdk")
def test_the_two_tools_together_take_every_field_of_the_request() -> None:
    sdk = fields_of([types.CheckoutSessionPreviewParams, types.CheckoutSessionCreateParams])
    ours = set(preview.PreviewCheckout.model_fields) | set(create.CreateCheckoutSession.model_fields)
    assert ours - OURS.keys() == sdk - LEFT_OUT.keys()
    required = {
        name
        for model in (preview.PreviewCheckout, create.CreateCheckoutSession)
        for name, info in model.model_fields.items()
        if info.is_required()
    }
    assert required - OURS.keys() == required_of([types.CheckoutSessionCreateParams])


VOCABULARIES = [
    (COUNTRIES, types.CountryCode),
    (CURRENCIES, types.Currency),
    (PAYMENT_METHOD_TYPES, types.PaymentMethodTypes),
]


@pytest.mark.requirement("schema.sdk")
@pytest.mark.parametrize(("ours", "sdk"), VOCABULARIES, ids=["countries", "currencies", "payment methods"])
def test_a_long_vocabulary_is_the_sdks(ours: frozenset[str], sdk: Any) -> None:
    assert ours == set(get_args(sdk))


def literals(annotation: Any) -> set[str]:
    """Every literal value inside an annotation."""
    if get_origin(annotation) is typing.Literal:
        return set(get_args(annotation))
    return set().union(*(literals(each) for each in get_args(annotation)), set())


@pytest.mark.requirement("schema.sdk")
@pytest.mark.parametrize(("model", "typed_dicts"), PAIRS, ids=lambda value: getattr(value, "__name__", ""))
def test_a_short_vocabulary_is_the_sdks(model: type[RequestModel], typed_dicts: list[Any]) -> None:
    hints = {k: v for each in typed_dicts for k, v in typing.get_type_hints(each, include_extras=True).items()}
    long = {"country", "product_currency"}  # compared above
    assert {
        name: literals(info.annotation)
        for name, info in model.model_fields.items()
        if name not in long and literals(info.annotation)
    } == {name: literals(hint) for name, hint in hints.items() if name not in long and literals(hint)}
