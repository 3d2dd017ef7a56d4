"""Exports traces and metrics by OpenTelemetry's SDK, if ``OTEL_EXPORTER_OTLP_ENDPOINT`` is set and
``OTEL_SDK_DISABLED`` is not ``true``.

Otherwise :func:`open_telemetry` returns ``None`` and imports nothing. The SDK reads its own variables
(``OTEL_SERVICE_NAME``, ``OTEL_EXPORTER_OTLP_HEADERS`` and so on) from the environment.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, cast

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
_DISABLED = "OTEL_SDK_DISABLED"
_MODULE = "judge_core.otel"
Attributes = Mapping[str, str | int | float | bool]


class TelemetryMissing(Exception):
    """The endpoint is set, but the SDK is not installed. The message says what to do."""


@dataclass(frozen=True, slots=True)
class SpanTimes:
    """The times at which a span began and ended."""

    began: datetime
    ended: datetime


class Span(Protocol):
    """A span that has begun. Spans with its ``traceparent`` become its children."""

    @property
    def traceparent(self) -> str: ...

    def end(self, attributes: Attributes, failed: bool = False, name: str | None = None) -> None:
        """End the span now. ``name`` replaces the name with which it began."""
        ...


class Telemetry(Protocol):
    """Exports spans and measurements. No method raises if the collector cannot be reached."""

    def begin(self, name: str, parent: str | None, server: bool = False) -> Span:
        """Begin a span. Without a ``parent``, it begins a trace."""
        ...

    def record(self, name: str, parent: str | None, times: SpanTimes, attributes: Attributes) -> None:
        """Export a span that has ended."""
        ...

    def count(self, name: str, attributes: Attributes) -> None:
        """Count one more event of this name."""
        ...

    def measure(self, name: str, seconds: float, attributes: Attributes) -> None:
        """Add a time to a histogram."""
        ...

    def close(self) -> None:
        """Send the spans and measurements that are not sent yet."""
        ...


def open_telemetry(service: str, env: Mapping[str, str]) -> Telemetry | None:
    """The exporter of this process, if the environment asks for one. Raises ``TelemetryMissing``."""
    if not env.get(ENDPOINT) or env.get(_DISABLED, "").lower() == "true":
        return None
    try:
        module = importlib.import_module(_MODULE)
    except ImportError as error:
        raise TelemetryMissing(
            f"{ENDPOINT} is set, but {error.name} is not installed: pip install 'gavel-judge[otel]', "
            "or unset the variable"
        ) from error
    return cast(Telemetry, module.open_otel(service, env))
