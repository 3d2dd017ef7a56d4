"""Runs work in a thread that would otherwise keep every greenlet of the process waiting."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import gevent
from gevent.threadpool import ThreadPool

T = TypeVar("T")


def in_thread(work: Callable[[], T]) -> T:
    """The result of this work. Other requests go on meanwhile."""
    pool: ThreadPool = gevent.get_hub().threadpool
    result: T = pool.apply(work)
    return result
