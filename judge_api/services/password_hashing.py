"""Hashes and verifies passwords with argon2id, in threads, because hashing is slow on purpose.

argon2 releases the interpreter's lock, but without a thread it would block every greenlet.
"""

from __future__ import annotations

from collections.abc import Sequence

import gevent
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from gevent.threadpool import ThreadPool

from judge_api.services.in_thread import in_thread

_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


def hash_password(password: str) -> str:
    return in_thread(lambda: _hasher.hash(password))


def hash_passwords(passwords: Sequence[str]) -> list[str]:
    """The hashes of many passwords, made by several threads at once."""
    pool: ThreadPool = gevent.get_hub().threadpool
    return list(pool.map(_hasher.hash, passwords))


def verify_password(hashed: str | None, password: str) -> bool:
    """Whether this is the password.

    It takes the same time without a hash, so the time does not reveal which names exist.
    """
    return in_thread(lambda: _verify(hashed, password))


def _verify(hashed: str | None, password: str) -> bool:
    if hashed is None:
        _hasher.hash(password)
        return False
    try:
        return _hasher.verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False
