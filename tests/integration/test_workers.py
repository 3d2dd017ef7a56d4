"""A worker works over a real Redis and RQ. The results of its judge are scripted."""

from __future__ import annotations

import errno
import threading
import time
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from rq import Queue
from rq.job import Job
from rq.serializers import JSONSerializer

from judge_api.dispatch.rq_queue import RqQueue
from judge_api.store.tables import new_id
from judge_core.messages import FILES_VERSION, JudgeRequest, Report, ReportKind, StatusFields
from judge_core.model.account import Tier
from judge_core.model.errors import QueueUnavailable
from judge_core.model.submission import Kind, Stage
from judge_core.model.worker import LanguageOnWorker, WorkerState
from judge_core.redis.client import create_redis_client
from judge_core.redis.keys import (
    REPORTS_STREAM,
    job_id,
    lease_key,
    parse_job_id,
    worker_command_key,
)
from judge_core.redis.status_channel import RedisStatusChannel
from judge_core.redis.worker_registry import WorkerRegistry
from tests.support.held_clock import HeldClock
from tests.support.judging import ScriptedJudge
from tests.support.records import SIGNER, a_status, job_of, lease_of, live_of
from tests.support.redis_server import RedisServer
from workers import rq_worker
from workers.attempt_runner import AttemptRunner
from workers.heartbeat import Heartbeat, HeartbeatSchedule, initial_record
from workers.judging.errors import (
    LanguageUnavailable,
    PackageBroken,
    PackageServerUnavailable,
    PackageUnavailable,
    SandboxBroken,
)
from workers.progress_publisher import DelayedCall
from workers.redis_link import NOT_LEASED, Finished, NextJob, PoppedJob, RedisLink
from workers.rq_worker import (
    DEFAULT_JOB_BYTES,
    WORKER_TTL,
    GavelWorker,
    RefusedJob,
    decompressed,
    make_worker,
)

RQ_MARGIN = 15
"""The seconds by which RQ's wait for a job is shorter than the registration of a worker."""


class WorkerFixture:
    """The main server's side of the queue, and as many workers as a test starts."""

    def __init__(self, redis: RedisServer, queue: str = "normal") -> None:
        self.redis = redis
        self.queue = queue
        self.gateway = RqQueue(create_redis_client(redis.url, 2.0), SIGNER)
        self.gateway.set_capacity(Tier.NORMAL, 1000)
        self.attempt_seconds = 900.0
        self.pop_seconds = WORKER_TTL - RQ_MARGIN
        """How long a worker waits for a job before it looks whether it must end."""

    @property
    def client(self) -> Redis:
        return self.redis.client()

    def send(self, source: str = "ok", attempt: int = 1, submission: str | None = None) -> JudgeRequest:
        status_fields = StatusFields(7, "ada", Kind.SUBMISSION, "2026-01-01T00:00:00.000Z")
        id = submission or new_id()
        request = JudgeRequest(
            id,
            attempt,
            Tier.NORMAL,
            "python3",
            source,
            status_fields=status_fields,
            proof=SIGNER.proof(id, attempt),
            job_secret=SIGNER.job_secret(id, attempt),
            submission_secret=SIGNER.submission_secret(id),
        )
        assert self.gateway.send(Tier.NORMAL, [request])
        return request

    @contextmanager
    def worker(self, name: str = "w", lease: float = 2.0) -> Iterator[tuple[GavelWorker, ScriptedJudge]]:
        judging = ScriptedJudge()
        worker = self._assemble(name, judging, lease)
        thread = threading.Thread(target=worker.work, daemon=True)
        worker.worker_heartbeat.start()
        thread.start()
        try:
            yield worker, judging
        finally:
            worker.stop_now()
            worker.drain()
            thread.join(60)
            worker.worker_heartbeat.stop()
            assert not thread.is_alive(), "the worker did not end"

    def _assemble(self, name: str, judging: ScriptedJudge, lease: float) -> GavelWorker:
        redis = create_redis_client(self.redis.url, 2.0)
        link = RedisLink(redis, name, lease, self.queue)
        worker_redis = create_redis_client(self.redis.url, self.pop_seconds + RQ_MARGIN, name=name)
        worker = make_worker(worker_redis, self.queue, name)
        worker.worker_ttl = self.pop_seconds + RQ_MARGIN
        worker.runner, worker.faults_allowed = AttemptRunner(name, judging, link, link), 3
        schedule = HeartbeatSchedule(lease, self.attempt_seconds)
        record = initial_record(name, Tier(self.queue.partition(".")[0]))
        worker.worker_heartbeat = Heartbeat(record, worker.runner, link, redis, schedule)
        worker.worker_heartbeat.on_beat = worker.refresh_registration
        worker.worker_heartbeat.on_drain = worker.drain
        return worker

    def reports(self, count: int, *kinds: ReportKind) -> list[Report]:
        """Wait until there are this many reports of these kinds."""
        wanted = kinds or (ReportKind.FINISHED, ReportKind.FAULT, ReportKind.RETURNED)

        def found() -> list[Report]:
            entries: list[Any] = self.client.xrange(REPORTS_STREAM) or []
            reports = [Report.load(fields[b"report"].decode()) for _, fields in entries]
            return [report for report in reports if report.kind in wanted]

        eventually(lambda: len(found()) >= count)
        return found()


