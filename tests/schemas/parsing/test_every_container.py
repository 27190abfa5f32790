"""Every object and list of every tool is also taken as JSON text; what is neither is never read out of text."""

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest

from checkout_schemas.contract_model import RequestModel
from checkout_schemas.errors import InvalidArguments
from checkout_schemas.parsing import parse
from checkout_schemas.parsing.shape import fields_of
from checkout_server.tools.served import TOOLS

REQUESTS: dict[str, type[RequestModel]] = {tool.name: tool.request for tool in TOOLS}
FULL: dict[str, dict[str, Any]] = {
    "list_products": {},
    "list_saved_payment_methods": {"customer_id": "cus_123"},
    "get_checkout_session": {"session_id": "cks_1"},
    "preview_checkout": {
        "product_cart": [
            {
                "product_id": "prod_1",
                "quantity": 1,
                "addons": [{"addon_id": "addon_1", "quantity": 2}],
                "credit_entitlements": [{"credit_entitlement_id": "cent_1", "credits_amount": "5"}],
            }
        ],
        "billing_address": {"country": "US", "state": "CA"},
        "discount_codes": ["SAVE20"],
        "subscription_data": {"on_demand": {"mandate_only": True}},
    },
    "create_checkout_session": {
        "preview_id": "prv_1",
        "customer": {"email": "jane@example.com"},
        "allowed_payment_method_types": ["credit", "debit"],
        "metadata": {"order": "7"},
        "customization": {"theme_config": {"light": {"bg_primary": "#fff"}, "dark": {"bg_primary": "#000"}}},
        "feature_flags": {"allow_tax_id": True},
        "custom_fields": [{"key": "size", "label": "Size", "field_type": "dropdown", "options": ["S", "M"]}],
    },
}
"""Arguments of each tool that have something in each object and each list."""

Path = tuple[str | int, ...]


def named(part: str | Path) -> str:
    return part if isinstance(part, str) else ".".join(map(str, part))


def containers(model: type[RequestModel]) -> Iterator[Path]:
    """Where a request has objects and lists; a list is shown by its first item."""
    for name, shape in fields_of(model).items():
        if shape.kind in {"object", "list", "map"}:
            yield (name,)
        items = shape.items if shape.kind == "list" else shape
        inside: Path = (name, 0) if shape.kind == "list" else (name,)
        if items is not None and items.kind == "object":
            if shape.kind == "list":
                yield inside
            if items.model is not None:
                yield from ((*inside, *rest) for rest in containers(items.model))


def at(arguments: Any, path: Path) -> Any:
    for part in path:
        arguments = arguments[part]
    return arguments


def changed(arguments: Any, path: Path, value: Any) -> dict[str, Any]:
    whole = deepcopy(arguments)
    at(whole, path[:-1])[path[-1]] = value
    return whole


def filled(value: Any, path: Path = ()) -> Iterator[Path]:
    """Where arguments have objects and lists with something in them."""
    if value and isinstance(value, dict | list):
        yield path
        for part, inner in value.items() if isinstance(value, dict) else [(0, value[0])]:
            yield from filled(inner, (*path, part))


EVERY = [(tool, path) for tool, request in REQUESTS.items() for path in containers(request)]


@pytest.mark.requirement("schema.json_text")
@pytest.mark.parametrize("tool", REQUESTS)
def test_every_object_and_list_is_tried(tool: str) -> None:
    assert sorted(map(str, containers(REQUESTS[tool]))) == sorted(str(path) for path in filled(FULL[tool]) if path)


@pytest.mark.requirement("schema.json_text")
@pytest.mark.parametrize(("tool", "path"), EVERY, ids=named)
def test_an_object_or_a_list_as_text_means_the_same_at_its_own_place(tool: str, path: Path) -> None:
    request, plain = REQUESTS[tool], FULL[tool]
    value = at(plain, path)
    once = json.dumps(value)
    for text in (once, json.dumps(once), json.dumps(value, indent=2), f"\ufeff {once}"):
        assert parse(request, changed(plain, path, text)) == parse(request, plain)


def as_text(value: Any) -> Any:
    """Every object and list in it as text, from the innermost on."""
    if isinstance(value, dict):
        return json.dumps({name: as_text(each) for name, each in value.items()})
    return json.dumps([as_text(each) for each in value]) if isinstance(value, list) else value


@pytest.mark.requirement("schema.json_text")
@pytest.mark.parametrize("tool", REQUESTS)
def test_all_of_them_as_text_at_once_mean_the_same(tool: str) -> None:
    arguments = {name: as_text(value) for name, value in FULL[tool].items()}
    assert parse(REQUESTS[tool], arguments) == parse(REQUESTS[tool], FULL[tool])


def flags(model: type[RequestModel]) -> Iterator[Path]:
    for name, info in model.model_fields.items():
        if "bool" in str(info.annotation):
            yield (name,)
    for path in containers(model):
        shape = fields_of(model)[str(path[0])]
        inner = shape.items if shape.kind == "list" else shape
        if len(path) == 1 and inner is not None and inner.kind == "object" and inner.model is not None:
            inside: Path = (*path, 0) if shape.kind == "list" else path
            yield from ((*inside, *rest) for rest in flags(inner.model))


FLAGS = [(tool, path) for tool, request in REQUESTS.items() for path in flags(request)]


@pytest.mark.requirement("schema.json_text")
def test_confirm_is_among_the_flags() -> None:
    assert ("create_checkout_session", ("confirm",)) in FLAGS


@pytest.mark.requirement("schema.json_text", "approval.not_typed")
@pytest.mark.parametrize(("tool", "path"), FLAGS, ids=named)
def test_no_flag_is_read_out_of_text_or_a_number(tool: str, path: Path) -> None:
    for value in ("true", '"true"', "yes", "1", 1, 1.0):
        with pytest.raises(InvalidArguments) as caught:
            parse(REQUESTS[tool], changed(FULL[tool], path, value))
        [problem] = caught.value.problems
        assert problem.path == "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)[1:]
