"""What is read where it can mean one thing only, and what never is."""

import json
from typing import Any

import pytest

from checkout_schemas.errors import InvalidArguments
from checkout_schemas.parsing import parse
from checkout_schemas.requests.create_checkout_session import CreateCheckoutSession
from checkout_schemas.requests.list_products import ListProducts
from checkout_schemas.requests.preview_checkout import PreviewCheckout

ITEM = {"product_id": "prod_1", "quantity": 2}
ADDRESS = {"country": "US", "street": "1 Main St, Apt 4"}
ORDER = {"product_cart": [ITEM]}
SALE = {"preview_id": "prv_1"}


def read(model: Any, arguments: dict[str, Any]) -> dict[str, Any]:
    return parse(model, arguments).model_dump(exclude_unset=True)


def refused(model: Any, arguments: dict[str, Any]) -> dict[str, tuple[str, str | None]]:
    with pytest.raises(InvalidArguments) as caught:
        parse(model, arguments)
    return {each.path: (each.problem, each.suggestion) for each in caught.value.problems}


IN_KENT = ORDER | {"billing_address": {"country": "GB", "state": "Kent"}}
IN_NAMIBIA = ORDER | {"billing_address": {"country": "NA"}}
TWICE = json.dumps(json.dumps([ITEM]))

ORDERS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"product_cart": [ITEM | {"quantity": "2"}]}, ORDER),
    ({"product_cart": [ITEM | {"quantity": " 2 "}]}, ORDER),
    ({"product_cart": [ITEM | {"quantity": 2.0}]}, ORDER),
    ({"product_cart": [ITEM | {"amount": 250.0}]}, {"product_cart": [ITEM | {"amount": 250}]}),
    ({"product_cart": ITEM}, ORDER),
    ({"product_cart": json.dumps(ITEM)}, ORDER),
    ({"product_cart": "\n" + json.dumps([ITEM], indent=2)}, ORDER),
    ({"product_cart": "\ufeff" + json.dumps([ITEM])}, ORDER),
    ({"product_cart": [json.dumps(ITEM)]}, ORDER),
    ({"product_cart": TWICE}, ORDER),
    ({"product_cart": json.dumps(TWICE)}, ORDER),
    (
        {"product_cart": [ITEM | {"addons": json.dumps({"addon_id": "addon_1", "quantity": "1"})}]},
        {"product_cart": [ITEM | {"addons": [{"addon_id": "addon_1", "quantity": 1}]}]},
    ),
    (ORDER | {"billing_address": ' {"country": "us"}'}, ORDER | {"billing_address": {"country": "US"}}),
    (
        ORDER | {"billing_address": ADDRESS | {"street": "1 Main St,\r\n  Apt 4\n"}},
        ORDER | {"billing_address": ADDRESS},
    ),
    (
        ORDER | {"billing_address": {"country": "us", "state": " ca "}},
        ORDER | {"billing_address": {"country": "US", "state": "CA"}},
    ),
    (
        ORDER | {"billing_address": {"country": "CA", "state": "on"}},
        ORDER | {"billing_address": {"country": "CA", "state": "ON"}},
    ),
    (IN_KENT, IN_KENT),
    (IN_NAMIBIA, IN_NAMIBIA),
    (ORDER | {"tax_id": " ", "customer_business_name": "\n"}, ORDER),
    *(
        (unset | {"product_collection_id": "pdc_1"}, {"product_cart": [], "product_collection_id": "pdc_1"})
        for unset in ({}, *({"product_cart": value} for value in (None, "", " ", {}, [])))
    ),
    (ORDER | {"billing_currency": " usd"}, ORDER | {"billing_currency": "USD"}),
    (ORDER | {"discount_codes": "SAVE20"}, ORDER | {"discount_codes": ["SAVE20"]}),
    (ORDER | {"discount_codes": '["A", "B"]'}, ORDER | {"discount_codes": ["A", "B"]}),
    (
        ORDER | {"subscription_data": {"trial_period_days": "14", "on_demand": '{"mandate_only": true}'}},
        ORDER | {"subscription_data": {"trial_period_days": 14, "on_demand": {"mandate_only": True}}},
    ),
]


@pytest.mark.requirement("error.kind")
@pytest.mark.parametrize(("sent", "meant"), ORDERS, ids=lambda value: json.dumps(value)[:60])
def test_an_order_is_read_as_it_can_only_be_meant(sent: dict[str, Any], meant: dict[str, Any]) -> None:
    assert read(PreviewCheckout, sent) == meant


