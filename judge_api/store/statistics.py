"""Statistics of a problem's submissions: counts, runtimes, and the percentiles of one submission.

In a scoring problem only full marks count as accepted, except in :meth:`StatisticsStore.totals`. Only the
best figures of each account are compared.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Engine, RowMapping, Select, case, func, or_, select

from judge_api.store.coding_sessions import in_coding_session
from judge_api.store.engine import read_connection
from judge_api.store.reading import read_each
from judge_api.store.records import EVERY_SUBMISSION, CodingSession
from judge_api.store.tables import ACCEPTED, JUDGED, SCORED, submissions
from judge_core.model.percentiles import share
from judge_core.model.submission import SCORE_ERROR, Kind, Status, Verdict, is_full_score

_LATEST = 1000
_COUNTS_KEPT_SECONDS = 5.0
_NO_SCORES: dict[str, float | None] = {}


@dataclass(frozen=True, slots=True)
class Percentiles:
    """LeetCode's percentiles: the share of accounts whose best accepted submission is not better. The account
    of the submission itself counts as one of them."""

    runtime: float
    memory: float


@dataclass(frozen=True, slots=True)
class Compared:
    """Selects the accepted submissions of a problem and language. With a ``max_score``, only those with full
    marks.

    ``without`` is an account that is left out.
    """

    problem: str
    language: str
    max_score: float | None = None
    without: str | None = None


def percentiles_of(engine: Engine, status: Status) -> Percentiles:
    """A submission's percentiles among the best figures of the other accounts, from the latest ``_LATEST``
    accepted submissions. They are 100 for a run, and for a submission that is not accepted."""
    done = status.outcome
    if done is None or done.verdict is not Verdict.AC or status.kind is not Kind.SUBMISSION:
        return Percentiles(100.0, 100.0)
    others = Compared(status.problem or "", status.language, done.max_score, without=status.owner)
    best = _best_of_each(others).subquery()
    query = select(
        func.count(),
        func.count().filter(best.c.cpu_ms >= (done.cpu_ms or 0)),
        func.count().filter(best.c.memory_kb >= (done.memory_kb or 0)),
    ).select_from(best)
    with read_connection(engine) as connection:
        total, not_faster, not_smaller = connection.execute(query).one()
    return Percentiles(_rounded_share(not_faster + 1, total + 1), _rounded_share(not_smaller + 1, total + 1))


def _best_of_each(which: Compared) -> Select[tuple[str, int, int]]:
    """The best figures of each account among the latest accepted submissions."""
    latest = (
        select(submissions.c.serial)
        .where(ACCEPTED, submissions.c.problem == which.problem, submissions.c.language == which.language)
        .order_by(submissions.c.serial.desc())
        .limit(_LATEST)
    )
    conditions: list[ColumnElement[bool]] = [submissions.c.serial.in_(latest)]
    if which.max_score is not None:
        score = submissions.c.score
        conditions.append(or_(score.is_(None), score >= which.max_score - SCORE_ERROR))
    if which.without is not None:
        conditions.append(submissions.c.account_id != which.without)
    return (
        select(
            submissions.c.account_id,
            func.min(submissions.c.cpu_ms).label("cpu_ms"),
            func.min(submissions.c.memory_kb).label("memory_kb"),
        )
        .where(*conditions)
        .group_by(submissions.c.account_id)
    )


def _counts(row: RowMapping) -> tuple[str, ProblemCounts]:
    return row["problem"], ProblemCounts(row["judged"], int(row["accepted"]))


def _mark(row: RowMapping) -> tuple[str, str]:
    return row["problem"], "solved" if row["solved"] else "tried"


def _scored(row: RowMapping) -> tuple[str, float, int]:
    score = float(row["score"])
    if not math.isfinite(score):
        raise ValueError("its score is not a finite number")
    return row["problem"], score, row["count"]


def _rounded_share(not_better: int, among: int) -> float:
    return round(share(not_better, among), 4)


@dataclass(frozen=True, slots=True)
class ProblemCounts:
    """How many submissions of a problem were judged, and how many of them were accepted with full marks."""

    submitted: int = 0
    accepted: int = 0

    @property
    def rate(self) -> float | None:
        return round(self.accepted / self.submitted, 4) if self.submitted else None


class StatisticsStore:
    """Reads counts and runtimes of many submissions. Every query has an index."""

    def __init__(self, engine: Engine, clock: Callable[[], float] = time.monotonic) -> None:
        self._engine = engine
        self._clock = clock
        self._cached: tuple[float, dict[str, ProblemCounts], list[tuple[str, float, int]]] | None = None

    def counts(self, max_scores: Mapping[str, float | None] = _NO_SCORES) -> dict[str, ProblemCounts]:
        """Counts by problem, without problems that have no judged submissions. They are cached for a few
        seconds, since counting reads the whole history. ``max_scores`` has the greatest score of each problem
        that has one."""
        if self._cached is None or self._clock() - self._cached[0] > _COUNTS_KEPT_SECONDS:
            self._cached = (self._clock(), *self._count_all())
        _, counts, scored = self._cached
        partial: Counter[str] = Counter()
        for problem, score, count in scored:
            partial[problem] += 0 if is_full_score(score, max_scores.get(problem)) else count
        return {
            problem: ProblemCounts(found.submitted, found.accepted - partial[problem])
            for problem, found in counts.items()
        }

    def _count_all(self) -> tuple[dict[str, ProblemCounts], list[tuple[str, float, int]]]:
        accepted = func.sum(case((submissions.c.verdict == Verdict.AC.value, 1), else_=0))
        query = (
            select(submissions.c.problem, func.count().label("judged"), accepted.label("accepted"))
            .where(JUDGED)
            .group_by(submissions.c.problem)
        )
        scores = (
            select(submissions.c.problem, submissions.c.score, func.count().label("count"))
            .where(SCORED)
            .group_by(submissions.c.problem, submissions.c.score)
        )
        with read_connection(self._engine) as connection:
            counts = dict(read_each(connection, query.order_by(submissions.c.problem), _counts))
            return counts, read_each(connection, scores.order_by(submissions.c.problem), _scored)

    def marks(
        self,
        account_id: str,
        max_scores: Mapping[str, float | None] = _NO_SCORES,
        session: CodingSession = EVERY_SUBMISSION,
    ) -> dict[str, str]:
        """``solved`` or ``tried`` for every problem for which an account has a verdict in this session."""
        solved = func.max(case((submissions.c.verdict == Verdict.AC.value, 1), else_=0))
        within = in_coding_session(account_id, session)
        query = (
            select(submissions.c.problem, solved.label("solved"))
            .where(JUDGED, submissions.c.account_id == account_id, *within)
            .group_by(submissions.c.problem)
        )
        with read_connection(self._engine) as connection:
            marks = dict(read_each(connection, query.order_by(submissions.c.problem), _mark))
            best = _best_scores(connection, account_id, within)
        partial = {slug for slug, score in best.items() if not is_full_score(score, max_scores.get(slug))}
        return {slug: "tried" if slug in partial else mark for slug, mark in marks.items()}

    def totals(
        self,
        account_id: str,
        without: Collection[str] = (),
        session: CodingSession = EVERY_SUBMISSION,
    ) -> tuple[int, int]:
        """How many submissions of an account's session were accepted, with full or partial marks, and how
        many have a verdict. Submissions to the problems in ``without`` do not count."""
        accepted = func.coalesce(func.sum(case((submissions.c.verdict == Verdict.AC.value, 1), else_=0)), 0)
        query = select(accepted, func.count()).where(
            JUDGED,
            submissions.c.account_id == account_id,
            submissions.c.problem.not_in(sorted(without)),
            *in_coding_session(account_id, session),
        )
        with read_connection(self._engine) as connection:
            found = connection.execute(query).one()
        return int(found[0]), int(found[1])

    def best_scores(self, account_id: str) -> dict[str, float]:
        """The best score of an account in each scoring problem."""
        with read_connection(self._engine) as connection:
            return _best_scores(connection, account_id)

    def runtimes(self, which: Compared) -> list[int]:
        """The best runtime of each account among the latest ``_LATEST`` accepted submissions, sorted. A
        runtime is the CPU time of the worst test."""
        with read_connection(self._engine) as connection:
            # The type is checked, since SQLite stores any type, and releases before 0.3 recorded any value
            # that a worker reported.
            found = (row.cpu_ms or 0 for row in connection.execute(_best_of_each(which)))
            return sorted(ms for ms in found if isinstance(ms, int))

    def best_runtime(self, account_id: str, which: Compared) -> int | None:
        """The best runtime of an account's accepted submissions."""
        query = select(func.min(submissions.c.cpu_ms)).where(
            JUDGED,
            submissions.c.account_id == account_id,
            submissions.c.problem == which.problem,
            submissions.c.verdict == Verdict.AC.value,
            submissions.c.language == which.language,
        )
        if which.max_score is not None:
            score = submissions.c.score
            query = query.where(or_(score.is_(None), score >= which.max_score - SCORE_ERROR))
        with read_connection(self._engine) as connection:
            return connection.execute(query).scalar_one_or_none()


def _best_scores(
    connection: Connection, account_id: str, within: Sequence[ColumnElement[bool]] = ()
) -> dict[str, float]:
    query = (
        select(
            submissions.c.problem, func.max(submissions.c.score).label("score"), func.count().label("count")
        )
        .where(SCORED, submissions.c.account_id == account_id, *within)
        .group_by(submissions.c.problem)
    )
    rows = read_each(connection, query.order_by(submissions.c.problem), _scored)
    return {problem: score for problem, score, _ in rows}
