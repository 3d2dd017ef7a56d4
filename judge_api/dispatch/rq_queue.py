"""Puts attempts into RQ's queues, inspects them, and removes jobs. No other module of the server uses RQ.

Jobs are sent by one Lua script. The script skips jobs that are in the queue already, so sending twice does no
harm, and it does not exceed the queue's capacity. RQ's own ``enqueue`` does neither, and needs two round
trips.

The module has over 500 lines, because everything that depends on how RQ stores its jobs is in it.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.intermediate_queue import IntermediateQueue
from rq.job import Job, JobStatus
from rq.serializers import JSONSerializer
from rq.suspension import WORKERS_SUSPENDED
from rq.utils import now, utcformat

from judge_api.store.records import OpenSubmission
from judge_core.clock import SYSTEM_CLOCK, Clock
from judge_core.messages import HandedSecrets, JudgeRequest, named_attempt
from judge_core.model.account import Tier
from judge_core.model.routing import Pool, queue_name, tier_of_queue
from judge_core.model.tiers import DEFAULT_TIERS
from judge_core.redis.client import LuaScript, PersistentConnections, translate_redis_errors
from judge_core.redis.keys import (
    NO_WORKER,
    job_id,
    last_ahead_key,
    popped_jobs_key,
    queue_capacity_key,
    queue_paused_key,
    reports_stream,
)
from judge_core.redis.signer import JobNames, Signer
from judge_core.redis.unreadable_entries import EntrySource, UnreadableEntries, is_wrong_type
from judge_core.redis.worker_users import WorkerUsers, user_of_worker

JOB_FUNCTION = "workers.jobs.judge"
DEFAULT_CAPACITY = 16
CANCELLED_LEASE = "999999:cancelled"
_TOMBSTONE_SECONDS = 600
_AHEAD_SECONDS = 24 * 3600
_SUSPENDED_BY = "Gavel: start a worker by `gavel worker`; RQ's own workers cannot judge"
_SUSPENDED_SECONDS = 24 * 3600
_MAX_UNRECORDED_REPORTS = 10_000
_MAX_LISTED = 10_000
"""How many jobs of a list are read. A queue's capacity is far below that."""
_MAX_JOB_ID_BYTES = 100
_MAX_CAPACITY = 1_000_000
_MAX_QUEUES = 200
PUBLISHED_QUEUES = frozenset(map(queue_name, DEFAULT_TIERS))
"""The queues that exist even if they have had no job and no worker."""
_COMPRESS_FROM_BYTES = 4096
_COMPRESSION_LEVEL = 1
"""A job is in Redis for seconds, so fast compression is enough. RQ and the workers read both forms."""

_STORE_JOB = """
    -- Returns whether the job is new. A job that existed is overwritten with the same values; it is in the
    -- queue already. A job that exists under the other name is in the queue, too.
    local function store(job, other, first, fields)
        if redis.pcall('HEXISTS', other, 'data') == 1 then return false end
        local added = redis.pcall('HSET', job, unpack(ARGV, first, first + fields - 1))
        if type(added) == 'table' then
            if not string.find(added.err, 'WRONGTYPE', 1, true) then error(added) end
            -- The key holds no hash, so no main server has written it.
            redis.call('UNLINK', job)
            added = redis.call('HSET', job, unpack(ARGV, first, first + fields - 1))
        end
        return added > 0
    end
    """
