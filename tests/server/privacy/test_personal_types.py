"""Objects that hold a buyer do not show one, and what is personal is derived from the models."""

import dataclasses
import importlib
import pickle
import pkgutil
import pprint
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import pytest
from pydantic import BaseModel, SecretStr

import checkout_prompts
import checkout_schemas
import checkout_server
from checkout_schemas.contract_model import RequestModel
from checkout_schemas.errors import InvalidArguments
from checkout_schemas.parsing import parse
from checkout_schemas.personal import DiscreetModel, Personal
from checkout_schemas.published import definition
from checkout_schemas.requests.create_checkout_session import CreateCheckoutSession
from checkout_schemas.requests.preview_checkout import PreviewCheckout
from checkout_server.checkout.policy.document import PolicyUnusable, load_policy
from checkout_server.settings import SettingsError, load_settings
from checkout_server.tools.served import TOOLS

BUYER = "hunter2"


def modules() -> Iterator[Any]:
    for package in (checkout_schemas, checkout_prompts, checkout_server):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not found.name.endswith("__main__"):
                yield importlib.import_module(found.name)


CLASSES = sorted(
    {
        each
        for module in modules()
        for each in vars(module).values()
        if isinstance(each, type)
        and each.__module__ == module.__name__
        and "[" not in each.__name__  # a generic of the SDK's belongs to the module that happens to name it first
    },
    key=lambda each: (each.__module__, each.__qualname__),
)
MODELS = [
    each
    for each in CLASSES
    # A generic model of the SDK that was given its parameters here counts as one of this module.
    if issubclass(each, BaseModel) and each.__pydantic_generic_metadata__["origin"] is None
]


def personal_fields(model: type[BaseModel]) -> list[str]:
    return [
        name
        for name, field in model.model_fields.items()
        if any(isinstance(item, Personal) for item in field.metadata) or field.annotation is SecretStr or not field.repr
    ]


def shows(value: object) -> list[str]:
    """Every way in which a value becomes text."""

    def failing() -> str:
        local = value
        raise ValueError(type(local).__name__)

    with pytest.raises(ValueError, match=type(value).__name__) as failed:
        failing()
    trace = "".join(traceback.TracebackException.from_exception(failed.value, capture_locals=True).format())
    return [repr(value), str(value), f"{value}", f"{value!r}", "%r %s" % (value, value), pprint.pformat(value), trace]  # noqa: UP031 - old code does so


HOLDERS = [model for model in MODELS if personal_fields(model)]


@pytest.mark.requirement("privacy.types")
@pytest.mark.parametrize("model", HOLDERS, ids=lambda model: model.__name__)
def test_a_model_does_not_show_its_personal_fields(model: type[BaseModel]) -> None:
    values: dict[str, Any] = {
        name: SecretStr(BUYER) if "SecretStr" in str(model.model_fields[name].annotation) else BUYER
        for name in personal_fields(model)
    }
    planted = model.model_construct(None, **values)
    nested = {"in a list": [planted], "in a tuple": (planted,)}
    assert not [text for each in (planted, nested) for text in shows(each) if BUYER in text]


CONTRACTS = [model for model in MODELS if issubclass(model, DiscreetModel) and model.model_fields]


@pytest.mark.requirement("privacy.types")
@pytest.mark.parametrize(
    "planted", [BUYER, 4242424242424242, 4242424242424242.0, {BUYER: BUYER}, [{"a": BUYER}]], ids=str
)
@pytest.mark.parametrize("model", CONTRACTS, ids=lambda model: model.__name__)
def test_a_model_does_not_show_what_was_put_into_a_wrong_field(model: type[BaseModel], planted: Any) -> None:
    holder = model.model_construct(None, **dict.fromkeys(model.model_fields, planted))
    everywhere = {"in a list": [holder], "in a tuple": (holder,)}
    assert not [
        text for each in (holder, everywhere) for text in shows(each) if BUYER in text or "4242424242424242" in text
    ]


@pytest.mark.requirement("privacy.types")
def test_a_model_shows_what_is_nobodys() -> None:
    request = parse(
        CreateCheckoutSession,
        {
            "preview_id": "prv_1",
            "confirm": True,
            "customer": {"email": "jane@example.com"},
            "customization": {"theme": "dark"},
            "mandate_min_amount_inr_paise": 100,
        },
    )
    shown = repr(request)
    assert "confirm=True" in shown
    assert "mandate_min_amount_inr_paise=100" in shown
    assert "customer=Customer(customer_id=None, email='***'" in shown
    assert "theme='dark'" in shown
    assert "preview_id='***'" in shown


@pytest.mark.requirement("privacy.types")
def test_every_model_hides_what_it_was_given_from_its_errors() -> None:
    no_callers_data = {"ContractTool", "FilePrompt", "_WholeArguments"}
    assert [
        model.__name__
        for model in MODELS
        if not model.model_config.get("hide_input_in_errors") and model.__name__ not in no_callers_data
    ] == []


SEALED_OR_HARMLESS = {
    "document": "the sandbox's made-up prices",
    "subscriptions": "the sandbox's made-up prices",
    "creations": "tasks by preview id",
    "products": "the catalogue",
    "lines": "names and quantities of products",
    "cycles": "billing cycles of products",
    "sessions": "objects that do not show their orders",
    "shorts": "objects that do not show their orders",
    "fields": "checked fields of a log line",
    "arguments": "what a prompt takes",
    "body": "the text of a prompt's file",
    "broken": "the check of a rule",
    "local": "what an entry of a client always says",
    "remote": "what an entry of a client always says",
    "defaults": "what an entry of a client always says",
    "entries": "places in a client's file",
    "line": "the sandbox's made-up prices",
    "resolvers": "what fills a tool's parameters",
    "name": "what a product, a tool or a class is called",
}
"""Dataclass fields that could hold a buyer by their type or name, and do not."""
_SUSPICIOUS = ("dict", "Mapping", "Json", "Body")
_NAMES = {"email", "name", "customer", "order", "body", "checkout_url", "arguments"}


