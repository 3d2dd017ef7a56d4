"""The time that one request may spend on the database, over all its statements and all its waiting.

Each limit of :class:`~judge_api.store.engine.DatabaseLimits` is for one step. A request takes several: it
waits for a connection, opens it, waits for a lock. Their sum is longer than a client waits for an answer.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import gevent


class TimeBudgetSpent(gevent.Timeout):  # type: ignore[misc]
    """The request has no time left for the database.

    A ``BaseException``, as SQLAlchemy needs it: it then closes the connection, which is in mid-statement.
    """


class TimeBudget:
    """The seconds that are left. ``TimeBudgetSpent`` is raised inside a ``with`` block once they are used up.

    Blocks one after the other share the time; one inside another counts once. Only gevent can interrupt: in
    a plain thread the block goes on.
    """

    __slots__ = ("_began", "_depth", "_left", "_timeout")

    def __init__(self, seconds: float) -> None:
        self._left = seconds
        self._depth = 0

    def __enter__(self) -> None:
        self._depth += 1
        if self._depth == 1:
            self._began = time.monotonic()
            self._timeout = TimeBudgetSpent(max(0.0, self._left))
            self._timeout.start()

    def __exit__(self, *_error: object) -> None:
        self._depth -= 1
        if not self._depth:
            self._timeout.close()
            self._left -= time.monotonic() - self._began


_current: ContextVar[TimeBudget | None] = ContextVar("database_time_budget", default=None)


def current_budget() -> TimeBudget | None:
    """The budget of the request that runs now; ``None`` without a limit."""
    return _current.get()


@contextmanager
def within_time_budget(seconds: float) -> Iterator[None]:
    """Give everything inside, also what it calls, so many seconds for the database."""
    token = _current.set(TimeBudget(seconds))
    try:
        yield
    finally:
        _current.reset(token)
