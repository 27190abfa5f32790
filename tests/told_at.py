"""What is said of one value of a call, wherever it stands, however wrong the rest of the call is."""

from typing import Any

from checkout_schemas.errors import InvalidArguments
from checkout_schemas.parsing import parse
from checkout_schemas.parsing.unknown_fields import TOOLS

MODELS = {tool: model for model, tool in TOOLS.items()}


def at(path: str, value: Any) -> dict[str, Any]:
    """Arguments with a value at a place."""
    for part in reversed(path.split(".")):
        name = part.removesuffix("[]")
        value = {name: [value] if part != name else value}
    return value


def told(tool: str, path: str, value: Any, of: str | None = None) -> str | None:
    """The suggestion for a value at a place such as ``custom_fields[].key``; nothing if it is taken.

    Args:
        tool: whose argument it is.
        path: where it is put.
        value: what is put there.
        of: the place that is asked about, where it lies inside of the value.
    """
    try:
        parse(MODELS[tool], at(path, value))
    except InvalidArguments as error:
        said = {problem.path: problem.suggestion for problem in error.problems}
        return said.get((of or path).replace("[]", "[0]"))
    return None
