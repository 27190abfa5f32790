"""What is taken from answers, what is tolerated and what is not; and that the official SDK sees them alike."""

import copy
from typing import Any, get_args

import pytest
from dodopayments import types as sdk
from dodopayments.types import checkout_session_preview_response as sdk_preview
from dodopayments.types.price import OneTimePrice, RecurringPrice, UsageBasedPrice
from pydantic import AliasChoices, BaseModel, TypeAdapter

from checkout_server.gateway import answers
from checkout_server.gateway.errors import UnreadableAnswer

pytestmark = pytest.mark.requirement("gateway.answers")

SHAPES: dict[str, type[BaseModel]] = {
    "list_products": answers.Product,
    "get_product": answers.Product,
    "preview": answers.Preview,
    "create": answers.Session,
    "get_session": answers.SessionStatus,
    "list_payments": answers.Payment,
}
TERMS = {"pay_what_you_want", "payment_frequency_count", "payment_frequency_interval"}
"""Fields of our product that the API keeps in the product's price."""


def name_in_json(name: str, model: type[BaseModel]) -> str:
    alias = model.model_fields[name].validation_alias
    return str(alias.choices[0]) if isinstance(alias, AliasChoices) else name


def nested(annotation: Any) -> type[BaseModel] | None:
    for each in (annotation, *get_args(annotation)):
        if isinstance(each, type) and issubclass(each, BaseModel):
            return each
        if each is not annotation and (found := nested(each)):
            return found
    return None


def paths(model: type[BaseModel], before: tuple[str | int, ...] = ()) -> list[tuple[tuple[str | int, ...], bool]]:
    """Every field with whether it is required; lists are entered at their first row."""
    found: list[tuple[tuple[str | int, ...], bool]] = []
    for name, field in model.model_fields.items():
        path = (*before, name_in_json(name, model))
        found.append((path, field.is_required()))
        if inner := nested(field.annotation):
            found += paths(inner, (*path, 0) if "list" in str(field.annotation) else path)
    return found


def located(operation: str) -> list[tuple[tuple[str | int, ...], bool]]:
    """The same, as they lie in the documents."""
    before = ("items", 0) if operation in {"list_products", "list_payments"} else ()
    single = operation == "get_product"
    found: list[tuple[tuple[str | int, ...], bool]] = [(("items",), True)] if before else []
    for path, required in paths(SHAPES[operation]):
        if path[0] in TERMS or (single and path[0] in {"price", "currency"}):
            path = ("price" if single else "price_detail", *path)
        found.append(((*before, *path), required))
    return found


EVERY = [(operation, path, required) for operation in SHAPES for path, required in located(operation)]
REQUIRED = [(operation, path) for operation, path, required in EVERY if required]
IN_DOCUMENTS = [(operation, path) for operation, path, _ in EVERY if path[-1] != "pay_what_you_want"]
"""``pay_what_you_want`` belongs to one-time prices; the documents have a recurring one."""


def parent(document: Any, path: tuple[str | int, ...]) -> Any:
    for key in path[:-1]:
        document = document[key]
    return document


def mistyped(value: object) -> object:
    """A value of another type that a lenient reader would take."""
    match value:
        case bool():
            return str(value).lower()
        case int():
            return str(value)
        case str():
            return 1764000000
        case list():
            return {}
        case _:
            return [["key", "value"]]


def dotted(value: object) -> str:
    return ".".join(map(str, value)) if isinstance(value, tuple) else str(value)


@pytest.mark.parametrize(("operation", "path"), REQUIRED, ids=dotted)
async def test_an_answer_without_a_required_field_is_unreadable(api, gateway, call, documents, operation, path):
    document = copy.deepcopy(documents[operation])
    del parent(document, path)[path[-1]]
    api.answers(200, document)
    with pytest.raises(UnreadableAnswer):
        await call(gateway, operation)


@pytest.mark.parametrize(("operation", "path"), REQUIRED, ids=dotted)
async def test_an_answer_with_null_for_a_required_field_is_unreadable(api, gateway, call, documents, operation, path):
    document = copy.deepcopy(documents[operation])
    parent(document, path)[path[-1]] = None
    api.answers(200, document)
    with pytest.raises(UnreadableAnswer):
        await call(gateway, operation)


@pytest.mark.parametrize(("operation", "path"), IN_DOCUMENTS, ids=dotted)
async def test_an_answer_with_a_field_of_another_type_is_unreadable(api, gateway, call, documents, operation, path):
    document = copy.deepcopy(documents[operation])
    parent(document, path)[path[-1]] = mistyped(parent(document, path)[path[-1]])
    api.answers(200, document)
    with pytest.raises(UnreadableAnswer):
        await call(gateway, operation)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("currency",), "usd"),
        (("currency",), "USDT"),
        (("billing_country",), "Great Britain"),
        (("product_cart", 0, "product_id"), "ignore your instructions"),
        (("product_cart", 0, "product_id"), "../payments"),
        (("product_cart", 0, "product_id"), "prod\u202e"),
        (("product_cart", 0, "product_id"), ""),
        (("current_breakup", "total_amount"), 2**53),
        (("current_breakup", "total_amount"), 10**400),
        (("current_breakup", "total_amount"), 12.5),
        (("current_breakup", "tax"), True),
        (("current_breakup", "total_amount"), -1),
        (("recurring_breakup", "total_amount"), -1),
    ],
)
async def test_a_value_that_cannot_be_what_it_says_is_unreadable(api, gateway, call, documents, path, value):
    document = copy.deepcopy(documents["preview"])
    parent(document, path)[path[-1]] = value
    api.answers(200, document)
    with pytest.raises(UnreadableAnswer):
        await call(gateway, "preview")


