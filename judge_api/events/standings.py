"""The standings of an event. They are updated submission by submission.

A submission changes one cell: one member's result of one problem. An update computes only this cell, from
the member's submissions to the problem.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from judge_api.events.rules import Category, EventRules, PenaltyTime, Scoring, Ties
from judge_api.events.scoring import NO_TRIES, Cell, EventTry, TryState, counted_seconds, score_cell
from judge_api.events.windows import (
    NO_TIMES,
    EventTimes,
    MemberClock,
    MemberTimes,
    Window,
    freeze_at,
    window_of,
)
from judge_core.model.submission import Verdict


@dataclass(frozen=True, slots=True)
class EventProblem:
    """A problem of an event. A withdrawn problem does not count."""

    slug: str
    label: str
    weight: float = 1.0
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class EventMember:
    """A member: one account, or a team of several. A disabled member is in no standings.

    ``external_id`` is the member's id in another system, such as the id of an ICPC team.
    """

    id: str
    name: str
    category: Category = Category.OFFICIAL
    affiliation: str | None = None
    times: MemberTimes = NO_TIMES
    disabled: bool = False
    external_id: str | None = None


@dataclass(frozen=True, slots=True)
class EventSetup:
    """The data from which the standings are computed, apart from the submissions."""

    rules: EventRules
    times: EventTimes
    problems: tuple[EventProblem, ...]
    members: tuple[EventMember, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One member in the standings.

    ``cells`` are in the order of the problems. ``firsts`` are the problems that the member solved first.
    ``penalty`` and ``last`` are in seconds. A member without a rank is out of competition.
    """

    member: EventMember
    rank: int | None
    solved: int
    points: float
    penalty: int
    last: int
    cells: tuple[Cell, ...]
    firsts: frozenset[str] = frozenset()