SALES: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"customer": '{"email": "a@b.co"}'}, {"customer": {"email": "a@b.co"}}),
    (
        {"customer": {"email": "a@b.co", "phone_number": "+1 415-555\u00a00123"}},
        {"customer": {"email": "a@b.co", "phone_number": "+14155550123"}},
    ),
    ({"allowed_payment_method_types": "credit"}, {"allowed_payment_method_types": ["credit"]}),
    ({"metadata": ' {"a": 1, "b": null}'}, {"metadata": {"a": 1}}),
    ({"metadata": json.dumps('{"a": "{}"}')}, {"metadata": {"a": "{}"}}),
    ({"metadata": {"a": None}}, {}),
    (
        {"customization": {"theme_config": '{"light": "{\\"bg_primary\\": \\"#fff\\"}"}'}},
        {"customization": {"theme_config": {"light": {"bg_primary": "#fff"}}}},
    ),
    ({"feature_flags": '{"allow_tax_id": true}'}, {"feature_flags": {"allow_tax_id": True}}),
]


@pytest.mark.requirement("error.kind")
@pytest.mark.parametrize(("sent", "meant"), SALES, ids=lambda value: json.dumps(value)[:60])
def test_a_sale_is_read_as_it_can_only_be_meant(sent: dict[str, Any], meant: dict[str, Any]) -> None:
    assert read(CreateCheckoutSession, SALE | sent) == SALE | meant


@pytest.mark.requirement("error.kind")
def test_a_page_may_come_as_text_and_blank_words_mean_none() -> None:
    assert read(ListProducts, {"page": "2", "query": " \t"}) == {"page": 2}


NOT_JSON = ("is text that is not JSON", "send it as JSON: double quotes, true, false, null, no comments")
IN_MINOR_UNITS = ("must be a whole number", "send a whole JSON number without quotes, in minor units: USD 5.00 is 500")
WHOLE = ("must be a whole number", "give a whole number, such as 1 or 2")
STRING = ("must be a string", "give the text itself")
BOOLEAN = ("must be true or false", "send a JSON boolean without quotes")


@pytest.mark.parametrize("amount", [5.5, 9.99, "5.00", "$5", "500", "USD 5.00", "€5", True, "5,00", float("inf")])
@pytest.mark.requirement("error.minor_units")
def test_an_amount_that_may_be_in_major_units_is_told_of_minor_ones(amount: Any) -> None:
    on_demand = {"on_demand": {"mandate_only": False, "product_price": amount}}
    order = {"product_cart": [ITEM | {"amount": amount}], "subscription_data": on_demand}
    assert refused(PreviewCheckout, order) == {
        "product_cart[0].amount": IN_MINOR_UNITS,
        "subscription_data.on_demand.product_price": IN_MINOR_UNITS,
    }
    assert refused(CreateCheckoutSession, SALE | {"mandate_min_amount_inr_paise": amount}) == {
        "mandate_min_amount_inr_paise": (IN_MINOR_UNITS[0], IN_MINOR_UNITS[1].replace("USD", "INR"))
    }


CART_FIELDS = "product_id and quantity; optional: amount, addons, credit_entitlements"

DIGITS = "send its digits as a string, with leading zeros and without a fraction"
ADDRESS_FIELDS = "country; optional: state, city, street, zipcode"
SEVERAL = ("must be an array", "give an array of strings, one for each")

