"""Measures the cost of one more verdict in an event with 10 earlier submissions, and in an event with 3,000.

The cost includes all work until the standings show the verdict: writing it, finding the change, and updating
the standings. The rows of the scoreboard are measured separately, for 300 members and 10 problems. Both
stores take turns.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, insert

from benchmarks.result import Result, Row
from judge_api.events.rules import EventRules, Joining, Visibility
from judge_api.events.windows import EventTimes
from judge_api.services.scoreboards import Scoreboards
from judge_api.store.engine import open_engine, write_transaction
from judge_api.store.event_results import EventResultStore
from judge_api.store.events import EventStore, NewMember, ProblemInEvent, StoredEvent
from judge_api.store.migrate import migrate
from judge_api.store.problems import ProblemStore
from judge_api.store.records import EventEntry, NewSubmission
from judge_api.store.submissions import SubmissionStore
from judge_api.store.tables import accounts, new_id
from judge_api.store.verdicts import VerdictStore
from judge_core.clock import Clock
from judge_core.messages import PackageRef, Report, ReportKind
from judge_core.model.account import Role, Tier
from judge_core.model.submission import Outcome, Verdict, rfc3339

X_TITLE = "earlier submissions"
FEW, MANY = 10, 3_000
MEMBERS, PROBLEMS = 300, 10
_TIMES = 60


@dataclass(frozen=True, slots=True)
class _Event:
    engine: Engine
    event: StoredEvent
    entries: tuple[tuple[str, EventEntry], ...]
    boards: Scoreboards

    def submit(self, number: int) -> str:
        account, entry = self.entries[number % MEMBERS]
        package = PackageRef(f"p{number // MEMBERS % PROBLEMS}", "a" * 64)
        new = NewSubmission(account, Tier.NORMAL, "python3", "print()", package=package, event=entry)
        return SubmissionStore(self.engine).accept(new, send_now=False).status.id

    def judge(self, id: str) -> None:
        """Record a verdict, and bring the standings up to date."""
        now = rfc3339(datetime.now(UTC)) or ""
        outcome = Outcome(Verdict.WA)
        report = Report(ReportKind.FINISHED, id, 1, "w", now, started_at=now, outcome=outcome)
        VerdictStore(self.engine).record(report)
        self.boards.board(self.event)


def measure(short: bool = False) -> Result:
    many = 600 if short else MANY
    with tempfile.TemporaryDirectory() as folder:
        events = {size: _filled(Path(folder) / f"{size}.db", size) for size in (FEW, many)}
        costs: dict[int, list[float]] = {size: [] for size in events}
        for number in range(_TIMES):
            for size, event in events.items():
                id = event.submit(size + number)
                costs[size].append(_milliseconds(event.judge, id))
        rows = [_milliseconds(_rows, events[many]) for _ in range(20)]
    few, large = (statistics.median(costs[size]) for size in (FEW, many))
    update = Row(
        f"a verdict, after {many:,} submissions",
        large,
        "ms",
        large / few,
        1.5,
        note=f"after {FEW}: {few:.2f} ms",
    )
    board = Row(f"all rows of {MEMBERS} members", statistics.median(rows), "ms")
    return Result(f"Cost of one more verdict in an event, SQLite, {MEMBERS} members", (update, board))


def _rows(event: _Event) -> None:
    event.boards.board(event.event).public.rows()


def _milliseconds(act: object, *arguments: object) -> float:
    began = time.perf_counter()
    act(*arguments)  # type: ignore[operator]
    return (time.perf_counter() - began) * 1000


def _filled(file: Path, count: int) -> _Event:
    """Opens a store that has an event with this many judged submissions."""
    engine = open_engine(f"sqlite:///{file}")
    migrate(engine)
    now = datetime.now(UTC)
    times = EventTimes(now - timedelta(hours=1), now + timedelta(hours=1))
    event = StoredEvent(
        new_id(), "event", "Event", "", times, EventRules(), Visibility.PUBLIC, Joining.CLOSED, None, "me"
    )
    events = EventStore(engine)
    events.add(event, [ProblemInEvent(f"p{number}", f"P{number}") for number in range(PROBLEMS)])
    entries = tuple(_join(engine, events, event))
    boards = Scoreboards(
        events, EventResultStore(engine), ProblemStore(engine), Clock(monotonic=iter(range(10**9)).__next__)
    )
    filled = _Event(engine, event, entries, boards)
    for number in range(count):
        filled.judge(filled.submit(number))
    return filled


def _join(engine: Engine, events: EventStore, event: StoredEvent) -> Iterator[tuple[str, EventEntry]]:
    ids = [new_id() for _ in range(MEMBERS)]
    row = {"tier": Tier.NORMAL.value, "role": Role.USER.value, "created_at": datetime.now(UTC)}
    with write_transaction(engine) as connection:
        connection.execute(insert(accounts), [{**row, "id": id, "name": id} for id in ids])
    events.add_members(event.id, [NewMember(id, (id,)) for id in ids])
    members = {each.member.name: each.member.id for each in events.members(event.id)}
    return ((id, EventEntry(event.id, members[id])) for id in ids)
