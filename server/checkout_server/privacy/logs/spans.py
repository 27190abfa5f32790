"""OpenTelemetry spans, with an allow-list in front of the exporter.

The SDK's spans carry the tool name as the client typed it, the request id that the client chose and texts of errors;
the trace state is the client's text as well.
"""

import builtins
from collections.abc import Sequence
from importlib.metadata import version
from importlib.resources import files
from typing import get_args

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Link, SpanContext, Status

from checkout_server.privacy.logs.events import REPLICA, emit
from checkout_server.privacy.vocabulary.checks import CHECKS, Check, matching, one_of
from checkout_server.privacy.vocabulary.fields import Method, ToolName
from checkout_server.privacy.vocabulary.routes import ROUTES, RPC_METHODS

OTHER = "other"
SCOPES = frozenset({"mcp-python-sdk", "dodo-checkout-mcp"})
_REQUESTS = frozenset(f"{method} {route}" for method in get_args(Method) for route in ROUTES)
PROMPTS = frozenset(
    file.name.removesuffix(".md") for file in files("checkout_prompts").iterdir() if file.name.endswith(".md")
) - {"instructions"}
TARGETS = PROMPTS | set(get_args(ToolName))

_exceptions = [name for name, each in vars(builtins).items() if isinstance(each, type) and issubclass(each, Exception)]
_number = matching("-?[0-9]{1,6}")
_named_error = one_of(["tool_error", *_exceptions])

ATTRIBUTES: dict[str, Check] = {
    "error.type": lambda value: _number(value) or _named_error(value) or CHECKS["failure"](value),
    "gen_ai.operation.name": one_of(["execute_tool"]),
    "gen_ai.prompt.name": one_of(PROMPTS),
    "gen_ai.tool.name": CHECKS["tool"],
    "http.request.method": CHECKS["method"],
    "http.response.status_code": CHECKS["status"],
    "jsonrpc.request.id": _number,
    "mcp.method.name": CHECKS["rpc_method"],
    "mcp.protocol.version": matching("20[0-9]{2}-[0-9]{2}-[0-9]{2}"),
    "rpc.response.status_code": _number,
    "url.template": CHECKS["route"],
}


def own_resource() -> Resource:
    """Who sends, without what the environment would add."""
    return Resource(
        {
            "service.name": "dodo-checkout-mcp",
            "service.version": version("dodo-checkout-mcp"),
            "service.instance.id": REPLICA,
        }
    )


class AllowListExporter(SpanExporter):
    """Hands on spans that are made anew from what is on the lists; without events, status texts and trace states."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter
        self._resource = own_resource()

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        return self._exporter.export([self._rebuilt(span) for span in spans])

    def shutdown(self) -> None:
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30000) -> bool:
        return self._exporter.force_flush(timeout_millis)

    def _rebuilt(self, span: ReadableSpan) -> ReadableSpan:
        attributes = span.attributes or {}
        scope = span.instrumentation_scope
        return ReadableSpan(
            name=span_name(span.name),
            context=_stateless(span.context),
            parent=_stateless(span.parent),
            resource=self._resource,
            attributes={k: v for k, v in attributes.items() if k in ATTRIBUTES and ATTRIBUTES[k](v)},
            links=[Link(context) for link in span.links if (context := _stateless(link.context)) is not None],
            kind=span.kind,
            status=Status(span.status.status_code),
            start_time=span.start_time,
            end_time=span.end_time,
            instrumentation_scope=InstrumentationScope(
                scope.name if scope is not None and scope.name in SCOPES else OTHER
            ),
        )


def span_name(name: str) -> str:
    """A span's name as far as it consists of known words: the SDK's, or a request's to the payment API."""
    if name in _REQUESTS:
        return name
    sent = "MCP send " if name.startswith("MCP send ") else ""
    method, _, target = name.removeprefix(sent).partition(" ")
    if method not in RPC_METHODS:
        return OTHER
    return f"{sent}{method} {target}" if target in TARGETS else f"{sent}{method}"


def _stateless(context: SpanContext | None) -> SpanContext | None:
    if context is None:
        return None
    return SpanContext(context.trace_id, context.span_id, context.is_remote, context.trace_flags)


def install() -> TracerProvider:
    """Send spans to the collector that OpenTelemetry's own variables name, until the provider is shut down."""
    provider = TracerProvider(resource=Resource({}), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(AllowListExporter(OTLPSpanExporter())))
    trace.set_tracer_provider(provider)
    if trace.get_tracer_provider() is not provider:
        emit("spans.foreign_provider")
    return provider
