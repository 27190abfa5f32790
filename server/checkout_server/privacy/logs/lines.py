"""The lines of the log and the stream they go to: JSON, or readable on a terminal, with the same fields."""

import json
import logging
import select
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, BinaryIO, Literal

Form = Literal["json", "text"]

STALL_SECONDS = 1.0
"""How long a reader that takes no more may hold up a line, and with it every call; then lines are lost and counted."""

_NAMES = {
    logging.DEBUG: "DEBUG", logging.INFO: "INFO", logging.WARNING: "WARNING", logging.ERROR: "ERROR",
    logging.CRITICAL: "CRITICAL",
}  # fmt: skip


_encoded = json.JSONEncoder(separators=(",", ":")).encode  # json.dumps would make an encoder for each line


@dataclass(frozen=True, slots=True)
class Line:
    """One event. ``fields`` have been checked."""

    created: float
    """Epoch seconds."""
    level: int
    logger: str
    event: str
    fields: Mapping[str, Any]


def level_name(level: int) -> str:
    """The standard name at or below a level; others may have given levels names of their own."""
    return _NAMES.get(level) or next((name for bound, name in reversed(_NAMES.items()) if level >= bound), "DEBUG")


def as_json(line: Line) -> str:
    """One JSON object: time, level, logger, event, then its fields."""
    head = {"time": _time(line), "level": level_name(line.level), "logger": line.logger, "event": line.event}
    return _encoded(head | dict(line.fields))


def as_text(line: Line) -> str:
    """The same for a person's eyes."""
    fields = {"logger": line.logger} | dict(line.fields)
    shown = (f"{name}={_word(value)}" for name, value in fields.items())
    return f"{_time(line)} {level_name(line.level):<8} {line.event:<18} {' '.join(shown)}"


def _time(line: Line) -> str:
    return datetime.fromtimestamp(line.created, UTC).isoformat(timespec="milliseconds")[:23] + "Z"


def _word(value: Any) -> str:
    text = value if isinstance(value, str) else _encoded(value)
    return text if " " not in text else json.dumps(text)


@dataclass(slots=True)
class Output:
    """Where lines go. Nothing is written before a stream is opened."""

    stream: BinaryIO | None = None
    form: Form = "json"
    level: int = logging.INFO
    lock: threading.RLock = field(default_factory=threading.RLock)
    observers: list[Callable[[Line], None]] = field(default_factory=list[Callable[[Line], None]])
    """Who is shown every line, also one that the level keeps from being written: what is counted does not depend on
    what is read."""
    lost: int = 0
    """Lines since the reader took none."""
    _room: "select.poll | None" = None

    def open(self, stream: BinaryIO | None) -> None:
        """Take the stream; readable lines are for a terminal."""
        self.stream = stream
        self.form = "text" if stream is not None and stream.isatty() else "json"
        self.lost, self._room = 0, None
        with suppress(AttributeError, OSError, ValueError):  # Windows has no poll, and not every stream a descriptor
            room = select.poll()
            if stream is not None:
                room.register(stream.fileno(), select.POLLOUT)
                self._room = room

    def write(self, line: Line) -> None:
        """Show an event to the observers, and write it if its level is high enough."""
        for observe in self.observers:
            with suppress(Exception):  # as a line that cannot be written, one that cannot be counted stops no sale
                observe(line)
        if self.stream is not None and line.level >= self.level:
            self.say(as_text(line) if self.form == "text" else as_json(line))

    def say(self, text: str) -> None:
        """Write a line as it is. A reader that is gone, or takes nothing more, does not stop a sale."""
        stream = self.stream
        if stream is None:
            return
        with self.lock:
            try:
                if not self._has_room():
                    self.lost += 1
                    return
                if self.lost:
                    fields, self.lost = {"count": self.lost}, 0
                    self.write(Line(time.time(), logging.WARNING, "checkout", "logging.lines_lost", fields))
                stream.write(text.encode("utf-8", "backslashreplace") + b"\n")
                stream.flush()
            except (OSError, ValueError):
                self.lost += 1

    def _has_room(self) -> bool:
        """Whether a line can be written without waiting: some clients never read what a server logs."""
        return self._room is None or bool(self._room.poll(0 if self.lost else STALL_SECONDS * 1000))


output = Output()
"""Of this process."""


def say(sentence: str) -> None:
    """Print a sentence of our own words on stderr, for a person."""
    if output.stream is None:
        print(sentence, file=sys.stderr, flush=True)  # noqa: T201 - stderr, and no log line
    else:
        output.say(sentence)
