"""The worker's connection to the main server through Redis: leases, progress, reports.

A lease has the attempt and the worker that judges a submission now, as ``attempt:worker``. If a worker finds
another value there, it has lost the submission, stops, and reports nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from redis import Redis
from redis.exceptions import NoPermissionError
from rq import Queue
from rq.job import Job

from judge_core.clock import SYSTEM_CLOCK, Clock
from judge_core.messages import JudgeRequest, Report
from judge_core.model.submission import Status, rfc3339
from judge_core.redis.client import PersistentConnections, translate_redis_errors
from judge_core.redis.keys import (
    job_id,
    lease_key,
    live_status_key,
    parse_job_id,
    popped_jobs_key,
    reports_stream,
)
from judge_core.redis.status_channel import KEPT_SECONDS, dump_progress
from judge_core.redis.worker_scripts import (
    DISCARD,
    FINISH,
    LEASED_JOB_SECONDS,
    PUBLISH_PROGRESS,
    RENEW_LEASE,
    TAKE_JOB,
)
from judge_core.redis.worker_users import user_of_worker

_MAX_ATTEMPT_DIGITS = 6
_MOST_POPPED = 1_000
_LEASE_LOST, _REPEATED = 0, 2
"""Answers of ``FINISH``."""
NO_JOB, NOT_LEASED = -1, 0
"""Answers of :meth:`RedisLink.take` instead of a job's data."""


@dataclass(frozen=True, slots=True)
class PoppedJob:
    """A job in the list of popped jobs. Its id names the attempt and has the attempt's secret."""

    id: str
    submission: str
    attempt: int
    list: str
    secret: str | None = None

    @property
    def lease(self) -> str:
        """The key of the attempt's lease."""
        return lease_key(self.submission, self.secret)

    @classmethod
    def parse(cls, id: bytes, popped_jobs: str) -> PoppedJob | None:
        """Parse a job's id. Returns ``None`` if it is not ASCII, and attempt 0 if it names no attempt."""
        if not id.isascii():
            return None
        submission, secret, attempt = parse_job_id(id.decode())
        is_ours = submission and attempt.isdigit() and len(attempt) <= _MAX_ATTEMPT_DIGITS
        return cls(id.decode(), submission, int(attempt) if is_ours else 0, popped_jobs, secret)


@dataclass(frozen=True, slots=True)
class NextJob:
    """A job that was popped together with the last report. If ``data`` is set, the job is leased too."""

    id: bytes
    data: bytes | None


@dataclass(frozen=True, slots=True)
class Finished:
    """Whether the final report was sent, and the job that was popped with it."""

    is_sent: bool
    next_job: NextJob | None = None


def rfc3339_now(clock: Clock = SYSTEM_CLOCK) -> str:
    """The present time in the format of messages."""
    return rfc3339(clock.now()) or ""


