"""Each accepted submission gets exactly one record, even if reports come twice or out of order and workers
crash.

Hypothesis runs a small model of the events that can happen to reports against the real store.
"""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import settings
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule
from hypothesis.strategies import booleans

from judge_api.store.attempts import AttemptStore, RequeueReason
from judge_api.store.outbox import Outbox
from judge_api.store.submissions import SubmissionStore
from judge_api.store.verdicts import VerdictStore
from judge_core.messages import Report, ReportKind
from judge_core.model.submission import Stage, Verdict
from tests.support.databases import open_empty_database
from tests.support.records import add_account, finished, new_submission


class Deliveries(RuleBasedStateMachine):
    """Sent jobs may be run by any number of workers at any time, and their reports may come in any order."""

    jobs: Bundle[tuple[str, int]] = Bundle("jobs")
    reports: Bundle[Report] = Bundle("reports")

    @initialize()
    def build(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.engine = open_empty_database(Path(self.folder.name) / "model.db")
        self.account = add_account(self.engine)
        self.verdicts = VerdictStore(self.engine)
        self.store, self.attempts = SubmissionStore(self.engine), AttemptStore(self.engine)
        self.outbox = Outbox(self.engine)
        self.recorded: dict[str, int] = {}
        self.orders: dict[str, tuple[int, int, int, int]] = {}

    @rule()
    def post(self) -> None:
        id = self.store.accept(new_submission(self.account), send_now=False).status.id
        self.recorded[id] = 0

    @rule(target=jobs)
    def relay(self) -> tuple[str, int]:
        rows = self.outbox.claim(1, "relay", 60)
        if not rows:
            return ("nobody", 1)
        self.outbox.mark_sent([(rows[0].id, rows[0].request.attempt)])
        return (rows[0].id, rows[0].request.attempt)

    @rule(target=reports, job=jobs, right=booleans())
    def judge(self, job: tuple[str, int], right: bool) -> Report:
        return finished(job[0], job[1], Verdict.AC if right else Verdict.WA)

    @rule(report=reports)
    def record(self, report: Report) -> None:
        if self.verdicts.record(report) is not None:
            self.recorded[report.submission] += 1

    @rule(report=reports)
    def start_late(self, report: Report) -> None:
        self.attempts.begin([finished(report.submission, report.attempt, kind=ReportKind.STARTED)])

    @rule(job=jobs, charged=booleans())
    def worker_dies(self, job: tuple[str, int], charged: bool) -> None:
        self.attempts.requeue_or_fail(job[0], job[1], RequeueReason("died", charged=charged))

    @rule()
    def redis_is_emptied(self) -> None:
        self.attempts.resend(self.attempts.open_submissions(datetime.now(UTC) + timedelta(hours=1)))

    @invariant()
    def at_most_one_record_and_never_backwards(self) -> None:
        for id, count in getattr(self, "recorded", {}).items():
            status = self.store.status(id)
            assert status is not None
            assert count == int(status.stage is Stage.DONE)
            assert status.order >= self.orders.get(id, status.order)
            self.orders[id] = status.order

    def teardown(self) -> None:
        if not hasattr(self, "store"):
            return
        for id in self.recorded:
            self._see_to_its_end(id)
        self.engine.dispose()
        self.folder.cleanup()

    def _see_to_its_end(self, id: str) -> None:
        """Record a verdict after the last crash, if the submission has not ended."""
        status = self.store.status(id)
        assert status is not None
        if not status.stage.is_final:
            assert self.verdicts.record(finished(id, status.attempt)) is not None


TestDeliveries = Deliveries.TestCase
TestDeliveries.settings = settings(max_examples=25, stateful_step_count=30, deadline=None)
