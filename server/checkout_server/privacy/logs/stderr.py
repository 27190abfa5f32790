"""A guard around stderr: our lines go out through a private descriptor, all other text is only counted.

Descriptor 2 itself is turned to the null device. What was captured before, C code, ``faulthandler`` and children that
inherit it write there.
"""

import io
import os
import sys
import threading
import time
from contextlib import suppress
from typing import Any, BinaryIO, Literal, TextIO, cast

from checkout_server.privacy.logs.events import line_of
from checkout_server.privacy.logs.lines import output
from checkout_server.privacy.personal_values.tripwire import in_flight

QUIET_SECONDS = 1.0
"""How long text is only counted after an event about text: a traceback printed by lines is not one event each."""

LOOKED_AT = 16_384
"""Bytes of what is written at once that are looked through for personal values. Nothing of it is shown either way."""

_EVENTS = {"stderr": "stderr.text", "stdout": "stdout.text"}
_DESCRIPTORS = {"stdout": 1, "stderr": 2}


class Counter(io.RawIOBase):
    """Takes text and tells how much there was."""

    def __init__(self, name: Literal["stderr", "stdout"]) -> None:
        super().__init__()
        self._name = name
        self._lock = threading.RLock()
        self._lines = self._bytes = 0
        self._personal = False
        self._told = float("-inf")

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return _DESCRIPTORS[self._name]

    def write(self, data: Any, /) -> int:
        content = bytes(data)
        with self._lock:
            self._bytes += len(content)
            self._lines += content.count(b"\n")
            self._personal = self._personal or in_flight.holds(content[:LOOKED_AT].decode("utf-8", "replace"))
            if content.endswith(b"\n") and time.monotonic() - self._told >= QUIET_SECONDS:
                self.flush()
        return len(content)

    def flush(self) -> None:
        """Tell what has been counted."""
        with self._lock:
            lines, size, personal = self._lines, self._bytes, self._personal
            self._lines, self._bytes, self._personal = 0, 0, False
            if not size:
                return
            self._told = time.monotonic()
        event, place = ("privacy.withheld", {"where": self._name}) if personal else (_EVENTS[self._name], {})
        output.write(line_of(event, {"lines": lines, "bytes": size} | place))


def install() -> None:
    """Take stderr: open the log's stream on a copy of its descriptor and put the guard in its place."""
    if output.stream is None:
        _fill_standard_descriptors()
        output.open(_private_copy(2))
    sys.stderr = sys.__stderr__ = guard_of("stderr")


def take_stdout() -> None:
    """Do the same to stdout, for a server whose protocol goes elsewhere."""
    _private_copy(1)
    sys.stdout = sys.__stdout__ = guard_of("stdout")


def guard_of(name: Literal["stderr", "stdout"]) -> io.TextIOWrapper:
    """A text stream that only counts; the interpreter flushes it at its end."""
    return io.TextIOWrapper(Counter(name), encoding="utf-8", errors="backslashreplace", write_through=True)  # pyright: ignore[reportArgumentType] - TextIOWrapper asks for less than its type says


def _fill_standard_descriptors() -> None:
    """Lead closed ones nowhere. A socket or the event loop would get their numbers, and what anybody prints."""
    while (opened := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(opened)


def _private_copy(descriptor: int) -> BinaryIO | None:
    """The stream behind a standard descriptor, which then leads nowhere; None when it is closed."""
    with suppress(OSError, ValueError):
        if (present := {1: sys.stdout, 2: sys.stderr}[descriptor]) is not None:
            present.flush()
    try:
        copy = os.dup(descriptor)
        nowhere = os.open(os.devnull, os.O_WRONLY)
    except OSError:
        return None
    os.dup2(nowhere, descriptor)
    os.close(nowhere)
    return os.fdopen(copy, "wb")


def child_log() -> TextIO:
    """Where a server that this process starts may log: its lines are made like ours."""
    return sys.stderr if output.stream is None else cast(TextIO, output.stream)
