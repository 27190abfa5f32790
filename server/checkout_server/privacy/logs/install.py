"""The one place that makes this process keep quiet about buyers: before the SDK is imported, on every command."""

import logging
import os
import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack
from typing import NoReturn

from checkout_server.privacy.logs import hooks, stderr, third_party
from checkout_server.privacy.logs.lines import Form, output

FLUSH_SECONDS = 1.0
"""How long a stopping process waits for a collector of spans, or of metrics."""

_endings = ExitStack()


def install_logging() -> None:
    """Install every layer. The log goes to stderr, at INFO until ``set_level``."""
    stderr.install()
    hooks.install()
    third_party.install()
    set_level("INFO")


def set_level(level: str, form: Form | None = None) -> None:
    """Set what is logged, and its form when that is not the stream's to say.

    Other libraries are heard below WARNING at DEBUG only: little of it is on the list, and it costs much.
    """
    own = logging.getLevelNamesMapping()[level]
    logging.root.setLevel(own if own == logging.DEBUG else max(own, logging.WARNING))
    output.level = own
    output.form = form or output.form


def before_end(shut_down: Callable[[], object]) -> None:
    """Have something sent before the process ends. A collector that does not answer must not keep it."""

    def send() -> None:
        sending = threading.Thread(target=shut_down, daemon=True)
        sending.start()
        sending.join(FLUSH_SECONDS)

    _endings.callback(send)


def finish() -> None:
    """Tell what is left to tell. Not left to ``atexit``: Python 3.12 starts no thread any more by then."""
    _endings.close()
    sys.stderr.flush()


def leave(code: int) -> NoReturn:
    """End the process at once, with what is left to tell told."""
    finish()
    os._exit(code)
