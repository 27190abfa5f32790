"""What to call, read from the file named on the command line; and what the model was handed, printed as JSON."""

import json
import sys
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

PLAN: dict[str, Any] = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
SERVER: dict[str, Any] = PLAN["server"]
"""Command, arguments and environment of our server."""

HandOver = Callable[[str, Mapping[str, Any]], Awaitable[Mapping[str, Any]]]


async def report(hand_over: HandOver) -> None:
    """Make every call of the plan. What is handed to the model stands by channel; an error is handed as its text."""
    handed: dict[str, Mapping[str, Any]] = {}
    for call in PLAN["calls"]:
        try:
            handed[call["name"]] = await hand_over(call["tool"], call["arguments"])
        except Exception as error:
            handed[call["name"]] = {"error": str(error)}
    json.dump(handed, sys.stdout)
