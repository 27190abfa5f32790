"""What Prometheus reads of a real server during sales."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx2
import pytest
from mcp import Client
from prometheus_client.parser import text_string_to_metric_families

from checkout_server.telemetry.measures import LABELS, MEASURES, OTHER
from evals.upstream import running_upstream
from processes import run_with, server_environment
from served import Served, running_serve

pytestmark = pytest.mark.thorough

CART = {"product_cart": [{"product_id": "prod_ebook_guide", "quantity": 1}]}
SECRET = "hunter2"
OF_THE_PROCESS = "process_"


async def scraped(server: Served, **headers: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """Every sample, by its name and labels."""
    async with httpx2.AsyncClient(trust_env=False) as client:
        answer = await client.get(server.urls["metrics"], headers=headers)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def labels(**values: str) -> frozenset[tuple[str, str]]:
    return frozenset(values.items())


@pytest.mark.requirement("telemetry.metrics")
@pytest.mark.parametrize("era", ["auto", "legacy"])
async def test_a_sale_is_counted_with_its_requests(era: Any, tmp_path: Path) -> None:
    async with running_upstream() as upstream:
        settings = server_environment(tmp_path / "ledger.db", upstream.url, CHECKOUT_LOG_LEVEL="ERROR")
        async with running_serve(settings, "--metrics-port", "0") as server:
            async with Client(server.urls["mcp"], mode=era) as client:
                preview = (await client.call_tool("preview_checkout", CART)).structured_content or {}
                buyer = {"email": f"{SECRET}@example.com", "name": SECRET}
                sale = {"preview_id": preview["preview_id"], "customer": buyer}
                await client.call_tool("create_checkout_session", sale)
                await client.call_tool("preview_checkout", {SECRET: SECRET})
            samples = await scraped(server)
    calls = {name: value for (name, its_labels), value in samples.items() if name == "checkout_tool_calls_total"}
    assert calls
    assert samples["checkout_tool_calls_total", labels(tool="preview_checkout", outcome="ok", code="ok")] == 1
    refused = labels(tool="preview_checkout", outcome="refused", code="invalid_request")
    assert samples["checkout_tool_calls_total", refused] == 1
    created = labels(tool="create_checkout_session", outcome="ok")
    assert samples["checkout_tool_duration_seconds_count", created] == 1
    assert samples["checkout_upstream_requests_total", labels(operation="create", answer="answered")] == 1
    assert samples["checkout_upstream_duration_seconds_count", labels(operation="create")] == 1
    assert samples["checkout_sales_total", labels(step="created")] == 1
    assert samples["checkout_sales_total", labels(step="unknown")] == 0
    assert ("process_resident_memory_bytes", frozenset()) in samples


@pytest.mark.requirement("telemetry.metrics")
async def test_names_and_labels_are_listed_words_and_say_nothing_of_a_buyer(tmp_path: Path) -> None:
    async with running_upstream() as upstream:
        upstream.statuses["/checkouts"] = 500
        settings = server_environment(tmp_path / "ledger.db", upstream.url)
        async with running_serve(settings, "--metrics-port", "0") as server:
            async with Client(server.urls["mcp"]) as client:
                preview = (await client.call_tool("preview_checkout", CART)).structured_content or {}
                buyer = {"email": f"{SECRET}@example.com", "name": SECRET}
                await client.call_tool(
                    "create_checkout_session", {"preview_id": preview["preview_id"], "customer": buyer}
                )
                await client.call_tool("list_products", {"query": SECRET})
            samples = await scraped(server)
    assert samples["checkout_sales_total", labels(step="unknown")] == 1
    assert samples["checkout_log_warnings_total", labels(event="session.unknown")] == 1
    assert SECRET not in json.dumps([[name, sorted(its_labels)] for name, its_labels in samples])
    known = {measure.prometheus_name for measure in MEASURES}
    for name, its_labels in samples:
        if name.startswith(OF_THE_PROCESS):
            continue
        assert any(name.startswith(each) for each in known), name
        for label, value in its_labels - {each for each in its_labels if each[0] == "le"}:
            assert value == OTHER or value in LABELS[label].values, (name, label)


@pytest.mark.requirement("telemetry.prometheus")
async def test_only_metrics_and_probes_are_served_there_and_to_loopback_names_only(tmp_path: Path) -> None:
    settings = server_environment(tmp_path / "ledger.db", None)
    async with running_serve(settings, "--metrics-port", "0") as server, httpx2.AsyncClient(trust_env=False) as client:
        metrics = server.urls["metrics"]
        base = metrics.removesuffix("/metrics")
        assert base.startswith("http://127.0.0.1:")
        statuses = {
            path: (await client.get(base + path)).status_code
            for path in ("/readyz", "/healthz", "/mcp", "/metrics/", "/")
        }
        assert statuses == {"/readyz": 200, "/healthz": 200, "/mcp": 404, "/metrics/": 404, "/": 404}
        assert (await client.get(metrics, headers={"host": "evil.example"})).status_code == 421
        assert (await client.get(server.urls["mcp"].removesuffix("/mcp") + "/metrics")).status_code == 404


def without(module: str, folder: Path) -> Mapping[str, str]:
    """An environment in which a package cannot be imported."""
    (folder / "sitecustomize.py").write_text(f"import sys\nsys.modules[{module!r}] = None\n", encoding="utf-8")
    return {"PYTHONPATH": str(folder), "CHECKOUT_LEDGER": str(folder / "ledger.db")}


@pytest.mark.requirement("telemetry.prometheus")
def test_without_the_extra_the_start_is_refused_with_its_name(tmp_path: Path) -> None:
    done = run_with(dict(without("prometheus_client", tmp_path)), "serve", "--port", "0", "--metrics-port", "0")
    assert done.returncode == 2
    assert "dodo-checkout-mcp[prometheus]" in done.stderr
    assert "Traceback" not in done.stderr
