"""The one way in which our own code logs: a declared event with declared fields."""

import logging
import secrets
import time
from collections.abc import Mapping
from typing import Any, Unpack

from checkout_server.privacy.logs.lines import Line, level_name, output
from checkout_server.privacy.logs.tracebacks import causes, frames, type_name
from checkout_server.privacy.vocabulary.checks import CHECKS
from checkout_server.privacy.vocabulary.event_names import EVENTS, LEVELS, Event
from checkout_server.privacy.vocabulary.fields import Fields
from checkout_server.privacy.vocabulary.templates import arguments_of

LOGGER = "checkout"
REPLICA = secrets.token_hex(4)
"""Of this process, in its lines about start and stop and in its spans."""

_logger = logging.getLogger(LOGGER)


class EventRecord(logging.LogRecord):
    """An event as a log record, for handlers that others add. All that it holds may be shown.

    It is made of the line alone: of a record's other attributes even the thread's name can be data.
    """

    def __init__(self, line: Line) -> None:
        # Not LogRecord.__init__, which reads names of the thread, the process and the task.
        self.line = line
        self.name = line.logger
        template: str | None = line.fields.get("template")
        self.msg = template or line.event
        self.args = arguments_of(template, line.fields) if template else ()
        self.levelno, self.levelname = line.level, level_name(line.level)
        self.created, self.msecs = line.created, line.created % 1 * 1000
        self.relativeCreated = 0.0
        self.pathname = self.filename = self.module = self.funcName = ""
        self.lineno = 0
        self.exc_info = self.exc_text = self.stack_info = None
        self.process = self.thread = self.threadName = self.processName = None
        self.taskName = None


def emit(event: Event, /, *, error: BaseException | None = None, **fields: Unpack[Fields]) -> None:
    """Log one event, at the event's own level; of ``error`` its type, frames and causes.

    A value that does not fit its field is left out and counted in ``dropped``; logging never fails a sale.
    """
    # By our own level: a logger can be disabled by anybody, with one dictConfig.
    if LEVELS.get(event, logging.INFO) >= output.level:
        publish(line_of(event, fields, error=error))
    elif output.observers:
        output.write(line_of(event, fields, error=error))


def publish(line: Line) -> None:
    """Write a line, and hand it to the handlers that others have added."""
    output.write(line)
    _logger.handle(EventRecord(line))


def line_of(
    event: str,
    fields: Mapping[str, Any],
    *,
    level: int | None = None,
    logger: str = LOGGER,
    error: BaseException | None = None,
) -> Line:
    """A line with what fits of the fields, at the event's own level unless another is given."""
    wanted = {name: value for name, value in fields.items() if value is not None}
    if error is not None:
        wanted |= _described(error)
    fitting = {name: value for name, value in wanted.items() if name in CHECKS and CHECKS[name](value)}
    dropped = len(wanted) - len(fitting) + (event not in EVENTS)
    if dropped:
        fitting["dropped"] = dropped
    return Line(
        created=time.time(),
        level=LEVELS.get(event, logging.INFO) if level is None else level,
        logger=logger,
        event=event if event in EVENTS else "event.undeclared",
        fields=fitting,
    )


def _described(error: BaseException) -> dict[str, Any]:
    try:
        described = {"error_type": type_name(type(error)), "frames": frames(error), "causes": causes(error)}
    except Exception:  # noqa: BLE001 - an exception's class can be any code; this one counts as dropped
        return {"error_type": ""}
    return {name: value for name, value in described.items() if value}
