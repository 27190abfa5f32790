"""The seam through which every record of other libraries goes, before any handler can see it.

``Logger.handle`` is where all loggers meet; ``callHandlers`` and ``Handler.handle`` are patched as well for those that
go around it. Root filters, record factories and formatters come too early or too late.
"""

import logging
import sys
from collections.abc import Iterator
from typing import Any, cast

from checkout_server.privacy.logs.events import LOGGER, EventRecord, line_of
from checkout_server.privacy.logs.lines import Line, output
from checkout_server.privacy.logs.tracebacks import place_in
from checkout_server.privacy.personal_values.tripwire import in_flight
from checkout_server.privacy.vocabulary.routes import route_of
from checkout_server.privacy.vocabulary.templates import TEMPLATES

LOGGERS = frozenset(
    {
        "client",
        "httpcore2.connection", "httpcore2.http11", "httpcore2.http2", "httpcore2.proxy", "httpcore2.socks",
        "py.warnings", "root", "uvicorn.access", "uvicorn.asgi", "uvicorn.error",
    }
)  # fmt: skip
"""Known names that are no module's. A logger that a caller made can be named after a buyer."""

_REWRITTEN = "_checkout_rewritten"

_handle = logging.Logger.handle
_call_handlers = logging.Logger.callHandlers
_handle_by_handler = logging.Handler.handle


def install() -> None:
    """Patch the seam. Doing it twice is the same as once."""
    logging.Logger.handle = _logger_handle
    logging.Logger.callHandlers = _logger_call_handlers
    logging.Handler.handle = _handler_handle
    logging.Handler.handleError = _handler_failed
    logging.raiseExceptions = False
    logging.lastResort = None  # it would print once more what has been written already
    if not logging.root.handlers:
        # basicConfig of others then adds none.
        logging.root.addHandler(logging.NullHandler())


def _logger_handle(self: logging.Logger, record: logging.LogRecord) -> None:
    # Filters are others' code, too: they see what handlers see.
    _handle(self, rewritten(record))


def _logger_call_handlers(self: logging.Logger, record: logging.LogRecord) -> None:
    # A new record: a filter may have put into this one what it knows from elsewhere.
    _call_handlers(self, EventRecord(rewritten(record).line))


def _handler_handle(self: logging.Handler, record: logging.LogRecord) -> bool:
    return _handle_by_handler(self, rewritten(record))


def _handler_failed(self: logging.Handler, record: logging.LogRecord) -> None:
    """Somebody's handler failed. Not handed to handlers, or it would fail again; logging's own prints arguments."""
    output.write(line_of("logging.failed", {}, error=sys.exc_info()[1]))


def rewritten(record: logging.LogRecord) -> EventRecord:
    """The record with nothing in it that is not on our lists; written once, as an event.

    An event of ours comes back as it is.
    """
    if type(record) is EventRecord:
        return record
    known = record.__dict__.get(_REWRITTEN)
    if type(known) is EventRecord:
        return known
    try:
        safe = _rewritten(record)
    except Exception:  # noqa: BLE001 - a record can hold anything, and its trouble must not become the caller's
        safe = EventRecord(line_of("library.logged", {}, level=logging.WARNING, logger="other"))
    record.__dict__[_REWRITTEN] = safe
    output.write(safe.line)
    return safe


def _rewritten(record: logging.LogRecord) -> EventRecord:
    level = record.levelno if type(record.levelno) is int else logging.WARNING
    logger = logger_name(record.name)
    template, fields = _known_parts(record)
    error = record.exc_info[1] if isinstance(record.exc_info, tuple) else record.exc_info
    line = line_of(
        "library.logged",
        {"template": template, "where": place_in(record.pathname, record.lineno)} | fields,
        level=level,
        logger=logger,
        error=error if isinstance(error, BaseException) else None,
    )
    if any(in_flight.holds(text) for text in _texts_of(line)):
        return EventRecord(line_of("privacy.withheld", {"where": logger}))
    return EventRecord(line)


def _texts_of(line: Line) -> Iterator[str]:
    """What of a line is made of names of modules and files, which data can have named. The rest are words of our lists
    and of code: looked at, a caller could say one and blank the line."""
    yield line.logger
    places = [line.fields.get("where", ""), *line.fields.get("frames", ())]
    places += [cause.partition(" at ")[2] for cause in line.fields.get("causes", ())]
    yield from (place.partition(":")[0] for place in places)


def logger_name(name: Any) -> str:
    """A logger's name as far as it is a loaded module's or a known one; ``other`` when it is neither."""
    parts = name.split(".") if isinstance(name, str) else []
    for count in range(len(parts), 0, -1):
        shown = ".".join(parts[:count])
        if shown in LOGGERS or (shown in sys.modules and shown != LOGGER):
            return shown
    return "other"


def _known_parts(record: logging.LogRecord) -> tuple[str | None, dict[str, Any]]:
    """A known template and what is safe of its arguments."""
    message = record.msg if isinstance(record.msg, str) else ""
    template = message.partition("\n")[0]
    places = TEMPLATES.get(template)
    if places is None:
        return None, {}
    arguments = cast(tuple[Any, ...], record.args) if isinstance(record.args, tuple) else ()
    return template, {name: _argument(name, value) for name, value in zip(places, arguments, strict=False) if name}


def _argument(name: str, value: Any) -> Any:
    return route_of(str(value)) if name == "route" else value
