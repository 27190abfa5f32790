"""The trace of a caller goes on to the payment API, and nothing else that the caller wrote beside it."""

import base64
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
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


async def quoted(folder: Path, era: Any, environment: dict[str, str], *, headers: Any = None, meta: Any = None) -> Any:
    """The headers with which the price was asked for by a call with these headers, or in its ``_meta``."""
    async with listening_api() as (url, heard):
        settings = server_environment(folder / "ledger.db", url, **environment)
        async with (
            running_serve(settings) as server,
            httpx2.AsyncClient(trust_env=False, headers=headers, timeout=30) as http,
            Client(streamable_http_client(server.urls["mcp"], http_client=http), mode=era) as client,
        ):
            result = await client.call_tool("preview_checkout", CART, meta=meta)
            assert not result.is_error
    [asked] = heard
    assert SECRET not in str(asked)
    return asked


@pytest.mark.requirement("telemetry.trace")
@pytest.mark.parametrize("era", ["auto", "legacy"])
async def test_a_trace_in_the_headers_of_a_request_is_passed_on(era: Any, tmp_path: Path) -> None:
    asked = await quoted(tmp_path, era, {}, headers={"traceparent": SENT} | WORDS)
    assert asked["traceparent"] == SENT
    assert asked.keys().isdisjoint(WORDS)


@pytest.mark.requirement("telemetry.trace")
@pytest.mark.parametrize("era", ["auto", "legacy"])
async def test_a_trace_in_a_call_goes_before_one_in_the_headers(era: Any, tmp_path: Path) -> None:
    other = f"00-{'12' * 16}-{'34' * 8}-01"
    asked = await quoted(tmp_path, era, {}, headers={"traceparent": other}, meta={"traceparent": SENT} | WORDS)
    assert asked["traceparent"] == SENT
    assert asked.keys().isdisjoint(WORDS)


@pytest.mark.requirement("telemetry.trace")
@pytest.mark.parametrize("sent", ["", "00-xyz-1-01", f"00-{'0' * 32}-{PARENT}-01", SECRET])
async def test_what_is_no_trace_is_not_passed_on(sent: str, tmp_path: Path) -> None:
    assert "traceparent" not in await quoted(tmp_path, "auto", {}, headers={"traceparent": sent})


@pytest.mark.requirement("telemetry.trace")
async def test_with_a_collector_the_payment_api_is_called_from_a_span_of_the_same_trace(tmp_path: Path) -> None:
    with running_collector() as collector:
        environment = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url}
        asked = await quoted(tmp_path, "auto", environment, headers={"traceparent": SENT})
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
