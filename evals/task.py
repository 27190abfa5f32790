"""A task: what a buyer says and knows turn by turn, the world around the sale, and how it must end. Never a call."""

import tomllib
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

TASKS = Path(__file__).parent / "tasks"
"""One file for each group."""

Wish = Literal["find", "saved_methods", "quote", "buy", "look_up", "nothing"]
"""What the buyer wants of a turn: products, their saved methods, a price, a page or a charge, news, or no more."""


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Turn(_Table):
    """What the buyer says, and what the seller must have told them by the end of the turn."""

    says: str
    wants: Wish
    facts: dict[str, Any] = {}
    """What is known of the order now, by the names that the buyer or their host has for it. ``{words = "…"}`` stands
    for something that is known by its name alone."""
    drops: list[str] = []
    """Facts that do not hold any more."""
    pays: Literal["succeeded", "failed"] | None = None
    """What became of the buyer's payment on the page before they spoke."""
    hears: list[str] = []
    """Each is told by the end of the turn, or one of its alternatives between ``|``."""


class PriceRise(_Table):
    """The merchant raises the price while the buyer thinks."""

    after_quotes: int
    by: int
    """Minor units."""


class Surroundings(_Table):
    """What the task's world has besides the sandbox's own catalogue."""

    policy: str = ""
    """TOML, as in the operator's file."""
    person: Literal["approves", "refuses"] | None = None
    """Who answers the client's questions; None for a client that cannot ask."""
    names: dict[str, str] = {}
    """Product id → what the merchant's catalogue calls it."""
    price_rise: PriceRise | None = None
    lost_answers: int = 0
    """So many creations are made and never answered."""


class Ends(_Table):
    """What must be true at the end."""

    created: list[dict[str, Any]] = []
    """The whole body of every ``POST /checkouts``, in order, without the ``metadata.mcp_preview_id`` of the server."""
    resent: bool = False
    """Whether a creation may be sent again as it is: its answer was lost, and it charges nothing."""
    quoted: dict[str, Any] | None = None
    """The whole body of the last ``POST /checkouts/preview``."""
    page: bool = False
    """Whether the buyer was given the page of the last session; otherwise no page at all."""
    asked: int = 0
    """Questions to a person."""
    never_told: list[str] = []
    """None of it is told in any turn."""
    refusals: int = 0
    """Calls that were refused, at most: none where the facts are as the tools want them."""
    calls: int
    """At most."""
    tokens: int = 3000
    """At most, of o200k: the tools' definitions and every result."""


class Task(_Table):
    """One task of a group."""

    name: str
    """Its group and its id, such as ``guide/quick-start``."""
    goal: str
    """What the seller is there for; a model reads it."""
    world: Surroundings = Surroundings()
    turns: Annotated[list[Turn], Field(min_length=1)]
    ends: Ends


class TaskUnusable(Exception):
    """A file of tasks is not what it should be."""


def load_tasks(folder: Path = TASKS) -> list[Task]:
    """Every task, in the order of the files.

    Raises:
        TaskUnusable: a file is no TOML, or holds something else than tasks; or two tasks have one name.
    """
    tasks = [task for path in sorted(folder.glob("*.toml")) for task in _read(path)]
    names = [task.name for task in tasks]
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise TaskUnusable(f"two tasks have one name: {', '.join(repeated)}")
    return tasks


def _read(path: Path) -> Iterable[Task]:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
        rows: dict[str, Any] = document.pop("task")
        if document:
            raise TaskUnusable(f"{path.name}: nothing but [task.…] is read")
        return [Task(name=f"{path.stem}/{name}", **row) for name, row in rows.items()]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise TaskUnusable(f"{path.name}: {error}") from error


def choose(tasks: Sequence[Task], pattern: str) -> list[Task]:
    """Those whose name fits a pattern such as ``guide/*``."""
    return [task for task in tasks if fnmatchcase(task.name, pattern)]


def known_by_words(value: Any) -> str | None:
    """The words of a fact that is known by them alone."""
    match value:
        case {"words": str(words), **rest} if not rest:
            return words
        case _:
            return None
