"""From a call's raw arguments to a request model, or to all of its problems at once."""

import difflib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from checkout_schemas.contract_model import RequestModel
from checkout_schemas.errors import InvalidArguments, Problem
from checkout_schemas.fields import VOCABULARIES
from checkout_schemas.requests.create_checkout_session import CreateCheckoutSession
from checkout_schemas.requests.preview_checkout import PreviewCheckout
from checkout_schemas.rules import Tool, broken_rules

RequestT = TypeVar("RequestT", bound=RequestModel)

MAX_PROBLEMS = 20
"""More are counted, not listed: an answer should not cost more than the call."""

_SENTENCES: dict[str, tuple[str, str | None]] = {
    "missing": ("is required", None),
    "string_type": ("must be a string", None),
    "string_too_short": ("is empty", None),
    "string_unicode": ("holds broken Unicode", "send text that is valid UTF-8"),
    "int_type": ("must be an integer", "send a whole number without quotes"),
    "int_from_float": ("must be a whole number", None),
    "bool_type": ("must be true or false", "send a JSON boolean without quotes"),
    "list_type": ("must be an array", None),
    "dict_type": ("must be an object", None),
    "model_type": ("must be an object", None),
    "greater_than_equal": ("must be at least {ge}", None),
    "less_than_equal": ("must be at most {le}", None),
    "too_long": ("has too many items", "give at most {max_length}"),
    "text_too_long": ("is too long", "use at most {max_length} characters"),
    "too_many_keys": ("has too many keys", "use at most {max_length}"),
    "control_character": ("holds a control character", "remove line breaks, tabs and other control characters"),
    "not_in_vocabulary": ("is not a known {vocabulary}", None),
    "literal_error": ("is not one of the allowed values", "use {expected}"),
    "wrong_form": ("has a wrong form", "use {form}"),
    "url_not_https": ("must be https", "plain http is allowed on loopback addresses only"),
    "url_credentials": ("holds credentials", "remove the part before the @"),
    "reserved_key": ("uses the reserved key {key}", "choose another key"),
    "metadata_key_length": ("has an empty or overlong key", "use keys of 1 to {max_length} characters"),
    "metadata_value_type": ("has a value of a wrong type", "use strings, numbers or booleans as values"),
    "metadata_number": ("has a number that JSON cannot carry exactly", "send it as a string"),
}  # fmt: skip
"""Our words for each kind of validation error. A kind that is not here gets the last sentence below."""
_OTHER = ("is not valid", None)

_SHOWN_NAME = re.compile(r"[A-Za-z_][A-Za-z_]{0,39}")
"""An unknown field's name is the caller's text; only what looks like a field name is repeated to the caller."""


def parse(model: type[RequestT], arguments: Mapping[str, Any], *, tool: Tool | None = None) -> RequestT:
    """Validate a call's arguments.

    Args:
        tool: whose rules between fields apply.

    Raises:
        InvalidArguments: with every problem of the call.
    """
    decoded = _decode_json_strings(model, arguments)
    problems: list[Problem] = []
    unlisted = 0
    request = None
    try:
        request = model.model_validate(decoded)
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        problems = [_problem(model, decoded, detail) for detail in details[:MAX_PROBLEMS]]
        unlisted = len(details) - len(
            problems
        )  # looking for what was meant takes time, and a caller could send a million
    except RecursionError:
        problems = [Problem(path="arguments", problem="are nested too deeply")]
    if tool is not None:
        named = {problem.path for problem in problems}
        problems += [problem for problem in broken_rules(decoded, tool) if problem.path not in named]
    if request is None or problems:
        raise InvalidArguments(_shortened(problems, unlisted))
    return request


def _shortened(problems: list[Problem], unlisted: int) -> list[Problem]:
    """The first problems, and how many more there are beside ``unlisted`` ones."""
    if len(problems) + unlisted <= MAX_PROBLEMS:
        return problems
    rest = len(problems) + unlisted - MAX_PROBLEMS + 1
    return [*problems[: MAX_PROBLEMS - 1], Problem(path="arguments", problem=f"have {rest} more problems")]


