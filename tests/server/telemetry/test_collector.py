"""What a collector of OpenTelemetry gets of a real server: the metrics that Prometheus would read."""

import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client

from checkout_server.telemetry.install import is_sent
from checkout_server.telemetry.measures import MEASURES
from collector import Collector, running_collector
from evals.upstream import running_upstream
from processes import server_environment

SECRET = "hunter2"
CART = {"product_cart": [{"product_id": "prod_ebook_guide", "quantity": 1}]}


@pytest.fixture
def collector() -> Generator[Collector]:
    with running_collector() as collector:
        yield collector


async def quote(ledger: Path, era: Any, **environment: str) -> None:
    """A quote and a refused call of a server over stdio, to its end."""
    async with running_upstream() as upstream:
        settings = server_environment(ledger, upstream.url, **environment)
        server = StdioServerParameters(command=sys.executable, args=["-m", "checkout_server"], env=settings)
        with ledger.with_name("stderr").open("w") as errlog:
            async with Client(stdio_client(server, errlog=errlog), mode=era) as client:
                await client.call_tool("preview_checkout", CART)
                await client.call_tool("preview_checkout", {SECRET: SECRET})


@pytest.mark.requirement("telemetry.collector")
@pytest.mark.parametrize("era", ["auto", "legacy"])
async def test_a_collector_gets_what_was_counted_when_the_process_ends(
    era: Any, collector: Collector, tmp_path: Path
) -> None:
    named = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "OTEL_RESOURCE_ATTRIBUTES": f"buyer={SECRET}"}
    await quote(tmp_path / "ledger.db", era, **named)
    metrics = {metric["name"]: metric for metric in collector.metrics}
    assert metrics.keys() <= {measure.name for measure in MEASURES}
    calls = {
        tuple(sorted((each["key"], each["value"]["stringValue"]) for each in point["attributes"])): point["asInt"]
        for point in metrics["checkout.tool.calls"]["sum"]["dataPoints"]
    }
    assert calls == {
        (("code", "ok"), ("outcome", "ok"), ("tool", "preview_checkout")): "1",
        (("code", "invalid_request"), ("outcome", "refused"), ("tool", "preview_checkout")): "1",
    }
    assert metrics["checkout.upstream.duration"]["unit"] == "s"
    assert metrics["checkout.upstream.duration"]["histogram"]["dataPoints"]
    assert {point["asInt"] for point in metrics["checkout.sales"]["sum"]["dataPoints"]} == {"0"}
    assert {each["key"] for metric in metrics.values() for each in metric["resource"]["attributes"]} == {
        "service.name", "service.version", "service.instance.id",
    }  # fmt: skip
    assert all(SECRET.encode() not in body for body in collector.bodies)


@pytest.mark.requirement("telemetry.collector")
async def test_a_collector_of_spans_alone_gets_no_metrics(collector: Collector, tmp_path: Path) -> None:
    await quote(tmp_path / "ledger.db", "auto", OTEL_EXPORTER_OTLP_ENDPOINT=collector.url, OTEL_METRICS_EXPORTER="none")
    assert collector.metrics == []
    assert {span["name"] for span in collector.spans} >= {"tools/call preview_checkout", "POST /checkouts/preview"}


@pytest.mark.requirement("telemetry.collector")
@pytest.mark.parametrize(
    ("environment", "sent"),
    [
        ({}, set()),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}, {"TRACES", "METRICS"}),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:4318/v1/traces"}, {"TRACES"}),
        ({"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": "http://127.0.0.1:4318/v1/metrics"}, {"METRICS"}),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318", "OTEL_METRICS_EXPORTER": "None"}, {"TRACES"}),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318", "OTEL_TRACES_EXPORTER": "none"}, {"METRICS"}),
    ],
)
def test_each_signal_is_sent_where_a_collector_is_named_for_it(
    environment: dict[str, str], sent: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_METRICS_EXPORTER", "OTEL_TRACES_EXPORTER"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert {signal for signal in ("TRACES", "METRICS") if is_sent(signal)} == sent
