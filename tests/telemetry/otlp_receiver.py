"""Stands in for a collector. It receives OTLP over HTTP on loopback, and keeps the spans and metrics."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


@dataclass(frozen=True, slots=True)
class ReceivedSpan:
    """A span, with its ids in hexadecimal."""

    service: str
    name: str
    trace: str
    id: str
    parent: str
    attributes: dict[str, str]


@dataclass
class OtlpReceiver:
    """The spans and metrics that were received so far."""

    url: str = ""
    spans: list[ReceivedSpan] = field(default_factory=list)
    metrics: set[str] = field(default_factory=set)

    def trace(self, id: str) -> dict[str, ReceivedSpan]:
        """The spans of a trace, by name."""
        return {span.name: span for span in self.spans if span.trace == id}

    def take_traces(self, body: bytes) -> None:
        for of_process in ExportTraceServiceRequest.FromString(body).resource_spans:
            service = _attributes(of_process.resource.attributes)["service.name"]
            for scope in of_process.scope_spans:
                for span in scope.spans:
                    ids = (span.trace_id.hex(), span.span_id.hex(), span.parent_span_id.hex())
                    attributes = _attributes(span.attributes)
                    self.spans.append(ReceivedSpan(service, span.name, *ids, attributes))

    def take_metrics(self, body: bytes) -> None:
        for of_process in ExportMetricsServiceRequest.FromString(body).resource_metrics:
            for scope in of_process.scope_metrics:
                self.metrics |= {metric.name for metric in scope.metrics}


def _attributes(pairs: object) -> dict[str, str]:
    found = {}
    for pair in pairs:  # type: ignore[attr-defined]
        kind = pair.value.WhichOneof("value")
        found[pair.key] = str(getattr(pair.value, kind)) if kind else ""
    return found


@contextmanager
def otlp_receiver() -> Iterator[OtlpReceiver]:
    """Runs a receiver on a port of its own during the block."""
    receiver = OtlpReceiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            take = {"/v1/traces": receiver.take_traces, "/v1/metrics": receiver.take_metrics}[self.path]
            take(body)
            self.send_response(200)
            self.send_header("Content-Type", "application/x-protobuf")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Log nothing, because the tests check what was received."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join(60)
