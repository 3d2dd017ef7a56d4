"""WSGI middleware: takes the client's ``traceparent``, and exports a span and the duration of each request.

Without the header and without an exporter a request passes at the cost of one lookup.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

from judge_api.middleware.headers import StartResponse, WsgiApp
from judge_api.middleware.http_metrics import ROUTE
from judge_core.logging import log_context
from judge_core.telemetry import Telemetry
from judge_core.tracing import read_traceparent, trace_id, within_trace

_HEADER = "HTTP_TRACEPARENT"
_SERVER_ERROR = 500


class Tracing:
    """Everything that runs inside belongs to the trace of the request."""

    def __init__(self, app: WsgiApp, telemetry: Telemetry | None) -> None:
        self._app = app
        self._telemetry = telemetry

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        given = environ.get(_HEADER)
        if given is None and self._telemetry is None:
            return self._app(environ, start_response)
        parent = read_traceparent(given)
        if self._telemetry is not None:
            return self._exported(self._telemetry, parent, environ, start_response)
        if parent is None:
            return self._app(environ, start_response)
        with within_trace(parent), log_context(trace=trace_id(parent)):
            return self._app(environ, start_response)

    def _exported(
        self,
        telemetry: Telemetry,
        parent: str | None,
        environ: dict[str, Any],
        start_response: StartResponse,
    ) -> Iterable[bytes]:
        method, began, status = environ["REQUEST_METHOD"], time.monotonic(), [500]
        span = telemetry.begin(f"{method} request", parent, server=True)

        def start(line: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            status[0] = int(line[:3])
            return start_response(line, headers, *rest)

        try:
            with within_trace(span.traceparent), log_context(trace=trace_id(span.traceparent)):
                return self._app(environ, start)
        finally:
            attributes = _attributes(environ, method, status[0])
            name = f"{method} {attributes['http.route']}"
            span.end(attributes, failed=status[0] >= _SERVER_ERROR, name=name)
            telemetry.measure("http.server.request.duration", time.monotonic() - began, attributes)


def _attributes(environ: dict[str, Any], method: str, status: int) -> dict[str, str | int]:
    route = str(environ.get(ROUTE, "other"))
    return {"http.request.method": method, "http.route": route, "http.response.status_code": status}
