"""The messages of other libraries that are worth keeping, and which of their arguments are safe.

A key is the first line of a record's unformatted message, exactly as the library has it in its source. A value says in
which field each argument may stand, checked there like any other; None is never shown.
"""

from collections.abc import Mapping
from typing import Any

TEMPLATES: dict[str, tuple[str | None, ...]] = {
    'HTTP Request: %s %s "%s %d %s"': ("method", "route", None, "status", None),
    '%s - "%s %s HTTP/%s" %d': (None, "method", "route", None, "status"),
    "ASGI callable returned without completing response.": (),
    "ASGI callable returned without starting response.": (),
    "Application shutdown failed. Exiting.": (),
    "Application startup failed. Exiting.": (),
    "Cancel %s running task(s), timeout graceful shutdown exceeded": ("count",),
    "Error handling POST request": (),
    "Error in SSE writer": (),
    "Error in message router": (),
    "Error in standalone SSE response": (),
    "Exception in 'lifespan' protocol": (),
    "Exception in ASGI application": (),
    "Future exception was never retrieved": (),
    "Invalid HTTP request received.": (),
    "Mcp-Param header validation skipped: the tools/list listing failed": (),
    "SSE response error": (),
    "Task exception was never retrieved": (),
    "Task was destroyed but it is pending!": (),
    "Tool %r failed: %r": ("tool", None),
    "Tool %r raised an unexpected exception": ("tool",),
    "Tool %r rejected arguments: %r": ("tool", None),
    "Unsupported upgrade request.": (),
    "dropped %r: malformed params": ("rpc_method",),
    "dropped %r: not defined at %s": ("rpc_method", None),
    "dropped %s: received before initialization": ("rpc_method",),
    "handler for %r raised": ("rpc_method",),
    "handler for %r returned an invalid result": ("rpc_method",),
    "modern request handler raised": (),
    "no handler for notification %s": ("rpc_method",),
    "notification handler for %r raised": ("rpc_method",),
    "read stream closed by transport; treating as EOF": (),
    "refusing to seal requestState on %s: %s": ("rpc_method", None),
    "request handler raised": (),
    "requestState codec raised during seal on %s": ("rpc_method",),
    "requestState codec raised during unseal on %s": ("rpc_method",),
    "requestState rejected on %s: %s": ("rpc_method", None),
    "transport yielded exception: %r": (None,),
    "unhandled exception during asyncio.run() shutdown": (),
}


def arguments_of(template: str, fields: Mapping[str, Any]) -> tuple[Any, ...]:
    """As many arguments as a template takes: formatters that unpack them, like uvicorn's, must not fail."""
    letters = (part[0] for part in template.split("%")[1:])
    return tuple(
        fields.get(name or "", 0 if letter == "d" else "-")
        for name, letter in zip(TEMPLATES[template], letters, strict=True)
    )
