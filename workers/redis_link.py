"""The worker's line to the main server, all of it through Redis: leases, progress, reports.

A lease says who judges a submission now, as ``attempt:worker``. Whoever finds another value there than
its own has lost the submission, stops, and records nothing.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime

from rq.job import Job

from judge_core.messages import JudgeRequest, Report
from judge_core.model.errors import QueueUnavailable
from judge_core.model.submission import Stage, Status, from_rfc3339, rfc3339
from judge_core.redis.client import LuaScript, create_redis_client, translate_redis_errors
from judge_core.redis.keys import REPORTS_STREAM, job_id, lease_key, live_status_key
from judge_core.redis.persistent_connections import PersistentConnections
from judge_core.redis.redis_status_channel import KEPT_SECONDS, PUBLISH_SCRIPT
from judge_core.redis.status_codec import dump_status
from workers.delayed_call import DelayedCall

PROGRESS_INTERVAL = 0.05
PROGRESS_DELAY = 0.02
_QUIET_AFTER_TROUBLE = 2.0
_REDIS_TIMEOUT = 2.0
_TAKEN_LIST = "rq:queue:{}:intermediate"

_TAKE = LuaScript(
    """
    local kept = redis.call('GET', KEYS[1])
    if kept then
        local attempt, holder = string.match(kept, '^(%d+):(.*)$')
        attempt = tonumber(attempt)
        local mine = tonumber(ARGV[1])
        if attempt > mine then return 0 end
        if attempt == mine and holder ~= '-' and holder ~= ARGV[2] then return 0 end
    end
    redis.call('SET', KEYS[1], ARGV[1] .. ':' .. ARGV[2], 'PX', ARGV[3])
    -- Whoever dies with it from here on is charged: a job with a term is one that a worker has leased.
    redis.call('EXPIRE', KEYS[2], 604800)
    return 1
    """
)
_RENEW = LuaScript(
    """
    local kept = redis.call('GET', KEYS[1])
    if kept and kept ~= ARGV[1] then return 0 end
    redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
    return 1
    """
)
_FINISH = LuaScript(
    """
    local kept = redis.call('GET', KEYS[1])
    local lost = kept and kept ~= ARGV[1]
    if not lost then
        redis.call('XADD', KEYS[4], '*', 'submission', ARGV[3], 'attempt', ARGV[5], 'report', ARGV[4])
        redis.call('DEL', KEYS[1], KEYS[2])
    end
    redis.call('LREM', KEYS[3], 1, ARGV[2])
    return lost and 0 or 1
    """
)


# What has ended is soon forgotten by Redis: a worker that was stopped for minutes must not tell it anew.
_TELL = LuaScript(
    f"""
    if redis.call('GET', KEYS[2]) ~= ARGV[3] then return 0 end
    {PUBLISH_SCRIPT.text}
    """
)


def rfc3339_now() -> str:
    return rfc3339(datetime.now(UTC)) or ""


class RedisLink:
    """What a worker says about its attempts. Every method may raise ``QueueUnavailable``."""

    def __init__(
        self, redis_url: str, worker: str, lease_seconds: float, timeout_seconds: float = _REDIS_TIMEOUT
    ) -> None:
        self._connections = PersistentConnections(create_redis_client(redis_url, timeout_seconds))
        self._worker = worker
        self._lease_ms = int(lease_seconds * 1000)

    def take(self, request: JudgeRequest) -> bool:
        """Lease the attempt; False when somebody has it, or a later one, or it was cancelled."""
        arguments: list[str | int] = [request.attempt, self._worker, self._lease_ms]
        keys = [lease_key(request.submission), Job.key_for(job_id(request.submission, request.attempt))]
        with translate_redis_errors():
            return bool(_TAKE.run(self._connections, keys, arguments))

    def renew(self, request: JudgeRequest) -> bool:
        """Keep the lease; False when it is somebody else's now. One that Redis forgot is taken anew."""
        arguments: list[str | int] = [self._lease(request), self._lease_ms]
        with translate_redis_errors():
            return bool(_RENEW.run(self._connections, [lease_key(request.submission)], arguments))

    def say(self, report: Report) -> None:
        """A report that ends nothing."""
        with translate_redis_errors():
            said = ("submission", report.submission, "attempt", report.attempt, "report", report.dump())
            self._connections.execute("XADD", REPORTS_STREAM, "*", *said)

    def tell(self, request: JudgeRequest, status: Status) -> None:
        """Let watchers know how far it is; not a word once the lease is somebody else's, or nobody's."""
        keys = [live_status_key(request.submission), lease_key(request.submission)]
        with translate_redis_errors():
            _TELL.run(self._connections, keys, [dump_status(status), KEPT_SECONDS, self._lease(request)])

    def finish(self, request: JudgeRequest, report: Report) -> bool:
        """Report, and take the job off RQ's lists, in one step. False, and no report, when the lease is
        somebody else's by now."""
        id = job_id(request.submission, request.attempt)
        keys = [
            lease_key(request.submission),
            Job.key_for(id),
            _TAKEN_LIST.format(request.queue),
            REPORTS_STREAM,
        ]
        arguments = [self._lease(request), id, request.submission, report.dump(), str(request.attempt)]
        with translate_redis_errors():
            return bool(_FINISH.run(self._connections, keys, arguments))

    def leave(self, request: JudgeRequest) -> None:
        """Let go of a job that is not ours to judge; whoever has it keeps it."""
        id = job_id(request.submission, request.attempt)
        with translate_redis_errors():
            self._connections.execute("LREM", _TAKEN_LIST.format(request.queue), 1, id)

    def _lease(self, request: JudgeRequest) -> str:
        return f"{request.attempt}:{self._worker}"


