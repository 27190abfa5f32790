"""The published input schemas, as a judge of what the log says of a call. Knows nothing of how the product looks."""

import re
from typing import Any

from checkout_schemas.published import definition


def published_part(tool: str, path: str) -> str | None:
    """A path as far as the tool's published schema has it."""
    node: Any = definition(tool)["inputSchema"]
    kept = ""
    for part in re.findall(r"[^.\[\]]+|\[\d+\]", path):
        node = node.get("items") if part.startswith("[") else node.get("properties", {}).get(part)
        if node is None:
            break
        kept += part if part.startswith("[") or not kept else f".{part}"
    return kept or None


def published_parts(tool: str, paths: list[str]) -> list[str]:
    return list(dict.fromkeys(part for path in paths if (part := published_part(tool, path)) is not None))
