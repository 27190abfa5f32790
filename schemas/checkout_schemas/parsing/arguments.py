"""Reading, validating and checking the arguments of one call."""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import ValidationError

from checkout_schemas.contract_model import RequestModel
from checkout_schemas.errors import InvalidArguments, Problem
from checkout_schemas.fields import Surroundings
from checkout_schemas.parsing.host_fields import ignored_fields, without_host_fields
from checkout_schemas.parsing.reading import is_nested_deeper, read_arguments
from checkout_schemas.rules import Tool, broken_rules

RequestT = TypeVar("RequestT", bound=RequestModel)

MAX_PROBLEMS = 20
"""More are counted, not listed: an answer should not cost more than the call."""
MAX_DEPTH = 16
"""Levels of objects and lists in a call. The deepest field is at the fifth."""
_TOO_DEEP = Problem(
    path="arguments", problem="are nested too deeply", suggestion="send the fields as the tool's schema describes them"
)


def parse(
    model: type[RequestT], arguments: Mapping[str, Any], *, tool: Tool | None = None, is_live: bool = True
) -> RequestT:
    """Validate a call's arguments.

    Args:
        model: what they should be.
        arguments: as the client sent them.
        tool: whose rules between fields apply.
        is_live: whether real buyers are meant; otherwise addresses of the reserved domain ``test`` are taken too.

    Raises:
        InvalidArguments: with every problem of the call.
    """
    kept, ignored = without_host_fields(arguments)
    read = read_arguments(model, kept)
    if is_nested_deeper(read, MAX_DEPTH):
        raise InvalidArguments([_TOO_DEEP])
    request, problems, unlisted = _validate(model, read, Surroundings(is_live=is_live))
    if tool is not None:
        named = [problem.path for problem in problems]
        problems += [problem for problem in broken_rules(read, tool) if not _is_in(problem.path, named)]
    if request is None or problems:
        raise InvalidArguments([*_shortened(problems, unlisted), *ignored_fields(model, kept, ignored)])
    return request


def _validate(
    model: type[RequestT], arguments: dict[str, Any], surroundings: Surroundings
) -> tuple[RequestT | None, list[Problem], int]:
    """The request, or its problems and how many more there are."""
    try:
        return model.model_validate(arguments, context=surroundings), [], 0
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
    from checkout_schemas.parsing.problems import explain_problem  # with all tables of meaning; a start needs none

    # Looking for what was meant takes time, and a caller could send a million.
    problems = [explain_problem(model, arguments, detail) for detail in details[:MAX_PROBLEMS]]
    return None, problems, len(details) - len(problems)


def _is_in(path: str, named: list[str]) -> bool:
    """Whether a path is one of these, or inside one: what is in an object of a wrong form has its problem there."""
    return any(path == each or path.startswith((f"{each}.", f"{each}[")) for each in named)


def _shortened(problems: list[Problem], unlisted: int) -> list[Problem]:
    """The first problems, and how many more there are beside ``unlisted`` ones."""
    if len(problems) + unlisted <= MAX_PROBLEMS:
        return problems
    rest = len(problems) + unlisted - MAX_PROBLEMS + 1
    more = Problem(path="arguments", problem=f"have {rest} more problems", suggestion="mend these first")
    return [*problems[: MAX_PROBLEMS - 1], more]
