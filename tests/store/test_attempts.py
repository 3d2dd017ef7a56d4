"""Each transition of an attempt has a test. A message that comes twice or late changes nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, select, update

from judge_api.store.attempts import MAX_TRANSIENT_ERRORS, TRANSIENT_ERROR, AttemptStore, RequeueReason
from judge_api.store.engine import read_connection, write_transaction
from judge_api.store.outbox import Outbox
from judge_api.store.submissions import SubmissionStore
from judge_api.store.tables import outbox as outbox_table
from judge_api.store.tables import submissions
from judge_api.store.verdicts import VerdictStore
from judge_core.messages import ReportKind
from judge_core.model.submission import Outcome, Stage, Verdict
from tests.support.records import add_account, finished, new_submission, outcome

DIED = RequeueReason("its worker died", worker="normal-1", ending="lost")


@pytest.fixture
def store(engine: Engine) -> SubmissionStore:
    return SubmissionStore(engine)


@pytest.fixture
def verdicts(engine: Engine) -> VerdictStore:
    return VerdictStore(engine)


@pytest.fixture
def attempts(engine: Engine) -> AttemptStore:
    return AttemptStore(engine)


@pytest.fixture
def queued(engine: Engine, store: SubmissionStore) -> str:
    """A submission that was sent to the queue."""
    id = store.accept(new_submission(add_account(engine))).status.id
    Outbox(engine).mark_sent([(id, 1)])
    return id


def test_a_queued_submission_becomes_running(
    store: SubmissionStore, attempts: AttemptStore, queued: str
) -> None:
    attempts.begin([finished(queued, kind=ReportKind.STARTED, outcome=None)])
    status = store.status(queued)
    assert status is not None
    assert status.stage is Stage.RUNNING
    assert status.started_at is not None


def test_a_recorded_verdict_has_the_whole_outcome(
    store: SubmissionStore, verdicts: VerdictStore, queued: str
) -> None:
    recorded = verdicts.record(finished(queued, verdict=Verdict.WA))
    assert recorded is not None
    assert recorded.outcome == outcome(Verdict.WA)
    assert store.status(queued) == recorded


def test_a_report_that_is_delivered_twice_is_recorded_once(verdicts: VerdictStore, queued: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        written = list(pool.map(lambda _: verdicts.record(finished(queued)), range(8)))
    assert sum(status is not None for status in written) == 1


def test_a_late_report_of_a_start_does_not_change_a_judged_submission(
    store: SubmissionStore, attempts: AttemptStore, verdicts: VerdictStore, queued: str
) -> None:
    verdicts.record(finished(queued))
    attempts.begin([finished(queued, kind=ReportKind.STARTED, outcome=None)])
    status = store.status(queued)
    assert status is not None
    assert status.stage is Stage.DONE


def test_a_returned_attempt_goes_to_the_outbox_as_the_next_attempt(
    engine: Engine, attempts: AttemptStore, queued: str
) -> None:
    status = attempts.requeue_or_fail(queued, 1, DIED)
    assert status is not None
    assert (status.stage, status.attempt) == (Stage.QUEUED, 2)
    (row,) = Outbox(engine).claim(10, "relay", 5)
    assert (row.id, row.request.attempt) == (queued, 2)


def test_a_late_report_of_an_earlier_attempt_records_nothing(
    attempts: AttemptStore, verdicts: VerdictStore, queued: str
) -> None:
    attempts.requeue_or_fail(queued, 1, DIED)
    assert verdicts.record(finished(queued, attempt=1, verdict=Verdict.WA)) is None
    recorded = verdicts.record(finished(queued, attempt=2))
    assert recorded is not None
    assert recorded.outcome is not None
    assert recorded.outcome.verdict is Verdict.AC


def test_an_attempt_is_returned_only_once(attempts: AttemptStore, queued: str) -> None:
    attempts.requeue_or_fail(queued, 1, DIED)
    assert attempts.requeue_or_fail(queued, 1, DIED) is None


def test_after_its_last_attempt_a_submission_fails_with_the_reason(
    engine: Engine, store: SubmissionStore, attempts: AttemptStore, queued: str
) -> None:
    for attempt in (1, 2, 3):
        status = attempts.requeue_or_fail(queued, attempt, DIED)
    assert status is not None
    assert status.stage is Stage.FAILED
    assert status.reason is not None
    assert "its worker died" in status.reason
    assert Outbox(engine).claim(10, "relay", 5) == []
    kept = store.submission(queued)
    assert kept is not None
    assert [(a.number, a.ending, a.worker) for a in kept.attempts] == [
        (n, "lost", "normal-1") for n in (1, 2, 3)
    ]


def test_a_submission_returned_by_a_drain_is_not_charged(attempts: AttemptStore, queued: str) -> None:
    for attempt in range(1, 6):
        status = attempts.requeue_or_fail(
            queued, attempt, RequeueReason("drained", charged=False, ending="returned")
        )
    assert status is not None
    assert status.stage is Stage.QUEUED


def test_a_job_that_the_queue_lost_is_sent_again_as_the_same_attempt(
    engine: Engine, attempts: AttemptStore, queued: str
) -> None:
    (lost,) = attempts.open_submissions(datetime.now(UTC) + timedelta(seconds=1))
    assert attempts.resend([lost]) == 1
    (row,) = Outbox(engine).claim(10, "relay", 5)
    assert row.request.attempt == 1


def test_text_that_a_database_cannot_store_is_recorded_with_readable_replacements(
    store: SubmissionStore, verdicts: VerdictStore, queued: str
) -> None:
    rude = Outcome(Verdict.CE, compile_output="a\x00b\ud800c")
    verdicts.record(finished(queued, outcome=rude))
    status = store.status(queued)
    assert status is not None
    assert status.outcome is not None
    assert status.outcome.compile_output == "a␀b?c"


def test_a_batch_of_reports_is_recorded_once(
    engine: Engine, store: SubmissionStore, verdicts: VerdictStore
) -> None:
    account = add_account(engine, "bob")
    ids = [store.accept(new_submission(account)).status.id for _ in range(3)]
    reports = [finished(id) for id in ids]
    assert None not in verdicts.record_all(reports)
    assert verdicts.record_all([replace(report, worker="other") for report in reports]) == [None] * 3
    assert Outbox(engine).backlog().waiting == 0


def test_a_hundred_transient_errors_fail_the_submission_with_the_reason(
    attempts: AttemptStore, queued: str
) -> None:
    full = RequeueReason("the disk is full", charged=False, ending=TRANSIENT_ERROR)
    status = None
    for attempt in range(1, MAX_TRANSIENT_ERRORS + 1):
        status = attempts.requeue_or_fail(queued, attempt, full)
        assert status is not None
        assert (status.stage is Stage.FAILED) == (attempt == MAX_TRANSIENT_ERRORS)
    assert status is not None
    assert status.reason == "given up after 100 transient errors; the last reason: the disk is full"


def test_the_pause_after_transient_errors_doubles_up_to_a_minute(engine: Engine, queued: str) -> None:
    now = datetime.now(UTC)
    attempts, outbox = AttemptStore(engine, clock=lambda: now), Outbox(engine, clock=lambda: now)
    for attempt in range(1, 12):
        attempts.requeue_or_fail(
            queued, attempt, RequeueReason("full", charged=False, ending=TRANSIENT_ERROR)
        )
        longest = timedelta(seconds=min(60, 2**attempt))
        with read_connection(engine) as connection:
            due = connection.execute(select(outbox_table.c.not_before)).scalar_one()
        assert longest / 2 <= due - now <= longest
    assert not any(outbox.claimable().values())


def test_a_rejudging_that_fails_leaves_the_old_verdict_and_its_tests(
    store: SubmissionStore, attempts: AttemptStore, verdicts: VerdictStore, queued: str
) -> None:
    verdicts.record(finished(queued, verdict=Verdict.WA))
    before = store.submission(queued)
    assert attempts.rejudge(queued, "b" * 64) is not None
    for attempt in (2, 3, 4):
        attempts.requeue_or_fail(queued, attempt, DIED)
    after = store.submission(queued)
    assert before is not None
    assert after is not None
    assert after.package == before.package
    assert after.status.outcome == before.status.outcome
    assert after.status.stage is Stage.DONE
    assert verdicts.record(finished(queued, 4)) is None


def test_a_rejudging_publishes_no_progress_while_a_submission_has_a_verdict(
    engine: Engine, store: SubmissionStore, attempts: AttemptStore, verdicts: VerdictStore
) -> None:
    outbox = Outbox(engine)
    queued = store.accept(new_submission(add_account(engine)), send_now=False).status.id
    (first,) = outbox.claim(1, "relay", 0)
    assert first.request.status_fields is not None
    verdicts.record(finished(queued))
    attempts.rejudge(queued)
    (again,) = outbox.claim(1, "relay", 0)
    assert again.request.attempt == 2
    assert again.request.status_fields is None


def test_a_submission_keeps_the_package_of_its_last_verdict_if_a_later_rejudging_fails(
    store: SubmissionStore, attempts: AttemptStore, verdicts: VerdictStore, queued: str
) -> None:
    verdicts.record(finished(queued, verdict=Verdict.WA))
    attempts.rejudge(queued, "b" * 64)
    verdicts.record(finished(queued, 2))
    attempts.rejudge(queued, "c" * 64)
    for attempt in (3, 4, 5):
        attempts.requeue_or_fail(queued, attempt, DIED)
    kept = store.submission(queued)
    assert kept is not None
    assert kept.package is not None
    assert kept.package.hash == "b" * 64


@pytest.mark.parametrize("jump", [timedelta(hours=1), timedelta(hours=-1)], ids=["forward", "back"])
def test_claimed_paused_and_lost_submissions_are_found_after_a_jump_of_the_clock(
    engine: Engine, store: SubmissionStore, jump: timedelta
) -> None:
    """After a jump of an hour in either direction, claimed, paused and lost submissions are all found."""
    account = add_account(engine, "eve")
    jumped = datetime.now(UTC) + jump
    outbox = Outbox(engine, clock=lambda: jumped)
    claimed, paused, lost = (store.accept(new_submission(account), send_now=False).status.id for _ in "abc")
    Outbox(engine).claim(3, "a relay that dies", 10)
    Outbox(engine).release([paused], datetime.now(UTC) + timedelta(seconds=30))
    Outbox(engine).mark_sent([(lost, 1)])
    assert {row.id for row in outbox.claim(10, "relay", 10)} == {claimed, paused}
    after = AttemptStore(engine, clock=lambda: jumped)
    (found,) = after.open_submissions(jumped)
    assert found.id == lost
    assert after.resend([found]) == 1
    assert [row.id for row in outbox.claim(10, "relay", 10)] == [lost]
    assert VerdictStore(engine).record(finished(lost)) is not None


def test_the_reconciler_finds_a_lost_submission_that_an_earlier_release_sent(engine: Engine) -> None:
    """That release deletes the outbox row and does not know ``sent``. The reconciler must still notice if the
    submission is lost."""
    account = add_account(engine)
    store, attempts = SubmissionStore(engine), AttemptStore(engine)
    elsewhere, waiting, ended = (
        store.accept(new_submission(account), send_now=False).status.id for _ in range(3)
    )
    with write_transaction(engine) as connection:
        connection.execute(outbox_table.delete().where(outbox_table.c.submission_id == elsewhere))
    VerdictStore(engine).record(finished(ended))
    later = datetime.now(UTC) + timedelta(minutes=1)
    assert attempts.open_submissions(later) == []
    assert attempts.mark_sent_by_other_releases() == 1
    assert [one.id for one in attempts.open_submissions(later)] == [elsewhere]
    assert attempts.mark_sent_by_other_releases() == 0
    assert waiting != elsewhere


@pytest.mark.parametrize("faults", [9, 2000])
def test_the_pause_after_many_faults_is_about_a_minute(
    engine: Engine, store: SubmissionStore, queued: str, faults: int
) -> None:
    with write_transaction(engine) as connection:
        connection.execute(update(submissions).values(faults=faults))
    before = datetime.now(UTC)
    AttemptStore(engine, max_attempts=5000).requeue_or_fail(queued, 1, RequeueReason("the sandbox failed"))
    with read_connection(engine) as connection:
        due = connection.execute(select(outbox_table.c.not_before)).scalar_one()
    assert timedelta(seconds=50) < due - before < timedelta(seconds=110)
    assert not Outbox(engine).claim(1, "relay", 10)
