"""Alerts and dashboard: what they name exists, and Prometheus's own tool takes them."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from checkout_server.telemetry.measures import LABELS, MEASURES
from deployed import DEPLOY, text_of

pytestmark = pytest.mark.thorough

SUFFIXES = {"counter": ("_total",), "gauge": ("",), "histogram": ("_bucket", "_sum", "_count")}
SERIES = {
    f"{measure.prometheus_name}{suffix}": {*measure.labels, *(("le",) if measure.kind == "histogram" else ())}
    for measure in MEASURES
    for suffix in SUFFIXES[measure.kind]
}
"""What Prometheus stores, with its labels."""
OF_PROMETHEUS = {"instance", "job"}
"""Labels that a scrape adds."""
NAME = re.compile(r"\bcheckout_[a-z_]+")
SELECTED = re.compile(r"\b(checkout_[a-z_]+)\{([^}]*)\}")
MATCHER = re.compile(r'([a-z_]+)\s*(?:=~|!=|!~|=)\s*"([^"]*)"')
PROMTOOL = shutil.which("promtool")
OWN_PROCESS = {"process_resident_memory_bytes"}


def expressions() -> Iterator[str]:
    for group in yaml.safe_load(text_of("alerts.yml"))["groups"]:
        yield from (rule["expr"] for rule in group["rules"])
    dashboard: dict[str, Any] = json.loads(text_of("dashboard.json"))
    yield from (target["expr"] for panel in dashboard["panels"] for target in panel["targets"])


def variables() -> Iterator[str]:
    dashboard: dict[str, Any] = json.loads(text_of("dashboard.json"))
    yield from (each["query"]["query"] for each in dashboard["templating"]["list"] if each["type"] == "query")


@pytest.mark.requirement("deploy.alerts")
@pytest.mark.parametrize("expression", [*expressions(), *variables()])
def test_an_expression_names_metrics_labels_and_words_that_exist(expression: str) -> None:
    names = set(NAME.findall(re.sub(r'"[^"]*"', '""', expression)))
    assert names - SERIES.keys() == set()
    assert names or any(name in expression for name in (*OWN_PROCESS, "up{"))
    for name, matchers in SELECTED.findall(expression):
        for label, words in MATCHER.findall(matchers):
            if label in OF_PROMETHEUS:
                continue
            assert label in SERIES[name]
            assert set(words.split("|")) - LABELS[label].values == set()
    for grouped in re.findall(r"by \(([^)]*)\)", expression):
        labels = set(re.split(r",\s*", grouped))
        assert labels - set().union(*(SERIES[name] for name in names)) - OF_PROMETHEUS == set()


@pytest.mark.requirement("deploy.alerts")
def test_every_metric_is_on_the_dashboard() -> None:
    shown = set(NAME.findall("\n".join(expressions())))
    assert [each.name for each in MEASURES if not any(name.startswith(each.prometheus_name) for name in shown)] == []


@pytest.mark.requirement("deploy.alerts")
def test_every_alert_says_what_happened_and_what_to_do() -> None:
    for group in yaml.safe_load(text_of("alerts.yml"))["groups"]:
        for rule in group["rules"]:
            assert rule["labels"]["severity"] in {"page", "warn"}, rule["alert"]
            assert rule["annotations"].keys() == {"summary", "description"}, rule["alert"]


@pytest.mark.requirement("deploy.alerts")
def test_what_the_page_about_logs_calls_worth_an_alert_has_one() -> None:
    told = "\n".join(expressions())
    for event in ("tool.crashed", "ledger.key_lost", "authorization.keys_failed", "authorization.unavailable"):
        assert event in told
    for metric in ('checkout_sales_total{step="unknown"}', 'checkout_sales_total{step="not_recorded"}'):
        assert metric in told
    assert "checkout_log_withheld_total" in told


@pytest.mark.requirement("deploy.alerts")
@pytest.mark.skipif(PROMTOOL is None, reason="no promtool: install Debian's package prometheus")
@pytest.mark.parametrize("words", [("check", "rules", "alerts.yml"), ("test", "rules", "alerts.test.yml")])
def test_promtool_takes_the_rules_and_they_fire_when_they_should(words: tuple[str, ...]) -> None:
    done = subprocess.run([str(PROMTOOL), *words], cwd=DEPLOY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
