"""The trace that a request to the payment API belongs to (W3C Trace Context).

Without a collector nothing is recorded, and the trace of whoever called is passed on all the same.
"""

from collections.abc import Generator
from contextlib import contextmanager

from opentelemetry.trace import (
    Span,
    SpanKind,
    StatusCode,
    format_span_id,
    format_trace_id,
    get_current_span,
    get_tracer,
)

from checkout_server.privacy.vocabulary.fields import Failure, Method

_tracer = get_tracer("dodo-checkout-mcp")


@contextmanager
def request_span(method: Method, route: str | None) -> Generator[Span]:
    """A span for one request, which its header then names as the parent."""
    with _tracer.start_as_current_span(
        f"{method} {route}",
        kind=SpanKind.CLIENT,
        attributes={"http.request.method": method} | ({"url.template": route} if route else {}),
        record_exception=False,
        set_status_on_exception=False,
    ) as span:
        yield span


def tell_status(span: Span, status: int | None, failure: Failure | None = None) -> None:
    """Let a span say how its request ended."""
    if status is not None:
        span.set_attribute("http.response.status_code", status)
    if failure is not None:
        span.set_attribute("error.type", failure)
        span.set_status(StatusCode.ERROR)


def traceparent() -> str | None:
    """The header for a request that is made now; None outside of a trace.

    Neither ``tracestate`` nor ``baggage``: both are whatever the caller wrote.
    """
    context = get_current_span().get_span_context()
    if not context.is_valid:
        return None
    return f"00-{format_trace_id(context.trace_id)}-{format_span_id(context.span_id)}-{context.trace_flags:02x}"