@pytest.fixture
def fixture(redis_server: RedisServer) -> WorkerFixture:
    return WorkerFixture(redis_server)


def eventually(check: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < deadline, "the condition did not become true in time"
        time.sleep(0.01)


def test_a_judged_job_is_reported_and_leaves_no_key_in_redis(fixture: WorkerFixture) -> None:
    with fixture.worker():
        request = fixture.send()
        (report,) = fixture.reports(1)
    assert (report.kind, report.submission, report.attempt) == (ReportKind.FINISHED, request.submission, 1)
    assert report.started_at is not None
    # The request says that the submission was accepted on 1 January, so the submission seems to have waited
    # for long.
    assert report.timings["waited_ms"] > report.timings["judged_ms"] >= 0
    assert fixture.client.keys("rq:job:*") == []
    assert fixture.client.keys("rq:queue:normal*") == []
    assert not fixture.client.exists(lease_of(request.submission))


def test_listeners_get_a_status_when_judging_begins(fixture: WorkerFixture) -> None:
    with RedisStatusChannel(fixture.redis.url, SIGNER).listen() as listener, fixture.worker():
        request = fixture.send()
        received = listener.wait(60)
    assert received is not None
    assert (received.id, received.stage, received.owner) == (request.submission, Stage.COMPILING, "ada")


def test_a_worker_publishes_compiling_and_then_running(fixture: WorkerFixture) -> None:
    with RedisStatusChannel(fixture.redis.url, SIGNER).listen() as listener, fixture.worker():
        fixture.send()
        received = [listener.wait(60), listener.wait(60)]
    assert [status.stage for status in received if status is not None] == [Stage.COMPILING, Stage.RUNNING]


def test_a_long_run_of_a_cached_program_publishes_its_progress(fixture: WorkerFixture) -> None:
    with RedisStatusChannel(fixture.redis.url, SIGNER).listen() as listener, fixture.worker() as (_, judging):
        request = fixture.send("cached wait")
        received = listener.wait(60)
        judging.release()
    assert received is not None
    assert (received.id, received.stage) == (request.submission, Stage.RUNNING)


def test_only_the_holder_of_the_lease_publishes_progress(fixture: WorkerFixture) -> None:
    request, link, channel = (
        fixture.send(),
        RedisLink(create_redis_client(fixture.redis.url, 2.0), "w", 2.0),
        RedisStatusChannel(fixture.redis.url, SIGNER),
    )
    running = replace(a_status(), id=request.submission, stage=Stage.RUNNING)
    lease, live = lease_of(request.submission), live_of(request.submission)
    for holder, heard in (("1:w", running), ("2:other", None), (None, None)):
        fixture.client.delete(lease, live)
        if holder is not None:
            fixture.client.set(lease, holder)
        link.publish_progress(request, running)
        assert channel.latest(request.submission) == heard, holder


def test_a_short_run_publishes_no_running_status_after_its_end(fixture: WorkerFixture) -> None:
    held, later = HeldClock(), threading.Event()
    with (
        RedisStatusChannel(fixture.redis.url, SIGNER).listen() as listener,
        fixture.worker() as (worker, _),
    ):
        call = worker.runner._delayed_call = DelayedCall(0.5, held.clock)
        for _ in range(20):
            fixture.send("cached ok")
        fixture.reports(20)
        call.schedule(later.set)
        held.may_pass.set()
        assert later.wait(60)
        assert listener.wait(0.2) is None


def test_a_worker_reports_the_start_of_a_long_attempt_and_renews_its_lease(fixture: WorkerFixture) -> None:
    with fixture.worker(lease=2.0) as (_, judging):
        request = fixture.send("wait")
        (started,) = fixture.reports(1, ReportKind.STARTED)
        assert started.submission == request.submission
        lease = lease_of(request.submission)
        fixture.client.pexpire(lease, 100)  # the lease expires soon unless the worker renews it
        eventually(lambda: fixture.client.pttl(lease) > 100)
        assert fixture.client.get(lease) == b"1:w"
        judging.release()
        fixture.reports(1, ReportKind.FINISHED)


def test_a_worker_that_lost_its_lease_stops_the_attempt_and_reports_nothing(fixture: WorkerFixture) -> None:
    with fixture.worker() as (_, judging):
        lost = fixture.send("wait")
        eventually(judging.waiting.is_set)
        fixture.gateway.revoke(lost.submission, 1)
        fixture.send("ok")
        (report,) = fixture.reports(1)
    assert report.submission != lost.submission


def test_a_worker_does_not_judge_a_job_that_another_worker_has_leased(fixture: WorkerFixture) -> None:
    request = JudgeRequest("s", 1, Tier.NORMAL, "python3", "ok")
    fixture.client.set(lease_of("s"), "1:other", px=60_000)
    fixture.gateway.send(Tier.NORMAL, [request])
    with fixture.worker() as (_, judging):
        fixture.send("ok")
        fixture.reports(1)
        assert "s" not in judging.judged
    assert fixture.client.get(lease_of("s")) == b"1:other"
    job: Any = fixture.client.ttl(Job.key_for(job_of("s", 1)))
    assert job > 0, (
        "the job does not expire, so the job stays forever if the second worker has already ended the attempt"
    )


def test_a_job_with_the_request_of_another_attempt_is_refused(fixture: WorkerFixture) -> None:
    honest = fixture.send("honest")
    data = fixture.client.hget(f"rq:job:{job_of(honest.submission, 1)}", "data")
    assert isinstance(data, bytes)
    fixture.client.hset("rq:job:forged-1", "data", data)
    fixture.client.lpush("rq:queue:normal", "forged-1")
    with fixture.worker() as (_, judging):
        fixture.reports(1)
        assert judging.judged == [honest.submission]
    assert not fixture.client.exists("rq:job:forged-1", lease_key("forged"))


@pytest.mark.parametrize(
    ("holder", "has_lease", "has_job"),
    [
        (b"1:w", False, False),
        (None, False, False),
        (b"1:other", True, True),
        (b"2:other", True, True),
        (b"2:-", True, True),
    ],
    ids=["its own", "none", "another worker's", "a later attempt's", "a revoked attempt's"],
)
def test_refusing_a_job_does_not_remove_another_worker_s_lease(
    fixture: WorkerFixture, holder: bytes | None, has_lease: bool, has_job: bool
) -> None:
    """The worker may have been stopped after it took the job. Then a second worker may have the lease when
    the first worker refuses the job."""
    request = fixture.send()
    lease, job = lease_of(request.submission), Job.key_for(job_of(request.submission, 1))
    popped = PoppedJob.parse(job_of(request.submission, 1).encode(), "rq:queue:normal")
    assert popped is not None
    if holder is not None:
        fixture.client.set(lease, holder, px=60_000)
    RedisLink(create_redis_client(fixture.redis.url, 2.0), "w", 2.0, "normal").discard(popped)
    assert fixture.client.get(lease) == (holder if has_lease else None)
    assert bool(fixture.client.exists(job)) == has_job
    assert not has_job or fixture.client.ttl(job) > 0
    assert fixture.client.llen("rq:queue:normal") == 0


def test_discarding_a_job_with_an_odd_id_does_not_remove_the_lease_of_a_similar_id(
    fixture: WorkerFixture,
) -> None:
    with fixture.worker(lease=60.0) as (_, judging):
        request = fixture.send("wait")
        eventually(judging.waiting.is_set)
        other = RedisLink(create_redis_client(fixture.redis.url, 2.0), "other", 2.0, "normal")
        odd = PoppedJob.parse(f"{request.submission}-x".encode(), "rq:queue:normal")
        assert odd is not None
        other.discard(odd)
        assert fixture.client.get(lease_of(request.submission)) == b"1:w"
        judging.release()
        (report,) = fixture.reports(1)
    assert report.kind is ReportKind.FINISHED


def test_reading_a_job_also_takes_its_lease(fixture: WorkerFixture) -> None:
    request = fixture.send()
    id = job_of(request.submission, 1).encode()
    popped = PoppedJob.parse(id, "rq:queue:normal:intermediate")
    assert popped is not None
    link = RedisLink(create_redis_client(fixture.redis.url, 2.0), "w", 2.0, "normal")
    assert isinstance(link.take(popped, DEFAULT_JOB_BYTES), bytes)
    assert fixture.client.get(lease_of(request.submission)) == b"1:w"
    assert fixture.client.ttl(f"rq:job:{id.decode()}") > 0
    other = RedisLink(create_redis_client(fixture.redis.url, 2.0), "other", 2.0, "normal")
    assert other.take(popped, DEFAULT_JOB_BYTES) == NOT_LEASED
    assert isinstance(link.take(popped, DEFAULT_JOB_BYTES), bytes), (
        "a worker whose answer was lost must get the job again"
    )


def _popped_job(fixture: WorkerFixture, link: RedisLink) -> JudgeRequest:
    """Send a request, and take its job as the worker of this link."""
    request = fixture.send()
    id = fixture.client.lmove("rq:queue:normal", "rq:queue:normal:intermediate", "LEFT", "RIGHT")
    assert isinstance(id, bytes)
    popped = PoppedJob.parse(id, "rq:queue:normal:intermediate")
    assert popped is not None
    assert isinstance(link.take(popped, DEFAULT_JOB_BYTES), bytes)
    return request


def _report_of(request: JudgeRequest) -> Report:
    return Report(ReportKind.RETURNED, request.submission, request.attempt, "w", "2026-01-01T00:00:00.000Z")


def test_sending_a_report_also_pops_and_leases_the_next_job(fixture: WorkerFixture) -> None:
    link = RedisLink(create_redis_client(fixture.redis.url, 2.0), "w", 2.0, "normal")
    first, following = _popped_job(fixture, link), fixture.send()
    finished = link.finish(first, _report_of(first), DEFAULT_JOB_BYTES)
    assert finished.is_sent
    assert finished.next_job is not None
    assert finished.next_job.id == job_of(following.submission, 1).encode()
    assert finished.next_job.data == fixture.client.hget(f"rq:job:{finished.next_job.id.decode()}", "data")
    assert fixture.client.get(lease_of(following.submission)) == b"1:w"
    assert fixture.client.ttl(f"rq:job:{finished.next_job.id.decode()}") > 0, (
        "the next job has no expiry, by which the reconciler knows that it was leased"
    )
    assert fixture.client.lrange("rq:queue:normal:intermediate", 0, -1) == [finished.next_job.id]


def test_sending_a_report_again_returns_the_job_that_was_taken_with_the_first_send(
    fixture: WorkerFixture,
) -> None:
    link = RedisLink(create_redis_client(fixture.redis.url, 2.0), "w", 2.0, "normal")
    first, _, left = _popped_job(fixture, link), fixture.send(), fixture.send()
    taken = link.finish(first, _report_of(first), DEFAULT_JOB_BYTES).next_job
    assert taken is not None
    again = link.finish(first, _report_of(first), DEFAULT_JOB_BYTES)
    assert again.is_sent
    assert again.next_job == NextJob(taken.id, None)
    assert fixture.client.lrange("rq:queue:normal", 0, -1) == [job_of(left.submission, 1).encode()]


def test_sending_a_report_again_returns_the_taken_job_even_if_no_further_job_is_requested(
    fixture: WorkerFixture,
) -> None:
    link = RedisLink(create_redis_client(fixture.redis.url, 2.0), "w", 2.0, "normal")
    first, _ = _popped_job(fixture, link), fixture.send()
    taken = link.finish(first, _report_of(first), DEFAULT_JOB_BYTES).next_job
    assert taken is not None
    again = link.finish(first, _report_of(first), 0)
    assert again == Finished(True, NextJob(taken.id, None)), (
        "a worker that began to drain after its first call must still get the taken job"
    )
    fixture.client.set(lease_of(first.submission), "2:other", px=60_000)
    lost = link.finish(first, _report_of(first), DEFAULT_JOB_BYTES)
    assert lost == Finished(False, NextJob(taken.id, None))


def test_a_report_can_be_sent_with_the_rights_of_an_older_users_acl(fixture: WorkerFixture) -> None:
    rules = ("on", ">older", "~*", "&*", "+@all", "-lmove", "-lrange")
    fixture.client.execute_command("ACL", "SETUSER", "older", *rules)
    try:
        url = fixture.redis.url.replace("://", "://older:older@")
        link = RedisLink(create_redis_client(url, 2.0), "w", 2.0, "normal")
        first, left = _popped_job(fixture, link), fixture.send()
        for _ in range(2):
            assert link.finish(first, _report_of(first), DEFAULT_JOB_BYTES) == Finished(True)
    finally:
        fixture.client.execute_command("ACL", "DELUSER", "older")
    assert fixture.client.lrange("rq:queue:normal", 0, -1) == [job_of(left.submission, 1).encode()]


def test_a_job_that_another_worker_has_leased_is_popped_with_a_report_and_not_leased(
    fixture: WorkerFixture,
) -> None:
    link = RedisLink(create_redis_client(fixture.redis.url, 2.0), "w", 2.0, "normal")
    first, following = _popped_job(fixture, link), fixture.send()
    fixture.client.set(lease_of(following.submission), "1:other", px=60_000)
    taken = link.finish(first, _report_of(first), DEFAULT_JOB_BYTES).next_job
    assert taken == NextJob(job_of(following.submission, 1).encode(), None)
    assert fixture.client.get(lease_of(following.submission)) == b"1:other"


def test_a_job_that_is_too_long_or_unreadable_is_popped_with_a_report_and_not_leased(
    fixture: WorkerFixture,
) -> None:
    link = RedisLink(create_redis_client(fixture.redis.url, 2.0), "w", 2.0, "normal")
    first, long = _popped_job(fixture, link), fixture.send()
    assert link.finish(first, _report_of(first), 10).next_job == NextJob(
        job_of(long.submission, 1).encode(), None
    )
    second = _popped_job(fixture, link)
    fixture.client.rpush("rq:queue:normal", "no-job")
    taken = link.finish(second, _report_of(second), DEFAULT_JOB_BYTES).next_job
    assert taken == NextJob(b"no-job", None)


def test_a_worker_that_drains_takes_no_job_with_its_last_report(fixture: WorkerFixture) -> None:
    with fixture.worker() as (worker, judging):
        fixture.send("wait")
        eventually(judging.waiting.is_set)
        left = fixture.send()
        worker.drain()
        judging.release()
        fixture.reports(1)
    assert fixture.client.lrange("rq:queue:normal", 0, -1) == [job_of(left.submission, 1).encode()]


def test_a_job_whose_data_is_too_long_is_not_read_and_not_leased(fixture: WorkerFixture) -> None:
    request = fixture.send()
    popped = PoppedJob.parse(job_of(request.submission, 1).encode(), "rq:queue:normal:intermediate")
    assert popped is not None
    link = RedisLink(create_redis_client(fixture.redis.url, 2.0), "w", 2.0, "normal")
    length = link.take(popped, 10)
    assert isinstance(length, int)
    assert length > 10
    assert not fixture.client.exists(lease_of(request.submission))


def test_after_an_attempt_was_revoked_the_next_attempt_is_judged(fixture: WorkerFixture) -> None:
    fixture.gateway.revoke("s", 1)
    with fixture.worker():
        fixture.send(attempt=2, submission="s")
        (report,) = fixture.reports(1)
    assert report.attempt == 2


def test_judging_of_a_cancelled_submission_stops(fixture: WorkerFixture) -> None:
    with fixture.worker() as (worker, judging):
        request = fixture.send("wait")
        eventually(judging.waiting.is_set)
        fixture.gateway.cancel(request.submission, 1)
        eventually(lambda: worker.runner.active is None)
    assert fixture.client.xlen(REPORTS_STREAM) <= 1  # the only allowed report says that judging has begun


@pytest.mark.parametrize(
    ("fault", "at_fault"),
    [(PackageBroken("its checker does not compile"), True), (PackageUnavailable("it is not there"), False)],
)
def test_a_report_says_whether_the_problem_is_at_fault(
    fixture: WorkerFixture, fault: Exception, at_fault: bool
) -> None:
    with fixture.worker() as (_, judging):
        judging.faults["bad"] = lambda: fault
        fixture.send("bad")
        (report,) = fixture.reports(1)
    assert (report.kind, report.package_at_fault) == (ReportKind.FAULT, at_fault)


def test_a_worker_reports_that_a_package_is_unavailable_with_the_reason(fixture: WorkerFixture) -> None:
    with fixture.worker() as (_, judging):
        judging.faults["bad"] = lambda: PackageUnavailable("the server does not have it")
        fixture.send("bad")
        (report,) = fixture.reports(1)
    assert (report.kind, report.reason) == (ReportKind.FAULT, "the server does not have it")


def full_disk() -> Exception:
    return OSError(errno.ENOSPC, "No space left on device")


def wrapped_full_disk() -> Exception:
    broken = SandboxBroken("the sandbox failed")
    broken.__cause__ = full_disk()
    return broken


@pytest.mark.parametrize(
    "fault", [full_disk, wrapped_full_disk, lambda: PackageServerUnavailable("no answer")]
)
def test_a_full_disk_or_an_unreachable_server_is_reported_as_a_transient_error(
    fixture: WorkerFixture, fault: Callable[[], Exception]
) -> None:
    with fixture.worker() as (_, judging):
        judging.faults["bad"] = fault
        fixture.send("bad")
        (report,) = fixture.reports(1, ReportKind.TRANSIENT_ERROR, ReportKind.FAULT)
        fixture.send("ok")
        fixture.reports(1, ReportKind.FINISHED)
    assert report.kind is ReportKind.TRANSIENT_ERROR


@pytest.mark.slow
def test_after_three_transient_errors_a_worker_pauses_and_shows_the_reason(fixture: WorkerFixture) -> None:
    worker_registry = WorkerRegistry(fixture.redis.url)
    with fixture.worker() as (worker, judging):
        judging.faults["bad"] = full_disk
        for _ in range(3):
            fixture.send("bad")
        eventually(lambda: worker.worker_heartbeat.state is WorkerState.LOST)
        eventually(lambda: [record.state for record in worker_registry.workers()] == [WorkerState.LOST])
        (record,) = worker_registry.workers()
        assert record.reason is not None
        assert "paused: " in record.reason
        assert "No space left on device" in record.reason
        fixture.send("ok")
        fixture.reports(1, ReportKind.FINISHED)
        eventually(lambda: [record.state for record in worker_registry.workers()] == [WorkerState.IDLE])
    assert worker.runner.counters.consecutive_transient_errors == 0


def test_a_pausing_worker_can_be_drained(fixture: WorkerFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rq_worker, "backoff_seconds", lambda *_: 600.0)
    with fixture.worker() as (worker, judging):
        judging.faults["bad"] = full_disk
        worker.runner.counters = replace(worker.runner.counters, consecutive_transient_errors=8)
        fixture.send("bad")
        eventually(lambda: worker.worker_heartbeat.state is WorkerState.LOST)
        worker.drain()
        eventually(lambda: not fixture.client.sismember("rq:workers", worker.key))


def test_an_unexpected_exception_is_reported_as_a_fault_and_the_next_job_is_judged(
    fixture: WorkerFixture,
) -> None:
    with fixture.worker() as (_, judging):
        judging.faults["bug"] = lambda: KeyError("x")
        fixture.send("bug")
        fixture.send("ok")
        first, second = fixture.reports(2)
    assert (first.kind, second.kind) == (ReportKind.FAULT, ReportKind.FINISHED)


def test_a_worker_stops_after_three_faults_of_its_own(fixture: WorkerFixture) -> None:
    with fixture.worker() as (worker, judging):
        judging.faults["broken"] = lambda: SandboxBroken("no box can be made")
        for _ in range(4):
            fixture.send("broken")
        fixture.reports(3)
        eventually(lambda: worker.worker_heartbeat.state is WorkerState.LOST)
    (record,) = WorkerRegistry(fixture.redis.url).workers()
    assert (record.state, record.reason) == (WorkerState.LOST, "no box can be made")
    assert len(judging.judged) == 3


def test_a_job_with_an_unexpected_function_is_removed_and_not_run(
    fixture: WorkerFixture, tmp_path: Path
) -> None:
    queue = Queue("normal", connection=fixture.client, serializer=JSONSerializer)
    queue.enqueue("os.mkdir", f"{tmp_path}/pwned", job_id="evil")
    with fixture.worker():
        fixture.send("ok")
        fixture.reports(1)
    assert not fixture.client.exists("rq:job:evil")
    assert list(tmp_path.iterdir()) == []


def test_a_job_without_a_readable_request_is_removed_from_the_queue(fixture: WorkerFixture) -> None:
    queue = Queue("normal", connection=fixture.client, serializer=JSONSerializer)
    queue.enqueue("workers.jobs.judge", "not a request", job_id="nonsense")
    with fixture.worker():
        fixture.send("ok")
        fixture.reports(1)
    assert fixture.client.keys("rq:*nonsense*") == []


@pytest.mark.parametrize("kind", ["list", "hash", "another-word"])
def test_an_odd_command_for_a_worker_does_not_stop_its_heartbeat(fixture: WorkerFixture, kind: str) -> None:
    key = worker_command_key("w")
    if kind == "list":
        fixture.client.rpush(key, "drain")
    elif kind == "hash":
        fixture.client.hset(key, "drain", "drain")
    else:
        fixture.client.set(key, b"\xff")
    worker, beats = fixture._assemble("w", ScriptedJudge(), 10.0), []
    worker.worker_heartbeat.on_beat = lambda: beats.append(1)
    worker.worker_heartbeat.beat()
    assert (len(beats), worker.draining) == (1, False)
    assert [record.name for record in WorkerRegistry(fixture.redis.url).workers()] == ["w"]


def test_a_registered_worker_can_be_drained_by_name(fixture: WorkerFixture) -> None:
    worker_registry = WorkerRegistry(fixture.redis.url)
    with fixture.worker("drain-me") as (worker, judging):
        fixture.send("wait")
        eventually(judging.waiting.is_set)
        eventually(lambda: [record.state for record in worker_registry.workers()] == [WorkerState.BUSY])
        assert worker_registry.drain("drain-me")
        assert not worker_registry.drain("nobody")
        eventually(lambda: worker.draining)
        judging.release()
        (report,) = fixture.reports(1)
        assert report.kind is ReportKind.FINISHED
        fixture.send("ok")
        eventually(lambda: worker_registry.workers() == [] or worker.get_state() != "busy")
    assert len(judging.judged) == 1
    assert worker_registry.workers() == []


def test_a_second_sigterm_returns_the_attempt_at_once(fixture: WorkerFixture) -> None:
    with fixture.worker() as (worker, judging):
        request = fixture.send("wait")
        eventually(judging.waiting.is_set)
        worker.drain()
        worker.stop_now()
        (report,) = fixture.reports(1)
    assert (report.kind, report.submission) == (ReportKind.RETURNED, request.submission)


def test_after_a_second_sigterm_a_job_taken_with_a_lost_answer_is_returned(
    fixture: WorkerFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise the lease of the second job would run out, and an attempt would be charged although it never
    ran."""
    with fixture.worker() as (worker, judging):
        link = worker.runner._link
        finish, lost = link.finish, list[Finished]()

        def finish_without_answer(request: JudgeRequest, report: Report, next_bytes: int = 0) -> Finished:
            done = finish(request, report, next_bytes)
            if lost:
                return done
            lost.append(done)
            worker.drain()
            worker.stop_now()
            raise QueueUnavailable("the answer was lost")

        monkeypatch.setattr(link, "finish", finish_without_answer)
        first = fixture.send("wait")
        eventually(judging.waiting.is_set)
        second = fixture.send("wait")
        judging.release()
        reports = fixture.reports(3)
    assert lost[0].next_job is not None
    assert [(each.kind, each.submission) for each in reports] == [
        *[(ReportKind.FINISHED, first.submission)] * 2,  # the call is repeated; the verdict is recorded once
        (ReportKind.RETURNED, second.submission),
    ]


def test_an_idle_worker_ends_at_once_when_drained(fixture: WorkerFixture) -> None:
    fixture.pop_seconds = 600
    with fixture.worker() as (worker, _):
        eventually(lambda: fixture.client.info("clients")["blocked_clients"] == 1)
        worker.drain()
        eventually(lambda: not fixture.client.sismember("rq:workers", worker.key))


def test_a_worker_goes_on_after_redis_was_killed_and_started_again(
    fixture: WorkerFixture, caplog: pytest.LogCaptureFixture
) -> None:
    with fixture.worker():
        fixture.send("ok")
        fixture.reports(1)
        fixture.redis.kill()
        eventually(lambda: "Redis is unreachable; the worker waits for it" in caplog.text)
        fixture.redis.start()
        fixture.send("ok")
        fixture.reports(2)
        eventually(lambda: bool(WorkerRegistry(fixture.redis.url).workers()))


def test_a_report_is_sent_after_an_outage_of_redis(
    fixture: WorkerFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    with fixture.worker() as (worker, judging):
        finish, has_failed = worker.runner._link.finish, threading.Event()

        def finish_and_note_failure(request: JudgeRequest, report: Report, next_bytes: int = 0) -> Finished:
            try:
                return finish(request, report, next_bytes)
            except QueueUnavailable:
                has_failed.set()
                raise

        monkeypatch.setattr(worker.runner._link, "finish", finish_and_note_failure)
        fixture.send("wait")
        eventually(judging.waiting.is_set)
        fixture.redis.kill()
        judging.release()
        eventually(has_failed.is_set)
        fixture.redis.start()
        (report,) = fixture.reports(1)
    assert report.kind is ReportKind.FINISHED


def test_a_worker_reports_its_verdict_after_redis_was_emptied(fixture: WorkerFixture) -> None:
    with fixture.worker() as (_, judging):
        request = fixture.send("wait")
        eventually(judging.waiting.is_set)
        fixture.redis.empty()
        eventually(lambda: fixture.client.get(lease_of(request.submission)) == b"1:w")
        judging.release()
        fixture.reports(1, ReportKind.FINISHED)


def test_a_submission_costs_at_most_24_redis_commands(fixture: WorkerFixture) -> None:
    with fixture.worker(lease=60.0):
        fixture.send("ok")
        fixture.reports(1)
        before = _commands(fixture.client)
        for _ in range(50):
            fixture.send("ok")
        fixture.reports(51)
        after = _commands(fixture.client)
    ours = {name: after[name] - before.get(name, 0) for name in after}
    unrelated = ("info", "xrange", "ping", "client", "config")
    spent = sum(count for name, count in ours.items() if not name.startswith(unrelated)) / 50
    # Eight of these commands publish two stages, which a program from the compile cache does not have.
    assert spent <= 24, ours


def _commands(client: Redis) -> dict[str, int]:
    stats = client.info("commandstats")
    return {name.removeprefix("cmdstat_"): numbers["calls"] for name, numbers in stats.items()}


def test_the_id_of_a_job_has_the_submission_and_the_attempt() -> None:
    assert job_id("s-a", 2) == "s-a-2"
    assert parse_job_id("s-a-2") == ("s-a", None, "2")
    assert parse_job_id("s_a-2") == ("s_a", None, "2")
    secret = SIGNER.job_secret("s_a", 2)
    assert job_id("s_a", 2, secret) == f"s_a_{secret}-2"
    assert parse_job_id(f"s_a_{secret}-2") == ("s_a", secret, "2")


@pytest.mark.parametrize("entry", [b"\xff", b"no-such-job", b""])
def test_an_odd_entry_in_the_queue_does_not_stop_a_worker(fixture: WorkerFixture, entry: bytes) -> None:
    with fixture.worker():
        fixture.client.rpush("rq:queue:normal", entry)
        fixture.send()
        assert len(fixture.reports(1)) == 1


@pytest.mark.parametrize("lease", [b"\xff", b"a lease", b"\xff:w", None])
def test_an_odd_lease_does_not_stop_a_submission_from_being_judged(
    fixture: WorkerFixture, lease: bytes | None
) -> None:
    id = new_id()
    if lease is None:
        fixture.client.rpush(lease_of(id), "another type")
    else:
        fixture.client.set(lease_of(id), lease)
    with fixture.worker():
        fixture.send(submission=id)
        assert len(fixture.reports(1)) == 1


def test_an_early_heartbeat_does_not_prevent_the_registration_of_the_worker(
    fixture: WorkerFixture, caplog: pytest.LogCaptureFixture
) -> None:
    worker = fixture._assemble("early", ScriptedJudge(), 2.0)
    worker.worker_heartbeat.beat()
    assert not fixture.client.exists(worker.key), (
        "the heartbeat must not make the key, since RQ refuses a worker whose key exists"
    )
    worker.register_birth()  # type: ignore[no-untyped-call]
    worker.worker_heartbeat.beat()
    assert worker.last_heartbeat is not None


def _bomb(size: int) -> bytes:
    return zlib.compress(b'["workers.jobs.judge", null, ["' + b" " * size, 9)


@pytest.mark.parametrize(
    "data",
    [
        _bomb(64 << 20),
        b"x" * (17 << 20),
        b"",
        b"\xff",
        _bomb(1 << 20)[:500],
        b"[" * 100_000,
        b'["os.system", null, ["true"], {}]',
        b'["workers.jobs.judge", null, ["[]"], {}]',
        None,
    ],
    ids=[
        "a bomb",
        "too long",
        "empty",
        "no text",
        "cut",
        "deep",
        "another function",
        "no request",
        "another type",
    ],
)
def test_a_job_with_odd_data_is_removed_and_the_next_job_is_judged(
    fixture: WorkerFixture, data: bytes | None
) -> None:
    client, id = fixture.client, "0199-1"
    if data is None:
        client.set(f"rq:job:{id}", "odd")
    else:
        client.hset(f"rq:job:{id}", "data", data)
    with fixture.worker():
        client.rpush("rq:queue:normal", id)
        fixture.send()
        assert len(fixture.reports(1)) == 1
        eventually(lambda: not client.exists(f"rq:job:{id}"))
        assert client.llen("rq:queue:normal:intermediate") == 0


def test_a_compression_bomb_in_a_job_is_refused_with_bounded_memory() -> None:
    data = _bomb(256 << 20)
    assert len(data) < 1 << 20
    tracemalloc.start()
    try:
        with pytest.raises(RefusedJob, match="GAVEL_JOB_BYTES"):
            decompressed(data, DEFAULT_JOB_BYTES)
        assert tracemalloc.get_traced_memory()[1] < 4 * DEFAULT_JOB_BYTES
    finally:
        tracemalloc.stop()


def test_a_worker_without_the_language_returns_the_attempt_with_the_reason(fixture: WorkerFixture) -> None:
    with fixture.worker() as (worker, judging):
        worker.worker_heartbeat.set_languages({"c17": LanguageOnWorker("13.2")})
        worker.runner.language_fault = worker.worker_heartbeat.language_fault
        request = fixture.send()
        (report,) = fixture.reports(1)
    assert judging.judged == []
    assert (report.kind, report.submission) == (ReportKind.RETURNED, request.submission)
    assert report.lacks_language
    assert report.reason == "this worker cannot judge python3: the language is not offered here"
    assert worker.runner.counters.faults == 0


def test_a_request_of_a_later_release_is_returned_without_a_charge(fixture: WorkerFixture) -> None:
    """If the job were only removed, the reconciler would charge the attempt as lost, and in the end give up
    the submission."""
    request = JudgeRequest(new_id(), 1, Tier.NORMAL, "python3", "ok", version=FILES_VERSION + 1)
    with fixture.worker() as (worker, judging):
        assert fixture.gateway.send(Tier.NORMAL, [request])
        (report,) = fixture.reports(1, ReportKind.TRANSIENT_ERROR)
        eventually(lambda: worker.draining)
    entries: Any = fixture.client.xrange(REPORTS_STREAM)
    ((_, fields),) = entries
    assert SIGNER.is_proof(fields[b"proof"], request.submission, request.attempt)
    assert (report.submission, report.attempt, judging.judged) == (request.submission, 1, [])
    assert "update this process" in (report.reason or "")
    assert fixture.client.keys("rq:job:*") == fixture.client.keys("rq:queue:normal*") == []
    assert not fixture.client.exists(lease_of(request.submission))


def test_an_attempt_is_returned_if_its_language_has_become_unavailable(fixture: WorkerFixture) -> None:
    def gone() -> Exception:
        fault = LanguageUnavailable("python3 is not installed on this worker")
        fault.is_submissions = True
        return fault

    with fixture.worker() as (worker, judging):
        judging.faults["gone"] = gone
        fixture.send("gone")
        (report,) = fixture.reports(1)
    assert (report.kind, report.lacks_language) == (ReportKind.RETURNED, True)
    assert worker.runner.counters.faults == 0


def test_a_worker_of_a_pool_judges_the_jobs_of_the_pool_s_queue(redis_server: RedisServer) -> None:
    fixture = WorkerFixture(redis_server, "normal.jvm")
    request = JudgeRequest(new_id(), 1, Tier.NORMAL, "kotlin", "ok")
    with fixture.worker():
        assert fixture.gateway.send("normal.jvm", [request])
        fixture.reports(1)
    assert fixture.client.keys("rq:queue:*") == []
    assert fixture.gateway.queues() == ("normal", "premium", "normal.jvm")
