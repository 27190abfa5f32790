"""The published output schemas, as a host that validates against them reads them."""

from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from checkout_schemas.published import definition


@cache
def _validator(tool: str) -> Draft202012Validator:
    return Draft202012Validator(definition(tool)["outputSchema"])


def misfits(tool: str, structured_content: Any) -> list[str]:
    """Where the structured content of a result or refusal differs from what its tool publishes; JSON paths."""
    return [error.json_path for error in _validator(tool).iter_errors(structured_content)]
