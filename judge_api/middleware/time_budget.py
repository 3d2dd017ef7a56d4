"""Limits the time that a request which writes may spend on the database, so that its answer is in time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from judge_api.middleware.headers import StartResponse, WsgiApp
from judge_api.store.time_budget import within_time_budget

_READING_METHODS = frozenset(("GET", "HEAD", "OPTIONS"))
_UNLIMITED = ("/admin/", "/internal/")
"""Below these, one request may rejudge or delete thousands of rows, and its client waits."""


class TimeBudgetMiddleware:
    """WSGI middleware. A request whose time is up is answered with 503: nothing of it was stored."""

    def __init__(self, app: WsgiApp, seconds: float) -> None:
        self._app = app
        self._seconds = seconds

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] in _READING_METHODS or environ["PATH_INFO"].startswith(_UNLIMITED):
            return self._app(environ, start_response)
        with within_time_budget(self._seconds):
            return self._app(environ, start_response)
