"""Filling in the form of a question, as a client does that shows its schema."""

import asyncio
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


def approving_together(asked: list[str], count: int) -> Any:
    """Somebody who approves every question once so many were asked, and notes them."""
    all_asked = asyncio.Event()

    async def person(_context: Any, params: Any) -> ElicitResult:
        asked.append(params.message)
        if len(asked) == count:
            all_asked.set()
        await all_asked.wait()
        return approving(params)

    return person
