"""The one place on the main server that knows RQ: puts attempts into its queues and looks inside.

Sending is one Lua step: it skips jobs that are there already, so sending twice does no harm, and takes
nothing beyond the queue's room. RQ's own ``enqueue`` needs two round trips and has neither.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from redis import Redis
from rq import Queue
from rq.intermediate_queue import IntermediateQueue
from rq.job import Job, JobStatus
from rq.serializers import JSONSerializer
from rq.utils import now, utcformat

from judge_api.store.models import OpenSubmission
from judge_core.messages import REPORTS_STREAM, JudgeRequest, job_id, lease_key
from judge_core.model.account import Tier
from judge_core.redis.client import LuaScript, named_failures, open_redis
from judge_core.redis.persistent_connections import RedisLines
from judge_core.redis.worker_registry import paused_key

JOB_FUNCTION = "workers.jobs.judge"
DEFAULT_ROOM = 16
CANCELLED = "999999:cancelled"
_TOMBSTONE_SECONDS = 600
_UNRECORDED = 10_000
_LARGE = 4096
_QUICKLY = 1
"""From how many bytes on, and how hard, a job is compressed: it lies in Redis for seconds. RQ and our worker
read both."""

_SEND = LuaScript(
    """
    local found = redis.call('MGET', KEYS[2], KEYS[3])
    if found[2] then return 0 end
    local room = tonumber(found[1] or ARGV[1])
    local count = tonumber(ARGV[2])
    if redis.call('LLEN', KEYS[1]) + count > math.max(room, count) then return 0 end
    local at = 3
    for i = 1, count do
        local job = KEYS[3 + i]
        local fields = tonumber(ARGV[at + 1])
        -- No new field: the job was there, has been written over with the same, and waits already.
        if redis.call('HSET', job, unpack(ARGV, at + 2, at + 1 + fields)) > 0 then
            redis.call('RPUSH', KEYS[1], ARGV[at])
        end
        at = at + 2 + fields
    end
    return 1
    """
)

_REVOKE = LuaScript(
    """
    local held = tonumber(string.match(redis.call('GET', KEYS[1]) or '', '^(%d+):'))
    if held and held > tonumber(ARGV[1]) then return 0 end
    redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
    return 1
    """
)


def room_key(tier: Tier) -> str:
    """How many jobs may wait in RQ's queue; kept by the relay, from the number of workers."""
    return f"gavel:room:{tier}"


def queue_key(tier: Tier) -> str:
    return Queue.redis_queue_namespace_prefix + tier.value


def taken_key(tier: Tier) -> str:
    """RQ's intermediate list: what workers have popped and not finished."""
    return IntermediateQueue.get_intermediate_queue_key(queue_key(tier))


@dataclass(frozen=True, slots=True)
class Depth:
    """How many jobs a tier has in Redis."""

    waiting: int
    taken: int
    room: int
    paused: bool = False

    @property
    def free(self) -> int:
        return 0 if self.paused else max(0, self.room - self.waiting)


@dataclass(frozen=True, slots=True)
class Sighting:
    """What Redis knows about one open submission; ``leased`` when a worker ever had this attempt's lease."""

    waiting: bool
    job: bool
    leased: bool
    lease: str | None
    lease_ms: int
    unrecorded: bool


