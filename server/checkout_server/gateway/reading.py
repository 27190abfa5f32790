"""From the bytes of an answer to what we take of it, with an event for what was left out."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

from pydantic import ValidationError

from checkout_server.gateway.answers import Answer, Owned
from checkout_server.privacy.logs.events import emit
from checkout_server.privacy.vocabulary.fields import Operation

AnswerT = TypeVar("AnswerT", bound=Answer)

MOST_DIGITS = 20
"""A longer number fits no field. Python refuses to read one of over 4,300 digits, and the page around it."""

MOST_OWNERS = 1000
"""Rows that are looked at for the merchant account; the API says nothing of pages there."""


@dataclass(frozen=True, slots=True)
class Rows(Generic[AnswerT]):
    """A page of a list.

    Args:
        items: the rows that can be used, at most the page size.
        is_last: whether the API had no more. A page with odd rows is shorter than it was, so its length does not tell.
    """

    items: list[AnswerT]
    is_last: bool


class _Page(Answer):
    items: list[Any]


def parse_json(content: bytes) -> object:
    """The document in an answer's body. Half a surrogate pair is let through: it matters to one field at most.

    Raises:
        ValueError: not JSON in UTF-8.
        RecursionError: nested too deeply.
    """
    return json.loads(content.decode(), parse_int=_integer)


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) <= MOST_DIGITS else float("inf")


def read_answer(
    shape: type[AnswerT], document: object, *, operation: Operation, expected: Iterable[str] = ()
) -> AnswerT:
    """The document as an answer; the log tells when a part of it was taken for missing.

    Args:
        expected: optional fields that this answer should have.

    Raises:
        ValidationError: another shape.
    """
    answer = shape.model_validate(document)
    given = cast(dict[str, Any], document)
    lost = (name for name in shape.model_fields if given.get(name) is not None or name in expected)
    if any(getattr(answer, name) is None for name in lost):
        emit("gateway.answer_odd", operation=operation)
    return answer


def read_rows(shape: type[AnswerT], document: object, *, operation: Operation, page_size: int) -> Rows[AnswerT]:
    """The page in a document, without odd rows and those beyond the page size; the log counts them.

    Raises:
        ValidationError: no page at all.
    """
    found = _Page.model_validate(document).items
    items = _usable(shape, found[:page_size])
    _count_left_out(operation, len(found) - len(items))
    return Rows(items, is_last=len(found) < page_size)


def read_owners(document: object, *, operation: Operation) -> frozenset[str]:
    """The business ids that the rows of a page name; the log counts the rows that name none.

    Raises:
        ValidationError: no page at all.
    """
    found = _Page.model_validate(document).items[:MOST_OWNERS]
    owned = _usable(Owned, found)
    _count_left_out(operation, len(found) - len(owned))
    return frozenset(each.business_id for each in owned)


def _usable(shape: type[AnswerT], rows: list[Any]) -> list[AnswerT]:
    usable: list[AnswerT] = []
    for row in rows:
        try:
            usable.append(shape.model_validate(row))
        except ValidationError:
            continue
    return usable


def _count_left_out(operation: Operation, count: int) -> None:
    if count:
        emit("gateway.rows_left_out", operation=operation, count=count)
