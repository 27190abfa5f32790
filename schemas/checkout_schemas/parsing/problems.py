"""From pydantic's account of an error to a problem in our words."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

from pydantic_core import ErrorDetails

from checkout_schemas.contract_model import RequestModel
from checkout_schemas.errors import Problem
from checkout_schemas.parsing.paths import path_of
from checkout_schemas.parsing.reading import looks_like_json
from checkout_schemas.parsing.sentences import OTHER, SENTENCES
from checkout_schemas.parsing.shape import Shape, shape_at
from checkout_schemas.parsing.unknown_fields import explain_unknown_field, list_fields
from checkout_schemas.parsing.words import meant_in_list, meant_in_vocabulary

_STRUCTURES = {"list_type", "dict_type", "model_type"}


def explain_problem(model: type[RequestModel], arguments: Mapping[str, Any], detail: ErrorDetails) -> Problem:
    """One problem of a call.

    Args:
        model: what the call should be.
        arguments: the call, as it was validated.
        detail: what pydantic says, without the value.
    """
    location, kind, context = detail["loc"], detail["type"], detail.get("ctx", {})
    if kind == "extra_forbidden":
        return explain_unknown_field(model, location)
    value = None if kind == "missing" else _value_at(arguments, location)
    if kind in _STRUCTURES and isinstance(value, str) and looks_like_json(value):
        kind = "not_json"
    sentence = SENTENCES.get(kind, OTHER)
    if kind == "not_in_vocabulary":
        repair = meant_in_vocabulary(value, context["vocabulary"])
    elif kind == "literal_error":
        repair = meant_in_list(value, _words_of(context["expected"]))
    elif kind in _STRUCTURES:
        repair = _structure(shape_at(model, location))
    elif kind == "missing":
        repair = _missing(model, location)
    elif kind == "string_type" and isinstance(value, dict | list):
        repair = None
    else:
        repair = sentence.repair.format(**context) if sentence.repair else None
    return Problem(path=path_of(model, location), problem=sentence.problem.format(**context), suggestion=repair)


def _value_at(arguments: Any, location: Sequence[str | int]) -> Any:
    """What was sent there: the validation's own account of it carries no values."""
    for part in location:
        if part == "[key]":
            return None
        arguments = arguments[part]
    return arguments


def _words_of(expected: str) -> list[str]:
    """The words of a Literal, as pydantic lists them."""
    return re.findall(r"'([^']*)'", expected)


def _structure(shape: Shape) -> str | None:
    """What an object or a list holds."""
    text_too = ", or its JSON text" if shape.is_text_too else ""
    if shape.kind == "map":
        return f"give an object with keys of your own{text_too}"
    if shape.model is None:
        return "give an array of strings" if shape.kind == "list" else None
    whole = "an array of objects" if shape.kind == "list" else "an object"
    return f"give {whole} with {list_fields(shape.model)}{text_too}"


def _missing(model: type[RequestModel], location: Sequence[str | int]) -> str | None:
    """How a required field is given: what it holds, or what its description says."""
    shape = shape_at(model, location)
    if shape.kind in {"object", "list"}:
        return _structure(shape)
    parent = shape_at(model, location[:-1]).model
    return parent.model_fields[cast(str, location[-1])].description if parent is not None else None
