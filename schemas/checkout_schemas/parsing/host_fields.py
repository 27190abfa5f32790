"""Fields that hosts add to a call after the model wrote it, and that no model can leave out.

They are dropped at the top level and by their exact name. Any other unknown field stays a problem of the call: it is
most often a field that was meant.
"""

import re
from collections.abc import Mapping
from typing import Any

from checkout_schemas.contract_model import RequestModel, is_unset
from checkout_schemas.errors import Problem

_N8N = "https://github.com/n8n-io/n8n/issues/21500, .../21716, .../37308; makenotion/notion-mcp-server/issues/146"

HOST_FIELDS: dict[str, str] = {
    "toolCallId": _N8N,
    "sessionId": _N8N,
    "action": _N8N,
    "chatInput": _N8N,
    "tool": _N8N,
}
"""By name, with the reports of them."""


def without_host_fields(arguments: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The arguments that the model wrote, and the names of what its host added."""
    kept = {name: value for name, value in arguments.items() if name not in HOST_FIELDS}
    return kept, [name for name in arguments if name in HOST_FIELDS]


def ignored_fields(model: type[RequestModel], kept: Mapping[str, Any], ignored: list[str]) -> list[Problem]:
    """What a refused call is told of its dropped fields: one of them may have been meant, where its like is missing."""
    fields = {name: snake_case(name) for name in ignored}
    return [
        Problem(
            path=name,
            problem="was ignored",
            suggestion=f"the field is {field}"
            if field in model.model_fields and is_unset(kept.get(field))
            else "nothing to do: your client added it",
        )
        for name, field in fields.items()
    ]


def snake_case(name: str) -> str:
    """``lineItems``, ``LineItems``, ``line-items`` and ``line items`` as ``line_items``."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().replace("-", "_").replace(" ", "_")
