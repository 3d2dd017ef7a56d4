"""WSGI middleware for the context of a request: the client's address, the id in log lines, and the trace.

The code below the views reads this context without getting it as a parameter. The middleware also measures
each request for Prometheus and, if configured, for OpenTelemetry: method, route, status and seconds until the
response.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

from flask import Flask, request

from judge_api.middleware.headers import REQUEST_ID, StartResponse, WsgiApp
from judge_api.services.client_address import current_address
from judge_api.services.http_counters import HttpCounters
from judge_core.logging import log_context
from judge_core.telemetry import Telemetry
from judge_core.tracing import read_traceparent, trace_id, within_trace

STARTED_AT = "gavel.began"
"""A key of the WSGI environment: the time at which the first middleware got the request."""
ROUTE = "gavel.route"
"""A key of the WSGI environment: the URL rule that the request matched."""
STATUS_ROUTE = "/status/<id>"
_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))


class HttpMetricsMiddleware:
    """WSGI middleware that measures requests.

    The fast path of statuses is outside of it and records its own responses.
    """

    def __init__(self, app: WsgiApp, metrics: HttpCounters) -> None:
        self._app = app
        self._metrics = metrics

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        # A fast path that left the request to the view may have set the time.
        started_at: float = environ.get(STARTED_AT) or time.perf_counter()

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            method = environ["REQUEST_METHOD"]
            known = method if method in _METHODS else "other"
            # A CORS preflight is answered before Flask has matched a route.
            route = environ.get(ROUTE) or "none"
            self._metrics.observe(known, route, status[:3], time.perf_counter() - started_at)
            return start_response(status, headers, *rest)

        return self._app(environ, start)


def record_routes(app: Flask) -> None:
    """Record each request's URL rule. The paths themselves are too many for a metric's label."""

    def record() -> None:
        request.environ[ROUTE] = request.url_rule.rule if request.url_rule else "none"

    app.before_request(record)


_HEADER = "HTTP_TRACEPARENT"
_SERVER_ERROR = 500


class ClientAddress:
    """Keeps the client's address. It must be inside the middleware that trusts proxies."""

    def __init__(self, app: WsgiApp) -> None:
        self._app = app

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        current_address.set(environ.get("REMOTE_ADDR"))
        return self._app(environ, start_response)


class RequestLogContext:
    """Adds the request id to every log line of the request."""

    def __init__(self, app: WsgiApp) -> None:
        self._app = app

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        with log_context(request=environ.get(REQUEST_ID)):
            return self._app(environ, start_response)


class Tracing:
    """Reads the client's ``traceparent``, and exports a span and the duration of each request.

    Everything that runs for the request belongs to its trace. Without the header and without an exporter,
    this costs a request only one lookup.
    """

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
