"""Statistics of a problem's submissions: counts, runtimes, and the percentiles of one submission."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Engine, RowMapping, case, func, select

from judge_api.store.engine import read_connection
from judge_api.store.reading import read_each
from judge_api.store.tables import ACCEPTED, JUDGED, submissions
from judge_core.model.percentiles import share
from judge_core.model.submission import Kind, Status
from judge_core.model.verdict import Verdict

_LATEST = 1000
_COUNTS_KEPT_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Percentiles:
    """LeetCode's percentiles: the share of accepted submissions that are not better, the submission itself
    included."""

    runtime: float
    memory: float


def percentiles_of(engine: Engine, status: Status) -> Percentiles:
    """Its percentiles among the latest thousand accepted ones of its problem and language; 100 when it is
    not accepted."""
    done = status.outcome
    if done is None or done.verdict is not Verdict.AC or status.kind is not Kind.SUBMISSION:
        return Percentiles(100.0, 100.0)
    recent = (
        select(submissions.c.cpu_ms, submissions.c.memory_kb)
        .where(
            submissions.c.problem == status.problem,
            submissions.c.language == status.language,
            submissions.c.verdict == Verdict.AC.value,
            submissions.c.kind == Kind.SUBMISSION.value,
        )
        .order_by(submissions.c.serial.desc())
        .limit(_LATEST)
        .subquery()
    )
    query = select(
        func.count(),
        func.count().filter(recent.c.cpu_ms >= (done.cpu_ms or 0)),
        func.count().filter(recent.c.memory_kb >= (done.memory_kb or 0)),
    ).select_from(recent)
    with read_connection(engine) as connection:
        total, not_faster, not_smaller = connection.execute(query).one()
    return Percentiles(_rounded_share(not_faster, total), _rounded_share(not_smaller, total))


def _counts(row: RowMapping) -> tuple[str, ProblemCounts]:
    return row["problem"], ProblemCounts(row["judged"], int(row["accepted"]))


def _mark(row: RowMapping) -> tuple[str, str]:
    return row["problem"], "solved" if row["solved"] else "tried"


def _rounded_share(not_better: int, among: int) -> float:
    return round(share(not_better, among), 4) if among else 100.0


@dataclass(frozen=True, slots=True)
class ProblemCounts:
    """How many submissions of a problem were judged, and how many of them were accepted."""

    submitted: int = 0
    accepted: int = 0

    @property
    def rate(self) -> float | None:
        return round(self.accepted / self.submitted, 4) if self.submitted else None


class StatisticsStore:
    """Counts and runtimes over many submissions; every query has an index."""

    def __init__(self, engine: Engine, clock: Callable[[], float] = time.monotonic) -> None:
        self._engine = engine
        self._clock = clock
        self._cached: tuple[float, dict[str, ProblemCounts]] | None = None

    def counts(self) -> dict[str, ProblemCounts]:
        """Counts by problem, a few seconds old: counting reads the whole history. A problem without
        submissions is missing."""
        if self._cached is None or self._clock() - self._cached[0] > _COUNTS_KEPT_SECONDS:
            self._cached = (self._clock(), self._count_all())
        return self._cached[1]

    def _count_all(self) -> dict[str, ProblemCounts]:
        accepted = func.sum(case((submissions.c.verdict == Verdict.AC.value, 1), else_=0))
        query = (
            select(submissions.c.problem, func.count().label("judged"), accepted.label("accepted"))
            .where(JUDGED)
            .group_by(submissions.c.problem)
        )
        with read_connection(self._engine) as connection:
            return dict(read_each(connection, query.order_by(submissions.c.problem), _counts))

    def marks(self, account_id: str) -> dict[str, str]:
        """``solved`` or ``tried`` for every problem that an account has a verdict for."""
        solved = func.max(case((submissions.c.verdict == Verdict.AC.value, 1), else_=0))
        query = (
            select(submissions.c.problem, solved.label("solved"))
            .where(JUDGED, submissions.c.account_id == account_id)
            .group_by(submissions.c.problem)
        )
        with read_connection(self._engine) as connection:
            return dict(read_each(connection, query.order_by(submissions.c.problem), _mark))

    def runtimes(self, problem: str, language: str) -> list[int]:
        """The sorted runtimes of the latest thousand accepted submissions, each its worst test's CPU time."""
        query = (
            select(submissions.c.cpu_ms)
            .where(ACCEPTED, submissions.c.problem == problem, submissions.c.language == language)
            .order_by(submissions.c.serial.desc())
            .limit(_LATEST)
        )
        with read_connection(self._engine) as connection:
            # SQLite stores any type: releases before 0.3 recorded whatever a worker reported.
            found = (ms or 0 for ms in connection.execute(query).scalars())
            return sorted(ms for ms in found if isinstance(ms, int))

    def best_runtime(self, account_id: str, problem: str, language: str) -> int | None:
        """The best runtime of an account's accepted submissions."""
        query = select(func.min(submissions.c.cpu_ms)).where(
            JUDGED,
            submissions.c.account_id == account_id,
            submissions.c.problem == problem,
            submissions.c.verdict == Verdict.AC.value,
            submissions.c.language == language,
        )
        with read_connection(self._engine) as connection:
            return connection.execute(query).scalar_one_or_none()