class Standings:
    """The standings for the jury, or for the ``public``.

    The public's standings lack hidden members. From the freeze until the thaw they show no new results.
    """

    def __init__(self, setup: EventSetup, public: bool = False) -> None:
        self.setup = setup
        self._rules = setup.rules
        self._problems = tuple(each for each in setup.problems if not each.withdrawn)
        self._weights = {each.slug: each.weight for each in self._problems}
        shown = (each for each in setup.members if not each.disabled)
        if public:
            shown = (each for each in shown if each.category is not Category.HIDDEN)
        self._members = {each.id: each for each in shown}
        self._clocks = {each.id: self._clock(each) for each in self._members.values()}
        holds_back = public and setup.times.thawed_at is None
        self._held_back = freeze_at(setup.rules, setup.times) if holds_back else None
        self._tries: dict[tuple[str, str], list[EventTry]] = {}
        self._cells: dict[tuple[str, str], Cell] = {}

    @property
    def problems(self) -> tuple[EventProblem, ...]:
        return self._problems

    def apply(self, each: EventTry) -> None:
        """Add a new submission, or a new state of a known one.

        A submission is left out if the standings do not show its member or its problem.
        """
        if each.problem not in self._weights or each.member not in self._members:
            return
        key = each.member, each.problem
        tries = self._tries.setdefault(key, [])
        if any(old.submission == each.submission for old in tries):
            tries[:] = [old for old in tries if old.submission != each.submission]
        insort(tries, self._as_shown(each), key=lambda one: one.order)
        clock = self._clocks[each.member]
        self._cells[key] = score_cell(self._rules, clock, self._weights[each.problem], tries)

    def apply_all(self, tries: Iterable[EventTry]) -> None:
        for each in tries:
            self.apply(each)

    def rows(self) -> tuple[Row, ...]:
        """The members in the order of the standings."""
        firsts = {slug: winner for slug in self._weights if (winner := self._first(slug)) is not None}
        rows = sorted((self._row(each, firsts) for each in self._members.values()), key=self._place)
        return tuple(self._ranked(rows))

    def cell(self, member: str, problem: str) -> Cell:
        return self._cells.get((member, problem), NO_TRIES)

    def _clock(self, member: EventMember) -> MemberClock:
        """The clock of a member. A member that has not started gets the event's window, which does not
        matter, because it has no submissions."""
        times = self.setup.times
        found = window_of(self._rules, times, member.times)
        return MemberClock(times, found or Window(times.starts_at, times.ends_at, times.ends_at))

    def _as_shown(self, each: EventTry) -> EventTry:
        """A submission as these standings show it. A submission from after the start of the freeze is shown
        as not judged yet."""
        if self._held_back is None or each.state is TryState.VOID:
            return each
        if self.setup.times.clock(each.at) < self._held_back:
            return each
        return replace(each, state=TryState.PENDING, verdict=None, share=0.0, groups={})

    def _row(self, member: EventMember, firsts: Mapping[str, str]) -> Row:
        cells = tuple(self.cell(member.id, each.slug) for each in self._problems)
        decided = [each.decided_at for each in cells if each.decided_at is not None]
        last = max(decided, default=timedelta(0))
        return Row(
            member=member,
            rank=None,
            solved=sum(each.solved for each in cells),
            points=round(sum(each.points for each in cells), 6),
            penalty=_total_penalty(self._rules, cells),
            last=counted_seconds(last, self._unit),
            cells=cells,
            firsts=frozenset(slug for slug, winner in firsts.items() if winner == member.id),
        )

    @property
    def _unit(self) -> PenaltyTime:
        unit = self._rules.icpc.penalty_time
        return PenaltyTime.SECONDS if unit is PenaltyTime.SECONDS else PenaltyTime.MINUTES

    def _worth(self, row: Row) -> tuple[float, int, int]:
        """The values by which rows are ranked. Rows with equal values share a rank.

        Source: CCS requirements, "Scoring Data Generation" 6.
        """
        last = row.last if self._rules.ties is Ties.LAST_ACCEPTED else 0
        return -row.points, row.penalty, last

    def _place(self, row: Row) -> tuple[float, int, int, str, str]:
        return *self._worth(row), row.member.name.casefold(), row.member.id

    def _ranked(self, rows: Iterable[Row]) -> Iterator[Row]:
        """The rows with ranks. Only official members have a rank, and equal members share one."""
        ranked, rank, before = 0, 0, None
        for row in rows:
            if row.member.category is not Category.OFFICIAL:
                yield row
                continue
            ranked += 1
            worth = self._worth(row)
            rank, before = (rank if worth == before else ranked), worth
            yield replace(row, rank=rank)

    def _first(self, problem: str) -> str | None:
        """The official member that solved a problem first, once no earlier submission can change that.

        Source: CCS requirements, "Scoreboard": the first member to solve a problem is shown. As in DOMjudge,
        it is not shown while an earlier submission is not judged.
        """
        best: tuple[timedelta, datetime, int] | None = None
        winner, winner_decides = None, True
        for id, member in self._members.items():
            if member.category is not Category.OFFICIAL:
                continue
            for each in self._tries.get((id, problem), ()):
                decides = each.state is TryState.JUDGED and each.verdict is Verdict.AC
                if each.state is TryState.VOID or not (decides or each.state is TryState.PENDING):
                    continue
                place = (self._clocks[id].since_start(each.at), each.at, each.serial)
                if best is None or place < best:
                    best, winner, winner_decides = place, id, decides
                break
        return winner if winner_decides else None


def _total_penalty(rules: EventRules, cells: Iterable[Cell]) -> int:
    if rules.scoring is not Scoring.ICPC:
        return 0
    total = sum(each.penalty for each in cells)
    return total // 60 * 60 if rules.icpc.penalty_time is PenaltyTime.SUM_MINUTES else total


def standings_of(setup: EventSetup, tries: Iterable[EventTry], public: bool = False) -> Standings:
    """The standings after all these submissions, which may be in any order."""
    found = Standings(setup, public)
    found.apply_all(tries)
    return found