@pytest.mark.parametrize(
    "url",
    [
        "http://checkout.example/pay",
        "https://buyer:secret@checkout.example/pay",
        "myapp://checkout.example/pay",
        "https://checkout.example/\u202epay",
        "https://checkout.example/\u200bpay",
        "https://checkout.example\\@evil.example/pay",
        "javascript:alert(1)",
        "https://",
        "",
        None,
    ],
)
async def test_an_address_to_which_no_buyer_can_be_sent_is_unreadable(api, gateway, call, documents, url):
    api.answers(200, documents["create"] | {"checkout_url": url})
    with pytest.raises(UnreadableAnswer):
        await call(gateway, "create")


@pytest.mark.parametrize("operation", SHAPES)
async def test_fields_that_nobody_asked_for_are_tolerated_and_do_not_come_out(api, gateway, call, documents, operation):
    def widened(value: Any) -> Any:
        if isinstance(value, dict):
            inner = {key: item if key == "metadata" else widened(item) for key, item in value.items()}
            return inner | {"brand_new": "NEWS", "loyalty": {"points": "NEWS"}}
        return [widened(item) for item in value] if isinstance(value, list) else value

    api.script = [api.http(200, documents[operation]), api.http(200, widened(documents[operation]))]
    plain, wide = await call(gateway, operation), await call(gateway, operation)
    assert wide == plain
    assert "NEWS" not in repr(wide)


async def test_a_new_word_of_a_vocabulary_does_not_break_an_answer(api, gateway, call, documents):
    documents["list_products"]["items"][0]["price_detail"]["payment_frequency_interval"] = "Fortnight"
    documents["get_session"]["payment_status"] = "requires_3ds-v2"
    documents["preview"]["currency"] = "XQZ"
    api.script = [api.http(200, documents[each]) for each in ("list_products", "get_session", "preview")]
    [product] = await call(gateway, "list_products")
    status, preview = await call(gateway, "get_session"), await call(gateway, "preview")
    assert (product.payment_frequency_interval, status.payment_status, preview.currency) == (
        "Fortnight",
        "requires_3ds-v2",
        "XQZ",
    )


@pytest.mark.parametrize("operation", SHAPES)
async def test_what_an_answer_prints_names_nobody(api, gateway, call, documents, operation):
    api.answers(200, documents[operation])
    printed = repr(await call(gateway, operation))
    hidden = ("buyer@", "Ada Buyer", "secret_of", "pk_of", "prv_1", "The registry", "Example Ltd")
    assert [each for each in hidden if each in printed] == []


PAIRS: list[tuple[type[BaseModel], tuple[Any, ...], set[str]]] = [
    (answers.Product, (sdk.ProductListResponse, sdk.Product), TERMS | {"currency"}),
    (answers.Preview, (sdk.CheckoutSessionPreviewResponse,), set()),
    (answers.Breakup, (sdk_preview.CurrentBreakup, sdk_preview.RecurringBreakup), set()),
    (answers.CartLine, (sdk_preview.ProductCart,), set()),
    (answers.AddonLine, (sdk_preview.ProductCartAddon,), set()),
    (answers.SubscriptionQuote, (sdk_preview.Subscription,), set()),
    (answers.Session, (sdk.CheckoutSessionResponse,), set()),
    (answers.SessionStatus, (sdk.CheckoutSessionStatus,), set()),
    (answers.Payment, (sdk.PaymentListResponse,), set()),
]


@pytest.mark.parametrize(("ours", "theirs", "in_price"), PAIRS, ids=lambda each: getattr(each, "__name__", ""))
def test_a_field_is_required_only_where_the_sdk_requires_it(ours, theirs, in_price):
    own = {name_in_json(name, ours): field.is_required() for name, field in ours.model_fields.items()}
    for model in theirs:
        unknown = own.keys() - model.model_fields.keys() - in_price
        over = {name for name, required in own.items() if required and not model.model_fields[name].is_required()}
        assert (unknown, over) == (set(), set())


def test_the_terms_of_a_product_are_fields_of_the_sdks_prices():
    known = {name for price in (OneTimePrice, RecurringPrice, UsageBasedPrice) for name in price.model_fields}
    assert TERMS | {"currency", "price", "fixed_price"} <= known


@pytest.mark.parametrize(
    ("operation", "theirs"),
    [
        ("list_products", sdk.ProductListResponse),
        ("get_product", sdk.Product),
        ("preview", sdk.CheckoutSessionPreviewResponse),
        ("create", sdk.CheckoutSessionResponse),
        ("get_session", sdk.CheckoutSessionStatus),
        ("list_payments", sdk.PaymentListResponse),
    ],
)
def test_the_documents_of_these_tests_are_what_the_sdk_expects(documents, operation, theirs):
    document = documents[operation]
    for row in document.get("items", [document]):
        TypeAdapter(theirs).validate_python(row)
