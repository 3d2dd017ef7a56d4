"""Replays a random contest through the store.

After each submission, verdict and rejudging, the scoreboards of the jury and of the public must equal a
second computation. ``make test-contest`` replays a whole contest over HTTP."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from judge_api.events.rules import EventRules, IoiRules, Joining, ScoreMode, Scoring, Ties, Visibility
from judge_api.events.scoring import EventTry
from judge_api.events.standings import Row
from judge_api.events.windows import EventTimes
from judge_api.services.scoreboards import Scoreboards
from judge_api.store.attempts import AttemptStore
from judge_api.store.engine import open_engine
from judge_api.store.event_results import EventResultStore
from judge_api.store.events import EventStore, NewMember, ProblemInEvent, StoredEvent
from judge_api.store.migrate import migrate
from judge_api.store.problems import ProblemStore
from judge_api.store.records import EventEntry
from judge_api.store.submissions import SubmissionStore
from judge_api.store.tables import new_id
from judge_api.store.verdicts import VerdictStore
from judge_core.clock import Clock
from judge_core.messages import PackageRef
from judge_core.model.submission import Outcome, Verdict
from tests.contest.made_log import LoggedTry, made_log
from tests.events.full_computation import Known, compute
from tests.support.records import add_account, finished, new_submission

START = datetime(2026, 11, 29, 9, 0, tzinfo=UTC)
HOURS = 5
MEMBERS, PROBLEMS, COUNT = 12, 4, 90
RULES = {
    "icpc": EventRules(freeze_minutes=60),
    "ioi": EventRules(scoring=Scoring.IOI, ioi=IoiRules(ScoreMode.LAST), ties=Ties.SHARED, freeze_minutes=60),
}


@dataclass(slots=True)
class Replay:
    """A contest in a store. The replay sets the store's clock."""

    engine: Engine
    event: StoredEvent
    entries: list[tuple[str, EventEntry]]
    boards: Scoreboards
    now: datetime = START
    waiting: list[tuple[float, int, str, Verdict, float, Verdict | None]] = field(default_factory=list)
    seen: int = 0
    tries: dict[str, EventTry] = field(default_factory=dict)
    known: Known = field(default_factory=dict)

    def clock(self) -> datetime:
        return self.now

    def steps(self, log: list[LoggedTry]) -> Iterator[None]:
        """Make each submission and each verdict in the order of their times. Yields after each."""
        for number, each in enumerate(log):
            yield from self._judge_until(each.at)
            self.now = START + timedelta(seconds=each.at)
            id = self._submit(each)
            judged = each.at + each.judged_after
            heapq.heappush(self.waiting, (judged, number, id, each.verdict, each.score, each.rejudged))
            yield
        yield from self._judge_until(float("inf"))

    def _submit(self, each: LoggedTry) -> str:
        account, entry = self.entries[each.member]
        new = new_submission(account, event=entry, package=PackageRef(f"p{each.problem}", "a" * 64))
        return SubmissionStore(self.engine, self.clock).accept(new, send_now=False).status.id

    def _judge_until(self, seconds: float) -> Iterator[None]:
        while self.waiting and self.waiting[0][0] <= seconds:
            at, number, id, verdict, score, again = heapq.heappop(self.waiting)
            attempt = 1
            if VerdictStore(self.engine).record(self._report(id, 1, verdict, score)) is None:
                status = AttemptStore(self.engine).rejudge(id)
                assert status is not None
                attempt = status.attempt
                assert VerdictStore(self.engine).record(self._report(id, attempt, verdict, score))
            if again is not None:  # the submission is judged again an hour later
                heapq.heappush(self.waiting, (at + 3600, number, id, again, 100.0 - score, None))
            yield

    def _report(self, id: str, attempt: int, verdict: Verdict, score: float) -> Any:
        return finished(id, attempt=attempt, outcome=Outcome(verdict, score=score))

    def check(self) -> None:
        """Compare both scoreboards, cell by cell, with the second computation."""
        board = self.boards.board(self.event)
        changes = EventResultStore(self.engine).changes_since(self.event.id, self.seen, {})
        assert changes is not None
        self.seen = changes.revision
        self.tries |= {each.submission: each for each in changes.tries}
        labels = [each.label for each in board.setup.problems]
        for public in (False, True):
            shown = [
                (row.member.id, row.rank, row.points, row.penalty, set(row.firsts), _cells(labels, row))
                for row in board.standings(public).rows()
            ]
            names = ("member", "rank", "points", "penalty", "firsts", "cells")
            computed = compute(board.setup, list(self.tries.values()), public, self.known)
            assert shown == [tuple(row[name] for name in names) for row in computed]


def _cells(labels: list[str], row: Row) -> dict[str, tuple[int, int, float]]:
    return {
        label: (cell.tries, cell.pending, cell.points) for label, cell in zip(labels, row.cells, strict=True)
    }


SIZES = [
    (MEMBERS, PROBLEMS, COUNT),
    # Gavel must be able to run contests of this size: 300 members, ten problems, 3,000 submissions.
    pytest.param(300, 10, 3000, marks=[pytest.mark.long, pytest.mark.timeout(3600)]),
]


@pytest.mark.parametrize(("members", "problems", "count"), SIZES)
@pytest.mark.parametrize("rules", RULES)
def test_the_scoreboard_equals_a_second_computation_after_each_step(
    rules: str, members: int, problems: int, count: int, tmp_path: Any
) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/contest.db")
    migrate(engine)
    replay = _contest(engine, RULES[rules], members, problems)
    steps = 0
    for _ in replay.steps(made_log(29, members, problems, count, HOURS * 3600)):
        replay.check()
        steps += 1
    assert steps >= 2 * count
    engine.dispose()


def _contest(engine: Engine, rules: EventRules, members: int, problems: int) -> Replay:
    times = EventTimes(START, START + timedelta(hours=HOURS))
    event = StoredEvent(
        new_id(), "made", "Made", "", times, rules, Visibility.PUBLIC, Joining.CLOSED, None, "author"
    )
    events = EventStore(engine)
    events.add(event, [ProblemInEvent(f"p{number}", f"P{number}") for number in range(problems)])
    accounts = [add_account(engine, f"team-{number}") for number in range(members)]
    events.add_members(event.id, [NewMember(f"Team {id}", (id,)) for id in accounts])
    entries = []
    for id in accounts:
        member = events.member_of(event.id, id)
        assert member is not None
        entries.append((id, EventEntry(event.id, member.id)))
    # The clock goes on with each call, so that no scoreboard is answered from the cache.
    clock = Clock(monotonic=iter(range(10**9)).__next__)
    boards = Scoreboards(events, EventResultStore(engine), ProblemStore(engine), clock)
    return Replay(engine, event, entries, boards)
