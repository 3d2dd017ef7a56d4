"""Measures every request that passes through it: method, route, status and seconds until the response."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

from flask import Flask, request

from judge_api.middleware.headers import StartResponse, WsgiApp
from judge_api.services.http_counters import HttpCounters

STARTED_AT = "gavel.began"
"""In a request's WSGI environment: when the first middleware saw it."""
ROUTE = "gavel.route"
"""In a request's WSGI environment: the URL rule that it matched."""
STATUS_ROUTE = "/status/<id>"
_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))


class HttpMetricsMiddleware:
    """WSGI middleware. The fast path of statuses lies around it and records its own responses."""

    def __init__(self, app: WsgiApp, metrics: HttpCounters) -> None:
        self._app = app
        self._metrics = metrics

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        # A fast path that did not answer may have set the time.
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
    """Record each request's URL rule: the paths themselves are too many for a metric's label."""

    def record() -> None:
        request.environ[ROUTE] = request.url_rule.rule if request.url_rule else "none"

    app.before_request(record)
