"""Finding a tool's answer in what a host hands to its model: its words, or its structured content, whole."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_VOLATILE = re.compile(
    r"(?:prv|cks)_[\w-]+|http://127\.0\.0\.1:\d+|\d{4}-\d\d-\d\d(?:T[\d:.]+Z)?"  # ids, the payment API, moments
)
PREVIEW_ID = re.compile(r"prv_[\w-]+")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a tool answers a call with."""

    words: str
    structured: Mapping[str, Any]

    def stands_in(self, handed: Any) -> bool:
        """Whether it is there, whole; ids and moments may differ, since each host has a shop of its own."""
        words, structured = _masked(self.words), _masked(dict(self.structured))
        found = [_masked(part) for part in parts(handed)]
        quoted = json.dumps(words)[1:-1]  # some hosts put the whole result into a sentence of their own, as JSON
        return structured in found or any(isinstance(part, str) and (words in part or quoted in part) for part in found)


def parts(value: Any) -> Iterator[Any]:
    """A JSON value and all that is inside it, and inside the JSON text in it."""
    yield value
    match value:
        case Mapping():
            for each in value.values():
                yield from parts(each)
        case list():
            for each in value:
                yield from parts(each)
        case str() if value[:1] in {"{", "["}:
            try:
                yield from parts(json.loads(value))
            except ValueError:
                return
        case _:
            return


def texts(value: Any) -> str:
    """All text in a JSON value, a line each."""
    return "\n".join(part for part in parts(value) if isinstance(part, str))


def _masked(value: Any) -> Any:
    return json.loads(_VOLATILE.sub("*", json.dumps(value)))
