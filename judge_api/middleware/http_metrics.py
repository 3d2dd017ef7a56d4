"""HTTP requests, counted in whichever process answers them and told together.

With several processes prometheus_client keeps the numbers in files of a folder that they share; that folder
is named before the library is imported, by ``judge_api.gunicorn_conf``.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from flask import Flask, request
from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from judge_api.middleware.headers import StartResponse, WsgiApp

KEY = "gavel.traffic"
BEGAN = "gavel.began"
STATUS_ROUTE = "/status/<id>"
ROUTE = "gavel.route"
_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
_BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class HttpMetrics:
    """Times until the answer begins: a stream of events may then last for hours."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._registry = CollectorRegistry()
        self._seconds = Histogram(
            "gavel_http_request_seconds",
            "Seconds until an answer begins",
            ("method", "route", "status"),
            registry=self._registry,
            buckets=_BOUNDS,
        )
        self._lines: dict[tuple[str, str, str], Any] = {}

    def count(self, method: str, route: str, status: str, seconds: float) -> None:
        line = self._lines.get((method, route, status))
        if line is None:
            line = self._lines[method, route, status] = self._seconds.labels(method, route, status)
        line.observe(seconds)

    def tell(self) -> bytes:
        """Of all processes that share the folder, the ended ones included; else of this one."""
        if self._folder is None:
            return generate_latest(self._registry)
        together = CollectorRegistry()
        MultiProcessCollector(together, str(self._folder))  # type: ignore[no-untyped-call]
        return generate_latest(together)


class Counted:
    """WSGI around everything that answers, but for the quick answer to a poll, which counts itself."""

    def __init__(self, app: WsgiApp, traffic: HttpMetrics) -> None:
        self._app = app
        self._traffic = traffic

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        # Somebody may have looked at it before, in vain.
        began: float = environ.get(BEGAN) or time.perf_counter()

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            method = environ["REQUEST_METHOD"]
            known = method if method in _METHODS else "other"
            self._traffic.count(known, _route(environ), status[:3], time.perf_counter() - began)
            return start_response(status, headers, *rest)

        return self._app(environ, start)


def note_routes(app: Flask) -> None:
    """Let each request say by which rule it is answered: paths themselves are too many to count by."""

    def note() -> None:
        request.environ[ROUTE] = request.url_rule.rule if request.url_rule else "none"

    app.before_request(note)


def _route(environ: dict[str, Any]) -> str:
    route: str | None = environ.get(ROUTE)
    if route is not None:
        return route
    return "none"  # answered before Flask saw it: a browser's question whether it may ask
