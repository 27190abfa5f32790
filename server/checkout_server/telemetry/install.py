"""Sending spans and metrics, where a collector is named and the extra ``otel`` is installed."""

import os

from checkout_server.privacy.logs.events import emit
from checkout_server.privacy.logs.install import before_end

SIGNALS = ("TRACES", "METRICS")
_ANY = "OTEL_EXPORTER_OTLP_ENDPOINT"


def is_sent(signal: str) -> bool:
    """Whether OpenTelemetry's variables name a collector for a signal, and do not say that it gets none."""
    named = any(map(os.environ.get, (_ANY, f"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT")))
    return named and os.environ.get(f"OTEL_{signal}_EXPORTER", "").strip().lower() != "none"


def install_telemetry() -> None:
    """Send what is wanted until the process ends.

    Raises:
        ValueError: a variable of OpenTelemetry has a value that it cannot use, which is in the text.
    """
    if not any(map(is_sent, SIGNALS)):
        return
    try:
        from checkout_server.privacy.logs import spans
        from checkout_server.telemetry import otlp
    except ImportError:
        emit("telemetry.not_installed")
        return
    if is_sent("TRACES"):
        before_end(spans.install().shutdown)
    if is_sent("METRICS"):
        before_end(otlp.install().shutdown)