class RqGateway:
    """The :class:`~judge_api.services.submission_service.JudgeQueue` over RQ.

    Every method may raise ``QueueUnavailable``.
    """

    def __init__(self, redis_url: str, budget_ms: int = 150) -> None:
        self._redis: Redis = open_redis(redis_url, budget_ms / 1000)
        self._lines = RedisLines(self._redis)

    def ready(self) -> bool:
        return True

    def send(self, tier: Tier, requests: Sequence[JudgeRequest]) -> bool:
        """All or none, one round trip. False when the queue has no room for them now, or is paused."""
        ids = [job_id(request.submission, request.attempt) for request in requests]
        arguments: list[Any] = [DEFAULT_ROOM, len(ids)]
        for id, request in zip(ids, requests, strict=True):
            fields = _written(request)
            arguments += [id, len(fields), *fields]
        keys = [queue_key(tier), room_key(tier), paused_key(tier), *map(Job.key_for, ids)]
        with named_failures():
            return bool(_SEND.run(self._lines, keys, arguments))

    def depth(self, tier: Tier) -> Depth:
        """How full a tier is."""
        with named_failures():
            waiting, taken, (room, paused) = self._lines.ask_all(
                (
                    ("LLEN", queue_key(tier)),
                    ("LLEN", taken_key(tier)),
                    ("MGET", room_key(tier), paused_key(tier)),
                )
            )
        return Depth(waiting, taken, int(room or DEFAULT_ROOM), paused is not None)

    def set_room(self, tier: Tier, room: int) -> None:
        """How many may wait in the tier's queue; also makes the queue known to RQ's own tools."""
        with named_failures():
            pipeline = self._redis.pipeline(transaction=False)
            pipeline.set(room_key(tier), room)
            pipeline.sadd(Queue.redis_queues_keys, queue_key(tier))
            pipeline.execute()

    def known(self, job_ids: Sequence[str]) -> set[str]:
        """Those of the jobs that Redis has, waiting or taken."""
        with named_failures():
            pipeline = self._redis.pipeline(transaction=False)
            for id in job_ids:
                pipeline.exists(Job.key_for(id))
            return {id for id, found in zip(job_ids, pipeline.execute(), strict=True) if found}

    def sight(self, submissions: Sequence[OpenSubmission]) -> dict[str, Sighting]:
        """What Redis knows about each, read in one go."""
        with named_failures():
            pipeline = self._redis.pipeline(transaction=False)
            for tier in Tier:
                pipeline.lrange(queue_key(tier), 0, -1)
            pipeline.xrange(REPORTS_STREAM, count=_UNRECORDED)
            for one in submissions:
                pipeline.ttl(Job.key_for(job_id(one.id, one.attempt)))
                pipeline.get(lease_key(one.id))
                pipeline.pttl(lease_key(one.id))
            answers = iter(pipeline.execute())
        waiting = {id.decode() for _ in Tier for id in next(answers)}
        reported = {fields[b"submission"].decode() for _, fields in next(answers) if b"submission" in fields}
        return {one.id: _sighting(one, waiting, reported, answers) for one in submissions}

    def taken(self) -> dict[Tier, list[str]]:
        """Ids of the jobs that workers have popped, by tier."""
        with named_failures():
            pipeline = self._redis.pipeline(transaction=False)
            for tier in Tier:
                pipeline.lrange(taken_key(tier), 0, -1)
            found = pipeline.execute()
        return {tier: [id.decode() for id in ids] for tier, ids in zip(Tier, found, strict=True)}

    def remove(self, job_id: str) -> None:
        """Forget a job wherever it is."""
        with named_failures():
            pipeline = self._redis.pipeline()
            for tier in Tier:
                pipeline.lrem(queue_key(tier), 0, job_id)
                pipeline.lrem(taken_key(tier), 0, job_id)
            pipeline.delete(Job.key_for(job_id))
            pipeline.execute()

    def revoke(self, submission: str, attempt: int) -> None:
        """End an attempt here: its job goes, and a worker that still has it finds that it lost it.

        The lease of a later attempt, which may have begun already, is left alone.
        """
        with named_failures():
            _REVOKE.run(
                self._lines, [lease_key(submission)], [attempt, f"{attempt + 1}:-", _TOMBSTONE_SECONDS]
            )
        self.remove(job_id(submission, attempt))

    def cancel(self, submission: str, attempt: int) -> None:
        """The submission was cancelled: its job goes, and the worker that has it stops within a heartbeat."""
        with named_failures():
            self._redis.set(lease_key(submission), CANCELLED, ex=_TOMBSTONE_SECONDS)
        self.remove(job_id(submission, attempt))


def _sighting(one: OpenSubmission, waiting: set[str], reported: set[str], answers: Iterator[Any]) -> Sighting:
    term = next(answers)
    return Sighting(
        waiting=job_id(one.id, one.attempt) in waiting,
        job=term != _NO_KEY,
        leased=term >= 0,
        lease=_text(next(answers)),
        lease_ms=next(answers),
        unrecorded=one.id in reported,
    )


def _written(request: JudgeRequest) -> list[Any]:
    """The fields of the request's job, name after value as HSET takes them, just as RQ would write them."""
    fields = dict(_blank())
    packed = JSONSerializer.dumps((JOB_FUNCTION, None, [request.dump()], {}))  # type: ignore[no-untyped-call]
    fields["data"] = packed if len(packed) < _LARGE else zlib.compress(packed, _QUICKLY)
    fields["created_at"] = fields["enqueued_at"] = utcformat(now())
    fields["origin"] = request.queue.value
    fields["description"] = request.submission  # RQ's default would be the call, with the source in it
    return [part for pair in fields.items() for part in pair]


@cache
def _blank() -> Mapping[str, Any]:
    """A job as RQ writes it: making one anew for each submission costs as much as sending it."""
    job = Job.create(
        JOB_FUNCTION,
        args=[""],
        id="blank",
        origin="",
        status=JobStatus.QUEUED,
        description="",
        timeout=-1,
        result_ttl=0,
        serializer=JSONSerializer,
        connection=_NOWHERE,
    )
    job.enqueued_at = now()
    return job.to_dict()


_NO_KEY = -2
"""Redis' answer for the term of what is not there; of a job that no worker has leased it is -1."""
_NOWHERE: Any = object()
"""A job is made here and stored by our own script: it must not reach for a connection of its own."""


def _text(value: bytes | None) -> str | None:
    return value.decode() if value is not None else None
