"""Where Python itself prints: crashes of the process and of threads, what cannot be raised, and warnings."""

import faulthandler
import sys
import threading
import warnings
from types import TracebackType
from typing import Any

from checkout_server.privacy.logs.events import emit, line_of, publish
from checkout_server.privacy.logs.tracebacks import place_in, type_name


def install() -> None:
    """Take the interpreter's hooks; each tells type and frames."""
    sys.excepthook = _process_crashed
    threading.excepthook = _thread_crashed
    sys.unraisablehook = _unraisable
    warnings.showwarning = _warned
    # Its dumps name files and functions only, but its stream may be anything.
    faulthandler.disable()


def _process_crashed(_type: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
    emit("process.crashed", error=error)


def _thread_crashed(crash: threading.ExceptHookArgs, /) -> None:
    if not isinstance(crash.exc_value, SystemExit):
        emit("thread.crashed", error=crash.exc_value)


def _unraisable(unraisable: "sys.UnraisableHookArgs", /) -> None:
    emit("python.unraisable", error=unraisable.exc_value)


def _warned(
    message: Warning | str, category: type[Warning], filename: str, lineno: int, file: Any = None, line: Any = None
) -> None:
    publish(line_of("python.warned", {"category": type_name(category), "where": place_in(filename, lineno)}))
