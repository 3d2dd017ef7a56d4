"""Watches the installation, and announces each change once to operators' webhooks.

Nothing is checked while no operator has a webhook.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from judge_api.store.alert_sources import AlertSources
from judge_api.store.operator_webhooks import AlertStore, AlertType, Announcement
from judge_api.store.queue_samples import QueueSampleStore
from judge_core.clock import SYSTEM_CLOCK, Clock
from judge_core.model.errors import QueueUnavailable
from judge_core.model.submission import rfc3339
from judge_core.model.worker import WorkerRecord, WorkerState
from judge_core.redis.worker_registry import WorkerRegistry

_QUEUE = "queue"
_BACKLOG = "backlog:"
_REJUDGE = "rejudge:"
_DOWN_SECONDS = 5.0
"""How long Redis must be unreachable before operators get a message. A restart of Redis takes less."""
_LOOK_BACK = timedelta(minutes=10)
_MOST_NAMED = 20


@dataclass(frozen=True, slots=True)
class AlertStores:
    """The stores that the watcher reads and writes."""

    alerts: AlertStore
    sources: AlertSources
    samples: QueueSampleStore


class OperatorAlerts:
    """Announces changes. Any number may run at once: the store lets only one of them announce a change.

    ``backlog`` is how many submissions of a tier may wait; 0 means no bound.
    """

    def __init__(
        self, stores: AlertStores, registry: WorkerRegistry, backlog: int, clock: Clock = SYSTEM_CLOCK
    ) -> None:
        self._alerts = stores.alerts
        self._sources = stores.sources
        self._samples = stores.samples
        self._registry = registry
        self._backlog = backlog
        self._clock = clock
        self._unreachable_since: float | None = None

    def check_once(self) -> None:
        """Check everything once. Raises ``StoreUnavailable``."""
        if not self._alerts.has_receivers():
            return
        self._check_backlogs()
        self._check_failures()
        self._check_rejudges()
        try:
            workers = [*self._registry.silent_workers(), *self._registry.workers()]
        except QueueUnavailable as error:
            self._queue_is_down(str(error))
            return
        self._queue_answers()
        self._check_workers(workers)

    def _queue_is_down(self, reason: str) -> None:
        now = self._clock.monotonic()
        self._unreachable_since = now if self._unreachable_since is None else self._unreachable_since
        if now - self._unreachable_since >= _DOWN_SECONDS:
            since = self._clock.now() - timedelta(seconds=now - self._unreachable_since)
            data = {"since": rfc3339(since), "reason": reason}
            self._alerts.begin(_QUEUE, Announcement(AlertType.QUEUE_DOWN, data))

    def _queue_answers(self) -> None:
        self._unreachable_since = None
        since = self._alerts.lasting().get(_QUEUE)
        if since is not None:
            self._alerts.end(_QUEUE, Announcement(AlertType.QUEUE_UP, {"since": rfc3339(since)}))

    def _check_backlogs(self) -> None:
        """Announce backlogs that begin or end. A backlog ends at half of the bound. Otherwise a backlog near
        the bound would be announced again and again."""
        if not self._backlog:
            return
        since = {
            key.removeprefix(_BACKLOG): at
            for key, at in self._alerts.lasting().items()
            if key.startswith(_BACKLOG)
        }
        waiting = {tier.value: count.queued for tier, count in self._samples.counts().items()}
        for tier in sorted({*waiting, *since}):
            self._check_backlog(tier, waiting.get(tier, 0), since.get(tier))

    def _check_backlog(self, tier: str, waiting: int, since: datetime | None) -> None:
        data = {"queue": tier, "waiting": waiting, "bound": self._backlog}
        if waiting > self._backlog and since is None:
            self._alerts.begin(f"{_BACKLOG}{tier}", Announcement(AlertType.BACKLOG_HIGH, data))
        elif waiting <= self._backlog // 2 and since is not None:
            over = {**data, "since": rfc3339(since)}
            self._alerts.end(f"{_BACKLOG}{tier}", Announcement(AlertType.BACKLOG_NORMAL, over))

    def _check_failures(self) -> None:
        found = self._sources.failed_since(self._clock.now() - _LOOK_BACK)
        reasons = {f"failed:{one.id}:{one.attempt}": one for one in found}

        def announce(new: Iterable[str]) -> Announcement:
            failed = [reasons[key] for key in new]
            named = [{"id": one.id, "reason": one.reason} for one in failed[:_MOST_NAMED]]
            return Announcement(AlertType.SUBMISSIONS_FAILED, {"count": len(failed), "submissions": named})

        self._alerts.announce_new(list(reasons), announce)

    def _check_rejudges(self) -> None:
        running = {f"{_REJUDGE}{slug}": slug for slug in self._sources.rejudged_problems()}
        lasting = {key: since for key, since in self._alerts.lasting().items() if key.startswith(_REJUDGE)}
        for key in running.keys() - lasting.keys():
            self._alerts.begin(key, None)
        for key in lasting.keys() - running.keys():
            data = {"problem": key.removeprefix(_REJUDGE), "since": rfc3339(lasting[key])}
            self._alerts.end(key, Announcement(AlertType.REJUDGE_FINISHED, data))

    def _check_workers(self, workers: Iterable[WorkerRecord]) -> None:
        lost = {
            f"worker:{one.name}:{one.since}"[:255]: one for one in workers if one.state is WorkerState.LOST
        }

        def announce(new: Iterable[str]) -> Announcement:
            found = [lost[key] for key in new]
            named = [
                {"name": one.name, "queue": one.queue.value, "host": one.host, "reason": one.reason}
                for one in found[:_MOST_NAMED]
            ]
            return Announcement(AlertType.WORKER_LOST, {"count": len(found), "workers": named})

        self._alerts.announce_new(list(lost), announce)
