"""Spans and measurements by OpenTelemetry's SDK, sent by OTLP over HTTP. This module is imported only if they
are exported."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from judge_core.telemetry import Attributes, Span, SpanTimes, Telemetry

_SERVICE = "OTEL_SERVICE_NAME"


class _OtelSpan:
    """A span of the SDK."""

    def __init__(self, span: trace.Span) -> None:
        self._span = span

    @property
    def traceparent(self) -> str:
        found = self._span.get_span_context()
        return f"00-{found.trace_id:032x}-{found.span_id:016x}-{int(found.trace_flags):02x}"

    def end(self, attributes: Attributes, failed: bool = False, name: str | None = None) -> None:
        if name is not None:
            self._span.update_name(name)
        self._span.set_attributes(dict(attributes))
        if failed:
            self._span.set_status(trace.StatusCode.ERROR)
        self._span.end()


class OtelTelemetry:
    """One tracer and one meter of this process."""

    def __init__(self, traces: TracerProvider, meters: MeterProvider) -> None:
        self._traces, self._meters = traces, meters
        self._tracer = traces.get_tracer("gavel")
        meter = meters.get_meter("gavel")
        self._counter = cache(meter.create_counter)
        self._histogram = cache(lambda name: meter.create_histogram(name, unit="s"))

    def begin(self, name: str, parent: str | None, server: bool = False) -> Span:
        kind = trace.SpanKind.SERVER if server else trace.SpanKind.INTERNAL
        return _OtelSpan(self._tracer.start_span(name, _context_of(parent), kind))

    def record(self, name: str, parent: str | None, times: SpanTimes, attributes: Attributes) -> None:
        span = self._tracer.start_span(
            name, _context_of(parent), attributes=dict(attributes), start_time=_nanoseconds(times.began)
        )
        span.end(_nanoseconds(times.ended))

    def count(self, name: str, attributes: Attributes) -> None:
        self._counter(name).add(1, dict(attributes))

    def measure(self, name: str, seconds: float, attributes: Attributes) -> None:
        self._histogram(name).record(seconds, dict(attributes))

    def close(self) -> None:
        self._traces.shutdown()
        self._meters.shutdown()


def open_otel(service: str, env: Mapping[str, str]) -> Telemetry:
    """The exporters of a process. The SDK reads its other variables itself."""
    resource = Resource.create({} if env.get(_SERVICE) else {"service.name": service})
    traces = TracerProvider(resource=resource, shutdown_on_exit=True)
    traces.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    reader = PeriodicExportingMetricReader(OTLPMetricExporter())
    return OtelTelemetry(traces, MeterProvider([reader], resource=resource))


def _context_of(parent: str | None) -> Context | None:
    """The context with the caller's span. Without a parent it is empty, which begins a trace."""
    if parent is None:
        return Context()
    _, trace_id, span_id, flags = parent.split("-")
    context = trace.SpanContext(int(trace_id, 16), int(span_id, 16), True, trace.TraceFlags(int(flags, 16)))
    return trace.set_span_in_context(trace.NonRecordingSpan(context), Context())


def _nanoseconds(at: datetime) -> int:
    return round(at.timestamp() * 1e9)
