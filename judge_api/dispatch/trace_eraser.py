"""Erases personal data when its retention period is over. The settings ``GAVEL_ADDRESS_DAYS`` and
``GAVEL_LOG_DAYS`` name the periods."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from judge_api.settings import Settings
from judge_api.store.kept_traces import KeptTraces
from judge_core.clock import SYSTEM_CLOCK, Clock
from judge_core.logging import ROTATED, get_logger

_logger = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class RetentionPeriods:
    """The periods in days. 0 means that the data are kept for ever."""

    addresses: int
    logs: int

    @classmethod
    def of(cls, settings: Settings) -> RetentionPeriods:
        return cls(settings.address_days, settings.log_days)


class TraceEraser:
    """Erases addresses, entries of the audit log, and log files that were rotated."""

    def __init__(
        self, traces: KeptTraces, periods: RetentionPeriods, logs: Path, clock: Clock = SYSTEM_CLOCK
    ) -> None:
        self._traces = traces
        self._periods = periods
        self._logs = logs
        self._clock = clock

    def erase_once(self) -> None:
        """Erase what is older than its period. Raises ``StoreUnavailable``."""
        now = self._clock.now()
        addresses = entries = files = 0
        if self._periods.addresses:
            addresses = self._traces.erase_addresses(now - timedelta(days=self._periods.addresses))
        if self._periods.logs:
            before = now - timedelta(days=self._periods.logs)
            entries, files = self._traces.delete_audit(before), self._delete_logs(before)
        if addresses or entries or files:
            _logger.info("Old data erased", addresses=addresses, audit_entries=entries, log_files=files)

    def _delete_logs(self, before: datetime) -> int:
        count = 0
        for file in self._logs.glob(f"*{ROTATED}.log") if self._logs.is_dir() else ():
            with suppress(OSError):  # The file was rotated again, or deleted, meanwhile.
                if file.stat().st_mtime < before.timestamp():
                    file.unlink()
                    count += 1
        return count
