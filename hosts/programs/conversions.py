"""Runs converters over the published tools, and prints what each makes of each: a schema, or an error; and warnings."""

import json
import logging
import sys
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

TOOLS: list[dict[str, Any]] = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))["tools"]

Converter = Callable[[Mapping[str, Any]], Any]
"""From a published tool to the JSON Schema of its arguments that a model provider is sent."""


class _Heard(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


def print_conversions(converters: Mapping[str, Converter]) -> None:
    """Print a row for each converter and tool. A warning of a converter is what it logs or warns of."""
    heard = _Heard()
    logging.getLogger().addHandler(heard)
    rows: list[dict[str, Any]] = []
    for name, convert in converters.items():
        for tool in TOOLS:
            heard.messages.clear()
            row: dict[str, Any] = {"converter": name, "tool": tool["name"], "schema": None, "error": None}
            with warnings.catch_warnings(record=True) as warned:
                warnings.simplefilter("always")
                try:
                    row["schema"] = convert(tool)
                except Exception as error:
                    row["error"] = f"{type(error).__name__}: {error}"
            row["warnings"] = sorted({*heard.messages, *(str(warning.message) for warning in warned)})
            rows.append(row)
    json.dump(rows, sys.stdout, default=str)
