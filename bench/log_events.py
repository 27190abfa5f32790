"""Cost of a log line: our event with all layers on, against a JSON line through plain logging, and of a disabled level.

Interleaved in one run, each to a file of its own; prints the medians in microseconds and their ratio.

    uv run python bench/log_events.py [--rounds 40]
"""

import argparse
import json
import logging
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from checkout_server.privacy.logs import install
from checkout_server.privacy.logs.events import emit
from checkout_server.privacy.logs.lines import output

EVENTS = 500
"""In each round."""


class PlainJson(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        fields: dict[str, Any] = getattr(record, "fields", {})
        head = {"time": self.formatTime(record), "level": record.levelname, "logger": record.name}
        return json.dumps(head | {"event": record.getMessage()} | fields)


def microseconds(log: Callable[[], object]) -> float:
    """Of one call, over a round."""
    started = time.perf_counter()
    for _ in range(EVENTS):
        log()
    return (time.perf_counter() - started) / EVENTS * 1e6


def nothing() -> None:
    return


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=40)
    rounds = parser.parse_args().rounds
    fields: dict[str, Any] = {
        "tool": "preview_checkout",
        "code": "ok",
        "duration_ms": 41,
        "environment": "test_mode",
        "preview_id": "prv_AbCdEfGhIjKlMnOpQrStUv",
    }
    with tempfile.TemporaryDirectory() as folder:
        plain_handler = logging.FileHandler(Path(folder) / "plain")
        plain_handler.setFormatter(PlainJson())
        plain = logging.Logger("plain", logging.INFO)
        plain.addHandler(plain_handler)

        shown = os.fdopen(os.dup(1), "w")
        handle, handler_handle = logging.Logger.handle, logging.Handler.handle
        call_handlers = logging.Logger.callHandlers
        install.install_logging()
        seam = logging.Logger.handle, logging.Handler.handle, logging.Logger.callHandlers
        output.open(open(Path(folder) / "ours", "wb"))  # noqa: SIM115, PTH123 - closed with the process

        def through_plain_logging() -> float:
            # Without our seam, which would rewrite the line.
            logging.Logger.handle, logging.Handler.handle = handle, handler_handle
            logging.Logger.callHandlers = call_handlers
            try:
                return microseconds(lambda: plain.info("tool.finished", extra={"fields": fields}))
            finally:
                logging.Logger.handle, logging.Handler.handle, logging.Logger.callHandlers = seam

        def disabled() -> float:
            output.level = logging.WARNING
            try:
                return microseconds(lambda: emit("tool.finished", **fields))
            finally:
                output.level = logging.INFO

        measured = {
            "event at INFO, all layers": lambda: microseconds(lambda: emit("tool.finished", **fields)),
            "plain logging, JSON line": through_plain_logging,
            "third-party record at WARNING": lambda: microseconds(lambda: foreign.warning("Task failed")),
            "event at a disabled level": disabled,
            "an empty function": lambda: microseconds(nothing),
        }  # fmt: skip
        foreign = logging.getLogger("asyncio")
        taken: dict[str, list[float]] = {name: [] for name in measured}
        for _ in range(rounds):
            for name, measure in measured.items():
                taken[name].append(measure())
        medians = {name: statistics.median(values) for name, values in taken.items()}
        for name, median in medians.items():
            print(f"{name:<32} {median:8.2f} µs", file=shown)
        ratio = medians["event at INFO, all layers"] / medians["plain logging, JSON line"]
        print(f"{'ratio of the first two':<32} {ratio:8.2f}", file=shown, flush=True)


if __name__ == "__main__":
    main()
