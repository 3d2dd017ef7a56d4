"""The result matrix of an event for its teacher: each member's best and last submission, and how late they
are.

The module has no side effects.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from judge_api.events.scoring import Cell, EventTry, TryState
from judge_api.events.standings import EventSetup, Row, Standings
from judge_api.events.windows import MemberClock, window_of

NOT_LATE = timedelta(0)


@dataclass(frozen=True, slots=True)
class ProblemResult:
    """One member's result of one problem.

    ``best`` and ``last`` are shares of the problem's points, before a rule for late submissions is applied.
    ``late`` is the time from the member's end to the submission that gave the points.
    """

    cell: Cell
    best: float | None = None
    last: float | None = None
    late: timedelta = NOT_LATE
    percent: int = 100


@dataclass(frozen=True, slots=True)
class MemberResults:
    """A member's row of the matrix. ``problems`` are in the order of the standings."""

    row: Row
    problems: tuple[ProblemResult, ...]
    grade: str | None


def result_matrix(setup: EventSetup, standings: Standings, tries: Iterable[EventTry]) -> list[MemberResults]:
    """The matrix with the cells of these standings."""
    by_cell: dict[tuple[str, str], list[EventTry]] = {}
    for each in sorted(tries, key=lambda one: one.order):
        if each.state is TryState.JUDGED:
            by_cell.setdefault((each.member, each.problem), []).append(each)
    found = []
    for row in standings.rows():
        window = window_of(setup.rules, setup.times, row.member.times)
        clock = MemberClock(setup.times, window) if window else None
        results = tuple(
            _result(setup, clock, cell, by_cell.get((row.member.id, problem.slug), ()))
            for problem, cell in zip(standings.problems, row.cells, strict=True)
        )
        found.append(MemberResults(row, results, setup.rules.grade_of(row.points)))
    return found


def _result(
    setup: EventSetup, clock: MemberClock | None, cell: Cell, judged: Sequence[EventTry]
) -> ProblemResult:
    if not judged:
        return ProblemResult(cell)
    best, last = max(each.share for each in judged), judged[-1].share
    decided = next((each for each in judged if each.submission == cell.decided_by), None)
    late = clock.late_by(decided.at) if decided and clock else NOT_LATE
    if late <= NOT_LATE:
        return ProblemResult(cell, best, last)
    return ProblemResult(cell, best, last, late, setup.rules.late_percent(late))
