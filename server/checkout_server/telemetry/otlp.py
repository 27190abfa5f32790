"""Metrics for a collector of OpenTelemetry. Needs the extra ``otel``."""

from collections.abc import Callable

from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.metrics import Meter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader

from checkout_server.privacy.logs.lines import Line, output
from checkout_server.privacy.logs.spans import own_resource
from checkout_server.telemetry.measures import MEASURES, Measure, known_series, measured

Record = Callable[[float, dict[str, str]], None]


def install() -> MeterProvider:
    """Send metrics to the collector that OpenTelemetry's own variables name, until the provider is shut down.

    It is not the process's provider: what other libraries measure does not leave.
    """
    reader = PeriodicExportingMetricReader(OTLPMetricExporter())
    provider = MeterProvider([reader], resource=own_resource(), shutdown_on_exit=False)
    meter = provider.get_meter("dodo-checkout-mcp")
    records = {measure.name: _record(meter, measure) for measure in MEASURES}

    def observe(line: Line) -> None:
        for measure, labels, amount in measured(line):
            records[measure.name](amount, dict(zip(measure.labels, labels, strict=True)))

    output.observers.append(observe)
    return provider


def _record(meter: Meter, measure: Measure) -> Record:
    unit = "s" if measure.is_milliseconds else "1"
    match measure.kind:
        case "counter":
            counter = meter.create_counter(measure.name, unit, measure.text)
            for labels in known_series(measure):
                counter.add(0, dict(zip(measure.labels, labels, strict=True)))
            return counter.add
        case "gauge":
            return meter.create_gauge(measure.name, unit, measure.text).set
        case "histogram":
            return meter.create_histogram(
                measure.name, unit, measure.text, explicit_bucket_boundaries_advisory=measure.buckets
            ).record