@pytest.mark.requirement("privacy.types")
def test_a_dataclass_shows_no_field_that_could_hold_a_buyer() -> None:
    shown = [
        f"{each.__name__}.{field.name}"
        for each in CLASSES
        if dataclasses.is_dataclass(each) and "__repr__" in vars(each)
        for field in dataclasses.fields(each)
        if field.repr
        and (field.name in _NAMES or any(word in str(field.type) for word in _SUSPICIOUS))
        and field.name not in SEALED_OR_HARMLESS
        and str(field.type) != "<class 'bytes'>"
        and field.type not in {bytes}
        and not dataclasses.is_dataclass(field.type)
    ]
    assert shown == []


@pytest.mark.requirement("privacy.types")
def test_a_refused_call_leaves_no_value_in_its_exception() -> None:
    call = {"product_cart": [{"product_id": BUYER + "@", "quantity": BUYER}], "tax_id": {BUYER: BUYER}, BUYER: BUYER}
    with pytest.raises(InvalidArguments) as refused:
        parse(PreviewCheckout, call, tool="preview_checkout")
    error = refused.value
    assert error.__cause__ is None
    assert error.__context__ is None
    assert not [text for text in shows(error) if BUYER in text]
    assert BUYER.encode() not in pickle.dumps(error)
    assert BUYER not in "".join(f"{p.path} {p.problem} {p.suggestion}" for p in error.problems)


@pytest.mark.requirement("privacy.types")
def test_a_refused_start_leaves_no_key_in_its_exception(tmp_path: Path) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text(f'limits.max_quantity = "{BUYER}"', encoding="utf-8")
    with pytest.raises(SettingsError) as unset:
        load_settings(DODO_PAYMENTS_API_KEY=f"{BUYER} {BUYER}", DODO_PAYMENTS_ENVIRONMENT=BUYER)
    with pytest.raises(PolicyUnusable) as unread:
        load_policy(policy, "sandbox")
    for error in (unset.value, unread.value):
        assert (error.__cause__, error.__context__) == (None, None)
        assert BUYER.encode() not in pickle.dumps(error)
        assert BUYER not in f"{error} {error!r} {error.args}"


REQUESTS: dict[str, type[RequestModel]] = {tool.name: tool.request for tool in TOOLS}
NOT_PERSONAL = {
    "list_products.kind": "a word of ours",
    "list_products.query": "words of the catalogue",
    "list_products.locale": "a language",
    "preview_checkout.product_cart.product_id": "an id of the catalogue",
    "preview_checkout.product_cart.addons.addon_id": "an id of the catalogue",
    "preview_checkout.product_cart.credit_entitlements.credit_entitlement_id": "an id of the catalogue",
    "preview_checkout.product_cart.credit_entitlements.credits_amount": "a number",
    "preview_checkout.product_collection_id": "an id of the catalogue",
    "preview_checkout.billing_address.country": "a code of ISO 3166",
    "preview_checkout.billing_currency": "a code of ISO 4217",
    "preview_checkout.discount_codes": "the merchant's own words",
    "preview_checkout.subscription_data.on_demand.product_currency": "a code of ISO 4217",
    "preview_checkout.locale": "a language",
    "create_checkout_session.preview_id": "an id of ours",
    "create_checkout_session.payment_method_id": "an opaque id",
    "create_checkout_session.allowed_payment_method_types": "words of the API",
    "create_checkout_session.customization.theme": "a word of the API",
    "create_checkout_session.customization.force_language": "a language",
    "create_checkout_session.custom_fields.field_type": "a word of the API",
    "get_checkout_session.session_id": "an id of the API",
    "get_checkout_session.preview_id": "an id of ours",
}
"""Text fields of the requests that do not say who the buyer is, and why. All others are marked."""


def marked(model: type[BaseModel], path: str) -> Iterator[str]:
    """Paths of the fields that are marked ``Personal``."""
    hints = get_type_hints(model, include_extras=True)
    for name, field in model.model_fields.items():
        if any(isinstance(item, Personal) for item in field.metadata):
            yield f"{path}.{name}"
        for nested in models_in(hints[name]):
            yield from marked(nested, f"{path}.{name}")


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    elif get_origin(annotation) is Annotated:
        yield from models_in(get_args(annotation)[0])
    elif get_origin(annotation) in {list, Union, UnionType}:
        for part in get_args(annotation):
            yield from models_in(part)


def text_leaves(schema: dict[str, Any], path: str) -> Iterator[str]:
    """Paths in a published schema where a caller can put text, and objects that are open to any."""
    match schema.get("type"):
        case "object" if schema.get("properties"):
            for name, part in schema["properties"].items():
                yield from text_leaves(part, f"{path}.{name}")
        case "object" | "string":
            yield path
        case "array":
            yield from text_leaves(schema["items"], path)
        case _:
            pass


OPEN_OBJECTS = {
    "create_checkout_session.customization.theme_config": "colours, fonts and the words of a button",
}


@pytest.mark.requirement("privacy.types")
def test_every_text_of_the_published_schemas_is_personal_or_declared_not_to_be() -> None:
    leaves = {leaf for tool in REQUESTS for leaf in text_leaves(definition(tool)["inputSchema"], tool)}
    personal = {path for tool, model in REQUESTS.items() for path in marked(model, tool)}
    declared = NOT_PERSONAL.keys() | OPEN_OBJECTS.keys()
    assert sorted(leaves - personal - declared) == []
    assert sorted(declared - leaves) == []
    assert sorted(personal & declared) == []