_SEND = LuaScript(
    _STORE_JOB
    + """
    local found = redis.call('MGET', KEYS[2], KEYS[3])
    if found[2] then return 0 end
    local capacity = tonumber(found[1] or ARGV[1]) or tonumber(ARGV[1])
    local count = tonumber(ARGV[2])
    if redis.call('LLEN', KEYS[1]) + count > math.max(capacity, count) then return 0 end
    -- The queue of a pool is made known, so that its jobs are found again after its last worker is gone.
    if ARGV[3] == '1' then redis.pcall('SADD', KEYS[4], KEYS[1]) end
    local at, new, fault = 4, {}, nil
    for i = 1, count do
        local fields = tonumber(ARGV[at + 1])
        local done, is_new = pcall(store, KEYS[4 + i], KEYS[4 + count + i], at + 2, fields)
        if not done then fault = is_new; break end
        if is_new then new[#new + 1] = ARGV[at] end
        at = at + 2 + fields
    end
    -- This runs after a fault, too: each stored job must be in the queue. Lua unpacks 8000 values at most.
    for i = 1, #new, 1000 do
        redis.call('RPUSH', KEYS[1], unpack(new, i, math.min(i + 999, #new)))
    end
    if fault then error(fault) end
    return 1
    """
)
# Puts jobs before the other jobs, but after jobs that were sent ahead earlier. Jobs sent ahead have their own
# capacity, which is as large as the queue's.
_SEND_AHEAD = LuaScript(
    _STORE_JOB
    + """
    local found = redis.call('MGET', KEYS[2], KEYS[3])
    if found[2] then return 0 end
    local capacity = tonumber(found[1] or ARGV[1]) or tonumber(ARGV[1])
    local count = tonumber(ARGV[2])
    local last = redis.pcall('GET', KEYS[5])
    if type(last) ~= 'string' then last = '' end
    local place = redis.call('LPOS', KEYS[1], last)
    if (place and place + 1 or 0) + count > math.max(capacity, count) then return 0 end
    if ARGV[3] == '1' then redis.pcall('SADD', KEYS[4], KEYS[1]) end
    local at = 4
    for i = 1, count do
        local fields = tonumber(ARGV[at + 1])
        if store(KEYS[5 + i], KEYS[5 + count + i], at + 2, fields) then
            if redis.call('LINSERT', KEYS[1], 'AFTER', last, ARGV[at]) <= 0 then
                redis.call('LPUSH', KEYS[1], ARGV[at])
            end
            last = ARGV[at]
        end
        at = at + 2 + fields
    end
    if last ~= '' then redis.call('SET', KEYS[5], last, 'EX', ARGV[at]) end
    return 1
    """
)
_COUNT_AHEAD = LuaScript(
    """
    local last = redis.pcall('GET', KEYS[2])
    local place = type(last) == 'string' and redis.call('LPOS', KEYS[1], last)
    return place and place + 1 or 0
    """
)
# Runs before a job is removed from the queues. If it is the last job that was sent ahead, the job before it
# is noted as the last one. Otherwise the next job sent ahead would be put before all of them.
_STEP_BACK = LuaScript(
    """
    for i = 1, #KEYS, 2 do
        if redis.pcall('GET', KEYS[i + 1]) == ARGV[1] then
            local place = redis.pcall('LPOS', KEYS[i], ARGV[1])
            if type(place) == 'number' and place > 0 then
                -- If Redis' memory is full, this fails, and the job is removed all the same.
                redis.pcall('SET', KEYS[i + 1], redis.call('LINDEX', KEYS[i], place - 1), 'EX', ARGV[2])
            end
        end
    end
    """
)

_REVOKE = LuaScript(
    """
    local found = redis.pcall('GET', KEYS[1])
    local held = type(found) == 'string' and tonumber(string.match(found, '^(%d+):'))
    if held and held > tonumber(ARGV[1]) then return 0 end
    redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
    return 1
    """
)

# Gives the job to an idle worker of another tier, if a further worker of that queue stays idle.
_LEND_IDLE = LuaScript(
    _STORE_JOB
    + """
    for _, paused in ipairs(redis.call('MGET', KEYS[3], KEYS[4])) do if paused then return 0 end end
    local busy = redis.call('LLEN', KEYS[1])
    for i = 6, #KEYS do busy = busy + redis.call('LLEN', KEYS[i]) end
    if busy + 1 > tonumber(ARGV[1]) then return 0 end
    if store(KEYS[2], KEYS[5], 3, #ARGV - 2) then redis.call('RPUSH', KEYS[1], ARGV[2]) end
    return 1
    """
)
# Puts the job before all other jobs. Only one such job may wait, since a second one would be put before the
# first.
_LEND_FRONT = LuaScript(
    _STORE_JOB
    + """
    for _, paused in ipairs(redis.call('MGET', KEYS[3], KEYS[4])) do if paused then return 0 end end
    local first = redis.call('LINDEX', KEYS[1], 0)
    if first and redis.pcall('HGET', ARGV[1] .. first, 'origin') == ARGV[2] then return 0 end
    if store(KEYS[2], KEYS[5], 4, #ARGV - 3) then redis.call('LPUSH', KEYS[1], ARGV[3]) end
    return 1
    """
)

