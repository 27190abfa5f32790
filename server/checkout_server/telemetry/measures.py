"""Every metric, as what it is made of: the events of the log (see ADR 42).

A line's fields have been checked against lists when it comes here, so that no label can hold what somebody typed.
"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Literal

from checkout_server.privacy.logs.lines import Line
from checkout_server.privacy.vocabulary.event_names import EVENTS, LEVELS, Event
from checkout_server.privacy.vocabulary.fields import Decision, Ending, Failure, Operation, ToolName, words

OTHER = "other"
"""What stands in a label whose value is on no list."""

CALL_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 25.0, 50.0)
"""Seconds. A call answers within 50, besides the time that a person takes."""
REQUEST_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Seconds. A request to the payment API has 30 at most."""

Outcome = Literal["ok", "asked", "refused", "failed", "cancelled"]
OUTCOMES: dict[Ending, Outcome] = {
    "ok": "ok",
    "input_required": "asked",
    "cancelled": "cancelled",
    "invalid_request": "refused",
    "preview_required": "refused",
    "preview_not_found": "refused",
    "preview_expired": "refused",
    "preview_used": "refused",
    "price_changed": "refused",
    "policy_denied": "refused",
    "approval_required": "refused",
    "approval_declined": "refused",
    "gateway_refused": "refused",
    "not_authorized": "failed",
    "rate_limited": "failed",
    "gateway_unavailable": "failed",
    "outcome_unknown": "failed",
    "crashed": "failed",
}
"""Refused is what the caller can mend, a person declined or the policy forbids; failed is for the operator."""

_SALES: tuple[Event, ...] = (
    "session.claimed",
    "session.created",
    "session.refused",
    "session.unknown",
    "session.settled",
    "session.lease_ended",
    "session.not_recorded",
    "session.recorded_late",
    "session.crashed",
)
_REQUESTS: frozenset[Event] = frozenset({"gateway.answered", "gateway.failed"})
_WARNINGS = frozenset(event for event, level in LEVELS.items() if level >= logging.WARNING)


@dataclass(frozen=True, slots=True)
class Label:
    """One dimension of a metric: its whole vocabulary, and how it is read from a line."""

    values: frozenset[str]
    read: Callable[[Line], object]

    def of(self, line: Line) -> str:
        value = self.read(line)
        return value if isinstance(value, str) and value in self.values else OTHER


LABELS: dict[str, Label] = {
    "tool": Label(words(ToolName), lambda line: line.fields.get("tool")),
    "outcome": Label(words(Outcome), lambda line: OUTCOMES.get(line.fields.get("code", "crashed"))),
    "code": Label(words(Ending), lambda line: line.fields.get("code")),
    "operation": Label(words(Operation), lambda line: line.fields.get("operation")),
    "answer": Label(words(Failure) | {"answered"}, lambda line: line.fields.get("failure", "answered")),
    "step": Label(
        frozenset(event.removeprefix("session.") for event in _SALES), lambda line: line.event.removeprefix("session.")
    ),
    "decision": Label(words(Decision), lambda line: line.fields.get("decision")),
    "event": Label(_WARNINGS, lambda line: line.event),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One metric. Its name is OpenTelemetry's; Prometheus has underscores, the unit and ``_total`` in it."""

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    text: str
    events: frozenset[str]
    """Each of which counts, or has the value."""
    labels: tuple[str, ...] = ()
    field: str | None = None
    """Of the value; a counter counts lines."""
    is_milliseconds: bool = False
    """Whether the field is; the metric is in seconds."""
    buckets: tuple[float, ...] = ()

    @property
    def prometheus_name(self) -> str:
        """As Prometheus shows it, without what it adds to each kind."""
        return self.name.replace(".", "_") + ("_seconds" if self.is_milliseconds else "")


MEASURES = (
    Measure(
        name="checkout.tool.calls",
        kind="counter",
        text="Calls of tools that ended, by how.",
        events=frozenset({"tool.finished"}),
        labels=("tool", "outcome", "code"),
    ),
    Measure(
        name="checkout.tool.duration",
        kind="histogram",
        text="How long calls of tools took, with the time that a person of the older protocol was asked.",
        events=frozenset({"tool.finished"}),
        labels=("tool", "outcome"),
        field="duration_ms",
        is_milliseconds=True,
        buckets=CALL_BUCKETS,
    ),
    Measure(
        name="checkout.upstream.requests",
        kind="counter",
        text="Requests to the payment API, repeated ones each, by what came of them.",
        events=_REQUESTS,
        labels=("operation", "answer"),
    ),
    Measure(
        name="checkout.upstream.duration",
        kind="histogram",
        text="How long requests to the payment API took that were sent.",
        events=_REQUESTS,
        labels=("operation",),
        field="duration_ms",
        is_milliseconds=True,
        buckets=REQUEST_BUCKETS,
    ),
    Measure(
        name="checkout.upstream.rate.limit",
        kind="gauge",
        text="Requests that the payment API takes of the whole account in its window, as its newest answer says.",
        events=_REQUESTS,
        field="rate_limit",
    ),
    Measure(
        name="checkout.upstream.rate.remaining",
        kind="gauge",
        text="Requests that are left of the window, as the payment API's newest answer says.",
        events=_REQUESTS,
        field="rate_remaining",
    ),
    Measure(
        name="checkout.sales",
        kind="counter",
        text="Steps of sales; unknown is one whose answer was lost.",
        events=frozenset(_SALES),
        labels=("step",),
    ),
    Measure(
        name="checkout.unresolved.charges",
        kind="gauge",
        text="Sales of the ledger that may have charged a buyer and whose outcome is unknown now.",
        events=frozenset({"sales.unresolved"}),
        field="charges",
    ),
    Measure(
        name="checkout.unresolved.pages",
        kind="gauge",
        text="Pages of the ledger that may exist and were given to nobody: no buyer can have paid there.",
        events=frozenset({"sales.unresolved"}),
        field="pages",
    ),
    Measure(
        name="checkout.approvals",
        kind="counter",
        text="Answers of people to questions about a sale.",
        events=frozenset({"approval.answered"}),
        labels=("decision",),
    ),
    Measure(
        name="checkout.log.withheld",
        kind="counter",
        text="Lines of other libraries and printed texts that held a personal value, and were masked as a whole.",
        events=frozenset({"privacy.withheld"}),
    ),
    Measure(
        name="checkout.log.warnings",
        kind="counter",
        text="Events of the log at WARNING and above.",
        events=_WARNINGS,
        labels=("event",),
    ),
)
_BY_EVENT: dict[str, tuple[Measure, ...]] = {
    event: tuple(measure for measure in MEASURES if event in measure.events) for event in EVENTS
}

Measured = tuple[Measure, tuple[str, ...], float]
"""A metric, the values of its labels in their order, and what to add or set."""


def measured(line: Line) -> Iterator[Measured]:
    """What a line says to the metrics."""
    for measure in _BY_EVENT.get(line.event, ()):
        amount = 1 if measure.field is None else line.fields.get(measure.field)
        if amount is not None:
            labels = tuple(LABELS[name].of(line) for name in measure.labels)
            yield measure, labels, amount / 1000 if measure.is_milliseconds else amount


def known_series(measure: Measure) -> Iterator[tuple[str, ...]]:
    """Labels of the series that exist from the start: of an alert's counter the first increase counts, too."""
    if measure.kind == "counter" and len(measure.labels) <= 1:
        yield from product(*(sorted(LABELS[name].values) for name in measure.labels))
