"""Hashes and verifies passwords with argon2id, in threads: hashing is slow on purpose."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import gevent
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from gevent.threadpool import ThreadPool

T = TypeVar("T")
_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


def hash_password(password: str) -> str:
    return _in_thread(lambda: _hasher.hash(password))


def hash_passwords(passwords: Sequence[str]) -> list[str]:
    """The hashes of many passwords, made on all cores."""
    pool: ThreadPool = gevent.get_hub().threadpool
    return list(pool.map(_hasher.hash, passwords))


def verify_password(hashed: str | None, password: str) -> bool:
    """Whether this is the password. Takes as long without a hash, so that time does not give names away."""
    return _in_thread(lambda: _verify(hashed, password))


def _verify(hashed: str | None, password: str) -> bool:
    if hashed is None:
        _hasher.hash(password)
        return False
    try:
        return _hasher.verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False


def _in_thread(work: Callable[[], T]) -> T:
    """Run it in a thread: argon2 releases the interpreter's lock, but would block every greenlet."""
    pool: ThreadPool = gevent.get_hub().threadpool
    result: T = pool.apply(work)
    return result
