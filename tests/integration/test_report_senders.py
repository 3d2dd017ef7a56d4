"""A report counts only if its worker was given the attempt, and if no other worker holds the lease."""

from __future__ import annotations

from typing import Any

import pytest

from judge_api.dispatch.report_consumer import ConsumerOptions, open_report_consumer
from judge_core.messages import Report, ReportKind
from judge_core.model.submission import Stage, Verdict
from judge_core.redis.client import create_redis_client
from judge_core.redis.keys import REPORTS_STREAM
from judge_core.redis.signer import Signer
from judge_core.redis.unreadable_entries import EntrySource, UnreadableEntries
from tests.integration.dispatch_fixture import DispatchFixture
from tests.support.records import SIGNER, finished, job_of, lease_of

pytestmark = pytest.mark.slow_on("postgresql")  # test_dispatch.py tests both databases


@pytest.fixture
def strict(dispatch: DispatchFixture) -> DispatchFixture:
    """The dispatch of an installation in which all workers are of this release."""
    return dispatch


@pytest.fixture
def lenient(dispatch: DispatchFixture) -> DispatchFixture:
    """The dispatch of an installation that also has workers of release 0.2.0."""
    options = ConsumerOptions("lenient", block=0.02, accepts_unproven=True)
    dispatch.consumer = open_report_consumer(dispatch.stores, dispatch.redis.url, options, SIGNER)
    return dispatch


def send(dispatch: DispatchFixture, report: Report, proof: str | None) -> None:
    fields: dict[Any, Any] = {
        "submission": report.submission,
        "attempt": str(report.attempt),
        "report": report.dump(),
    }
    if proof is not None:
        fields["proof"] = proof
    dispatch.redis.client().xadd(REPORTS_STREAM, fields)
    dispatch.consume()


def odd_reports(dispatch: DispatchFixture) -> list[str]:
    found = UnreadableEntries(create_redis_client(dispatch.redis.url, 2.0)).summary().latest
    return [entry.reason for entry in found if entry.source is EntrySource.REPORTS]


def test_a_report_with_the_proof_of_its_attempt_is_recorded(strict: DispatchFixture) -> None:
    id = strict.enqueue()
    send(strict, finished(id), SIGNER.proof(id, 1))
    assert strict.status(id).stage is Stage.DONE
    assert odd_reports(strict) == []


@pytest.mark.parametrize("kind", ReportKind)
@pytest.mark.parametrize(
    "proof", ["none", "empty", "another submission's", "another attempt's", "another key's"]
)
def test_a_forged_report_is_set_aside_and_changes_nothing(
    strict: DispatchFixture, kind: ReportKind, proof: str
) -> None:
    id = strict.enqueue()
    forged = {
        "none": None,
        "empty": "",
        "another submission's": SIGNER.proof("0199", 1),
        "another attempt's": SIGNER.proof(id, 2),
        "another key's": Signer("guessed").proof(id, 1),
    }[proof]
    report = finished(id, kind=kind) if kind is ReportKind.FINISHED else finished(id, kind=kind, outcome=None)
    before = strict.status(id)
    send(strict, report, forged)
    assert strict.status(id) == before
    assert odd_reports(strict) == ["a report without the proof that its sender was handed the attempt"]
    send(strict, finished(id, verdict=Verdict.WA), SIGNER.proof(id, 1))
    outcome = strict.status(id).outcome
    assert outcome is not None
    assert outcome.verdict is Verdict.WA, "the honest report must be recorded"


def test_an_unreadable_report_without_a_proof_charges_no_attempt(strict: DispatchFixture) -> None:
    id = strict.enqueue()
    for _ in range(5):
        fields: dict[Any, Any] = {"submission": id, "attempt": "1", "report": "garbage", "proof": "f" * 32}
        strict.redis.client().xadd(REPORTS_STREAM, fields)
        strict.consume()
    assert (strict.status(id).attempt, strict.status(id).stage) == (1, Stage.QUEUED)


def test_a_report_is_refused_while_another_worker_holds_the_lease(strict: DispatchFixture) -> None:
    id = strict.enqueue()
    strict.lease(id, worker="honest")
    send(strict, finished(id, worker="thief"), SIGNER.proof(id, 1))
    assert strict.status(id).outcome is None
    assert odd_reports(strict) == ["a report of an attempt whose lease another worker holds"]
    send(strict, finished(id, worker="honest"), SIGNER.proof(id, 1))
    assert strict.status(id).stage is Stage.DONE


def test_the_remains_of_a_revoked_attempt_do_not_delay_a_report_of_the_next_attempt(
    lenient: DispatchFixture,
) -> None:
    """Both attempts were sent with a secret in their names, by another dispatcher with the other value of the
    setting."""
    id = lenient.enqueue()
    lenient.lease(id)
    lenient.lose_lease(id)
    lenient.reconcile()
    assert lenient.relay.relay_once().sent == 1
    lenient.lease(id, attempt=2)
    lenient.add_report(finished(id, attempt=2))
    lenient.consume()
    assert odd_reports(lenient) == []
    assert lenient.status(id).stage is Stage.DONE


def test_a_report_of_an_earlier_attempt_is_refused(strict: DispatchFixture) -> None:
    id = strict.enqueue()
    strict.lease(id)
    strict.lose_lease(id)
    strict.reconcile()
    send(strict, finished(id, attempt=1), SIGNER.proof(id, 1))
    assert (strict.status(id).attempt, strict.status(id).outcome) == (2, None)


def test_a_report_in_the_name_of_a_worker_with_its_own_stream_is_refused(strict: DispatchFixture) -> None:
    id = strict.enqueue()
    send(strict, finished(id, worker="worker-a@normal-1"), SIGNER.proof(id, 1))
    assert strict.status(id).outcome is None
    assert odd_reports(strict) == ["a report in another worker's name"]


def test_the_setting_accepts_reports_of_workers_of_the_previous_release(
    lenient: DispatchFixture,
) -> None:
    id = lenient.enqueue()
    send(lenient, finished(id), None)
    assert lenient.status(id).stage is Stage.DONE


def test_a_submission_whose_report_was_refused_is_sent_again(strict: DispatchFixture) -> None:
    """A worker of release 0.2.0 sends the report. Its job and its lease are deleted with the
    report."""
    id = strict.enqueue()
    strict.lease(id)
    strict.redis.client().delete("rq:job:" + job_of(id), lease_of(id))
    send(strict, finished(id), None)
    strict.reconcile()
    assert strict.relay.relay_once().sent == 1
    assert strict.status(id).attempt == 1
