"""The Redis users of workers. Each has its own keys, so that stolen credentials give access to no other
worker's keys.

A user is named ``worker-NAME``. The names of its worker processes begin with ``worker-NAME@``, and its keys
follow from that. Workers without such a user share the old keys. They use an embedded Redis, or are of
release 0.2.0.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from fnmatch import fnmatchcase
from urllib.parse import unquote

from redis import Redis
from redis.exceptions import NoPermissionError, ResponseError

from judge_core.redis.client import translate_redis_errors

USER_PREFIX = "worker-"
_SEPARATOR = "@"
_MAX_USERS = 1_000
_CACHE_SECONDS = 5.0
_KEY_PATTERN = re.compile(r"(?<!%R)(?<!%W)~([^\s'\"]+)")
"""Finds, in Redis' answer, the keys that a user may read and write: those of the user itself and of each
selector."""


def user_of_url(url: str) -> str | None:
    """The worker's own user in a Redis URL; ``None`` if there is no user or another user."""
    credentials, at, _ = url.partition("://")[2].rpartition("@")
    user = unquote(credentials.partition(":")[0]) if at else ""
    return user if user.startswith(USER_PREFIX) else None


def process_name(user: str | None, name: str) -> str:
    """The name of a worker process that signs in as this user."""
    return name if user is None else f"{user}{_SEPARATOR}{name}"


def user_of_worker(name: str) -> str | None:
    """The user as which a worker process of this name signs in; ``None`` for a shared user."""
    user, separator, _ = name.partition(_SEPARATOR)
    return user if separator and user.startswith(USER_PREFIX) else None


class WorkerUsers:
    """Asks Redis for its users, at most every few seconds. A Redis that refuses to name its users counts as
    having none."""

    def __init__(self, redis: Redis, clock: Callable[[], float] = time.monotonic) -> None:
        self._redis = redis
        self._clock = clock
        self._asked_at = float("-inf")
        self._names: tuple[str, ...] = ()
        self._keys: dict[str, tuple[str, ...] | None] = {}

    def names(self) -> tuple[str, ...]:
        """The users of workers, sorted. May raise ``QueueUnavailable``."""
        if self._clock() - self._asked_at > _CACHE_SECONDS:
            self._names = self._ask()
            self._keys = {}
            self._asked_at = self._clock()
        return self._names

    def all(self) -> tuple[str | None, ...]:
        """All users of workers, and ``None`` for the workers that share the old keys."""
        return (None, *self.names())

    def may_serve(self, user: str | None, queue: str) -> bool:
        """Whether a worker of this user may pop jobs of this queue.

        Jobs sent to a worker that may not pop them would wait for ever. True if Redis does not show users'
        rights: it refuses the command, or has no such rules (before 7.0).
        """
        if user is None:
            return True
        known = self._keys  # another thread may replace them
        if user not in known:
            known[user] = self._ask_keys(user)
        patterns = known[user]
        return patterns is None or any(fnmatchcase(f"rq:queue:{queue}", pattern) for pattern in patterns)

    def _ask_keys(self, user: str) -> tuple[str, ...] | None:
        with translate_redis_errors():
            try:
                found = self._redis.acl_getuser(user)
            except (NoPermissionError, ResponseError):
                return None
        return tuple(_KEY_PATTERN.findall(str(found))) or None

    def _ask(self) -> tuple[str, ...]:
        with translate_redis_errors():
            try:
                found = self._redis.acl_users()
            except (NoPermissionError, ResponseError):
                return ()
        names = (name.decode() if isinstance(name, bytes) else name for name in found)
        return tuple(sorted(name for name in names if name.startswith(USER_PREFIX)))[:_MAX_USERS]
