"""The trace of a caller goes on to the payment API, and nothing else that the caller wrote beside it."""

import base64
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from checkout_server.gateway.tracing import traceparent
from checkout_server.sandbox.app import create_app
from checkout_server.sandbox.listener import running_app
from checkout_server.sandbox.sessions import Sandbox
from collector import running_collector
from processes import server_environment
from served import running_serve

SECRET = "hunter2"
TRACE, PARENT = "ab" * 16, "cd" * 8
SENT = f"00-{TRACE}-{PARENT}-01"
CART = {"product_cart": [{"product_id": "prod_ebook_guide", "quantity": 1}]}
WORDS = {"tracestate": f"buyer={SECRET}", "baggage": f"buyer={SECRET}"}


Quoted = Callable[..., Awaitable[dict[str, str]]]


@asynccontextmanager
async def listening_api() -> AsyncGenerator[tuple[str, list[dict[str, str]]]]:
    """A payment API, and the headers of what was asked for a price."""
    heard: list[dict[str, str]] = []
    app = create_app(Sandbox())

    async def listen(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and scope["path"] == "/checkouts/preview":
            heard.append({name.decode(): value.decode() for name, value in scope["headers"]})
        await app(scope, receive, send)

    async with running_app(listen) as url:
        yield url, heard


@asynccontextmanager
async def selling(folder: Path, **environment: str) -> AsyncGenerator[Quoted]:
    """A server, and a function that asks it for a quote with these headers, or this ``_meta``; it returns the headers
    with which the payment API was asked."""
    async with listening_api() as (url, heard), AsyncExitStack() as stack:
        settings = server_environment(folder / "ledger.db", url, **environment)
        server = await stack.enter_async_context(running_serve(settings))

        async def quoted(era: Any = "auto", *, headers: Any = None, meta: Any = None) -> dict[str, str]:
            heard.clear()
            async with (
                httpx2.AsyncClient(trust_env=False, headers=headers, timeout=30) as http,
                Client(streamable_http_client(server.urls["mcp"], http_client=http), mode=era) as client,
            ):
                result = await client.call_tool("preview_checkout", CART, meta=meta)
                assert not result.is_error
            [asked] = heard
            assert SECRET not in str(asked)
            return asked

        yield quoted


@pytest.mark.requirement("telemetry.trace")
async def test_a_trace_is_passed_on_in_both_eras_and_that_of_a_call_before_that_of_its_request(tmp_path: Path) -> None:
    other = f"00-{'12' * 16}-{'34' * 8}-01"
    async with selling(tmp_path) as quoted:
        for era in ("auto", "legacy"):
            in_headers = await quoted(era, headers={"traceparent": SENT} | WORDS)
            in_call = await quoted(era, headers={"traceparent": other}, meta={"traceparent": SENT} | WORDS)
            for asked in (in_headers, in_call):
                assert asked["traceparent"] == SENT
                assert asked.keys().isdisjoint(WORDS)


@pytest.mark.requirement("telemetry.trace")
async def test_what_is_no_trace_is_not_passed_on(tmp_path: Path) -> None:
    async with selling(tmp_path) as quoted:
        for sent in ("", "00-xyz-1-01", f"00-{'0' * 32}-{PARENT}-01", SECRET):
            assert "traceparent" not in await quoted(headers={"traceparent": sent}), sent


@pytest.mark.requirement("telemetry.trace")
async def test_with_a_collector_the_payment_api_is_called_from_a_span_of_the_same_trace(tmp_path: Path) -> None:
    with running_collector() as collector:
        async with selling(tmp_path, OTEL_EXPORTER_OTLP_ENDPOINT=collector.url) as quoted:
            asked = await quoted(headers={"traceparent": SENT})
    [request] = [span for span in collector.spans if span["name"] == "POST /checkouts/preview"]
    trace_id, span_id = (base64.b64decode(request[name]).hex() for name in ("traceId", "spanId"))
    assert trace_id == TRACE
    assert asked["traceparent"] == f"00-{TRACE}-{span_id}-01"
    assert {each["key"]: next(iter(each["value"].values())) for each in request["attributes"]} == {
        "http.request.method": "POST", "http.response.status_code": "200", "url.template": "/checkouts/preview",
    }  # fmt: skip


@pytest.mark.requirement("telemetry.trace")
def test_outside_of_a_trace_nothing_is_sent() -> None:
    assert traceparent() is None
