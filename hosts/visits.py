"""A host's visit to a shop, and what the tests ask of it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from answers import Answer
from clients import Handed, Host


@dataclass(frozen=True, slots=True)
class Visit:
    """What a host handed to its model, and what the fresh previews that it handed over sell for, by channel."""

    handed: Handed
    sold_fresh: dict[str, list[int]]


VisitOf = Callable[[Host], Awaitable[Visit]]
AnswersTo = Callable[[Host], Awaitable[dict[str, Answer]]]
