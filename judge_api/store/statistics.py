"""How an accepted submission stands among the others."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Engine, case, func, select

from judge_api.store.engine import reading
from judge_api.store.tables import ACCEPTED, JUDGED, submissions
from judge_core.model.submission import Kind, Status
from judge_core.model.verdict import Verdict

_LATEST = 1000
_KEEP_TALLIES_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Standing:
    """Per cent of the accepted submissions that were not better, itself included: 100 for the first."""

    runtime: float
    memory: float


def standing_of(engine: Engine, status: Status) -> Standing:
    """Among the latest thousand accepted ones of its problem and language; 100 when it is not one of them."""
    done = status.outcome
    if done is None or done.verdict is not Verdict.AC or status.kind is not Kind.SUBMISSION:
        return Standing(100.0, 100.0)
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
    with reading(engine) as connection:
        total, slower, larger = connection.execute(query).one()
    return Standing(_per_cent(slower, total), _per_cent(larger, total))


def _per_cent(part: int, whole: int) -> float:
    return round(100.0 * part / whole, 4) if whole else 100.0


@dataclass(frozen=True, slots=True)
class Tally:
    """How many submissions of a problem were judged, and how many of them accepted."""

    submitted: int = 0
    accepted: int = 0

    @property
    def rate(self) -> float | None:
        return round(self.accepted / self.submitted, 4) if self.submitted else None


class StandingStore:
    """What is known of a problem's submissions taken together; every question has its index."""

    def __init__(self, engine: Engine, clock: Callable[[], float] = time.monotonic) -> None:
        self._engine = engine
        self._clock = clock
        self._counted: tuple[float, dict[str, Tally]] | None = None

    def tallies(self) -> dict[str, Tally]:
        """By problem, as of a few seconds ago: counting walks the whole history. One that nobody has
        submitted to is missing."""
        if self._counted is None or self._clock() - self._counted[0] > _KEEP_TALLIES_SECONDS:
            self._counted = (self._clock(), self._tallies())
        return self._counted[1]

    def _tallies(self) -> dict[str, Tally]:
        accepted = func.sum(case((submissions.c.verdict == Verdict.AC.value, 1), else_=0))
        query = (
            select(submissions.c.problem, func.count(), accepted)
            .where(JUDGED)
            .group_by(submissions.c.problem)
        )
        with reading(self._engine) as connection:
            return {slug: Tally(count, int(good)) for slug, count, good in connection.execute(query)}

    def marks(self, account_id: str) -> dict[str, str]:
        """``solved`` or ``tried`` for every problem that an account has a verdict for."""
        solved = func.max(case((submissions.c.verdict == Verdict.AC.value, 1), else_=0))
        query = (
            select(submissions.c.problem, solved)
            .where(JUDGED, submissions.c.account_id == account_id)
            .group_by(submissions.c.problem)
        )
        with reading(self._engine) as connection:
            return {slug: "solved" if good else "tried" for slug, good in connection.execute(query)}

    def runtimes(self, problem: str, language: str) -> list[int]:
        """The sorted runtimes of the latest thousand accepted submissions, each its worst test's CPU time."""
        query = (
            select(submissions.c.cpu_ms)
            .where(ACCEPTED, submissions.c.problem == problem, submissions.c.language == language)
            .order_by(submissions.c.serial.desc())
            .limit(_LATEST)
        )
        with reading(self._engine) as connection:
            return sorted(ms or 0 for ms in connection.execute(query).scalars())

    def best(self, account_id: str, problem: str, language: str) -> int | None:
        """The account's own best runtime among its accepted submissions."""
        query = select(func.min(submissions.c.cpu_ms)).where(
            JUDGED,
            submissions.c.account_id == account_id,
            submissions.c.problem == problem,
            submissions.c.verdict == Verdict.AC.value,
            submissions.c.language == language,
        )
        with reading(self._engine) as connection:
            return connection.execute(query).scalar_one_or_none()
