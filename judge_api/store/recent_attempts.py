"""The attempts that workers ended lately, for operators who look for slow workers."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, RowMapping, select

from judge_api.store.engine import read_connection
from judge_api.store.reading import read_each
from judge_api.store.tables import attempts, submissions

MOST_READ = 5_000
"""The most attempts that are read, newest first. They show how fast a worker is now."""


@dataclass(frozen=True, slots=True)
class JudgedAttempt:
    """An attempt that ended with a verdict. ``work`` is the problem and the language: attempts with the same
    ``work`` need about the same time."""

    worker: str
    queue: str
    work: tuple[str, str]
    judged_ms: float


class RecentAttemptStore:
    """Reads attempts. Every method may raise ``StoreUnavailable``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def judged_since(self, since: datetime) -> list[JudgedAttempt]:
        """The judged attempts of submissions that were posted since then, newest first, at most
        ``MOST_READ``."""
        columns = (attempts.c.worker, attempts.c.timings, submissions.c.tier)
        work = (submissions.c.problem, submissions.c.language)
        query = (
            select(*columns, *work)
            .join(submissions, submissions.c.id == attempts.c.submission_id)
            .where(attempts.c.submission_id >= _first_id_of(since))
            .where(attempts.c.ending == "finished", submissions.c.problem.is_not(None))
            .order_by(attempts.c.submission_id.desc(), attempts.c.number)
            .limit(MOST_READ)
        )
        with read_connection(self._engine) as connection:
            rows = read_each(connection, query, _judged)
        return [row for row in rows if row is not None]


def _first_id_of(moment: datetime) -> str:
    """The lowest id with the time of that millisecond. The order of ids is the order of their creation."""
    return str(uuid.UUID(int=max(0, int(moment.timestamp() * 1000)) << 80))


def _judged(row: RowMapping) -> JudgedAttempt | None:
    judged_ms = (row["timings"] or {}).get("judged_ms")
    if row["worker"] is None or judged_ms is None:
        return None
    return JudgedAttempt(row["worker"], row["tier"], (row["problem"], row["language"]), float(judged_ms))
