"""The trace of the current request, as a ``traceparent`` of W3C's standard.

The trace is stored with a submission in the database and in the queue. The worker passes it on to the
verdict. This is so even if no traces are exported (:mod:`judge_core.telemetry`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

TRACEPARENT_PATTERN = r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}"
_TRACEPARENT = re.compile(TRACEPARENT_PATTERN)
current_traceparent: ContextVar[str | None] = ContextVar("traceparent", default=None)
"""The value that :func:`within_trace` has set; ``None`` outside of any trace."""


def read_traceparent(header: str | None) -> str | None:
    """The header if it is valid, else ``None``. W3C's standard asks to go on without a trace then."""
    return header if header is not None and _TRACEPARENT.fullmatch(header) else None


def trace_id(traceparent: str | None) -> str | None:
    """The id of the trace. All spans of a trace have the same id."""
    return traceparent.split("-")[1] if traceparent else None


@contextmanager
def within_trace(traceparent: str) -> Iterator[None]:
    """Make everything that runs inside the context belong to this trace."""
    token = current_traceparent.set(traceparent)
    try:
        yield
    finally:
        current_traceparent.reset(token)
