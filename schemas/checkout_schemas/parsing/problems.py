"""From pydantic's account of an error to a problem in our words."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, Literal, get_args, get_origin

from pydantic_core import ErrorDetails

from checkout_schemas.contract_model import RequestModel
from checkout_schemas.errors import Problem
from checkout_schemas.parsing.paths import path_of
from checkout_schemas.parsing.reading import looks_like_json
from checkout_schemas.parsing.sentences import OTHER, REQUIRED, SENTENCES, TEXT_EXAMPLES, TEXT_FORMS
from checkout_schemas.parsing.shape import Shape, shape_at
from checkout_schemas.parsing.unknown_fields import describe_object, explain_unknown_field
from checkout_schemas.parsing.words import meant_in_list, meant_in_vocabulary

_STRUCTURES = {"list_type", "dict_type", "model_type"}
_FORMS = {"wrong_form", "wrong_email", "url_not_ascii"}


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
    elif kind in _FORMS and isinstance(value, str) and any(map(_is_invisible, value)):
        kind = "invisible"
    sentence = SENTENCES.get(kind, OTHER)
    if value is None and isinstance(location[-1], int):
        repair = "leave it out"
    elif kind == "not_in_vocabulary":
        repair = meant_in_vocabulary(value, context["vocabulary"])
    elif kind == "literal_error":
        words = re.findall(r"'([^']*)'", context["expected"])
        repair = meant_in_list(value, words, is_required=_is_required(model, location))
    elif kind in _STRUCTURES:
        repair = _structure(shape_at(model, location))
    elif kind == "missing":
        repair = _missing(model, location)
    elif kind == "string_type":
        repair = _text_in_place_of(value, location)
    elif kind == "greater_than_equal" and location[-1] == "quantity":
        repair = "use at least 1, or leave the whole row out"
    else:
        repair = None
    return Problem(
        path=path_of(model, location),
        problem=sentence.problem.format(**context),
        suggestion=repair or sentence.repair.format(**context),
    )


def _value_at(arguments: Any, location: Sequence[str | int]) -> Any:
    """What was sent there: the validation's own account of it carries no values."""
    for part in location:
        if part == "[key]":
            return None
        arguments = arguments[part]
    return arguments


_BLANK_LETTERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")
"""Fillers, which Unicode counts among letters and marks."""


def _is_invisible(character: str) -> bool:
    if character in _BLANK_LETTERS or "\ufe00" <= character <= "\ufe0f":
        return True
    return character != " " and unicodedata.category(character) in {"Cc", "Cf", "Zs", "Zl", "Zp"}


def _structure(shape: Shape) -> str | None:
    """What an object or a list holds."""
    text_too = ", or its JSON text" if shape.is_text_too else ""
    if shape.kind == "map":
        return f"give an object with keys of your own{text_too}"
    if shape.model is None:
        return "give an array of strings, one for each" if shape.kind == "list" else None
    whole = "an array of objects" if shape.kind == "list" else "an object"
    return f"give {whole} with {describe_object(shape.model)}{text_too}"


def _missing(model: type[RequestModel], location: Sequence[str | int]) -> str | None:
    """How a required field is given."""
    name, parent = location[-1], shape_at(model, location[:-1]).model
    annotation = parent.model_fields[str(name)].annotation if parent is not None else None
    if get_origin(annotation) is Literal:
        return meant_in_list(None, get_args(annotation), is_required=True)
    return REQUIRED.get(str(name)) or _structure(shape_at(model, location))


def _is_required(model: type[RequestModel], location: Sequence[str | int]) -> bool:
    parent, name = shape_at(model, location[:-1]).model, location[-1]
    return parent is not None and parent.model_fields[str(name)].is_required()


def _text_in_place_of(value: object, location: Sequence[str | int]) -> str:
    """What to send where something else than text came."""
    name = next((part for part in reversed(location) if isinstance(part, str)), "")
    if isinstance(value, dict | list) or name in TEXT_EXAMPLES:
        return "give the text itself" + (f", such as {TEXT_EXAMPLES[name]}" if name in TEXT_EXAMPLES else "")
    if isinstance(value, bool):
        return "give text, or leave it out"
    if name in TEXT_FORMS:
        return TEXT_FORMS[name]
    return "send its digits as a string" if isinstance(value, float) and value.is_integer() else "put it in quotes"
