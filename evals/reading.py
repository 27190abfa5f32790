"""What a text of the server says to do, read literally: whoever follows it knows nothing of any state of a sale."""

import re
from typing import Any, Literal, NamedTuple, get_args

from checkout_server.privacy.vocabulary.fields import ToolName

SECONDS = {
    "in a few seconds": 5.0, "in a minute": 60.0, "in a few minutes": 300.0, "in an hour": 3600.0, "later": 3600.0
}  # fmt: skip
"""What the words for a wait mean."""
LATER = SECONDS["in a few minutes"]
"""Not while the buyer waits for an answer."""


class Step(NamedTuple):
    """One thing that a text says to do."""

    kind: Literal["page", "tool", "person", "end"]
    tool: str
    by: str | None
    """The id to call it with, where the text names one."""
    wait: float | None
    when: Literal["buyer", "day", "again"] | None
    """If the buyer wants; if it lasts longer than a day; if it goes on."""
    without: tuple[str, ...] = ()
    """Arguments to leave out this time."""
    page: int | None = None
    """The page to ask for this time."""


_STEPS = re.compile(
    r"(?P<page>checkout_url)"
    rf"|(?P<tool>\b(?:{'|'.join(get_args(ToolName))})\b)"
    r"|(?P<end>Nothing (?:else )?is left to do)"
    r"|(?P<person>\b([Aa] person|[Tt]he person|[Pp]eople|[Tt]he operator)\b)"
)
_CONDITIONS = {
    "buyer": re.compile(r"\b[Ii]f the buyer\b|\bwhen they agree\b"),
    "day": re.compile(r"\b[Ii]f it lasts longer than a day\b"),
    "again": re.compile(r"\b[Ii]f it goes on\b"),
}
_FORBIDDEN = re.compile(r"\b[Dd]o not [^.;,]*")
_TO_MEND = re.compile(r"\b(check (them|the ids)|choose another|correct it)\b")


def read(text: str) -> list[Step]:
    """The steps that a text names, in its order."""
    steps: list[Step] = []
    asks = False
    for sentence in re.split(r"(?<=[.;])\s+", text):
        allowed = _FORBIDDEN.sub("", sentence)
        when: Any = next((name for name, words in _CONDITIONS.items() if words.search(allowed)), None)
        asks = asks or allowed.startswith("Ask the buyer")  # what comes after it waits for the answer
        when = when or ("buyer" if asks else None)
        by = next((each for each in ("with session_id", "preview_id") if each in allowed), None)
        for found in _STEPS.finditer(allowed):
            kind: Any = found.lastgroup if found.lastgroup in {"page", "tool", "end"} else "person"
            steps.append(Step(kind, found["tool"] or "", by, wait_in(allowed), when, *_changes_in(allowed)))
    return steps


def _changes_in(text: str) -> tuple[tuple[str, ...], int | None]:
    """What is to be left out of the next call, and the page that it is to ask for."""
    without, page = re.search(r"\bwithout (\w+(?: and \w+)*)", text), re.search(r"\bwith page (\d+)", text)
    return tuple(without[1].split(" and ")) if without else (), int(page[1]) if page else None


def wait_in(text: str) -> float | None:
    """Seconds that a text says to wait."""
    return next((seconds for words, seconds in SECONDS.items() if re.search(rf"\b{words}\b", text)), None)


def takes_a_mind(text: str) -> bool:
    """Whether a text asks for a repair that no literal reader can make."""
    return _TO_MEND.search(text) is not None
