"""Warnings for operators about the configuration of Redis and the database. They are looked up at most once a
minute."""

from __future__ import annotations

from sqlalchemy import Engine

from judge_api.services.cached_warnings import CachedWarnings
from judge_api.settings import Settings
from judge_api.store.server_check import database_warnings
from judge_core.clock import SYSTEM_CLOCK, Clock
from judge_core.logging import get_logger
from judge_core.model.errors import QueueUnavailable, StoreUnavailable
from judge_core.redis.memory_check import redis_warnings

_logger = get_logger(__name__)
_REDIS_SECONDS = 1.0


class BackendCheck:
    """Finds the warnings.

    While Redis or the database cannot be reached, the last warnings stay, because an outage is no fault of
    the configuration.
    """

    def __init__(self, engine: Engine, settings: Settings, clock: Clock = SYSTEM_CLOCK) -> None:
        self._engine = engine
        self._settings = settings
        self._cached = CachedWarnings(self._read, clock)

    def warnings(self) -> tuple[str, ...]:
        """Each fault with its fix. The list is at most a minute old while Redis and the database answer."""
        return self._cached.latest()

    def log(self) -> None:
        """Write the warnings into the log, when a process starts."""
        for warning in self.warnings():
            _logger.warning("Redis or the database is not configured as Gavel needs it", reason=warning)

    def _read(self) -> tuple[str, ...] | None:
        try:
            of_database = database_warnings(self._engine, self._settings.database_connections)
            return (*redis_warnings(self._settings.redis_url, _REDIS_SECONDS), *of_database)
        except (QueueUnavailable, StoreUnavailable) as error:
            _logger.info(
                "The configuration of Redis and the database could not be checked", reason=str(error)
            )
            return None
