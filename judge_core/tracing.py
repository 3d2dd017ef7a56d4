"""The trace that a request belongs to, as W3C's ``traceparent`` names it, in the current context.

It is carried with a submission through database, queue and worker to the verdict, whether traces are exported
or not (:mod:`judge_core.telemetry`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

TRACEPARENT_PATTERN = r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}"
_TRACEPARENT = re.compile(TRACEPARENT_PATTERN)
current_traceparent: ContextVar[str | None] = ContextVar("traceparent", default=None)
"""Set by :func:`within_trace`; ``None`` outside of any trace."""


def read_traceparent(header: str | None) -> str | None:
    """The header if it is valid, else ``None``: W3C asks to go on without a trace then."""
    return header if header is not None and _TRACEPARENT.fullmatch(header) else None


def trace_id(traceparent: str | None) -> str | None:
    """The part that is the same for all spans of a trace."""
    return traceparent.split("-")[1] if traceparent else None


@contextmanager
def within_trace(traceparent: str) -> Iterator[None]:
    """Everything that runs inside belongs to this trace."""
    token = current_traceparent.set(traceparent)
    try:
        yield
    finally:
        current_traceparent.reset(token)
