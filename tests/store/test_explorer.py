"""The real store keeps its promises for deliveries, deaths, losses and late reports in every order.

The test visits all states that a submission can reach within bounds: two charged attempts, one rejudging and
:data:`LAST_ATTEMPT`. Any worker may judge a delivered job again at any time. A report may arrive at any time
and any number of times. Any process may die at any step. Jobs and reports in flight stay in flight, except
that Redis may lose all of them. So every order is tried.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, delete, insert, select, update

from judge_api.store.attempts import TRANSIENT_ERROR, AttemptStore, RequeueReason
from judge_api.store.engine import read_connection, write_transaction
from judge_api.store.outbox import Outbox
from judge_api.store.submissions import SubmissionStore
from judge_api.store.tables import attempts, outbox, submissions
from judge_api.store.verdicts import VerdictStore
from judge_core.messages import ReportKind
from judge_core.model.submission import Stage, Status, Verdict
from tests.support.records import add_account, finished, new_submission

LAST_ATTEMPT = int(os.environ.get("GAVEL_EXPLORE_ATTEMPTS", "2"))
"""An attempt with this number is neither given back uncharged nor rejudged. With 3 the search takes minutes,
so only `make test-chaos` and `make test-long` do that."""
_LATER = timedelta(hours=1)
_PAUSES = timedelta(minutes=1)
Row = tuple[tuple[str, Any], ...]


@dataclass(frozen=True)
class Rows:
    """All rows of the submission in the store."""

    submission: Row
    outbox: tuple[Row, ...]
    attempts: tuple[Row, ...]


@dataclass(frozen=True)
class World:
    """The rows of the store, and the jobs and reports in flight.

    ``records`` is the number of verdicts that were recorded, and ``debts`` the number that must be recorded
    in the end.
    """

    rows: Rows
    jobs: frozenset[int] = frozenset()
    reports: frozenset[int] = frozenset()
    records: int = 0
    debts: int = 1

    @property
    def key(self) -> tuple[object, ...]:
        """Two worlds with the same key behave in the same way. Times and notes about past attempts have no
        influence."""
        row = dict(self.rows.submission)
        names = ("stage", "attempt", "faults", "open", "sent", "verdict", "package_hash", "former_hash")
        waiting = tuple(dict(one)["attempt"] for one in self.rows.outbox)
        ended = row["finished_at"] is not None
        row_key = tuple(row[name] for name in names)
        return (*row_key, ended, waiting, self.jobs, self.reports, self.records, self.debts)


class Explorer:
    """Puts the store into a state, takes each step from there, and checks the result."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._store = SubmissionStore(engine)
        self._attempts = AttemptStore(engine, max_attempts=2)
        self._verdicts = VerdictStore(engine)
        self._outbox = Outbox(engine, clock=lambda: datetime.now(UTC) + _PAUSES)
        self.id = self._store.accept(new_submission(add_account(engine)), send_now=False).status.id
        self._held: Rows | None = None
        """The rows that the store holds now; ``None`` when they are not known."""

    def explore(self) -> dict[tuple[object, ...], World]:
        """Visit and check every world that can be reached, and each step into it. Returns the worlds by
        key."""
        first = World(self._save())
        seen, waiting = {first.key: first}, [first]
        while waiting:
            world = waiting.pop()
            for step in self._steps(world):
                self._restore(world.rows)
                before = self._status()
                self._held = None
                found = replace(step(world), rows=self._save())
                self._held = found.rows
                self._check_step(before, world, found)
                if found.key not in seen:
                    seen[found.key] = found
                    self._check(found)
                    waiting.append(found)
        return seen

    def _steps(self, world: World) -> Iterator[Callable[[World], World]]:
        attempt = dict(world.rows.submission)["attempt"]
        if world.rows.outbox:
            yield lambda world: self._relay(world, dies=True)
            yield lambda world: self._relay(world, dies=False)
        if world.jobs or world.reports:
            # Redis was emptied.
            yield lambda world: replace(world, jobs=frozenset(), reports=frozenset())
        yield self._send_again
        yield self._cancel
        for job in world.jobs:
            yield lambda world, job=job: replace(world, reports=world.reports | {job})  # type: ignore[misc]
            yield lambda world, job=job: self._give_back(world, job, DIED)  # type: ignore[misc]
            yield lambda world, job=job: self._begin(world, job)  # type: ignore[misc]
            if attempt < LAST_ATTEMPT:
                yield lambda world, job=job: self._give_back(world, job, AWAY)  # type: ignore[misc]
        for report in world.reports:
            yield lambda world, report=report: self._record(world, report)  # type: ignore[misc]
        if world.debts == 1 and attempt < LAST_ATTEMPT:
            yield self._rejudge

    def _relay(self, world: World, dies: bool) -> World:
        """Send a job. If the relay dies after that, the row is still in the outbox, and the relay's claim
        expires."""
        (row,) = self._outbox.claim(1, "relay", -1)
        if not dies:
            self._outbox.mark_sent([(row.id, row.request.attempt)])
        return replace(world, jobs=world.jobs | {row.request.attempt})

    def _send_again(self, world: World) -> World:
        self._attempts.resend(self._attempts.open_submissions(datetime.now(UTC) + _LATER))
        return world

    def _cancel(self, world: World) -> World:
        self._store.cancel(self.id)
        return world

    def _give_back(self, world: World, job: int, why: RequeueReason) -> World:
        self._attempts.requeue_or_fail(self.id, job, why)
        return world

    def _begin(self, world: World, job: int) -> World:
        self._attempts.begin([finished(self.id, job, kind=ReportKind.STARTED, outcome=None)])
        return world

    def _record(self, world: World, attempt: int) -> World:
        verdict = Verdict.AC if attempt % 2 else Verdict.WA
        written = self._verdicts.record(finished(self.id, attempt, verdict))
        return replace(world, records=world.records + int(written is not None))

    def _rejudge(self, world: World) -> World:
        found = self._attempts.rejudge(self.id, "b" * 64)
        return replace(world, debts=world.debts + int(found is not None))

    def _check_step(self, before: Status, world: World, found: World) -> None:
        after = self._status()
        assert after.order >= before.order, "a status moved backwards"
        assert found.records <= found.debts, "a verdict was recorded twice"
        was, now = dict(world.rows.submission), dict(found.rows.submission)
        if was["verdict"] is not None and found.records == world.records:
            assert now["verdict"] == was["verdict"], "a verdict changed without a record"

    def _check(self, world: World) -> None:
        row = dict(world.rows.submission)
        assert (row["verdict"] is not None) == (world.records > 0)
        assert (row["stage"] == Stage.DONE) == (world.records > 0)
        if not row["open"]:
            assert row["finished_at"] is not None
            assert world.rows.outbox == (), "a submission that has ended is still in the outbox"
            assert row["former_hash"] is None
            return
        self._restore(world.rows)
        lost = self._attempts.open_submissions(datetime.now(UTC) + _LATER)
        assert bool(lost) != bool(world.rows.outbox), (
            "a submission awaits a verdict, and neither relay nor reconciler would find it"
        )
        self._held = None
        # If nothing fails from here on, the verdict is recorded exactly once.
        assert self._verdicts.record(finished(self.id, row["attempt"])) is not None
        assert self._verdicts.record(finished(self.id, row["attempt"])) is None

    def _status(self) -> Status:
        status = self._store.status(self.id)
        assert status is not None
        return status

    def _save(self) -> Rows:
        with read_connection(self._engine) as connection:
            found = [
                tuple(_frozen(row) for row in connection.execute(select(table)).mappings())
                for table in (submissions, outbox, attempts)
            ]
        return Rows(found[0][0], found[1], found[2])

    def _restore(self, rows: Rows) -> None:
        """Write these rows into the store. They are not written if the store has them already, because many
        steps change nothing."""
        held = self._held or self._save()
        if held == rows:
            return
        with write_transaction(self._engine) as connection:
            if held.submission != rows.submission:
                connection.execute(update(submissions).values(**dict(rows.submission)))
            for table, wanted, there in (
                (outbox, rows.outbox, held.outbox),
                (attempts, rows.attempts, held.attempts),
            ):
                if wanted != there:
                    connection.execute(delete(table))
                    for row in wanted:
                        connection.execute(insert(table).values(**dict(row)))
        self._held = rows


def _frozen(row: Any) -> Row:
    return tuple(row.items())


DIED = RequeueReason("its worker died", ending="lost")
AWAY = RequeueReason("the disk is full", charged=False, ending=TRANSIENT_ERROR)


@pytest.mark.timeout(900)
@pytest.mark.long_on("postgresql")
def test_an_accepted_submission_is_recorded_once_in_every_order_of_events_within_the_bounds(
    engine: Engine,
) -> None:
    worlds = Explorer(engine).explore().values()
    ends = {(dict(world.rows.submission)["stage"], world.debts) for world in worlds}
    wanted = {(stage.value, 1) for stage in (Stage.DONE, Stage.FAILED, Stage.CANCELLED)}
    assert wanted | {(Stage.DONE.value, 2)} <= ends, "the search did not reach every wanted end"
    print(f"{len(worlds)} states")
