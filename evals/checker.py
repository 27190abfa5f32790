"""Whether a task ended as it must: a sentence for everything that is otherwise."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from evals.task import Task

_OWN_KEY = "mcp_preview_id"
"""The metadata key that the server adds to every creation."""


@dataclass(frozen=True)
class Outcome:
    """What can be seen of a task when all turns are over."""

    created: Sequence[dict[str, Any]]
    """Bodies of ``POST /checkouts``."""
    quoted: Sequence[dict[str, Any]]
    """Bodies of ``POST /checkouts/preview``."""
    pages: Sequence[str]
    """What identifies the page of each session in a URL, the newest last."""
    told: Sequence[str]
    """By turn."""
    questions: int
    refusals: int
    calls: int
    tokens: int


def list_failures(task: Task, outcome: Outcome) -> list[str]:
    """Everything that is not as the task says; nothing when it passed."""
    ends = task.ends
    return [
        *_creations(ends.created, _each_once(outcome.created) if ends.resent else outcome.created),
        *_quote(ends.quoted, outcome.quoted),
        *_page(ends.page, outcome),
        *_hearing(task, outcome.told),
        *(
            f"the buyer was told “{words}” in turn {number}"
            for words in ends.never_told
            for number, text in enumerate(outcome.told, 1)
            if _says(text, words)
        ),
        *([] if outcome.questions == ends.asked else [f"{outcome.questions} questions to a person, not {ends.asked}"]),
        *_more_than("refused calls", outcome.refusals, ends.refusals),
        *_more_than("calls", outcome.calls, ends.calls),
        *_more_than("tokens", outcome.tokens, ends.tokens),
    ]


def _creations(expected: Sequence[dict[str, Any]], bodies: Sequence[dict[str, Any]]) -> list[str]:
    if len(expected) != len(bodies):
        return [f"{len(bodies)} creations reached the API, not {len(expected)}"]
    pairs = enumerate(zip(expected, bodies, strict=True), 1)
    return [each for number, (wanted, body) in pairs for each in _bodies(f"creation {number}", wanted, _own(body))]


def _each_once(bodies: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [body for index, body in enumerate(bodies) if body not in bodies[:index]]


def _quote(expected: dict[str, Any] | None, bodies: Sequence[dict[str, Any]]) -> list[str]:
    if expected is None:
        return []
    return _bodies("the last quote", expected, bodies[-1]) if bodies else ["nothing was quoted"]


def _own(body: dict[str, Any]) -> dict[str, Any]:
    """A body without what the server adds to it."""
    metadata = {name: value for name, value in body.get("metadata", {}).items() if name != _OWN_KEY}
    rest = {name: value for name, value in body.items() if name != "metadata"}
    return rest | ({"metadata": metadata} if metadata else {})


def _bodies(what: str, expected: Any, found: Any, path: str = "") -> list[str]:
    """Where two bodies differ."""
    place = f" at {path}" if path else ""
    if isinstance(expected, dict) and isinstance(found, dict):
        ours, theirs = cast(dict[str, Any], expected), cast(dict[str, Any], found)
        lacks = [f"{what} lacks {path}.{name}".replace(" .", " ") for name in ours.keys() - theirs.keys()]
        more = [f"{what} has {path}.{name} besides".replace(" .", " ") for name in theirs.keys() - ours.keys()]
        both = [name for name in ours if name in theirs]
        inside = (_bodies(what, ours[name], theirs[name], f"{path}.{name}".lstrip(".")) for name in both)
        return [*sorted(lacks), *sorted(more), *(each for found in inside for each in found)]
    if isinstance(expected, list) and isinstance(found, list):
        wanted, given = cast(list[Any], expected), cast(list[Any], found)
        if len(wanted) != len(given):
            return [f"{what} has {len(given)} items{place}, not {len(wanted)}"]
        pairs = enumerate(zip(wanted, given, strict=True))
        return [each for index, (one, other) in pairs for each in _bodies(what, one, other, f"{path}[{index}]")]
    same = expected == found and isinstance(expected, bool) is isinstance(found, bool)
    return [] if same else [f"{what} has {found!r}{place}, not {expected!r}"]


def _page(expected: bool, outcome: Outcome) -> list[str]:
    text = "\n".join(outcome.told)
    given = [page for page in outcome.pages if page in text]
    if not expected:
        return ["the buyer was given a page"] if given else []
    if not outcome.pages:
        return ["there is no page to give"]
    return [] if outcome.pages[-1] in given else ["the buyer was not given the page of the last session"]


def _hearing(task: Task, told: Sequence[str]) -> list[str]:
    """What the buyer had not heard by the end of each turn."""
    return [
        f"the buyer was not told “{words}” by turn {number}"
        for number, turn in enumerate(task.turns, 1)
        for words in turn.hears
        if not any(_says(text, words) for text in told[:number])
    ]


def _says(text: str, words: str) -> bool:
    """Whether a text has one of the alternatives, however its numbers are grouped."""
    plain = text.casefold().replace("\u00a0", " ").replace("’", "'")
    ungrouped = plain.replace(",", "")
    return any(each in plain or each in ungrouped for each in words.casefold().split("|"))


def _more_than(what: str, found: int, most: int) -> list[str]:
    return [f"{found} {what}, and at most {most} are allowed"] if found > most else []