def _decode_json_strings(model: type[BaseModel], arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Decode objects and arrays that came as JSON text: some clients send nested arguments so."""
    decoded = dict(arguments)
    for name, value in arguments.items():
        if isinstance(value, str) and value[:1] in "[{" and name in _structured_fields(model):
            try:
                decoded[name] = json.loads(value)
            except (ValueError, RecursionError):
                continue
    return decoded


@cache
def _structured_fields(model: type[BaseModel]) -> frozenset[str]:
    return frozenset(
        name
        for name, info in model.model_fields.items()
        if not any(scalar in _types(info.annotation) for scalar in (str, int, bool))
    )


def _types(annotation: Any) -> Iterator[Any]:
    """The types of a union or an Annotated, without what a list holds."""
    if getattr(annotation, "__metadata__", None) is not None:
        yield from _types(annotation.__origin__)
    elif type(annotation).__name__ in {"UnionType", "Union", "_UnionGenericAlias"}:
        for branch in get_args(annotation):
            yield from _types(branch)
    elif isinstance(annotation, type) and get_args(annotation) == ():
        yield annotation
    elif str(annotation).startswith("typing.Literal"):
        yield str


def _problem(model: type[RequestModel], arguments: Mapping[str, Any], detail: ErrorDetails) -> Problem:
    location, kind, context = detail["loc"], detail["type"], detail.get("ctx", {})
    if kind == "extra_forbidden":
        return _unknown_field(model, location)
    template, repair = _SENTENCES.get(kind, _OTHER)
    suggestion = repair.format(**context) if repair else None
    if kind == "not_in_vocabulary":
        suggestion = _closest(_value_at(arguments, location), VOCABULARIES[context["vocabulary"]])
    elif kind == "literal_error":
        words = re.findall(r"'([^']*)'", context["expected"])
        suggestion = _closest(_value_at(arguments, location), words) or f"use one of {', '.join(words)}"
    return Problem(path=_path(location), problem=template.format(**context), suggestion=suggestion)


def _value_at(arguments: Any, location: Iterable[str | int]) -> Any:
    """What was sent there: the validation's own account of it carries no values."""
    for part in location:
        arguments = arguments[part]
    return arguments


_USUAL_MISTAKES = {
    "uk": "gb",
    "usa": "us",
    "jp": "ja",
    "cn": "zh",
    "dollar": "usd",
    "euro": "eur",
    "card": "credit",
}
"""Words that are near in meaning and not in spelling."""


def _closest(value: Any, vocabulary: Iterable[str]) -> str | None:
    """A did-you-mean from our own words only."""
    if not isinstance(value, str) or len(value) > 64:
        return None
    folded = {word.casefold(): word for word in vocabulary}
    key = value.casefold().strip().replace("-", "_").replace(" ", "_")
    meant = folded.get(_USUAL_MISTAKES.get(key, key))
    if meant is not None:
        return f"did you mean {meant}?"
    matches = difflib.get_close_matches(key, sorted(folded), n=3, cutoff=0.6)
    return f"did you mean {' or '.join(folded[match] for match in matches)}?" if matches else None


def _path(location: Iterable[str | int]) -> str:
    path = ""
    for part in location:
        if isinstance(part, int):
            path += f"[{part}]"
        else:
            path += f".{part}" if path else part
    return path or "arguments"


def _unknown_field(model: type[RequestModel], location: tuple[str | int, ...]) -> Problem:
    *parents, name = location
    name = str(name)
    path = _path([*parents, name if _SHOWN_NAME.fullmatch(name) else "?"])
    if not parents:
        for other, its_tool in _TOOLS.items():
            if other is not model and name in other.model_fields:
                return Problem(path=path, problem=f"belongs to {its_tool}", suggestion=_MOVE[its_tool])
    siblings = _fields_at(model, parents)
    if (near := _closest(name, siblings)) is not None:
        return Problem(path=path, problem="is not a field of this tool", suggestion=near)
    homes = [home for request in _TOOLS for home in _homes(request).get(name, ())]
    suggestion = f"it is a field of {' and of '.join(homes[:2])}" if homes else "remove it"
    return Problem(
        path=path,
        problem="is not a field of this tool" if not parents else "does not exist here",
        suggestion=suggestion,
    )


_TOOLS: dict[type[RequestModel], str] = {
    PreviewCheckout: "preview_checkout",
    CreateCheckoutSession: "create_checkout_session",
}
_MOVE = {
    "preview_checkout": "give it to preview_checkout, whose preview_id brings it here",
    "create_checkout_session": "give it to create_checkout_session, after the preview",
}


def _nested(annotation: Any) -> type[RequestModel] | None:
    """The request model inside a field's type."""
    if isinstance(annotation, type) and get_args(annotation) == () and issubclass(annotation, RequestModel):
        return annotation
    # Of an Annotated, only the first argument is a type; what follows is never a request model.
    return next((found for branch in get_args(annotation) if (found := _nested(branch)) is not None), None)


def _fields_at(model: type[RequestModel], location: Iterable[str | int]) -> list[str]:
    here: type[RequestModel] | None = model
    for part in location:
        if isinstance(part, str) and here is not None:
            info = here.model_fields.get(part)
            here = None if info is None else _nested(info.annotation)
    return list(here.model_fields) if here is not None else []


@cache
def _homes(model: type[RequestModel], prefix: str = "") -> Mapping[str, tuple[str, ...]]:
    """Where a nested field of this name exists, for fields put one level too high or too low."""
    found: dict[str, tuple[str, ...]] = {}
    for name, info in model.model_fields.items():
        inner = _nested(info.annotation)
        many = "[]" if "list[" in str(info.annotation) else ""
        found[name] = (*found.get(name, ()), f"{prefix}{name}")
        if inner is not None:
            for below, paths in _homes(inner, f"{prefix}{name}{many}.").items():
                found[below] = (*found.get(below, ()), *paths)
    return found
