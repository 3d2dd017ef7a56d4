"""Samples the waiting submissions, the waiting times and the workers of each tier for the operator's
dashboard."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from judge_api.store.queue_samples import NO_SUBMISSIONS, QueueSampleStore
from judge_core.model.account import Tier
from judge_core.model.queue_sample import QueueSample
from judge_core.model.tiers import DEFAULT_TIERS, Tiers
from judge_core.model.worker import WorkerRecord
from judge_core.redis.worker_registry import WorkerRegistry

PERIOD_SECONDS = 10


class QueueSampler:
    """Stores samples. Any number may run at once: sample times are rounded to the period, and each sample is
    stored once."""

    def __init__(
        self, samples: QueueSampleStore, registry: WorkerRegistry, tiers: Tiers = DEFAULT_TIERS
    ) -> None:
        self._samples = samples
        self._registry = registry
        self._tiers = tiers

    def sample_once(self) -> None:
        """Store one sample of each tier. The time is that of Redis' clock. A dispatcher whose own clock is a
        day ahead would otherwise delete all samples of the day."""
        now = self._registry.redis_now()
        at = datetime.fromtimestamp(now.timestamp() // PERIOD_SECONDS * PERIOD_SECONDS, UTC)
        workers = self._registry.workers()
        self._registry.save_last_seen(workers)
        self._samples.add([self._sample(tier, at, now, workers) for tier in self._tiers])

    def _sample(
        self, tier: Tier, at: datetime, now: datetime, workers: Sequence[WorkerRecord]
    ) -> QueueSample:
        count = self._samples.counts().get(tier, NO_SUBMISSIONS)
        waits = self._samples.waits(tier, now - timedelta(seconds=PERIOD_SECONDS))
        oldest = now - count.oldest if count.oldest else timedelta()
        busy = sum(worker.queue == tier and worker.submission is not None for worker in workers)
        return QueueSample(
            at=at,
            tier=tier,
            waiting=max(0, count.queued + count.running - busy),
            oldest_ms=max(0, round(oldest.total_seconds() * 1000)),
            running=busy,
            workers=sum(worker.queue == tier for worker in workers),
            judged=waits.judged,
            wait_p50_ms=waits.p50_ms,
            wait_p99_ms=waits.p99_ms,
        )
