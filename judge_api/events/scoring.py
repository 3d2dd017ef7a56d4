"""One member's result of one problem, from its submissions. The module has no side effects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from judge_api.events.rules import EventRules, PenaltyTime, ScoreMode, Scoring
from judge_api.events.windows import MemberClock
from judge_core.model.submission import Verdict

_SECOND, _MINUTE = timedelta(seconds=1), timedelta(minutes=1)


class TryState(StrEnum):
    """The state of a submission.

    ``VOID`` means that it does not count: it was cancelled or disqualified, or could not be judged.
    """

    PENDING = "pending"
    JUDGED = "judged"
    VOID = "void"


@dataclass(frozen=True, slots=True)
class EventTry:
    """One submission to an event.

    ``share`` is its share of the problem's points, from 0 to 1. ``groups`` has the shares by test group.
    """

    submission: str
    serial: int
    member: str
    problem: str
    at: datetime
    state: TryState = TryState.PENDING
    verdict: Verdict | None = None
    share: float = 0.0
    groups: Mapping[str, float] = field(default_factory=dict)
    tokened: bool = False

    @property
    def order(self) -> tuple[datetime, int]:
        return self.at, self.serial


@dataclass(frozen=True, slots=True)
class Cell:
    """The result of one problem.

    ``tries`` counts judged submissions. Under ICPC's rules it counts only up to the first accepted one, and
    no compile errors unless they have a penalty. ``pending`` counts submissions that may still change the
    result. ``penalty`` is in seconds. ``decided_at`` is the time, since the member's start, of the first
    accepted submission, or of the submission that gave the points.
    """

    tries: int = 0
    pending: int = 0
    solved: bool = False
    points: float = 0.0
    penalty: int = 0
    decided_at: timedelta | None = None
    decided_by: str | None = None


NO_TRIES = Cell()


def counted_seconds(elapsed: timedelta, unit: PenaltyTime) -> int:
    """A time as the penalty counts it; see :class:`PenaltyTime`."""
    if unit is PenaltyTime.MINUTES:
        return elapsed // _MINUTE * 60
    return elapsed // _SECOND


def score_cell(rules: EventRules, clock: MemberClock, weight: float, tries: Sequence[EventTry]) -> Cell:
    """The result of submissions, which are given in the order of their times."""
    counted = [each for each in tries if each.state is not TryState.VOID]
    if not counted:
        return NO_TRIES
    score = _icpc if rules.scoring is Scoring.ICPC else _ioi
    return score(rules, clock, weight, counted)


def _icpc(rules: EventRules, clock: MemberClock, weight: float, tries: Sequence[EventTry]) -> Cell:
    """The result by CCS requirements, "Scoring Data Generation" 2 and 3.

    The first accepted submission gives the time, and each rejected one before it adds a penalty. Pending
    submissions are counted, and have no other effect. No submission after the accepted one counts.
    """
    rejected = pending = 0
    for each in tries:
        if each.state is TryState.PENDING:
            pending += 1
        elif each.verdict is Verdict.AC:
            elapsed = max(clock.since_start(each.at), timedelta(0))
            cost = counted_seconds(elapsed, rules.icpc.penalty_time)
            penalty = cost + rejected * rules.icpc.penalty_minutes * 60
            return Cell(rejected + 1, pending, True, weight, penalty, elapsed, each.submission)
        elif each.verdict is not Verdict.CE or rules.icpc.compile_errors_cost:
            rejected += 1
    return Cell(rejected, pending)


def _ioi(rules: EventRules, clock: MemberClock, weight: float, tries: Sequence[EventTry]) -> Cell:
    judged = [each for each in tries if each.state is TryState.JUDGED]
    pending = len(tries) - len(judged)
    if not judged:
        return Cell(0, pending)
    if rules.ioi.mode is ScoreMode.GROUPS:
        share, best = _best_of_groups(rules, clock, judged)
    else:
        chosen = _that_count(rules.ioi.mode, judged)
        best = max(chosen, key=lambda each: _worth(rules, clock, each), default=None)
        share = 0.0 if best is None else _worth(rules, clock, best)
    points = round(share * weight, rules.ioi.decimals)
    solved = any(each.verdict is Verdict.AC and each.share >= 1.0 for each in judged)
    if best is None or points <= 0:
        return Cell(len(judged), pending, solved)
    elapsed = max(clock.since_start(best.at), timedelta(0))
    return Cell(len(judged), pending, solved, points, 0, elapsed, best.submission)


def _that_count(mode: ScoreMode, judged: Sequence[EventTry]) -> Sequence[EventTry]:
    """The submissions that give points in this mode (CMS, "Task scoring").

    The last submission is the last judged one. A pending submission has no effect, so a freeze leaves the
    points unchanged.
    """
    if mode is ScoreMode.BEST:
        return judged
    if mode is ScoreMode.LAST:
        return judged[-1:]
    return [each for each in judged if each.tokened or each is judged[-1]]


def _best_of_groups(
    rules: EventRules, clock: MemberClock, judged: Sequence[EventTry]
) -> tuple[float, EventTry | None]:
    """The sum of the best share of each group.

    The time is that of the last submission that improved a group. A submission without groups counts as one
    group, because the problem has none.
    """
    best: dict[str, float] = {}
    improved: EventTry | None = None
    for each in judged:
        percent = rules.late_percent(clock.late_by(each.at)) / 100
        for group, share in (each.groups or {"": each.share}).items():
            if share * percent > best.get(group, 0.0):
                best[group] = share * percent
                improved = each
    return min(1.0, sum(best[group] for group in sorted(best))), improved


def _worth(rules: EventRules, clock: MemberClock, each: EventTry) -> float:
    return each.share * rules.late_percent(clock.late_by(each.at)) / 100
