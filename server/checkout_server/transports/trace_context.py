"""The trace of whoever sent an HTTP request (W3C Trace Context), for what a call does."""

from opentelemetry.context import attach, detach
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

_W3C = TraceContextTextMapPropagator()


def in_trace_of_caller(app: ASGIApp) -> ASGIApp:
    """The application, with each request in the trace that its ``traceparent`` names.

    A ``traceparent`` in a call's ``_meta`` goes before it. ``tracestate`` and ``baggage`` are left out: they are
    whatever the caller wrote, and nothing here needs them.
    """

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        parent = Headers(scope=scope).get("traceparent") if scope["type"] == "http" else None
        if parent is None:
            await app(scope, receive, send)
            return
        token = attach(_W3C.extract({"traceparent": parent}))
        try:
            await app(scope, receive, send)
        finally:
            detach(token)

    return answer
