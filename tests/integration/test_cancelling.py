"""A cancelled attempt ends at each step that it may have reached, and no other attempt ends."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from judge_core.messages import ReportKind
from tests.integration.test_workers import WorkerFixture, eventually
from tests.support.redis_server import RedisServer
from workers.rq_worker import GavelWorker

Stop = Callable[[WorkerFixture, GavelWorker, str], None]


@pytest.fixture
def fixture(redis_server: RedisServer) -> WorkerFixture:
    return WorkerFixture(redis_server)


def return_attempt(_fixture: WorkerFixture, worker: GavelWorker, _submission: str) -> None:
    worker.drain()
    worker.stop_now()


def lose(fixture: WorkerFixture, _worker: GavelWorker, submission: str) -> None:
    fixture.gateway.revoke(submission, 1)
    fixture.send("ok")


@pytest.mark.parametrize("source", ["between", "wait"])
@pytest.mark.parametrize(
    ("stop", "kind"), [(return_attempt, ReportKind.RETURNED), (lose, ReportKind.FINISHED)]
)
def test_a_stopped_attempt_ends_even_if_the_first_cancel_reached_no_run(
    fixture: WorkerFixture, source: str, stop: Stop, kind: ReportKind
) -> None:
    with fixture.worker() as (worker, judging):
        judging.unheard = 1
        request = fixture.send(source)
        eventually(judging.waiting.is_set)
        stop(fixture, worker, request.submission)
        (report,) = fixture.reports(1)
    assert (report.kind, report.submission == request.submission) == (kind, kind is ReportKind.RETURNED)


@pytest.mark.parametrize("source", ["between", "wait"])
def test_an_attempt_that_exceeds_its_time_is_reported_as_a_fault(fixture: WorkerFixture, source: str) -> None:
    fixture.attempt_seconds = 0.5
    with fixture.worker() as (_, judging):
        judging.unheard = 1
        fixture.send(source)
        (report,) = fixture.reports(1)
    assert (report.kind, report.reason) == (
        ReportKind.FAULT,
        "judging did not end in the time that GAVEL_ATTEMPT_SECONDS gives one attempt",
    )


def test_an_attempt_that_exceeds_its_time_ends_even_if_redis_is_unreachable(fixture: WorkerFixture) -> None:
    fixture.attempt_seconds = 1.5
    with fixture.worker() as (worker, judging):
        fixture.send("wait")
        eventually(judging.waiting.is_set)
        fixture.redis.kill()
        try:
            eventually(lambda: worker.runner.counters.faults == 1)
        finally:
            fixture.redis.start()
        (report,) = fixture.reports(1)
    assert report.kind is ReportKind.FAULT


def test_a_late_cancel_of_an_attempt_does_not_end_the_next_attempt(fixture: WorkerFixture) -> None:
    with fixture.worker() as (worker, judging):
        fixture.send("wait")
        eventually(judging.waiting.is_set)
        first = worker.runner.active
        assert first is not None
        judging.release()
        fixture.reports(1)
        judging.block()
        fixture.send("wait")
        eventually(judging.waiting.is_set)
        first.lease_lost = True
        worker.runner.stop_attempt(first)
        assert judging.cancelled == 0
        judging.release()
        reports = fixture.reports(2)
    assert [report.kind for report in reports] == [ReportKind.FINISHED] * 2
