"""The log: one event a line on stderr, with fields from a declared list.

Third-party records come out as logger and level only, since their text can hold what the buyer typed.
"""

import json
import logging
import sys
import time
from typing import Any

EVENT_LOGGER = "checkout"

FIELDS = frozenset(
    {
        "tool", "preview_id", "session_id", "environment", "currency", "total", "code", "error_id", "error_type",
        "frames", "status", "request_id", "transport", "count",
    }
)  # fmt: skip
"""Every field that an event may have."""


class _JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created)),
            "level": record.levelname,
            "logger": record.name,
        }
        if record.name == EVENT_LOGGER:
            line |= getattr(record, "event_fields", {})
        return json.dumps(line, ensure_ascii=True)


def install_logging(level: str) -> None:
    """Install the only handler of the process. Called before the SDK, which otherwise installs its own."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonLines())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.raiseExceptions = False  # handleError would print the arguments of a record
    for noisy in ("mcp", "httpx2", "httpcore2", "uvicorn", "aiosqlite", "asyncio"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, logging.getLogger().level))


def emit(event: str, *, level: int = logging.INFO, **fields: str | int | list[str] | None) -> None:
    """Log one event. Unknown fields are a programming error.

    Raises:
        KeyError: for a field that is not declared.
    """
    unknown = fields.keys() - FIELDS
    if unknown:
        raise KeyError(", ".join(sorted(unknown)))
    known = {name: value for name, value in fields.items() if value is not None}
    logging.getLogger(EVENT_LOGGER).log(level, event, extra={"event_fields": {"event": event, **known}})


def frames(error: BaseException) -> list[str]:
    """Where an exception was raised: file, line and function, without text, locals or arguments."""
    places: list[str] = []
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        places.append(f"{code.co_filename.replace(chr(92), '/').rpartition('/')[2]}:{trace.tb_lineno}:{code.co_name}")
        trace = trace.tb_next
    return places[-8:]
