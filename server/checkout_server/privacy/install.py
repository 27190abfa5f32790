"""The one place that makes this process keep quiet about buyers: before the SDK is imported, on every command."""

import logging

from checkout_server.privacy import hooks, stderr, third_party
from checkout_server.privacy.events import LOGGER
from checkout_server.privacy.lines import Form, output


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
    logging.getLogger(LOGGER).setLevel(own)
    logging.root.setLevel(own if own == logging.DEBUG else max(own, logging.WARNING))
    output.level = own
    output.form = form or output.form
