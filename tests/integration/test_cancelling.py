"""An attempt that is called off ends, wherever in its course it is, and no other attempt does."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from judge_core.messages import ReportKind
from tests.integration.test_workers import Bench, eventually
from tests.support.redis_server import RedisServer
from workers.rq_worker import GavelWorker

CallOff = Callable[[Bench, GavelWorker, str], None]


@pytest.fixture
def bench(redis_server: RedisServer) -> Bench:
    return Bench(redis_server)


def hand_back(_bench: Bench, worker: GavelWorker, _submission: str) -> None:
    worker.drain()
    worker.hand_back()


def lose(bench: Bench, _worker: GavelWorker, submission: str) -> None:
    bench.gateway.revoke(submission, 1)
    bench.send("ok")


@pytest.mark.parametrize("source", ["between", "wait"])
@pytest.mark.parametrize(
    ("call_off", "kind"), [(hand_back, ReportKind.RETURNED), (lose, ReportKind.FINISHED)]
)
def test_it_ends_between_two_runs_and_when_the_first_call_reached_none(
    bench: Bench, source: str, call_off: CallOff, kind: ReportKind
) -> None:
    with bench.worker() as (worker, judging):
        judging.unheard = 1
        request = bench.send(source)
        eventually(judging.waiting.is_set)
        call_off(bench, worker, request.submission)
        (report,) = bench.reports(1)
    assert (report.kind, report.submission == request.submission) == (kind, kind is ReportKind.RETURNED)


@pytest.mark.parametrize("source", ["between", "wait"])
def test_it_ends_when_its_time_is_over(bench: Bench, source: str) -> None:
    bench.attempt_seconds = 0.5
    with bench.worker() as (_, judging):
        judging.unheard = 1
        bench.send(source)
        (report,) = bench.reports(1)
    assert (report.kind, report.reason) == (
        ReportKind.FAULT,
        "judging did not end in the time that a worker gives one attempt",
    )


def test_its_time_is_over_without_redis_too(bench: Bench) -> None:
    bench.attempt_seconds = 1.5
    with bench.worker() as (worker, judging):
        bench.send("wait")
        eventually(judging.waiting.is_set)
        bench.redis.kill()
        try:
            eventually(lambda: worker.workshop.tally.faults == 1)
        finally:
            bench.redis.start()
        (report,) = bench.reports(1)
    assert report.kind is ReportKind.FAULT


def test_a_late_call_does_not_reach_the_next_attempt(bench: Bench) -> None:
    with bench.worker() as (worker, judging):
        bench.send("wait")
        eventually(judging.waiting.is_set)
        first = worker.workshop.current
        assert first is not None
        judging.let_go()
        bench.reports(1)
        judging.hold()
        bench.send("wait")
        eventually(judging.waiting.is_set)
        first.lost = True
        worker.workshop.call_off(first)
        assert judging.cancelled == 0
        judging.let_go()
        reports = bench.reports(2)
    assert [report.kind for report in reports] == [ReportKind.FINISHED] * 2
