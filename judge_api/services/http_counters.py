"""Counts HTTP requests and their times for Prometheus, over all processes that answer requests.

If there are several processes, prometheus_client keeps the numbers in files of a shared folder.
``judge_api.gunicorn_conf`` sets that folder before the library is imported.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from judge_core.logging import ThrottledWarning, get_logger

_uncounted = ThrottledWarning(get_logger(__name__), "Requests cannot be counted")
_BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class HttpCounters:
    """Counts requests and measures their times.

    The time ends when the response begins, because an event stream may last for hours after that.
    """

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
        self._children: dict[tuple[str, str, str], Any] = {}

    def observe(self, method: str, route: str, status: str, seconds: float) -> None:
        child = self._children.get((method, route, status))
        if child is None:
            try:
                self._make_folder()
                child = self._seconds.labels(method, route, status)
            except OSError as error:  # A request must not fail because it cannot be counted.
                _uncounted.log(str(error))
                return
            self._children[method, route, status] = child
        child.observe(seconds)

    def _make_folder(self) -> None:
        """Make the folder again if a cleaner of temporary files has removed it."""
        if self._folder is not None:
            self._folder.mkdir(mode=0o700, exist_ok=True)

    def render(self) -> bytes:
        """The numbers as Prometheus text. They are of all processes that share the folder, or of this process
        if there is no folder."""
        if self._folder is None:
            return generate_latest(self._registry)
        self._make_folder()
        together = CollectorRegistry()
        MultiProcessCollector(together, str(self._folder))  # type: ignore[no-untyped-call]
        return generate_latest(together)