_READ_SMALL_SET = LuaScript(
    """
    local size = redis.pcall('SCARD', KEYS[1])
    if type(size) ~= 'number' or size > tonumber(ARGV[1]) then return {} end
    return redis.call('SMEMBERS', KEYS[1])
    """
)

_FORGET_EMPTY = LuaScript(
    """
    for i = 1, 2 do
        local length = redis.pcall('LLEN', KEYS[i])
        if type(length) ~= 'number' or length > 0 then return 0 end
    end
    redis.call('UNLINK', KEYS[3])
    redis.pcall('SREM', KEYS[4], KEYS[1])
    return 1
    """
)
_WITHDRAW = LuaScript(
    """
    local removed = redis.pcall('LREM', KEYS[1], 0, ARGV[1])
    if type(removed) ~= 'number' or removed == 0 then return 0 end
    redis.call('UNLINK', KEYS[2])
    return 1
    """
)


def queue_key(queue: str) -> str:
    return Queue.redis_queue_namespace_prefix + queue


def popped_key(queue: str) -> str:
    """Redis key of RQ's intermediate queue: jobs that workers have popped and not finished."""
    return IntermediateQueue.get_intermediate_queue_key(queue_key(queue))


def existing_queues(connections: PersistentConnections) -> tuple[str, ...]:
    """The names of the queues that exist: the queues of the published tiers, and up to ``_MAX_QUEUES`` queues
    that have had a job or a worker. May raise ``QueueUnavailable``."""
    with translate_redis_errors():
        found = _READ_SMALL_SET.run(connections, [Queue.redis_queues_keys], [_MAX_LISTED]) or ()
    prefix = Queue.redis_queue_namespace_prefix.encode()
    names = (key.removeprefix(prefix).decode("ascii", "replace") for key in found)
    pools = sorted(name for name in names if tier_of_queue(name) is not None)[:_MAX_QUEUES]
    return tuple(dict.fromkeys((*map(queue_name, DEFAULT_TIERS), *pools)))


@dataclass(frozen=True, slots=True)
class QueueDepth:
    """How many jobs of a queue are in Redis: those that wait in it, and those that workers have popped."""

    waiting: int
    popped: int
    capacity: int
    paused: bool = False

    @property
    def free(self) -> int:
        return 0 if self.paused else max(0, self.capacity - self.waiting)


@dataclass(frozen=True, slots=True)
class AttemptInRedis:
    """The traces of an open submission's attempt in Redis.

    ``waits_in`` is the queue in which its job waits. ``was_leased`` says whether a worker ever leased it, and
    ``is_reported`` whether a report about it waits to be recorded.
    """

    waits_in: str | None
    job_exists: bool
    was_leased: bool
    lease: str | None
    lease_ms: int
    is_reported: bool

    @property
    def has_trace(self) -> bool:
        """Whether Redis has the attempt. A lease alone does not count. If its name has no secret, it is the
        lease of all attempts of the submission, and may be left from a revoked attempt."""
        return self.waits_in is not None or self.job_exists or self.is_reported


@dataclass(frozen=True, slots=True)
class _Traces:
    """The queue of each waiting job, and the attempts whose reports wait to be recorded."""

    waiting: Mapping[str, str]
    reported: set[tuple[str, int]]


