"""Which fields of a call a log line may name."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from checkout_schemas.published import definition, folder
from checkout_schemas.requests.preview_checkout import PreviewCheckout


@cache
def known_paths() -> frozenset[str]:
    """Every path of the published request schemas, with ``[]`` for an index."""
    found: set[str] = set()

    def walk(schema: Mapping[str, Any], path: str) -> None:
        found.add(path)
        for name, each in schema.get("properties", {}).items():
            walk(each, f"{path}.{name}" if path else name)
        if "items" in schema:
            walk(schema["items"], f"{path}[]")

    for name in (file.name for file in folder().iterdir()):
        if name.endswith(".json"):
            walk(definition(name.removesuffix(".json"))["inputSchema"], "")
    return frozenset(found - {""} | PreviewCheckout.model_fields.keys())  # those that are taken and not published, too


def known_part(path: str) -> str | None:
    """A path as far as the schemas know it: ``metadata.jane`` as ``metadata``; None where they know nothing of it.

    An index is a place in the caller's list, and no more than three digits of it are shown.
    """
    while path and re.sub(r"\[[0-9]{1,3}\]", "[]", path) not in known_paths():
        path = path[: max(path.rfind("."), path.rfind("["), 0)]
    return path or None
