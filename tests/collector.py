"""An OpenTelemetry collector for the tests."""

import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Collector:
    """An OTLP receiver on a loopback socket."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, bytes]] = []
        """Path and body."""
        collector = self

        class Receiver(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                collector.requests.append((self.path, self.rfile.read(int(self.headers["content-length"]))))
                self.send_response(200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's name
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    @property
    def bodies(self) -> list[bytes]:
        return [body for _, body in self.requests]

    @property
    def spans(self) -> list[dict[str, Any]]:
        from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

        return self._of("/v1/traces", ExportTraceServiceRequest, "resourceSpans", "scopeSpans", "spans")

    @property
    def metrics(self) -> list[dict[str, Any]]:
        from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

        return self._of("/v1/metrics", ExportMetricsServiceRequest, "resourceMetrics", "scopeMetrics", "metrics")

    def _of(self, path: str, message: Any, resources: str, scopes: str, rows: str) -> list[dict[str, Any]]:
        from google.protobuf.json_format import MessageToDict

        requests = [MessageToDict(message.FromString(body)) for its_path, body in self.requests if its_path == path]
        return [
            {**row, "resource": resource["resource"], "scope": scope["scope"]}
            for request in requests
            for resource in request[resources]
            for scope in resource[scopes]
            for row in scope[rows]
        ]


@contextmanager
def running_collector() -> Generator[Collector]:
    collector = Collector()
    thread = threading.Thread(target=collector.server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield collector
    collector.server.shutdown()
    thread.join()
    collector.server.server_close()