REFUSED: list[tuple[Any, dict[str, Any], dict[str, tuple[str, str | None]]]] = [
    # More than one meaning
    (PreviewCheckout, {"product_cart": [ITEM | {"quantity": "2.5"}]}, {"product_cart[0].quantity": WHOLE}),
    (PreviewCheckout, {"product_cart": [ITEM | {"quantity": "02"}]}, {"product_cart[0].quantity": WHOLE}),
    (PreviewCheckout, {"product_cart": [ITEM | {"quantity": "two"}]}, {"product_cart[0].quantity": WHOLE}),
    (
        PreviewCheckout,
        ORDER | {"discount_codes": "A, B"},
        {"discount_codes": SEVERAL},
    ),
    (PreviewCheckout, ORDER | {"discount_codes": "SAVE20 WELCOME10"}, {"discount_codes": SEVERAL}),
    (PreviewCheckout, ORDER | {"discount_codes": "SAVE20+WELCOME10"}, {"discount_codes": SEVERAL}),
    (
        PreviewCheckout,
        ORDER | {"billing_address": {"country": "US", "city": "Paris\nTexas"}},
        {
            "billing_address.city": (
                "holds a control character",
                "remove line breaks, tabs and other control characters",
            )
        },
    ),
    (
        PreviewCheckout,
        ORDER | {"billing_address": {"country": "US", "zipcode": 2134}},
        {"billing_address.zipcode": ("must be a string", DIGITS)},
    ),
    (
        CreateCheckoutSession,
        SALE | {"customer": {"email": "a@b.co", "phone_number": "+49 (0) 30 123456"}},
        {
            "customer.phone_number": (
                "has a wrong form",
                "use E.164: + and 7 to 15 digits, such as +14155550123; ask the buyer for the country code",
            )
        },
    ),
    # No JSON
    (PreviewCheckout, ORDER | {"billing_address": "{'country': 'US'}"}, {"billing_address": NOT_JSON}),
    (PreviewCheckout, {"product_cart": "[{product_id: 'prod_1'}]"}, {"product_cart": NOT_JSON}),
    (PreviewCheckout, {"product_cart": '[{"product_id": "prod_1", "quantity": NaN}]'}, {"product_cart": NOT_JSON}),
    (PreviewCheckout, ORDER | {"discount_codes": "['A']"}, {"discount_codes": NOT_JSON}),
    (CreateCheckoutSession, SALE | {"metadata": "{'a': True}"}, {"metadata": NOT_JSON}),
    (
        CreateCheckoutSession,
        SALE | {"customization": {"theme_config": "{'radius': '4px'}"}},
        {"customization.theme_config": NOT_JSON},
    ),
    # Another structure
    (
        PreviewCheckout,
        {"product_cart": "prod_1"},
        {"product_cart": ("must be an array", f"give an array of objects with {CART_FIELDS}")},
    ),
    (
        PreviewCheckout,
        {"product_cart": ["prod_1"]},
        {"product_cart[0]": ("must be an object", f"give an object with {CART_FIELDS}")},
    ),
    (
        PreviewCheckout,
        ORDER | {"billing_address": "US", "tax_id": "DE1"},
        {"billing_address": ("must be an object", f"give an object with {ADDRESS_FIELDS}")},
    ),
    (
        CreateCheckoutSession,
        SALE | {"customer": "a@b.co", "metadata": "order 5"},
        {
            "customer": (
                "must be an object",
                "give an object with email, and name and phone_number if known, or with customer_id alone",
            ),
            "metadata": ("must be an object", "give an object with keys of your own, or its JSON text"),
        },
    ),
    # What could charge, or move money
    (CreateCheckoutSession, SALE | {"confirm": "true"}, {"confirm": BOOLEAN}),
    (CreateCheckoutSession, SALE | {"confirm": 1}, {"confirm": BOOLEAN}),
    (CreateCheckoutSession, SALE | {"confirm": [True]}, {"confirm": BOOLEAN}),
    (CreateCheckoutSession, SALE | {"payment_method_id": ["pm_1"]}, {"payment_method_id": STRING}),
    (CreateCheckoutSession, SALE | {"payment_method_id": {"id": "pm_1"}}, {"payment_method_id": STRING}),
]  # fmt: skip


@pytest.mark.requirement("error.kind")
@pytest.mark.parametrize(("model", "sent", "problems"), REFUSED, ids=lambda value: str(value)[:60])
def test_what_could_mean_something_else_is_refused_with_its_repair(
    model: Any, sent: dict[str, Any], problems: dict[str, tuple[str, str | None]]
) -> None:
    tool = "preview_checkout" if model is PreviewCheckout else None
    with pytest.raises(InvalidArguments) as caught:
        parse(model, sent, tool=tool)
    assert {each.path: (each.problem, each.suggestion) for each in caught.value.problems} == problems


@pytest.mark.requirement("error.kind")
def test_json_text_that_repeats_its_encoding_without_end_is_refused() -> None:
    text = json.dumps([ITEM])
    for _ in range(8):
        text = json.dumps(text)
    assert refused(PreviewCheckout, {"product_cart": text}) == {"product_cart": NOT_JSON}


@pytest.mark.requirement("error.no_crash")
@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 900 + "1" + "}" * 900, "[" * 3000 + "]" * 3000])
def test_deeply_nested_text_is_refused(text: str) -> None:
    for model, field in ((PreviewCheckout, "product_cart"), (CreateCheckoutSession, "metadata")):
        with pytest.raises(InvalidArguments):
            parse(model, {field: text}, tool="preview_checkout")


@pytest.mark.requirement("error.no_crash")
@pytest.mark.parametrize("wrapped", [lambda inner: [inner], lambda inner: {"country": inner}])
def test_deep_nesting_ends_before_it_is_looked_at(wrapped: Any) -> None:
    deep: Any = "x"
    for _ in range(5000):
        deep = wrapped(deep)
    for name in ("billing_address", "tax_id", "unknown"):
        assert refused(PreviewCheckout, ORDER | {name: deep}) == {
            "arguments": ("are nested too deeply", "send the fields as the tool's schema describes them")
        }
