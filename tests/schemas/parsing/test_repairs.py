"""What is wrong with a value, and what to do about it: whoever does just that has a call that works, or asks."""

from collections.abc import Iterator
from typing import Any

import pytest

from checkout_schemas.contract_model import RequestModel
from checkout_schemas.errors import InvalidArguments
from checkout_schemas.parsing import parse
from checkout_schemas.parsing.shape import fields_of
from checkout_schemas.parsing.unknown_fields import TOOLS
from checkout_schemas.requests.create_checkout_session import CreateCheckoutSession
from checkout_schemas.requests.preview_checkout import PreviewCheckout

ITEM = {"product_id": "prod_1", "quantity": 1}
UNSEEN = ("holds a character that cannot be seen", "type it anew")


def refused(model: Any, arguments: dict[str, Any]) -> dict[str, tuple[str, str | None]]:
    with pytest.raises(InvalidArguments) as caught:
        parse(model, arguments)
    return {each.path: (each.problem, each.suggestion) for each in caught.value.problems}


ORDERS: list[tuple[dict[str, Any], str, str, str]] = [
    ({"product_cart": [{"quantity": 1}]}, "product_cart[0].product_id",
     "is required", "give the id that list_products returned"),
    ({"product_cart": [{"product_id": "p"}]}, "product_cart[0].quantity",
     "is required", "give how many, 1 or more"),
    ({"product_cart": [ITEM | {"quantity": 0}]}, "product_cart[0].quantity",
     "must be at least 1", "use at least 1, or leave the whole row out"),
    ({"product_cart": [ITEM | {"amount": "500"}]}, "product_cart[0].amount",
     "must be a whole number", "send a whole JSON number without quotes, in minor units: USD 5.00 is 500"),
    ({"discount_codes": ["A", ""]}, "discount_codes[1]", "is empty", "leave it out"),
    ({"discount_codes": ["A", None]}, "discount_codes[1]", "must be a string", "leave it out"),
    ({"product_cart": [ITEM, None]}, "product_cart[1]", "must be an object", "leave it out"),
    ({"discount_codes": ["A", 20]}, "discount_codes[1]", "must be a string", "put it in quotes"),
    ({"discount_codes": ["A", True]}, "discount_codes[1]", "must be a string", "give text, or leave it out"),
    ({"billing_address": {"country": "na"}}, "billing_address.country", "is not a known country code",
     "ask the buyer for the country's 2 letters, or leave billing_address out"),
    ({"billing_currency": "all"}, "billing_currency", "is not a known currency code",
     "leave it out, or ask the buyer for the ISO 4217 code of 3 letters"),
    ({"billing_address": {"country": {"code": "US"}}}, "billing_address.country",
     "must be a string", "give the text itself, such as US"),
    ({"billing_address": {"country": 840}}, "billing_address.country",
     "must be a string", "give the text itself, such as US"),
    ({"billing_address": {"country": "US", "zipcode": 94105.0}}, "billing_address.zipcode",
     "must be a string", "send its digits as a string, with leading zeros and without a fraction"),
    ({"tax_id": 123456789.0, "billing_address": {"country": "US"}}, "tax_id",
     "must be a string", "send its digits as a string"),
    ({"subscription_data": {"trial_period_days": -1}}, "subscription_data.trial_period_days",
     "must be at least 0", "use at least 0, or leave it out"),
]  # fmt: skip


@pytest.mark.requirement("error.repair")
@pytest.mark.parametrize(("order", "path", "problem", "suggestion"), ORDERS, ids=lambda value: str(value)[:40])
def test_a_problem_of_an_order_says_what_to_do(order: dict[str, Any], path: str, problem: str, suggestion: str) -> None:
    assert refused(PreviewCheckout, {"product_cart": [ITEM]} | order) == {path: (problem, suggestion)}


WITHOUT = "give the URL without, or leave it out"
URLS: list[tuple[str, str, str]] = [
    ("https://shop.example@evil.example/x", "holds credentials",
     "give https://, the host and the path, without a user name or password"),
    ("https://shop.example/<id>", "holds < and >", WITHOUT),
    ("https://shop.example/a b", "holds a space", WITHOUT),
    ('https://shop.example/"', "holds a quotation mark", WITHOUT),
    ("https://shop.example/a|b", "holds |", WITHOUT),
    ("https://shop.example\\x", "holds a backslash", WITHOUT),
    ("https://sh\u00f6p.example/", "holds letters that are not ASCII",
     "write the host as xn--… and the rest %-encoded, or leave it out"),
    ("https://shop.example/\u200b", *UNSEEN),
    ("shop.example", "has a wrong form", "use https://, the name of a host and a path, or leave it out"),
]  # fmt: skip


@pytest.mark.requirement("error.repair")
@pytest.mark.parametrize(("url", "problem", "suggestion"), URLS)
def test_a_url_is_told_what_is_wrong_with_it(url: str, problem: str, suggestion: str) -> None:
    assert refused(CreateCheckoutSession, {"preview_id": "p", "return_url": url}) == {
        "return_url": (problem, suggestion)
    }


SALES: list[tuple[dict[str, Any], str, str, str]] = [
    ({"customer": "jane@shop.example"}, "customer", "must be an object",
     "give an object with email, and name and phone_number if known, or with customer_id alone"),
    ({"customer": {"email": "jane"}}, "customer.email", "has no @",
     "ask the buyer for the whole address, such as buyer@example.com"),
    ({"customer": {"email": "ja\u200bne@example.com"}}, "customer.email", *UNSEEN),
    ({"customer": {"email": "jane@example\u3002com"}}, "customer.email", "is not an e-mail address",
     "give one address alone, such as buyer@example.com; ask the buyer if it is another"),
    ({"customer": {"email": "a@b.co", "phone_number": 14155550123}}, "customer.phone_number", "must be a string",
     'send a string of + and 7 to 15 digits, such as "+14155550123"'),
    ({"customer": {"email": "a@b.co", "phone_number": "+1\u20664155550123"}}, "customer.phone_number", *UNSEEN),
    ({"custom_fields": [{"label": "l", "field_type": "text"}]}, "custom_fields[0].key", "is required",
     "give a name of your own, such as company_size"),
    ({"custom_fields": [{"key": "k", "label": "l"}]}, "custom_fields[0].field_type", "is required",
     "use text, number, email, url, date, dropdown or boolean"),
    ({"custom_fields": [{"key": "k", "label": "l", "field_type": "x"}]}, "custom_fields[0].field_type",
     "is not one of the allowed values", "use text, number, email, url, date, dropdown or boolean"),
]  # fmt: skip


@pytest.mark.requirement("error.repair")
@pytest.mark.parametrize(("sale", "path", "problem", "suggestion"), SALES, ids=lambda value: str(value)[:40])
def test_a_problem_of_a_sale_says_what_to_do(sale: dict[str, Any], path: str, problem: str, suggestion: str) -> None:
    assert refused(CreateCheckoutSession, {"preview_id": "p"} | sale) == {path: (problem, suggestion)}


def required_fields(model: type[RequestModel]) -> Iterator[str]:
    for name, shape in fields_of(model).items():
        if model.model_fields[name].is_required():
            yield name
        if shape.model is not None:
            yield from required_fields(shape.model)


@pytest.mark.requirement("error.repair")
@pytest.mark.parametrize(
    "name", sorted({name for model in TOOLS for name in required_fields(model)} - {"product_cart"})
)
def test_every_required_field_says_how_it_is_given(name: str) -> None:
    from checkout_schemas.parsing.sentences import REQUIRED

    assert name == "field_type" or name in REQUIRED
