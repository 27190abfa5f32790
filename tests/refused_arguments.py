"""What refused arguments are told."""

from typing import Any

import pytest

from checkout_schemas.errors import InvalidArguments, Problem
from checkout_schemas.parsing import parse


def problems(model: Any, arguments: dict[str, Any]) -> list[Problem]:
    with pytest.raises(InvalidArguments) as caught:
        parse(model, arguments)
    return caught.value.problems


def repairs(model: Any, arguments: dict[str, Any]) -> dict[str, str | None]:
    return {problem.path: problem.suggestion for problem in problems(model, arguments)}
