"""What a request model expects at each place: read once from its fields, and walked beside the raw arguments."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import WithJsonSchema
from pydantic.fields import FieldInfo

from checkout_schemas.contract_model import RequestModel


@dataclass(frozen=True, slots=True)
class Shape:
    """What is expected at one place."""

    kind: Literal["object", "list", "map", "text", "scalar"]
    """``map`` is an object whose keys are the caller's."""
    model: type[RequestModel] | None = None
    """Of an object, or of each object in a list."""
    items: "Shape | None" = None
    """Of a list."""
    is_text_too: bool = False
    """Whether it is published as a string that holds its JSON."""


@cache
def fields_of(model: type[RequestModel]) -> Mapping[str, Shape]:
    """The shape of each field of a model, published or not."""
    return {
        name: replace(_shape_of(info.annotation), is_text_too=_is_published_as_text(info))
        for name, info in model.model_fields.items()
    }


def _is_published_as_text(info: FieldInfo) -> bool:
    return any(
        isinstance(each, WithJsonSchema) and each.json_schema is not None and each.json_schema.get("type") == "string"
        for each in info.metadata
    )


def shape_at(model: type[RequestModel], location: Iterable[str | int]) -> Shape:
    """The shape at a place; a scalar where the model has no such place."""
    here = Shape("object", model)
    for part in location:
        if isinstance(part, int):
            here = here.items or Shape("scalar")
        elif here.kind == "object" and here.model is not None:
            here = fields_of(here.model).get(part, Shape("scalar"))
        else:
            here = Shape("scalar")
    return here


def _shape_of(annotation: Any) -> Shape:
    origin = get_origin(annotation)
    if origin is Annotated:
        return _shape_of(get_args(annotation)[0])
    if origin in (Union, UnionType):
        return next(_shape_of(branch) for branch in get_args(annotation) if branch is not NoneType)
    if origin is list:
        items = _shape_of(get_args(annotation)[0])
        return Shape("list", items.model, items)
    if origin is dict:
        return Shape("map")
    if isinstance(annotation, type) and issubclass(annotation, RequestModel):
        return Shape("object", annotation)
    return Shape("text" if annotation is str else "scalar")


@cache
def homes_of(model: type[RequestModel], prefix: str = "") -> Mapping[str, tuple[str, ...]]:
    """The paths of the fields of each name, at any depth, the shallower first."""
    found: dict[str, tuple[str, ...]] = {}
    for name in fields_of(model):
        found[name] = (f"{prefix}{name}",)
    for name, shape in fields_of(model).items():
        if shape.model is not None:
            many = "[]" if shape.kind == "list" else ""
            for below, paths in homes_of(shape.model, f"{prefix}{name}{many}.").items():
                found[below] = (*found.get(below, ()), *paths)
    return found
