"""Warnings about the configuration of Redis and the database, for operators; asked at most once a minute."""

from __future__ import annotations

import threading

from sqlalchemy import Engine

from judge_api.settings import Settings
from judge_api.store.server_check import database_warnings
from judge_core.clock import SYSTEM_CLOCK, Clock
from judge_core.logging import get_logger
from judge_core.model.errors import QueueUnavailable, StoreUnavailable
from judge_core.redis.memory_check import redis_warnings

_logger = get_logger(__name__)
_CACHE_SECONDS = 60.0
_REDIS_SECONDS = 1.0


class BackendCheck:
    """While one of them cannot be reached, the last warnings stay, since that is no fault of its
    configuration."""

    def __init__(self, engine: Engine, settings: Settings, clock: Clock = SYSTEM_CLOCK) -> None:
        self._engine = engine
        self._settings = settings
        self._clock = clock
        self._lock = threading.Lock()
        self._read_at = float("-inf")
        self._warnings: tuple[str, ...] = ()

    def warnings(self) -> tuple[str, ...]:
        """Each fault with its fix, at most a minute old."""
        with self._lock:
            if self._clock.monotonic() - self._read_at > _CACHE_SECONDS:
                self._read_at = self._clock.monotonic()
                self._read()
        return self._warnings

    def log(self) -> None:
        """Write the warnings into the log, when a process starts."""
        for warning in self.warnings():
            _logger.warning("A server behind Gavel is configured badly", reason=warning)

    def _read(self) -> None:
        try:
            of_database = database_warnings(self._engine, self._settings.database_connections)
            self._warnings = (*redis_warnings(self._settings.redis_url, _REDIS_SECONDS), *of_database)
        except (QueueUnavailable, StoreUnavailable) as error:
            _logger.info("The configuration of Redis and database is not checked now", reason=str(error))
