"""The promises that are checked at each step of a run, after each transaction and each push in Redis."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from judge_api.dispatch.queue_capacity import MIN_CAPACITY
from judge_api.dispatch.rq_queue import DEFAULT_CAPACITY
from judge_api.events.scoring import Cell, EventTry
from judge_api.events.standings import EventSetup, Standings
from judge_api.store.records import LIVE_PRIORITY
from judge_core.messages import Report, ReportKind, UnreadableMessage
from judge_core.model.account import Tier
from judge_core.model.routing import tier_of_queue
from judge_core.model.submission import Status, Verdict
from judge_core.redis.keys import (
    REPORT_CONSUMERS_GROUP,
    REPORTS_STREAM,
    lease_key,
    live_status_key,
    queue_capacity_key,
    queue_paused_key,
    reports_stream,
)
from judge_core.redis.status_channel import order_bytes, submission_id_of
from judge_core.redis.worker_users import user_of_worker
from tests.events.full_computation import compute
from tests.simulation.redis_values import Refusal, Stream
from tests.support.records import SIGNER

if TYPE_CHECKING:
    from tests.simulation.world import World

_ENDED = {"FAILED", "CANCELLED"}
_ROUNDS = 3
"""A pool that was empty a moment ago may be left out of one round."""
_LEASE = lease_key("").encode()
_STATUS = live_status_key("", None).encode()
_QUEUE, _JOB, _POPPED = b"rq:queue:", b"rq:job:", b":intermediate"
_MOMENT = "%Y-%m-%d %H:%M:%S.%f"
_ROW = "SELECT id, stage, attempt, verdict, finished_at, open FROM submissions WHERE id = ?"
_OUTBOX = (
    "SELECT submission_id, o.account_id, o.attempt, o.tier, o.priority, turn, claimed_by, claimed_until, "
    "not_before, CAST(language AS BLOB) FROM outbox o JOIN submissions s ON s.id = submission_id "
    "WHERE submission_id = ?"
)
_STANDINGS = (
    "SELECT e.submission_id, e.state, e.verdict, s.stage, s.verdict FROM event_submissions e "
    "JOIN submissions s ON s.id = e.submission_id WHERE e.submission_id = ? AND (e.verdict IS NOT s.verdict "
    "OR (e.state = 'judged') != (s.verdict IS NOT NULL) "
    "OR (e.state = 'void') != (s.stage IN ('CANCELLED', 'FAILED')))"
)


class Row(NamedTuple):
    """The columns of a submission's row that are checked."""

    id: str
    stage: str
    attempt: int
    verdict: str | None
    finished_at: str | None
    is_open: bool


class Waiting(NamedTuple):
    """A row of the outbox."""

    submission: str
    account: str
    attempt: int
    tier: str
    priority: int
    turn: int
    claimed_by: str | None
    claimed_until: str | None
    not_before: str
    language: bytes

    def is_due(self, moment: str) -> bool:
        """Whether a relay could have claimed the row at this moment."""
        is_free = self.claimed_until is None or self.claimed_until < moment
        return is_free and self.not_before <= moment


def _cells(labels: Sequence[str], cells: Sequence[Cell]) -> dict[str, tuple[int, int, float]]:
    return {label: (cell.tries, cell.pending, cell.points) for label, cell in zip(labels, cells, strict=True)}


