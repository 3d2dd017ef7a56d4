"""How the queues were doing, sampled every few seconds and kept for a day, for the operator's pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine, case, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from judge_api.store.engine import reading, writing
from judge_api.store.models import LIVE
from judge_api.store.tables import OPEN, queue_samples, submissions
from judge_core.model.account import Tier
from judge_core.model.downsampling import QueueSample
from judge_core.model.submission import Stage

KEPT = timedelta(hours=24)
_LATEST_WAITS = 2_000


@dataclass(frozen=True, slots=True)
class TierCount:
    """What the store knows of one tier now."""

    queued: int
    running: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class Waits:
    """How long submissions waited that were finished lately."""

    judged: int
    p50_ms: int | None
    p99_ms: int | None


class SampleStore:
    """Every method may raise ``StoreUnavailable``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def counts(self) -> dict[Tier, TierCount]:
        """What is owed a verdict, by tier."""
        running = func.sum(case((submissions.c.stage.in_(("COMPILING", "RUNNING")), 1), else_=0))
        # One that is judged once more has waited since it was queued for that, not since it was posted.
        since = case(
            (submissions.c.finished_at.is_(None), submissions.c.submitted_at), else_=submissions.c.queued_at
        )
        query = (
            select(submissions.c.tier, func.count(), running, func.min(since))
            .where(OPEN)
            .group_by(submissions.c.tier)
        )
        found = dict.fromkeys(Tier, TierCount(0, 0, None))
        with reading(self._engine) as connection:
            for tier, count, busy, oldest in connection.execute(query):
                found[Tier(tier)] = TierCount(count - busy, busy, oldest)
        return found

    def waits(self, tier: Tier, since: datetime) -> Waits:
        """The waits of what was finished since then."""
        query = (
            select(submissions.c.submitted_at, submissions.c.started_at)
            .where(submissions.c.finished_at >= since, submissions.c.tier == tier.value)
            .where(submissions.c.started_at.is_not(None), submissions.c.priority <= LIVE)
            .limit(_LATEST_WAITS)
        )
        with reading(self._engine) as connection:
            waits = sorted(
                max(0, round((started - submitted).total_seconds() * 1000))
                for submitted, started in connection.execute(query)
            )
        if not waits:
            return Waits(0, None, None)
        return Waits(len(waits), waits[len(waits) // 2], waits[min(len(waits) - 1, len(waits) * 99 // 100)])

    def verdicts(self, since: datetime) -> dict[str, int]:
        """How often each verdict was given since then; what we failed to judge counts as FAILED."""
        said = func.coalesce(submissions.c.verdict, submissions.c.stage)
        query = select(said, func.count()).where(submissions.c.finished_at >= since).group_by(said)
        with reading(self._engine) as connection:
            return {str(name): count for name, count in connection.execute(query)}

    def failed(self, since: datetime) -> dict[Tier, int]:
        """How many we have failed to judge since then."""
        query = (
            select(submissions.c.tier, func.count())
            .where(submissions.c.finished_at >= since, submissions.c.stage == Stage.FAILED.value)
            .group_by(submissions.c.tier)
        )
        with reading(self._engine) as connection:
            found = {Tier(tier): count for tier, count in connection.execute(query)}
        return dict.fromkeys(Tier, 0) | found

    def add(self, samples: Sequence[QueueSample]) -> None:
        """Keep these, once for each moment and tier, and forget what is older than a day."""
        dialect = postgresql if self._engine.dialect.name == "postgresql" else sqlite
        rows = [asdict(sample) | {"tier": sample.tier.value} for sample in samples]
        with writing(self._engine) as connection:
            connection.execute(dialect.insert(queue_samples).on_conflict_do_nothing(), rows)
            oldest = min(sample.at for sample in samples) - KEPT
            connection.execute(delete(queue_samples).where(queue_samples.c.at < oldest))

    def since(self, moment: datetime) -> list[QueueSample]:
        """All samples since then, oldest first."""
        query = select(queue_samples).where(queue_samples.c.at >= moment).order_by(queue_samples.c.at)
        with reading(self._engine) as connection:
            rows = connection.execute(query).mappings().all()
        return [QueueSample(**{**row, "tier": Tier(row["tier"])}) for row in rows]
