"""What is counted of a line, and what can stand in a label."""

import logging
from typing import Any, get_args

import pytest

from checkout_server.privacy.logs.events import emit, line_of
from checkout_server.privacy.logs.lines import Line, output
from checkout_server.privacy.vocabulary.event_names import EVENTS
from checkout_server.privacy.vocabulary.fields import Ending, words
from checkout_server.telemetry.measures import LABELS, MEASURES, OTHER, OUTCOMES, known_series, measured

SECRET = "jane@example.com"


def counted(event: str, **fields: Any) -> dict[str, tuple[tuple[str, ...], float]]:
    """By the name of the metric: its labels and amount."""
    return {measure.name: (labels, amount) for measure, labels, amount in measured(line_of(event, fields))}


@pytest.mark.requirement("telemetry.metrics")
def test_a_call_is_counted_by_tool_outcome_and_code_and_timed_in_seconds() -> None:
    assert counted("tool.finished", tool="preview_checkout", code="policy_denied", duration_ms=1250) == {
        "checkout.tool.calls": (("preview_checkout", "refused", "policy_denied"), 1),
        "checkout.tool.duration": (("preview_checkout", "refused"), 1.25),
    }


@pytest.mark.requirement("telemetry.metrics")
def test_a_request_is_counted_by_its_answer_and_timed_with_what_is_left_of_the_rate() -> None:
    about = {"operation": "create", "duration_ms": 300, "rate_limit": 240, "rate_remaining": 0}
    assert counted("gateway.answered", **about) == {
        "checkout.upstream.requests": (("create", "answered"), 1),
        "checkout.upstream.duration": (("create",), 0.3),
        "checkout.upstream.rate.limit": ((), 240),
        "checkout.upstream.rate.remaining": ((), 0),
    }
    assert counted("gateway.failed", operation="preview", failure="HeldBack") == {
        "checkout.upstream.requests": (("preview", "HeldBack"), 1)
    }


@pytest.mark.requirement("telemetry.metrics")
def test_an_unknown_outcome_and_a_masked_line_are_counted_and_are_warnings() -> None:
    assert counted("session.unknown") == {
        "checkout.sales": (("unknown",), 1),
        "checkout.log.warnings": (("session.unknown",), 1),
    }
    assert counted("privacy.withheld", where="stderr") == {
        "checkout.log.withheld": ((), 1),
        "checkout.log.warnings": (("privacy.withheld",), 1),
    }


@pytest.mark.requirement("telemetry.metrics")
def test_what_somebody_typed_stands_in_no_label() -> None:
    for event in sorted(EVENTS):
        fields = dict.fromkeys(["tool", "code", "operation", "failure", "decision"], SECRET)
        for measure, labels, _ in measured(Line(0.0, logging.INFO, "checkout", event, fields)):
            for name, value in zip(measure.labels, labels, strict=True):
                assert value == OTHER or value in LABELS[name].values, (event, name)


@pytest.mark.requirement("telemetry.metrics")
def test_every_ending_of_a_call_has_an_outcome() -> None:
    assert OUTCOMES.keys() == words(Ending)


@pytest.mark.requirement("telemetry.metrics")
def test_every_label_is_used_and_every_metric_has_events_that_exist() -> None:
    assert {name for measure in MEASURES for name in measure.labels} == LABELS.keys()
    for measure in MEASURES:
        assert measure.events, measure.name
        assert measure.events <= EVENTS, measure.name


@pytest.mark.requirement("telemetry.metrics")
def test_the_series_of_an_alert_exist_before_the_first_event() -> None:
    series = {(measure.name, labels) for measure in MEASURES for labels in known_series(measure)}
    assert {
        ("checkout.sales", ("unknown",)),
        ("checkout.log.warnings", ("session.not_recorded",)),
        ("checkout.log.withheld", ()),
    } <= series


@pytest.mark.requirement("telemetry.metrics")
@pytest.mark.parametrize("level", ["DEBUG", "INFO", "WARNING", "CRITICAL"])
def test_the_level_of_the_log_decides_what_is_written_and_not_what_is_counted(
    level: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    monkeypatch.setattr(output, "level", logging.getLevelNamesMapping()[level])
    monkeypatch.setattr(output, "observers", [lambda line: seen.append(line.event)])
    emit("tool.finished", tool="list_products", code="ok", duration_ms=1)
    emit("session.unknown")
    assert seen == ["tool.finished", "session.unknown"]


@pytest.mark.requirement("telemetry.metrics")
def test_what_cannot_be_counted_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_line: Line) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(output, "observers", [fail])
    emit("session.unknown")


@pytest.mark.requirement("telemetry.metrics")
def test_no_word_of_a_label_is_other() -> None:
    assert all(OTHER not in label.values for label in LABELS.values())
    assert get_args(Ending)
