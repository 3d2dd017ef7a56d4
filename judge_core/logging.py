"""Structured logging: each line is a constant sentence plus fields, so that logs can be searched.

>>> logger = get_logger(__name__)
>>> logger.info("Verdict recorded", submission="0199...", attempt=1)

Never log source code, outputs or secrets. Sentences are constants, and fields are ids and numbers.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, TextIO

ROTATED = ".old"
"""The ending of a rotated log's stem: ``api.log`` is rotated to ``api.old.log``."""
_FIELDS = "log_fields"
_THROTTLE_SECONDS = 60.0
_context: ContextVar[Mapping[str, Any]] = ContextVar("log_context", default=MappingProxyType({}))


def rotated_log(log: Path) -> Path:
    """The file to which `gavel up` moves the content of a large log."""
    return log.with_suffix(f"{ROTATED}{log.suffix}")


class StructuredLogger:
    """Writes sentences with fields, and adds the fields of the enclosing :func:`log_context`."""

    __slots__ = ("_logger",)

    def __init__(self, logger: logging.Logger) -> None:
        self._logger = logger

    def debug(self, sentence: str, **fields: object) -> None:
        self._write(logging.DEBUG, sentence, fields)

    def info(self, sentence: str, **fields: object) -> None:
        self._write(logging.INFO, sentence, fields)

    def warning(self, sentence: str, **fields: object) -> None:
        self._write(logging.WARNING, sentence, fields)

    def error(self, sentence: str, **fields: object) -> None:
        self._write(logging.ERROR, sentence, fields)

    def exception(self, sentence: str, **fields: object) -> None:
        """Log an error with the traceback of the exception that is being handled."""
        self._write(logging.ERROR, sentence, fields, trace=True)

    def _write(self, level: int, sentence: str, fields: Mapping[str, object], trace: bool = False) -> None:
        logger = self._logger
        if logger.isEnabledFor(level):
            extra = {_FIELDS: {**_context.get(), **fields}}
            caught = sys.exc_info() if trace else None
            # ``logger.log`` is not used, since it searches the stack for the source line, which no log line
            # shows.
            logger.handle(logger.makeRecord(logger.name, level, "", 0, sentence, (), caught, extra=extra))


def get_logger(name: str) -> StructuredLogger:
    """The logger of a module: ``get_logger(__name__)``."""
    return StructuredLogger(logging.getLogger(name))


@contextmanager
def log_context(**fields: object) -> Iterator[None]:
    """Add these fields to every line that is written inside the context, by called functions, too."""
    token = _context.set({**_context.get(), **fields})
    try:
        yield
    finally:
        _context.reset(token)


def configure_logging(format: str, process: str, level: str = "INFO", stream: TextIO | None = None) -> None:
    """Send the log of the whole process to one stream (standard error) in one format. A later call replaces
    both."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(_JsonLines(process) if format == "json" else _TextLines(process))
    # Log lines show no thread and no kind of process. Finding these would take time for
    # every line.
    logging.logThreads = logging.logMultiprocessing = False
    logging.basicConfig(level=level, handlers=[handler], force=True)


def _moment(record: logging.LogRecord) -> str:
    return f"{_second(int(record.created))}.{int(record.msecs):03d}Z"


@lru_cache(maxsize=1)
def _second(at: int) -> str:
    """The time's text up to the second, made once for all lines of that second."""
    return datetime.fromtimestamp(at, UTC).isoformat()[: -len("+00:00")]


class _TextLines(logging.Formatter):
    """Formats lines as text, such as ``2026-01-01T00:00:00.000Z INFO api  Verdict recorded  attempt=1``."""

    def __init__(self, process: str) -> None:
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        fields = " ".join(f"{k}={_plain(v)}" for k, v in getattr(record, _FIELDS, {}).items())
        sentence = f"{_moment(record)} {record.levelname} {self._process}  {record.getMessage()}"
        trace = "\n" + self.formatException(record.exc_info) if record.exc_info else ""
        return f"{sentence}  {fields}{trace}" if fields else f"{sentence}{trace}"


class _JsonLines(logging.Formatter):
    """Formats each line as a JSON object: at, level, process, logger, sentence, then the fields."""

    def __init__(self, process: str) -> None:
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": _moment(record),
            "level": record.levelname,
            "process": self._process,
            "logger": record.name,
            "sentence": record.getMessage(),
            **getattr(record, _FIELDS, {}),
        }
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def _plain(value: object) -> str:
    """The value as one word of a line. A text with spaces or line ends is quoted, so that no value can forge
    a line."""
    text = str(value)
    return text if text.isprintable() and " " not in text else json.dumps(text)


class ThrottledWarning:
    """Logs a warning at most once a minute, since another release may send thousands of bad messages."""

    def __init__(self, logger: StructuredLogger, sentence: str) -> None:
        self._logger = logger
        self._sentence = sentence
        self._unlogged = 0
        self._next = float("-inf")

    def log(self, fault: Exception | str) -> None:
        """Count one more occurrence, and log the number since the last line if a minute has passed."""
        self._unlogged += 1
        now = time.monotonic()
        if now >= self._next:
            self._next = now + _THROTTLE_SECONDS
            self._logger.warning(self._sentence, times=self._unlogged, reason=str(fault))
            self._unlogged = 0
