"""Filling in the form of a question, as a client does that shows its schema."""

from typing import Any

from mcp_types import ElicitResult


def choices(params: Any) -> dict[str, list[str]]:
    """The required fields of a question's form, each with the words that can be chosen."""
    schema = params.requested_schema
    return {name: schema["properties"][name]["enum"] for name in schema["required"]}


def refusing(params: Any) -> ElicitResult:
    """The form with the first choice of each field, accepted."""
    return ElicitResult(action="accept", content={name: words[0] for name, words in choices(params).items()})


def approving(params: Any) -> ElicitResult:
    """The form with the last choice of each field, accepted."""
    return ElicitResult(action="accept", content={name: words[-1] for name, words in choices(params).items()})
