"""What the tools answer, from the result models: the published schemas leave out what no host shows to a model."""

from collections.abc import Iterator
from datetime import date, datetime
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from checkout_schemas.contract_model import ResultModel
from docs.generate.markdown import code, field_texts

_WORDS: dict[Any, str] = {
    bool: "`true` or `false`", int: "whole number", str: "text", datetime: "date and time", date: "date",
    dict: "text by name",
}  # fmt: skip


def result_rows(model: type[ResultModel], before: str = "") -> Iterator[tuple[str, str, str]]:
    """Every field at its path, its type and its meaning; those inside of an object follow it."""
    texts = field_texts(model)
    for name, field in model.model_fields.items():
        kind, path = _without_none(field.annotation), f"{before}{name}"
        if get_origin(kind) is list:
            kind, path = _without_none(get_args(kind)[0]), f"{path}[]"
        optional = "" if field.is_required() else ", or absent"
        yield code(path), _word(kind) + optional, _sentence(field.description or texts.get(name, ""))
        if _is_model(kind):
            yield from result_rows(kind, f"{path}.")


def _without_none(annotation: Any) -> Any:
    """The one type of an optional one, without what is noted beside it."""
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    if get_origin(annotation) in {Union, UnionType}:
        [annotation] = [each for each in get_args(annotation) if each is not NoneType]
        return _without_none(annotation)
    return annotation


def _word(kind: Any) -> str:
    if get_origin(kind) is Literal:
        return ", ".join(code(str(each).lower() if isinstance(each, bool) else str(each)) for each in get_args(kind))
    return "object" if _is_model(kind) else _WORDS[get_origin(kind) or kind]


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, ResultModel)


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}" if text else ""
