"""Runs work in a thread. Otherwise the work would make every greenlet of the process wait."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import gevent
from gevent.threadpool import ThreadPool

T = TypeVar("T")


def in_thread(work: Callable[[], T]) -> T:
    """The result of this work. Meanwhile the process answers other requests."""
    pool: ThreadPool = gevent.get_hub().threadpool
    result: T = pool.apply(work)
    return result