class RedisLink:
    """Leases attempts of one queue and sends their reports. Every method may raise ``QueueUnavailable``."""

    def __init__(self, redis: Redis, worker: str, lease_seconds: float, queue: str | None = None) -> None:
        self._connections = PersistentConnections(redis)
        self._worker = worker
        self._queue = queue
        self._user = user_of_worker(worker)
        self._reports = reports_stream(self._user)
        self._lease_ms = int(lease_seconds * 1000)

    def take(self, popped: PoppedJob, most_bytes: int) -> bytes | int | None:
        """Lease the attempt of a job that this worker has popped, and read the job's data.

        Returns the data, or ``None`` if the job is gone. Otherwise it returns a number: the data's length if
        that is more than ``most_bytes``, ``NO_JOB`` for a key that holds no job, and ``NOT_LEASED`` if
        another worker has this attempt or a later one, or if it was cancelled. The job is leased only if its
        data is returned.
        """
        keys = [popped.lease, Job.key_for(popped.id), popped.list]
        arguments: list[str | int] = [popped.attempt, self._worker, self._lease_ms, most_bytes, popped.id]
        with translate_redis_errors():
            found: bytes | int | None = TAKE_JOB.run(self._connections, keys, arguments)
        return found

    def discard(self, popped: PoppedJob) -> None:
        """Remove a job that cannot be judged, and its lease, unless another worker has the lease."""
        keys = [popped.lease, Job.key_for(popped.id), popped.list]
        with translate_redis_errors():
            DISCARD.run(self._connections, keys, [f"{popped.attempt}:{self._worker}", popped.id])

    def renew(self, request: JudgeRequest) -> bool:
        """Renew the lease. False if another worker has it now. A lease that Redis has lost is set again."""
        arguments: list[str | int] = [self._lease_value(request), self._lease_ms]
        with translate_redis_errors():
            return bool(RENEW_LEASE.run(self._connections, [_lease_of(request)], arguments))

    def send_report(self, request: JudgeRequest, report: Report) -> None:
        """Send a report that does not end the attempt."""
        fields = ("submission", report.submission, "attempt", report.attempt, "report", report.dump())
        proof = ("proof", request.proof) if request.proof else ()
        with translate_redis_errors():
            self._connections.execute("XADD", self._reports, "*", *fields, *proof)

    def publish_progress(self, request: JudgeRequest, status: Status) -> None:
        """Publish a status to the clients that follow it, unless this worker has lost the lease."""
        live = live_status_key(request.submission, request.submission_secret)
        keys = [live, _lease_of(request)]
        arguments: list[str | int] = [
            dump_progress(status, request.proof),
            KEPT_SECONDS,
            self._lease_value(request),
        ]
        with translate_redis_errors():
            PUBLISH_PROGRESS.run(self._connections, keys, arguments)

    def finish(self, request: JudgeRequest, report: Report, next_bytes: int = 0) -> Finished:
        """Send the final report, and remove the job and its entry in the list of popped jobs, in one step.
        Nothing is sent if this worker has lost the lease.

        With ``next_bytes`` the next job of the queue is popped in the same step, and leased if its data has
        at most that many bytes and needs no further check. A repeated call finds the job that the first call
        took, even if ``next_bytes`` differs or the lease was lost since.
        """
        popped = PoppedJob(
            _job_id_of(request),
            request.submission,
            request.attempt,
            self._popped_jobs(request),
            request.job_secret,
        )
        return self._finish(popped, report, request.proof, next_bytes if self._queue else 0)

    def finish_popped(self, popped: PoppedJob, report: Report, proof: str | None) -> bool:
        """Do what :meth:`finish` does, for a job whose request this worker cannot read."""
        return self._finish(popped, report, proof, 0).is_sent

    def _finish(self, popped: PoppedJob, report: Report, proof: str | None, next_bytes: int) -> Finished:
        keys = [popped.lease, Job.key_for(popped.id), popped.list, self._reports]
        arguments: list[str | int] = [
            f"{popped.attempt}:{self._worker}",
            popped.id,
            popped.submission,
            report.dump_fitted(),
            str(popped.attempt),
            proof or "",
            f"{Queue.redis_queue_namespace_prefix}{self._queue}" if next_bytes else "",
            self._worker,
            Job.redis_job_namespace_prefix,
            next_bytes,
            self._lease_ms,
        ]
        with translate_redis_errors():
            answer = FINISH.run(self._connections, keys, arguments)
            if answer in (_LEASE_LOST, _REPEATED):
                return Finished(answer == _REPEATED, self._taken_before(popped.list))
        if isinstance(answer, int):
            return Finished(True)
        return Finished(True, NextJob(answer[0], answer[1] if len(answer) > 1 else None))

    def _taken_before(self, list: str) -> NextJob | None:
        """The job that an earlier call of :meth:`finish` leased, if the answer of that call was lost."""
        try:
            ids = self._connections.execute("LRANGE", list, 0, _MOST_POPPED)
        # An older users.acl allows neither this nor LMOVE, by which a next job is taken. So no job was taken.
        except NoPermissionError:
            return None
        for id in ids:
            popped = PoppedJob.parse(id, list)
            if popped is not None and popped.attempt:
                lease = self._connections.execute("GET", popped.lease)
                if lease == f"{popped.attempt}:{self._worker}".encode():
                    return NextJob(id, None)
        return None

    def release(self, request: JudgeRequest) -> None:
        """Remove a job that this worker must not report from the popped jobs. Leases stay as they are.

        The job's data stay for a while, since another worker may judge it. Then they expire.
        """
        id = _job_id_of(request)
        commands = (
            ("LREM", self._popped_jobs(request), 1, id),
            ("EXPIRE", Job.key_for(id), LEASED_JOB_SECONDS),
        )
        with translate_redis_errors():
            self._connections.execute_all(commands)

    def _popped_jobs(self, request: JudgeRequest) -> str:
        """The list into which the job was popped. It belongs to this worker's Redis user, or else to its
        queue, which may be a pool's queue."""
        return popped_jobs_key(self._user, self._queue or request.queue)

    def _lease_value(self, request: JudgeRequest) -> str:
        return f"{request.attempt}:{self._worker}"


def _lease_of(request: JudgeRequest) -> str:
    return lease_key(request.submission, request.job_secret)


def _job_id_of(request: JudgeRequest) -> str:
    return job_id(request.submission, request.attempt, request.job_secret)
