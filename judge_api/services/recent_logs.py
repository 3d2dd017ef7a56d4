"""The latest log lines of the processes that `gavel up` has started on this host.

Processes that were started in another way, or on other hosts, write their logs elsewhere.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from judge_api.services.in_thread import in_thread
from judge_core.model.submission import from_rfc3339

MOST_BYTES = 16 * 1024 * 1024
"""The largest number of bytes that are read from the end of each log."""
_LONGEST_LINE = 4_000
_PROCESSES = ("api", "dispatcher", "worker-")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z")
_LEVEL = re.compile(r"\b(DEBUG|INFO|WARNING|ERROR|CRITICAL)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line. A line without a time, as in a traceback, has ``at`` and ``level`` of the line before."""

    process: str
    at: datetime
    level: str
    text: str


class RecentLogs:
    """Reads the logs of a data folder."""

    def __init__(self, data: Path) -> None:
        self._folder = data / "logs"

    def processes(self) -> list[str]:
        """The names of the processes whose logs are here."""
        return sorted(self._files())

    def lines(
        self, since: datetime, processes: Sequence[str] = (), wanted: str = "", limit: int = 500
    ) -> list[LogLine]:
        """The latest ``limit`` lines that contain ``wanted``, oldest first. Without ``processes``, lines of
        all processes."""
        return in_thread(lambda: self._lines(since, processes, wanted, limit))

    def _lines(self, since: datetime, processes: Sequence[str], wanted: str, limit: int) -> list[LogLine]:
        files = self._files()
        found: list[LogLine] = []
        for name in processes or sorted(files):
            if name in files:
                matching = (line for line in _read(name, files[name], since) if wanted in line.text)
                found += deque(matching, maxlen=limit)
        return sorted(found, key=lambda line: line.at)[-limit:]

    def _files(self) -> dict[str, Path]:
        paths = self._folder.glob("*.log")
        return {path.stem: path for path in paths if path.stem.startswith(_PROCESSES)}


def _read(process: str, path: Path, since: datetime) -> Iterator[LogLine]:
    at: datetime | None = None
    level = "INFO"
    try:
        with path.open("rb") as log:
            log.seek(max(0, log.seek(0, 2) - MOST_BYTES))
            for raw in log:
                text = raw[:_LONGEST_LINE].decode(errors="replace").rstrip("\n")
                head = text[:200]
                if (moment := _time_in(head)) is not None:
                    at = moment
                    named = _LEVEL.search(head)
                    level = named[1].upper() if named else "INFO"
                if at is not None and at >= since:
                    yield LogLine(process, at, level, text)
    except OSError:
        return


def _time_in(text: str) -> datetime | None:
    """The first time in a text. ``None`` if it is not valid: a line may contain a client's text that looks
    like a time."""
    found = _TIME.search(text)
    try:
        return from_rfc3339(found[0]) if found else None
    except ValueError:
        return None
