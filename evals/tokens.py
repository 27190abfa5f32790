"""How many tokens a model is shown."""

import json
from collections.abc import Iterable
from typing import Any

from evals.world import Tool


def count_tokens(shown: Any) -> int:
    """Of a value as compact JSON, in o200k."""
    import bpe_openai  # pyright: ignore[reportMissingTypeStubs] - it has none; it takes a second to load

    text = json.dumps(shown, ensure_ascii=False, separators=(",", ":"))
    return len(list(bpe_openai.get_encoding("o200k_base").encode(text)))


def shown_of(tools: Iterable[Tool]) -> list[dict[str, Any]]:
    """What hosts show a model of the tools: never the outputs' schemas."""
    return [{"name": tool.name, "description": tool.description, "inputSchema": tool.schema} for tool in tools]
