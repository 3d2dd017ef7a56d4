"""Passwords, kept as argon2id; slow on purpose, so the work is done beside the event loop."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import gevent
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from gevent.threadpool import ThreadPool

T = TypeVar("T")
_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


def hash_password(password: str) -> str:
    return _beside(lambda: _hasher.hash(password))


def fits(kept: str | None, password: str) -> bool:
    """Whether this is the password; takes its time also when there is none."""
    return _beside(lambda: _verify(kept, password))


def _verify(kept: str | None, password: str) -> bool:
    if kept is None:
        _hasher.hash(password)
        return False
    try:
        return _hasher.verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False


def _beside(work: Callable[[], T]) -> T:
    """In a thread of its own: argon2 lets go of the interpreter, but would hold up every greenlet."""
    pool: ThreadPool = gevent.get_hub().threadpool
    found: T = pool.apply(work)
    return found