class RqQueue:
    """The :class:`~judge_api.services.submission_service.JudgeQueue` over RQ.

    Every method may raise ``QueueUnavailable``, within the time limit of the Redis client.
    ``accepts_unproven`` lets it work together with processes of release 0.2.0: see
    :mod:`judge_core.redis.signer`.
    """

    def __init__(
        self, redis: Redis, signer: Signer, clock: Clock = SYSTEM_CLOCK, *, accepts_unproven: bool = False
    ) -> None:
        self._redis = redis
        self._signer = signer
        self._names = JobNames(signer, are_secret=not accepts_unproven)
        self._other_names = self._names.others()
        self._clock = clock
        self._connections = PersistentConnections(redis)
        self._unreadable = UnreadableEntries(redis)
        self._users = WorkerUsers(redis, clock.monotonic)

    def ready(self) -> bool:
        return True

    def send(self, queue: str, requests: Sequence[JudgeRequest]) -> bool:
        """Send the requests in one round trip. False if none was sent, because the queue is full or the
        requests' tier is paused. After an error some may have been sent; sending them again does no harm."""
        keys, job_keys, arguments = self._sent(queue, requests)
        with translate_redis_errors():
            return bool(_SEND.run(self._connections, [*keys, *job_keys], arguments))

    def send_ahead(self, queue: str, requests: Sequence[JudgeRequest]) -> bool:
        """Send requests like :meth:`send`, but put the jobs before all that :meth:`send` has sent.

        They have their own capacity, so they can be sent even if the queue is full of other jobs.
        """
        keys, job_keys, arguments = self._sent(queue, requests)
        keys = [*keys, last_ahead_key(queue), *job_keys]
        with translate_redis_errors():
            return bool(_SEND_AHEAD.run(self._connections, keys, [*arguments, _AHEAD_SECONDS]))

    def count_ahead(self, queue: str) -> int:
        """How many jobs that were sent ahead wait in the queue."""
        with translate_redis_errors():
            keys = [queue_key(queue), last_ahead_key(queue)]
            return int(_COUNT_AHEAD.run(self._connections, keys, []) or 0)

    def _sent(self, queue: str, requests: Sequence[JudgeRequest]) -> tuple[list[str], list[str], list[Any]]:
        """The queue's keys, the jobs' keys and the arguments of a script that sends jobs."""
        jobs = [self._job(request) for request in requests]
        arguments: list[Any] = [DEFAULT_CAPACITY, len(jobs), int(queue not in PUBLISHED_QUEUES)]
        for id, fields in jobs:
            arguments += [id, len(fields), *fields]
        paused, known = queue_paused_key(requests[0].queue), Queue.redis_queues_keys
        keys = [queue_key(queue), queue_capacity_key(queue), paused, known]
        others = [self._other_key(request) for request in requests]
        return keys, [*(Job.key_for(id) for id, _ in jobs), *others], arguments

    def depth(self, queue: str) -> QueueDepth:
        """How many jobs a queue has, and how many it may have."""
        tier = tier_of_queue(queue)
        with translate_redis_errors():
            waiting, popped, (capacity, paused) = self._connections.execute_all(
                (
                    ("LLEN", queue_key(queue)),
                    ("LLEN", popped_key(queue)),
                    ("MGET", queue_capacity_key(queue), queue_paused_key(tier or Tier.NORMAL)),
                )
            )
        return QueueDepth(waiting, popped, _parse_capacity(capacity), paused is not None)

    def room(self, queue: str) -> QueueDepth:
        """The depth as :meth:`depth` returns it, but without the popped jobs."""
        tier = tier_of_queue(queue) or Tier.NORMAL
        with translate_redis_errors():
            waiting, (capacity, paused) = self._connections.execute_all(
                (("LLEN", queue_key(queue)), ("MGET", queue_capacity_key(queue), queue_paused_key(tier)))
            )
        return QueueDepth(waiting, 0, _parse_capacity(capacity), paused is not None)

    def set_capacity(self, queue: str, capacity: int) -> None:
        """Set how many jobs may wait in the queue. This also registers the queue for RQ's own tools, and for
        :meth:`queues` after its last worker is gone."""
        with translate_redis_errors():
            pipeline = self._redis.pipeline(transaction=False)
            pipeline.set(queue_capacity_key(queue), capacity)
            pipeline.sadd(Queue.redis_queues_keys, queue_key(queue))
            pipeline.execute()

    def has_idle_pair(self, pool: Pool) -> bool:
        """Whether at least two workers of a pool have no job. :meth:`lend_idle` checks this again."""
        users = {user_of_worker(worker.name) for worker in pool.workers}
        lists = (queue_key(pool.queue), *(popped_jobs_key(user, pool.queue) for user in {None, *users}))
        with translate_redis_errors():
            lengths = self._connections.execute_all([("LLEN", key) for key in lists])
        return int(sum(lengths)) + 2 <= len(pool.workers)

    def lend_idle(self, pool: Pool, request: JudgeRequest) -> bool:
        """Send a request of another tier to an idle worker of this pool, if a further worker stays idle."""
        id, fields = self._job(request)
        users = {user_of_worker(worker.name) for worker in pool.workers}
        popped = [popped_jobs_key(user, pool.queue) for user in {None, *users}]
        keys = [*self._lent_keys(pool, request, id), *popped]
        with translate_redis_errors():
            return bool(_LEND_IDLE.run(self._connections, keys, [len(pool.workers) - 1, id, *fields]))

    def lend_front(self, pool: Pool, request: JudgeRequest) -> bool:
        """Put a request of a higher tier before all jobs of this pool, unless such a request waits there
        already."""
        id, fields = self._job(request)
        arguments = [Job.redis_job_namespace_prefix, request.queue.value, id, *fields]
        with translate_redis_errors():
            return bool(_LEND_FRONT.run(self._connections, self._lent_keys(pool, request, id), arguments))

    def _lent_keys(self, pool: Pool, request: JudgeRequest, id: str) -> list[str]:
        paused = queue_paused_key(pool.tier), queue_paused_key(request.queue)
        return [queue_key(pool.queue), Job.key_for(id), *paused, self._other_key(request)]

    def _other_key(self, request: JudgeRequest) -> str:
        """The key of the request's job if a process with the other value of ``accepts_unproven`` has sent the
        job."""
        return self._other_names.job_key(request.submission, request.attempt)

    def _job(self, request: JudgeRequest) -> tuple[str, list[Any]]:
        """The id and the fields of a request's job."""
        submission, attempt = request.submission, request.attempt
        secret = self._names.secret(submission, attempt)
        handed = HandedSecrets(
            proof=self._signer.proof(submission, attempt),
            job_secret=secret,
            submission_secret=self._signer.submission_secret(submission),
        )
        fields = _job_fields(request, request.dump(handed), self._clock.now())
        return job_id(submission, attempt, secret), fields

    def suspend_other_workers(self) -> None:
        """Stop RQ's own workers from popping jobs, since they could read no job, and would lose each job that
        they pop. RQ's workers check this key before each pop; Gavel's workers do not."""
        with translate_redis_errors():
            self._redis.set(WORKERS_SUSPENDED, _SUSPENDED_BY, ex=_SUSPENDED_SECONDS)

    def queues(self) -> tuple[str, ...]:
        """See :func:`existing_queues`."""
        return existing_queues(self._connections)

    def forget_empty(self, queue: str) -> bool:
        """Remove a queue without jobs from :meth:`queues`. False if it has a job. The next job, or the next
        worker, makes it known again."""
        keys = [queue_key(queue), popped_key(queue), queue_capacity_key(queue), Queue.redis_queues_keys]
        with translate_redis_errors():
            return bool(_FORGET_EMPTY.run(self._connections, keys, []))

    def withdraw(self, queue: str, submission: str, attempt: int) -> bool:
        """Remove an attempt's job that waits in this queue. False if it no longer waits there."""
        return any(self._withdraw(queue, names.job_id(submission, attempt)) for names in self._names.both())

    def _withdraw(self, queue: str, job_id: str) -> bool:
        with translate_redis_errors():
            self._step_back([queue], job_id)
            return bool(_WITHDRAW.run(self._connections, [queue_key(queue), Job.key_for(job_id)], [job_id]))

    def inspect(self, submissions: Sequence[OpenSubmission]) -> dict[str, AttemptInRedis]:
        """Find the traces of each submission. If some have none, look also for jobs that were sent by a
        process with the other value of ``accepts_unproven``."""
        users, queues = self._users.all(), self.queues()
        with translate_redis_errors():
            pipeline = self._redis.pipeline(transaction=False)
            for queue in queues:
                pipeline.lrange(queue_key(queue), 0, _MAX_LISTED)
            for user in users:
                pipeline.xrange(reports_stream(user), count=_MAX_UNRECORDED_REPORTS)
            _add_looks(pipeline, self._names, submissions)
            answers = iter(_execute(pipeline))
        waiting = {id: queue for queue in queues for id in self._job_ids(queue_key(queue), next(answers))}
        reported = {name for user in users for name in self._reported(user, next(answers))}
        traces = _Traces(waiting, reported)
        found = {one.id: self._attempt_in_redis(self._names, one, traces, answers) for one in submissions}
        missing = [one for one in submissions if not found[one.id].has_trace]
        return found | self._inspect_others(missing, traces)

    def _inspect_others(
        self, submissions: Sequence[OpenSubmission], traces: _Traces
    ) -> dict[str, AttemptInRedis]:
        """The traces under the names that a process with the other value of ``accepts_unproven`` gives. A
        lease without a job is no trace, because a worker can write such a lease for each submission whose id
        it knows."""
        if not submissions:
            return {}
        names = self._other_names
        with translate_redis_errors():
            pipeline = self._redis.pipeline(transaction=False)
            _add_looks(pipeline, names, submissions)
            answers = iter(_execute(pipeline))
        found = {one.id: self._attempt_in_redis(names, one, traces, answers) for one in submissions}
        return {id: each for id, each in found.items() if each.job_exists}

    def _attempt_in_redis(
        self, names: JobNames, one: OpenSubmission, traces: _Traces, answers: Iterator[Any]
    ) -> AttemptInRedis:
        ttl, lease, lease_ms = next(answers), next(answers), next(answers)
        return AttemptInRedis(
            waits_in=traces.waiting.get(names.job_id(one.id, one.attempt)),
            job_exists=ttl != _NO_KEY,
            was_leased=ttl >= 0,
            lease=self._parse_lease(names.lease_key(one.id, one.attempt), lease),
            lease_ms=lease_ms,
            is_reported=(one.id, one.attempt) in traces.reported,
        )

    def _reported(self, user: str | None, found: Any) -> set[tuple[str, int]]:
        """The attempts of unrecorded reports with a valid proof. Empty if the key holds no stream."""
        if is_wrong_type(found):
            return set()
        named = (self._proven_attempt(user, fields) for _, fields in found if fields)
        return {attempt for attempt in named if attempt is not None}

    def _proven_attempt(self, user: str | None, fields: Mapping[bytes, bytes]) -> tuple[str, int] | None:
        attempt = named_attempt(fields)
        if attempt is None:
            return None
        proof = fields.get(b"proof")
        is_unproven = proof is None and user is None and not self._names.are_secret
        return attempt if is_unproven or self._signer.is_proof(proof, *attempt) else None

    def _parse_lease(self, key: str, found: Any) -> str | None:
        """The text of a lease. A lease that cannot be read counts as no lease, since no worker of Gavel has
        written it."""
        if is_wrong_type(found):
            self._unreadable.set_aside_whole_key(EntrySource.LEASES, key, "string", "a lease is a string")
            return None
        if found is None or found.isascii():
            return _decode(found)
        self._unreadable.keep_copy(EntrySource.LEASES, key, found, "a lease is ASCII text")
        with translate_redis_errors():
            self._redis.delete(key)
        return None

    def popped_jobs(self) -> list[str]:
        """The ids of the jobs that workers have popped."""
        keys = self._popped_keys()
        with translate_redis_errors():
            pipeline = self._redis.pipeline(transaction=False)
            for key in keys:
                pipeline.lrange(key, 0, _MAX_LISTED)
            found = _execute(pipeline)
        return [id for key, ids in zip(keys, found, strict=True) for id in self._job_ids(key, ids)]

    def _popped_keys(self) -> list[str]:
        own = [popped_jobs_key(user, "") for user in self._users.names()]
        return [*map(popped_key, self.queues()), *own]

    def _job_ids(self, key: str, found: Any) -> list[str]:
        """The ids in a list. Ids that no main server has written are set aside, and so is a key that holds no
        list."""
        if is_wrong_type(found):
            self._unreadable.set_aside_whole_key(EntrySource.KEYS, key, "list", "it must be a list")
            return []
        odd = [id for id in found if not _is_job_id(id)]
        self._unreadable.set_aside_from_list(EntrySource.QUEUE, key, odd, "not the id of a job")
        return [id.decode() for id in found if _is_job_id(id)]

    def remove_job(self, job_id: str) -> None:
        """Remove a job, whether it waits or is popped."""
        queues = self.queues()
        keys = [*map(queue_key, queues), *self._popped_keys()]
        with translate_redis_errors():
            self._step_back(queues, job_id)
            pipeline = self._redis.pipeline()
            for key in keys:
                pipeline.lrem(key, 0, job_id)
            pipeline.delete(Job.key_for(job_id))
            pipeline.execute()

    def _step_back(self, queues: Sequence[str], job_id: str) -> None:
        keys = [key for queue in queues for key in (queue_key(queue), last_ahead_key(queue))]
        _STEP_BACK.run(self._connections, keys, [job_id, _AHEAD_SECONDS])

    def revoke(self, submission: str, attempt: int) -> None:
        """Remove an attempt's job and revoke its lease. A worker that still judges it stops at its next
        heartbeat.

        The lease of a later attempt, which may have begun already, stays.
        """
        arguments = (attempt, f"{attempt + 1}:{NO_WORKER}", _TOMBSTONE_SECONDS)
        for names in self._names.both():
            with translate_redis_errors():
                _REVOKE.run(self._connections, [names.lease_key(submission, attempt)], arguments)
            self.remove_job(names.job_id(submission, attempt))

    def cancel(self, submission: str, attempt: int) -> None:
        """Remove the job of a cancelled submission. Its worker stops at its next heartbeat."""
        for names in self._names.both():
            with translate_redis_errors():
                self._redis.set(names.lease_key(submission, attempt), CANCELLED_LEASE, ex=_TOMBSTONE_SECONDS)
            self.remove_job(names.job_id(submission, attempt))