class ProgressPublisher:
    """Tells watchers how far an attempt is: each stage at once, then at most every 50 ms, and never at the
    price of judging. Of one that was found compiled nothing is told in its first 20 ms: most end sooner.

    It is the ``Watcher`` of :mod:`workers.judging`. After trouble with Redis it keeps quiet for a while.
    """

    def __init__(
        self, line: RedisLink, request: JudgeRequest, started_at: datetime, postponed: DelayedCall
    ) -> None:
        self._line = line
        self._request = request
        self._started_at = started_at
        self._postponed = postponed
        self._next = 0.0
        self._quiet_until = 0.0
        self._stage: Stage | None = None

    def compiling(self) -> None:
        self._tell(Stage.COMPILING, 0, 0)

    def running(self, tests_total: int) -> None:
        if self._stage is not None:
            self._tell(Stage.RUNNING, 0, tests_total)
        elif self._request.status_fields is not None:
            self._next, self._stage = time.monotonic() + PROGRESS_INTERVAL, Stage.RUNNING
            self._postponed.put_off(lambda: self._say(Stage.RUNNING, 0, tests_total))

    def tested(self, tests_done: int, tests_total: int) -> None:
        self._tell(Stage.RUNNING, tests_done, tests_total)

    def end(self) -> None:
        """What has not been told by now is not news any more."""
        self._postponed.call_off()

    def _tell(self, stage: Stage, done: int, total: int) -> None:
        now = time.monotonic()
        too_soon = stage is self._stage and now < self._next
        if too_soon or now < self._quiet_until or self._request.status_fields is None:
            return
        self._next, self._stage = now + PROGRESS_INTERVAL, stage
        self._say(stage, done, total)

    def _say(self, stage: Stage, done: int, total: int) -> None:
        try:
            self._line.tell(self._request, self._status(stage, done, total))
        except QueueUnavailable:
            self._quiet_until = time.monotonic() + _QUIET_AFTER_TROUBLE

    def _status(self, stage: Stage, done: int, total: int) -> Status:
        request, status_fields = self._request, self._request.status_fields
        assert status_fields is not None
        return Status(
            id=request.submission,
            serial=status_fields.serial,
            owner=status_fields.owner,
            kind=status_fields.kind,
            stage=stage,
            queue=request.queue,
            problem=request.package.slug if request.package else None,
            language=request.language,
            attempt=request.attempt,
            submitted_at=from_rfc3339(status_fields.submitted_at) or self._started_at,
            started_at=self._started_at,
            tests_done=done,
            tests_total=total,
        )
