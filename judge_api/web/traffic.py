"""HTTP requests, counted in whichever process answers them and told together.

With several processes prometheus_client keeps the numbers in files of a folder that they share; that folder
is named before the library is imported, by ``judge_api.gunicorn_conf``.
"""

from __future__ import annotations

import threading
import time
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from flask import Flask, request
from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from judge_api.web.envelope import StartResponse, WsgiApp

KEY = "gavel.traffic"
_ROUTE = "gavel.route"
_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
_SOON_SECONDS = 1.0
Line = tuple[str, str, str]
"""Method, route and status."""
_BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class _Seconds(Histogram):
    """A histogram that takes many observations at once."""

    def take(self, total: float, by_bucket: Sequence[int]) -> None:
        self._sum.inc(total)
        for bucket, number in zip(self._buckets, by_bucket, strict=True):
            if number:
                bucket.inc(number)


class _Held:
    """What was counted and not yet told of one line."""

    __slots__ = ("by_bucket", "total")

    def __init__(self) -> None:
        self.total = 0.0
        self.by_bucket = [0] * (len(_BOUNDS) + 1)


class Traffic:
    """Times until the answer begins: a stream of events may then last for hours."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._registry = CollectorRegistry()
        self._seconds = _Seconds(
            "gavel_http_request_seconds",
            "Seconds until an answer begins",
            ("method", "route", "status"),
            registry=self._registry,
            buckets=_BOUNDS,
        )
        self._lines: dict[Line, _Seconds] = {}
        self._held: dict[Line, _Held] = {}
        self._telling: threading.Timer | None = None

    def count(self, line: Line, seconds: float) -> None:
        self._line(line).observe(seconds)

    def count_soon(self, line: Line, seconds: float) -> None:
        """Within a second: writing each into the shared file at once is a tenth of what a poll costs."""
        held = self._held.get(line)
        if held is None:
            held = self._held[line] = _Held()
        held.total += seconds
        held.by_bucket[bisect_left(_BOUNDS, seconds)] += 1
        if self._telling is None:
            self._telling = threading.Timer(_SOON_SECONDS, self._tell_held)
            self._telling.daemon = True
            self._telling.start()

    def _tell_held(self) -> None:
        self._telling = None
        held, self._held = self._held, {}
        for line, found in held.items():
            self._line(line).take(found.total, found.by_bucket)

    def _line(self, line: Line) -> _Seconds:
        found = self._lines.get(line)
        if found is None:
            found = self._lines[line] = self._seconds.labels(*line)
        return found

    def tell(self) -> bytes:
        """Of all processes that share the folder, the ended ones included; else of this one."""
        self._tell_held()
        if self._folder is None:
            return generate_latest(self._registry)
        together = CollectorRegistry()
        MultiProcessCollector(together, str(self._folder))  # type: ignore[no-untyped-call]
        return generate_latest(together)


class Counted:
    """WSGI around everything that answers."""

    def __init__(self, app: WsgiApp, traffic: Traffic) -> None:
        self._app = app
        self._traffic = traffic

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        began = time.perf_counter()

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            method = environ["REQUEST_METHOD"]
            known = method if method in _METHODS else "other"
            route: str | None = environ.get(_ROUTE)
            count = self._traffic.count if route is not None else self._traffic.count_soon
            count((known, route or _unrouted(environ), status[:3]), time.perf_counter() - began)
            return start_response(status, headers, *rest)

        return self._app(environ, start)


def note_routes(app: Flask) -> None:
    """Let each request say by which rule it is answered: paths themselves are too many to count by."""

    def note() -> None:
        request.environ[_ROUTE] = request.url_rule.rule if request.url_rule else "none"

    app.before_request(note)


def _unrouted(environ: dict[str, Any]) -> str:
    """Answered before Flask saw it: a plain poll, or a browser's question whether it may ask."""
    return "/status/<id>" if environ["PATH_INFO"].startswith("/status/") else "none"
