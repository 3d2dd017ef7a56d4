"""Checks that the database takes writes, with a write that changes nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import monotonic

from sqlalchemy import Engine, text

from judge_api.store.engine import write_transaction

_VALID_SECONDS = 1.0
_WRITE = text("UPDATE alembic_version SET version_num = version_num")
"""Writes the schema's version unchanged. Every database has this row, and only migrations change it."""


class WriteCheck:
    """Within a second after a success it does not write again, since health checks may come from many
    places."""

    def __init__(self, engine: Engine, clock: Callable[[], float] = monotonic) -> None:
        self._engine = engine
        self._clock = clock
        self._lock = threading.Lock()
        self._succeeded_at = float("-inf")

    def write(self) -> None:
        """Write and commit, unless that succeeded a moment ago. Raises ``StoreUnavailable``."""
        with self._lock:
            if self._clock() - self._succeeded_at < _VALID_SECONDS:
                return
            with write_transaction(self._engine) as connection:
                connection.execute(_WRITE)
            self._succeeded_at = self._clock()
