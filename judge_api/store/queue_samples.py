"""Samples of the queues, taken every few seconds and kept for a day, for the operator's charts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Engine,
    RowMapping,
    Select,
    case,
    cast,
    delete,
    exists,
    extract,
    func,
    not_,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite

from judge_api.store.engine import read_connection, write_transaction
from judge_api.store.reading import read_each
from judge_api.store.records import LIVE_PRIORITY
from judge_api.store.tables import OPEN, ignored_failures, queue_samples, submissions
from judge_core.model.account import Tier
from judge_core.model.percentiles import quantile
from judge_core.model.queue_sample import QueueSample
from judge_core.model.submission import Stage

KEPT = timedelta(hours=24)
_LATEST_WAITS = 2_000
_GREATEST = ("waiting", "oldest_ms", "running", "wait_p50_ms", "wait_p99_ms")
_NUMBERS = (*_GREATEST, "workers", "judged")


@dataclass(frozen=True, slots=True)
class TierCounts:
    """How many submissions of a tier are queued and running now, and when the oldest of them was queued."""

    queued: int
    running: int
    oldest: datetime | None


NO_SUBMISSIONS = TierCounts(0, 0, None)


@dataclass(frozen=True, slots=True)
class WaitStatistics:
    """How many submissions were finished lately, and how long they had waited."""

    judged: int
    p50_ms: int | None
    p99_ms: int | None


class QueueSampleStore:
    """Counts submissions and stores samples. Every method may raise ``StoreUnavailable``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def counts(self) -> dict[Tier, TierCounts]:
        """Counts the open submissions of each tier. A tier without open submissions is left out."""
        running = func.sum(case((submissions.c.stage.in_(("COMPILING", "RUNNING")), 1), else_=0))
        # The wait of a submission that is judged again begins when it is queued again, not when it was
        # posted.
        since = case(
            (submissions.c.finished_at.is_(None), submissions.c.submitted_at), else_=submissions.c.queued_at
        )
        query = (
            select(
                submissions.c.tier,
                func.count().label("total"),
                running.label("running"),
                func.min(since).label("oldest"),
            )
            .where(OPEN)
            .group_by(submissions.c.tier)
            .order_by(submissions.c.tier)
        )
        with read_connection(self._engine) as connection:
            # A row that cannot be read is left out. The dispatcher ends its submission.
            found = read_each(connection, query, _tier_counts)
        return dict(found)

    def waits(self, tier: Tier, since: datetime) -> WaitStatistics:
        """How many submissions that people wait for were finished since then, and the waits of the latest
        ``_LATEST_WAITS`` of them."""
        finished = (
            submissions.c.finished_at >= since,
            submissions.c.tier == tier.value,
            submissions.c.started_at.is_not(None),
            submissions.c.priority <= LIVE_PRIORITY,
        )
        latest = (
            select(submissions.c.submitted_at, submissions.c.started_at)
            .where(*finished)
            .order_by(submissions.c.finished_at.desc())
            .limit(_LATEST_WAITS)
        )
        with read_connection(self._engine) as connection:
            waits = sorted(read_each(connection, latest, _waited_ms))
            judged = len(waits)
            if judged == _LATEST_WAITS:  # There may be more, so they are counted.
                judged = connection.execute(select(func.count()).where(*finished)).scalar_one()
        return WaitStatistics(judged, quantile(waits, 50), quantile(waits, 99))

    def verdicts(self, since: datetime) -> dict[str, int]:
        """How often each verdict was recorded since then. A submission that ended without a verdict counts as
        FAILED or CANCELLED."""
        verdict = func.coalesce(submissions.c.verdict, submissions.c.stage)
        query = select(verdict.label("name"), func.count().label("total"))
        query = query.where(submissions.c.finished_at >= since).group_by(verdict).order_by(verdict)
        with read_connection(self._engine) as connection:
            return dict(read_each(connection, query, lambda row: (str(row["name"]), int(row["total"]))))

    def failed(self, since: datetime) -> dict[Tier, int]:
        """How many submissions could not be judged since then, by tier. Submissions that an operator has
        ignored do not count. A tier without such submissions is left out."""
        ignored = exists().where(ignored_failures.c.submission_id == submissions.c.id)
        query = (
            select(submissions.c.tier, func.count().label("total"))
            .where(
                submissions.c.finished_at >= since, submissions.c.stage == Stage.FAILED.value, not_(ignored)
            )
            .group_by(submissions.c.tier)
            .order_by(submissions.c.tier)
        )
        with read_connection(self._engine) as connection:
            found = read_each(connection, query, lambda row: (Tier(row["tier"]), int(row["total"])))
        return dict(found)

    def add(self, samples: Sequence[QueueSample]) -> None:
        """Store samples, one for each time and tier, and delete those older than a day."""
        dialect = postgresql if self._engine.dialect.name == "postgresql" else sqlite
        rows = [asdict(sample) | {"tier": sample.tier.value} for sample in samples]
        with write_transaction(self._engine) as connection:
            connection.execute(dialect.insert(queue_samples).on_conflict_do_nothing(), rows)
            oldest = min(sample.at for sample in samples) - KEPT
            connection.execute(delete(queue_samples).where(queue_samples.c.at < oldest))

    def since(self, moment: datetime) -> list[QueueSample]:
        """All samples since then, oldest first."""
        query = select(queue_samples).where(queue_samples.c.at >= moment)
        query = query.order_by(queue_samples.c.at, queue_samples.c.tier)
        with read_connection(self._engine) as connection:
            return read_each(connection, query, _sample)

    def chart(self, since: datetime, seconds: int) -> list[QueueSample]:
        """One sample for each tier and each interval of ``seconds``, oldest first. It has the time and the
        number of workers of the interval's last sample.

        Queue lengths and waits are the maximum of the interval, so that no peak disappears. The numbers of
        judged submissions are added up. The database does this, because a day has thousands of samples and
        reading them would delay other requests of the process.
        """
        intervals = _intervals(since, seconds).subquery()
        last = (queue_samples.c.at == intervals.c.at) & (queue_samples.c.tier == intervals.c.tier)
        query = select(intervals, queue_samples.c.workers).join(queue_samples, last)
        with read_connection(self._engine) as connection:
            return read_each(connection, query.order_by(intervals.c.at, intervals.c.tier), _sample)


def _tier_counts(row: RowMapping) -> tuple[Tier, TierCounts]:
    counts = TierCounts(row["total"] - row["running"], row["running"], row["oldest"])
    return Tier(row["tier"]), counts


def _waited_ms(row: RowMapping) -> int:
    waited: timedelta = row["started_at"] - row["submitted_at"]
    return max(0, round(waited.total_seconds() * 1000))


def _intervals(since: datetime, seconds: int) -> Select[Any]:
    each = queue_samples.c
    interval = cast(extract("epoch", each.at), BigInteger) // seconds
    greatest = [func.max(each[name]).label(name) for name in _GREATEST]
    return (
        select(each.tier, func.max(each.at).label("at"), func.sum(each.judged).label("judged"), *greatest)
        .where(each.at >= since)
        .group_by(each.tier, interval)
    )


def _sample(row: RowMapping) -> QueueSample:
    sample = QueueSample(**{**row, "tier": Tier(row["tier"])})
    odd = [name for name in _NUMBERS if not isinstance(getattr(sample, name), int | None)]
    if odd:
        raise TypeError(f"no whole number: {', '.join(odd)}")
    return sample