class Invariants:
    """Compares what database and Redis hold now with what they held one step before."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.rows: dict[str, Row] = {}
        self.waiting: dict[str, Waiting] = {}
        self._records: dict[str, list[tuple[Any, ...]]] = {}
        self._rounds = 0
        self.reported: list[tuple[str, int]] = []
        self.reported_again: set[tuple[str, int]] = set()
        self._leases: dict[bytes, set[bytes]] = {}
        self._entries: dict[tuple[int, int], tuple[str, int, ReportKind]] = {}
        self._with_used_id: set[tuple[str, int]] = set()
        self._forbidden: dict[bytes, bytes] = {}

    def check_rows(self) -> None:
        """Check the submissions whose rows were written. Called after each transaction."""
        database = self._world.database
        changed, raw = sorted(database.changed), database.raw
        database.changed.clear()
        self._check_statuses()
        waiting = dict(self.waiting)
        for id in changed:
            self._look_at(id, raw.execute(_ROW, (id,)).fetchone())
            found = raw.execute(_OUTBOX, (id,)).fetchone()
            if found is None:
                waiting.pop(id, None)
            else:
                waiting[id] = Waiting._make(found)
        before, self.waiting = self.waiting, waiting
        if waiting != before:
            self._check_outbox(before, waiting)
        for id in changed:
            if id in waiting and not self.rows[id].is_open:
                self._fail(f"{id} has ended, and is in the outbox")
            for _, state, shown, stage, verdict in raw.execute(_STANDINGS, (id,)).fetchall():
                self._fail(f"{id} is {stage} with {verdict}, and {state} with {shown} in the standings")

    def _look_at(self, id: str, found: tuple[Any, ...] | None) -> None:
        before, row = self.rows.get(id), Row._make(found) if found else None
        if row is None:
            if before is not None:
                self._fail(f"{id} was deleted")
        elif before != row:
            self.rows[id] = row
            if id not in self._world.damaged:
                self._check_row(before, row)

    def _fail(self, what: str) -> None:
        self._world.fail(what)

    def _check_row(self, before: Row | None, row: Row) -> None:
        if before is not None:
            if row.attempt < before.attempt:
                self._fail(f"{row.id}: attempt {row.attempt} after attempt {before.attempt}")
            if not before.is_open and not row.is_open:
                self._fail(f"{row.id} had ended, and was changed to {row.stage} of attempt {row.attempt}")
            if before.stage == "CANCELLED":
                self._fail(f"{row.id} was cancelled, and changed to {row.stage}")
            if before.verdict is not None and row.verdict is None:
                self._fail(f"{row.id} lost its verdict")
        if row.stage == "DONE" and not row.is_open:
            self._check_record(row)
        if row.is_open and row.stage in _ENDED:
            self._fail(f"{row.id} is {row.stage} and open")

    def _check_record(self, row: Row) -> None:
        known = self._records.setdefault(row.id, [])
        record = (row.attempt, row.finished_at, row.verdict)
        if record not in known:
            known.append(record)
        attempts = [each[0] for each in known]
        if len(set(attempts)) != len(attempts):
            self._fail(f"{row.id}: one attempt was recorded twice: {known}")

    def _check_outbox(self, before: dict[str, Waiting], after: dict[str, Waiting]) -> None:
        for id, row in after.items():
            was = before.get(id)
            if was is None and row.attempt == 1 and row.priority <= LIVE_PRIORITY:
                self._check_turn(row, before)
            if was is not None and row.claimed_until is not None and was.claimed_until != row.claimed_until:
                self._check_claim(row, before, after)

    def _check_turn(self, row: Waiting, before: dict[str, Waiting]) -> None:
        """If an account has only one waiting submission, the turn of the submission must be the next turn."""
        others = [each for each in before.values() if (each.tier, each.priority) == (row.tier, row.priority)]
        if any(each.account == row.account for each in others):
            return
        served = min((each.turn for each in others), default=0)
        if row.turn > served:
            self._fail(
                f"{row.submission}, the only one of its account, waits for turn {row.turn} after {served}"
            )

    def _check_claim(self, row: Waiting, before: dict[str, Waiting], after: dict[str, Waiting]) -> None:
        """No row may be claimed while a row of an earlier turn has been due for a second. The second is
        needed because the relay reads the clock a moment before it claims."""
        seconds = self._world.kernel.seconds
        if seconds - self._world.clocks_changed_at < 1.0 or seconds - self._world.database.slow_at < 5.0:
            return
        since = (datetime.now(UTC) - timedelta(seconds=1)).strftime(_MOMENT)
        # Rows are compared by language too, because a pool gets only rows in its own languages.
        place = (row.tier, row.priority, row.language)
        passed = [each for each in before.values() if (each.tier, each.priority, each.language) == place]
        for each in passed:
            if each.turn < row.turn and each.is_due(since) and after.get(each.submission) == each:
                self._fail(f"{row.submission} of turn {row.turn} was claimed before {each.submission}")

    def ready_premium(self) -> dict[str, Waiting]:
        """The premium rows that a relay could send now. Empty if their queue has no room."""
        moment = datetime.now(UTC).strftime(_MOMENT)
        if not self._has_room(Tier.PREMIUM):
            return {}
        return {
            id: row
            for id, row in self.waiting.items()
            if row.tier == Tier.PREMIUM
            and row.priority <= LIVE_PRIORITY
            and row.is_due(moment)
            and id not in self._world.damaged
        }

    def check_round(self, before: dict[str, Waiting]) -> None:
        """Check that premium does not wait behind other rows. Called when a relay has ended a round without
        an error.

        ``before`` are the premium rows that were ready when the round began. If all of them are still ready
        after several rounds, they wait behind other rows.
        """
        ready = self.ready_premium()
        if not before or any(ready.get(id) != row for id, row in before.items()):
            self._rounds = 0
            return
        self._rounds += 1
        if self._rounds >= _ROUNDS:
            left = ", ".join(sorted(before))
            self._fail(f"premium could be sent, and {_ROUNDS} rounds of the relay left {left}")

    def _has_room(self, tier: Tier) -> bool:
        """Whether the queue of this tier takes a job now."""
        redis = self._world.redis
        if self._world.is_disturbed or redis.data.peek(queue_paused_key(tier).encode()) is not None:
            return False
        found = redis.data.peek(queue_capacity_key(tier).encode())
        jobs = redis.data.peek(_QUEUE + tier.encode())
        capacity = int(found) if isinstance(found, bytes) and found.isdigit() else DEFAULT_CAPACITY
        return jobs is None or (isinstance(jobs, list) and len(jobs) < min(capacity, MIN_CAPACITY))

    def check_standings(self, setup: EventSetup, shown: Standings, tries: Sequence[EventTry]) -> None:
        """The standings that were updated with each change must equal a second computation from all rows."""
        labels = [problem.label for problem in shown.problems]
        found = [
            (row.member.id, row.rank, row.points, row.penalty, _cells(labels, row.cells))
            for row in shown.rows()
        ]
        wanted = [
            (row["member"], row["rank"], row["points"], row["penalty"], row["cells"])
            for row in compute(setup, tries, frozen=False)
        ]
        if found != wanted:
            self._fail(f"the standings are {found}, and computed from all rows {wanted}")

    def check_push(self, key: bytes) -> None:
        """Check an addition to a list or a stream in Redis."""
        process = self._world.kernel.process
        if process is None or process.name in ("faults", "network"):
            return
        if key.startswith(_QUEUE) and not key.endswith(_POPPED):
            self._check_job(key)
        elif key == REPORTS_STREAM.encode() and not process.name.startswith(("disp", "api")):
            self._check_report()

    def _check_job(self, key: bytes) -> None:
        """No submission may wait in the queue of another tier."""
        data, tier = self._world.redis.data, tier_of_queue(key.removeprefix(_QUEUE).decode())
        for id in data.values[key]:
            job = data.values.get(_JOB + id)
            origin = job.get(b"origin", b"") if isinstance(job, dict) else b""
            if origin and origin.decode() != tier:
                self._fail(f"a submission of {origin.decode()} was put into the queue of {tier}")

    def _check_report(self) -> None:
        """Only the holder of the lease may report a verdict. If Redis has lost the lease, any worker may."""
        data = self._world.redis.data
        stream: Stream = data.values[REPORTS_STREAM.encode()]
        fields = stream.entries[stream.last]
        try:
            report = Report.load(fields[fields.index(b"report") + 1])
        except UnreadableMessage:
            return
        attempt = (report.submission, report.attempt)
        if self._entries.setdefault(stream.last, (*attempt, report.kind)) != (*attempt, report.kind):
            self._with_used_id.add(attempt)
        if report.kind is not ReportKind.FINISHED:
            return
        if attempt in self.reported:
            self.reported_again.add(attempt)
        self.reported.append(attempt)
        names = self._world.names
        lease = data.peek(names.lease_key(report.submission, report.attempt).encode())
        # In a mixed run the worker may hold the lease under the other name.
        if self._world.is_mixed or not isinstance(lease, bytes):
            return
        held, _, holder = lease.partition(b":")
        if held.isdigit() and lease != f"{report.attempt}:{report.worker}".encode():
            self._fail(
                f"{report.worker} reported {report.submission} of attempt {report.attempt}, "
                f"and {holder.decode(errors='replace')} has the lease of attempt {held.decode()}"
            )

    def check_deleted_report(self, key: bytes, fields: list[bytes]) -> None:
        """The report of a verdict may be deleted only after the database has committed the verdict. A report
        that must be refused may be deleted too.

        After Redis came back with an older copy, a report may get the id of an entry that a consumer read
        before. The consumer then deletes the wrong entry. The reconciler has the submission judged again.
        """
        entry = dict(zip(fields[::2], fields[1::2], strict=False))
        try:
            report = Report.load(entry.get(b"report", b""))
        except UnreadableMessage:
            return
        row = self.rows.get(report.submission)
        is_owed = (
            report.kind is ReportKind.FINISHED
            and SIGNER.is_proof(entry.get(b"proof"), report.submission, report.attempt)
            and reports_stream(user_of_worker(report.worker)).encode() == key
            and report.submission not in self._world.damaged
            and (report.submission, report.attempt) not in self._with_used_id
        )
        is_waited_for = row is not None and row.is_open and row.attempt == report.attempt
        if is_owed and is_waited_for and not self._has_other_worker(report):
            self._fail(f"the report of {report.submission} was deleted before its verdict was recorded")

    def _has_other_worker(self, report: Report) -> bool:
        """Whether another worker has had this attempt's lease, or has reported the attempt. The lease may
        have ended since the consumer read it."""
        key = self._world.names.lease_key(report.submission, report.attempt).encode()
        own = f"{report.attempt}:{report.worker}".encode()
        if self._world.is_mixed or self._leases.get(key, set()) - {own}:
            return True
        return (report.submission, report.attempt) in self.reported_again

    def check_set(self, key: bytes, before: bytes | None, after: bytes) -> None:
        """Check a text that a key gets. Called before the key has it."""
        process = self._world.kernel.process
        if key.startswith(_LEASE):
            self._leases.setdefault(key, set()).add(after)
        if process is None or process.name == "faults":
            return
        if key.startswith(_LEASE) and before is not None:
            self._check_lease(key, before, after)
        elif key.startswith(_STATUS):
            self._note_status(key, before or b"", after)

    def _note_status(self, key: bytes, before: bytes, after: bytes) -> None:
        """Note a status that may not stay: a status earlier than the last status, or the progress of a
        rejudging. The script that publishes may set an earlier status, and sets the later status again before
        any other command."""
        if order_bytes(after) < order_bytes(before) or self._is_of_rejudging(after):
            self._forbidden[key] = after
        else:
            self._forbidden.pop(key, None)

    def _is_of_rejudging(self, status: bytes) -> bool:
        """Whether this is the progress of the running attempt of a submission that has a verdict."""
        row, order = self.rows.get(submission_id_of(status)), order_bytes(status)
        if row is None or row.verdict is None or not row.is_open or row.id in self._world.damaged:
            return False
        return order[:1] == b"0" and int(order[1:7]) == row.attempt

    def _check_statuses(self) -> None:
        for text in self._forbidden.values():
            self._fail(f"{submission_id_of(text)} has a status that may not be published: {text!r}")

    def _check_lease(self, key: bytes, before: bytes, after: bytes) -> None:
        """No worker may take a lease that another worker has."""
        had, _, holder = before.partition(b":")
        has, _, taker = after.partition(b":")
        is_taken = had.isdigit() and has.isdigit() and int(has) <= int(had) and taker not in (b"-", holder)
        if is_taken and holder != b"-":
            self._fail(f"{taker.decode()} took {key.decode()} of attempt {int(has)} from {holder.decode()}")

    def check_answer(self, status: Status) -> None:
        """Of an ended submission, a client that asks after some seconds must get the recorded stage and
        verdict."""
        row = self.rows[status.id]
        verdict = status.outcome.verdict.value if status.outcome else None
        if row.is_open or status.id in self._world.damaged:
            return
        if (status.stage, verdict) != (row.stage, row.verdict):
            self._fail(f"{status.id} is answered as {status.stage} with {verdict}, and is {row.stage}")

    def _is_left_for_ever(self, key: bytes) -> bool:
        """Whether this key is left and never expires, although it must. A key may be left after a fault that
        destroyed a queue, because then no list names the jobs of ended submissions any more."""
        data = self._world.redis.data
        return data.peek(key) is not None and key not in data.expiries and not self._world.lost_a_queue

    def check_end(self) -> None:
        """Check the promises that must be kept when there are no more faults."""
        world = self._world
        self.check_rows()
        if world.posts:
            self._fail(f"{len(world.posts)} were never accepted")
        if len(self.rows) > world.posted:
            self._fail(f"{len(self.rows)} submissions are stored, and {world.posted} were posted")
        for id in world.accepted:
            if id not in self.rows:
                self._fail(f"{id} was accepted and is lost")
        for row in self.rows.values():
            self._check_ended(row)
        self._check_left()

    def _check_ended(self, row: Row) -> None:
        world, expected = self._world, self._expected(row.id)
        if row.is_open:
            self._fail(f"{row.id} waits for ever in {row.stage}")
        elif row.id in world.damaged:
            return  # it may have been ended because its row could not be read
        elif row.stage == "CANCELLED":
            if row.id not in world.cancelling:
                self._fail(f"{row.id} is cancelled, and its owner did not ask for it")
        elif row.stage != "DONE" or row.verdict != expected:
            self._fail(f"{row.id} ended as {row.stage} with {row.verdict}, not {expected}")
        elif row.id in world.cancelled:
            self._fail(f"{row.id} was cancelled, and has a verdict")
        elif row.id not in world.maybe_rejudged and len(self._records[row.id]) > 1 + world.rejudged.get(
            row.id, 0
        ):
            self._fail(f"{row.id} has more verdicts than were owed: {self._records[row.id]}")

    def _expected(self, id: str) -> str:
        query = "SELECT source FROM submissions WHERE id = ?"
        (source,) = self._world.database.raw.execute(query, (id,)).fetchone()
        return Verdict(source).value

    def _check_left(self) -> None:
        """Nothing of an ended submission may be left in the outbox or in Redis. Called when every repair has
        ended."""
        if self.waiting:
            self._fail(f"{len(self.waiting)} rows of ended submissions are left in the outbox")
        redis = self._world.redis
        for key in sorted(redis.data.values):
            if key.startswith(_QUEUE) and isinstance(redis.data.peek(key), list):
                self._fail(f"{redis.data.values[key]} are left in {key.decode()}")
            if key.startswith(_JOB) and self._is_left_for_ever(key):
                self._fail(f"the job {key.decode()} is left, and never expires")
        try:
            pending = redis.data.execute(
                [b"XPENDING", REPORTS_STREAM.encode(), REPORT_CONSUMERS_GROUP.encode()]
            )
        except Refusal:
            return
        if pending[0] or redis.do("XLEN", REPORTS_STREAM):
            self._fail(f"{redis.do('XLEN', REPORTS_STREAM)} reports are left, {pending[0]} of them were read")
