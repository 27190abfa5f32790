"""The metrics, as Prometheus shows them."""

from checkout_server.telemetry.measures import MEASURES
from docs.generate.markdown import code, table

_ADDED = {"counter": "_total", "gauge": "", "histogram": ""}


def metrics() -> str:
    rows = [
        (code(each.prometheus_name + _ADDED[each.kind]), each.kind, ", ".join(map(code, each.labels)), each.text)
        for each in MEASURES
    ]
    return table(("metric", "kind", "labels", "meaning"), rows)
