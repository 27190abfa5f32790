"""The channels by name, and what several of them use."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

CHANNELS: dict[str, tuple[Callable[[str], Any], dict[str, Any]]] = {}
"""Name → what leaks, and what must be told of it all the same."""


def channel(event: str = "library.logged", **fields: Any) -> Callable[[Callable[[str], Any]], Callable[[str], Any]]:
    def register(function: Callable[[str], Any]) -> Callable[[str], Any]:
        CHANNELS[function.__name__] = (function, {"event": event, **fields})
        return function

    return register


def silent(function: Callable[[str], Any]) -> Callable[[str], Any]:
    """A channel of which nothing is told."""
    CHANNELS[function.__name__] = (function, {})
    return function


def secret_of(name: str) -> str:
    """An identifier, so that it can be a name of anything."""
    return f"hunter2_{list(CHANNELS).index(name):02}_secret"


class Seen(logging.Handler):
    """A handler that somebody else added. It writes down all that it can reach."""

    folder = Path()

    def emit(self, record: logging.LogRecord) -> None:
        text = logging.Formatter("%(message)s %(name)s %(threadName)s %(pathname)s").format(record)
        with (self.folder / "seen").open("a") as file:
            file.write(f"{text} {vars(record)!r}\n")


library = logging.getLogger("pydantic")


def crashed(secret: str) -> Exception:
    """An exception that has been raised, with a cause, a note and locals."""
    try:
        try:
            raise KeyError(secret)
        except KeyError as cause:
            raise ValueError(f"{secret} is wrong") from cause
    except ValueError as error:
        error.add_note(secret)
        return error
