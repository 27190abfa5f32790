"""Metrics as Prometheus reads them. Needs the extra ``prometheus``."""

from collections.abc import Generator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.exposition import choose_encoder

from checkout_server.privacy.logs.lines import Line, output
from checkout_server.telemetry.measures import MEASURES, Measure, known_series, measured


class Exposition:
    """Counts lines in a registry of its own: what other libraries measure in this process does not leave it."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._metrics = {measure.name: self._metric(measure) for measure in MEASURES}
        ProcessCollector(registry=self._registry)  # memory, CPU and descriptors of the process

    def observe(self, line: Line) -> None:
        for measure, labels, amount in measured(line):
            metric = self._metrics[measure.name]
            series = metric.labels(*labels) if labels else metric
            match series:
                case Counter():
                    series.inc(amount)
                case Histogram():
                    series.observe(amount)
                case Gauge():
                    series.set(amount)

    def text(self, accepted: str) -> tuple[bytes, str]:
        """All metrics and their content type, in the newest format that an ``Accept`` header takes."""
        encode, content_type = choose_encoder(accepted)
        return encode(self._registry), content_type

    def _metric(self, measure: Measure) -> Counter | Gauge | Histogram:
        names = (measure.prometheus_name, measure.text, measure.labels)
        match measure.kind:
            case "counter":
                counter = Counter(*names, registry=self._registry)
                for labels in known_series(measure):
                    if labels:
                        counter.labels(*labels)
                return counter
            case "gauge":
                return Gauge(*names, registry=self._registry)
            case "histogram":
                return Histogram(*names, buckets=measure.buckets, registry=self._registry)


@contextmanager
def counting() -> Generator[Exposition]:
    """Count what is logged until the block ends."""
    exposition = Exposition()
    output.observers.append(exposition.observe)
    try:
        yield exposition
    finally:
        output.observers.remove(exposition.observe)
