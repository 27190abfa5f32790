"""The allow-list in front of the exporter, under spans that say too much."""

from contextlib import suppress

import pytest
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import Link, SpanContext, StatusCode, TraceFlags, TraceState

from checkout_server.privacy.logs.spans import AllowListExporter, span_name

SECRET = "hunter2"


def exported(name: str, **attributes: str) -> ReadableSpan:
    """What leaves of a span that holds a secret wherever one fits."""
    memory = InMemorySpanExporter()
    provider = TracerProvider(resource=Resource({"buyer": SECRET}), shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(AllowListExporter(memory)))
    linked = SpanContext(1, 2, is_remote=True, trace_flags=TraceFlags(1), trace_state=TraceState([("buyer", SECRET)]))
    tracer = provider.get_tracer(SECRET)
    links = [Link(linked, {"buyer": SECRET})]
    with suppress(ValueError), tracer.start_as_current_span(name, attributes=attributes, links=links) as span:
        span.add_event(SECRET, {"buyer": SECRET})
        span.set_status(StatusCode.ERROR, SECRET)
        raise ValueError(SECRET)
    provider.shutdown()
    [left] = memory.get_finished_spans()
    return left


@pytest.mark.requirement("privacy.spans")
def test_a_span_keeps_known_words_and_its_times() -> None:
    span = exported(
        "tools/call list_products",
        **{"gen_ai.tool.name": "list_products", "mcp.method.name": "tools/call", "jsonrpc.request.id": "7"},
    )
    assert span.name == "tools/call list_products"
    assert span.attributes == {
        "gen_ai.tool.name": "list_products", "mcp.method.name": "tools/call", "jsonrpc.request.id": "7",
    }  # fmt: skip
    assert span.status.status_code is StatusCode.ERROR
    assert span.start_time is not None
    assert span.end_time is not None
    assert [link.context.span_id for link in span.links] == [2]


@pytest.mark.requirement("privacy.spans")
def test_a_span_loses_all_else() -> None:
    attributes = dict.fromkeys(["gen_ai.tool.name", "error.type", "jsonrpc.request.id", "buyer", SECRET], SECRET)
    span = exported(f"tools/call {SECRET}", **attributes)
    assert SECRET not in span.to_json()
    assert (span.name, dict(span.attributes or {}), list(span.events)) == ("tools/call", {}, [])
    assert all(not link.attributes and not link.context.trace_state for link in span.links)


@pytest.mark.requirement("privacy.spans")
@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("MCP send elicitation/create", "MCP send elicitation/create"),
        ("prompts/get sell_a_product", "prompts/get sell_a_product"),
        (f"prompts/get {SECRET}", "prompts/get"),
        (SECRET, "other"),
        (f"MCP send {SECRET}", "other"),
    ],
)
def test_a_span_is_named_by_known_words(name: str, shown: str) -> None:
    assert span_name(name) == shown