def _execute(pipeline: Any) -> list[Any]:
    """The answers of the commands. If a key has the wrong type, only its own answer is an error."""
    answers: list[Any] = pipeline.execute(raise_on_error=False)
    for answer in answers:
        if isinstance(answer, RedisError) and not is_wrong_type(answer):
            raise answer
    return answers


def _is_job_id(id: bytes) -> bool:
    return len(id) <= _MAX_JOB_ID_BYTES and id.isascii() and id.decode("ascii").isprintable()


def _parse_capacity(found: bytes | None) -> int:
    """The capacity. A wrong value counts as the default, and the dispatcher replaces it within a second."""
    if found is None or not found.isdigit() or len(found) > len(str(_MAX_CAPACITY)):
        return DEFAULT_CAPACITY
    return min(int(found), _MAX_CAPACITY)


def _add_looks(pipeline: Any, names: JobNames, submissions: Sequence[OpenSubmission]) -> None:
    """Add the commands whose answers :meth:`RqQueue._attempt_in_redis` reads."""
    for one in submissions:
        lease = names.lease_key(one.id, one.attempt)
        pipeline.ttl(names.job_key(one.id, one.attempt))
        pipeline.get(lease)
        pipeline.pttl(lease)


def _job_fields(request: JudgeRequest, text: str, at: datetime) -> list[Any]:
    """Names and values of the job's hash, in the order of HSET and in the format of RQ."""
    fields = dict(_job_template())
    data = JSONSerializer.dumps((JOB_FUNCTION, None, [text], {}))
    fields["data"] = data if len(data) < _COMPRESS_FROM_BYTES else zlib.compress(data, _COMPRESSION_LEVEL)
    fields["created_at"] = fields["enqueued_at"] = utcformat(at)
    fields["origin"] = request.queue.value
    fields["description"] = request.submission  # RQ's default is the call, which would contain the source.
    return [part for pair in fields.items() for part in pair]


@cache
def _job_template() -> Mapping[str, Any]:
    """The hash of a job as RQ writes it. Made once, since making it costs as much as sending a job."""
    job = Job.create(
        JOB_FUNCTION,
        args=[""],
        id="template",
        origin="",
        status=JobStatus.QUEUED,
        description="",
        timeout=-1,
        result_ttl=0,
        serializer=JSONSerializer,
        connection=_NO_CONNECTION,
    )
    job.enqueued_at = now()
    return job.to_dict()


_NO_KEY = -2
"""Redis' answer to TTL for a key that does not exist. For a job that no worker has leased, the answer is
-1."""
_NO_CONNECTION: Any = object()
"""RQ never stores the template, so it needs no connection."""


def _decode(value: bytes | None) -> str | None:
    return value.decode() if value is not None else None
