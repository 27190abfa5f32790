"""The contract on disk, as the server publishes it.

``schemas/json/`` is generated from the models and compared with them in a test. Reading it takes a tenth of the time
of generating it, and start-up counts.
"""

import json
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any


def folder() -> Traversable:
    """Inside the package in a wheel, beside it in the source tree."""
    packaged = files("checkout_schemas").joinpath("json")
    return packaged if packaged.is_dir() else Path(__file__).parents[1] / "json"


@cache
def definition(tool: str) -> dict[str, Any]:
    """A tool's name, title, description, annotations, inputSchema and outputSchema."""
    return json.loads(folder().joinpath(f"{tool}.json").read_text(encoding="utf-8"))
