"""A submission goes only to workers that can judge it. It waits while no live worker has its language."""

from __future__ import annotations

import pytest

from judge_core.messages import ReportKind
from judge_core.model.account import Tier
from judge_core.model.submission import Stage
from judge_core.model.worker import WorkerRecord
from judge_core.redis.keys import parse_job_id
from tests.integration.dispatch_fixture import DispatchFixture
from tests.support.records import a_worker, finished, job_of

pytestmark = pytest.mark.slow_on("postgresql")  # test_dispatch.py tests both databases

PYTHON = a_worker("python", "python3")
JVM = a_worker("jvm", "kotlin", pool="jvm")


def waiting(dispatch: DispatchFixture, queue: str) -> list[str]:
    found: list[bytes] = dispatch.redis.client().lrange(f"rq:queue:{queue}", 0, -1)  # type: ignore[assignment]
    return [parse_job_id(id.decode())[0] for id in found]


def relay(dispatch: DispatchFixture) -> int:
    return dispatch.relay.relay_once().sent


def test_each_submission_goes_to_the_queue_of_a_pool_that_has_its_language(dispatch: DispatchFixture) -> None:
    dispatch.set_workers(PYTHON, JVM)
    python, kotlin = dispatch.post(), dispatch.post(language="kotlin")
    assert relay(dispatch) == 2
    assert (waiting(dispatch, "normal"), waiting(dispatch, "normal.jvm")) == ([python], [kotlin])


def test_a_full_pool_does_not_hold_up_submissions_for_another_pool(dispatch: DispatchFixture) -> None:
    dispatch.set_workers(PYTHON, JVM)
    dispatch.queue.set_capacity("normal.jvm", 2)
    kotlin = [dispatch.post(language="kotlin") for _ in range(10)]
    python = dispatch.post()
    relay(dispatch)
    assert (waiting(dispatch, "normal"), waiting(dispatch, "normal.jvm")) == ([python], kotlin[:2])


@pytest.mark.parametrize("workers", [(PYTHON,), (PYTHON, a_worker("lua", "lua", pool="small"))])
def test_submissions_that_no_live_worker_can_judge_wait_and_delay_no_other_submission(
    dispatch: DispatchFixture, workers: tuple[WorkerRecord, ...]
) -> None:
    dispatch.set_workers(*workers)
    held = [dispatch.post(language="kotlin") for _ in range(5)]
    python = dispatch.post()
    while relay(dispatch):
        pass
    assert waiting(dispatch, "normal") == [python]
    assert not any(dispatch.outbox.claimable().values())
    [found] = dispatch.outbox.held()
    assert (found.tier, found.language, found.count) == (Tier.NORMAL, "kotlin", 5)

    assert dispatch.languages.check_once() == 0
    assert (Tier.NORMAL, "kotlin") in dispatch.unserved.read()

    dispatch.set_workers(PYTHON, JVM)
    assert dispatch.languages.check_once() == 5
    assert (Tier.NORMAL, "kotlin") not in dispatch.unserved.read()
    relay(dispatch)
    assert waiting(dispatch, "normal.jvm") == held
    assert [dispatch.status(id).attempt for id in held] == [1] * 5


def test_the_time_since_when_a_language_has_no_worker_is_kept_until_a_worker_has_the_language(
    dispatch: DispatchFixture,
) -> None:
    dispatch.set_workers(PYTHON, JVM)
    dispatch.languages.check_once()
    assert dispatch.unserved.read() == {}
    dispatch.set_workers(PYTHON)
    dispatch.languages.check_once()
    since = dispatch.unserved.read()
    assert set(since) == {(Tier.NORMAL, "kotlin")}
    dispatch.languages.check_once()
    assert dispatch.unserved.read() == since
    dispatch.set_workers(PYTHON, JVM)
    dispatch.languages.check_once()
    assert dispatch.unserved.read() == {}


def test_submissions_in_a_queue_that_lost_its_workers_go_to_another_queue(dispatch: DispatchFixture) -> None:
    dispatch.set_workers(PYTHON, JVM)
    kotlin, python = dispatch.post(language="kotlin"), dispatch.post()
    relay(dispatch)
    dispatch.set_workers(PYTHON)
    dispatch.reconcile()
    assert (waiting(dispatch, "normal"), waiting(dispatch, "normal.jvm")) == ([python], [])
    relay(dispatch)
    assert [held.count for held in dispatch.outbox.held()] == [1]

    dispatch.set_workers(PYTHON, a_worker("other", "kotlin", pool="other"))
    dispatch.languages.check_once()
    relay(dispatch)
    assert waiting(dispatch, "normal.other") == [kotlin]
    assert dispatch.status(kotlin).attempt == 1


def test_an_attempt_returned_because_of_a_missing_language_is_not_charged(
    dispatch: DispatchFixture,
) -> None:
    id = dispatch.post(language="kotlin")
    for attempt in range(1, 8):
        report = finished(id, attempt, kind=ReportKind.RETURNED, outcome=None, lacks_language=True)
        dispatch.add_report(report)
        dispatch.consume()
    status = dispatch.status(id)
    assert (status.stage, status.attempt) == (Stage.QUEUED, 8)
    found = dispatch.store.submission(id)
    assert found is not None
    assert {attempt.ending for attempt in found.attempts} == {"no language"}


def test_after_returns_for_a_missing_language_the_next_attempt_is_sent_after_a_delay(
    dispatch: DispatchFixture,
) -> None:
    dispatch.set_workers(a_worker("mixed", "kotlin"), PYTHON)
    id = dispatch.post(language="kotlin")
    for attempt in range(1, 4):
        report = finished(id, attempt, kind=ReportKind.RETURNED, outcome=None, lacks_language=True)
        dispatch.add_report(report)
        dispatch.consume()
    assert relay(dispatch) == 0
    dispatch.outbox.release([id])  # As if the delay had passed.
    assert relay(dispatch) == 1
    assert dispatch.status(id).attempt == 4


def test_a_popped_job_of_a_pool_can_be_removed(dispatch: DispatchFixture) -> None:
    dispatch.set_workers(PYTHON, JVM)
    id = dispatch.post(language="kotlin")
    relay(dispatch)
    client = dispatch.redis.client()
    client.lmove("rq:queue:normal.jvm", "rq:queue:normal.jvm:intermediate")
    assert dispatch.queue.popped_jobs() == [job_of(id, 1)]
    dispatch.queue.remove_job(job_of(id, 1))
    assert dispatch.queue.popped_jobs() == []
