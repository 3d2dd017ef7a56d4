"""RQ, cut down to what is needed here: pop one job atomically, run the one allowed function, no fork.

RQ's own bookkeeping (executions, registries, results, suspension, maintenance by workers) costs 57 Redis
commands a job and still loses jobs of killed workers. Here a popped job stays in RQ's intermediate list
until its report is out; leases and the main server's reconciler do the rest.
"""

from __future__ import annotations

import time
import zlib
from typing import Any

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, SimpleWorker
from rq.exceptions import StopRequested
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.utils import now

from judge_core.logging import get_logger
from judge_core.messages import UnreadableMessage, WrongVersion
from judge_core.model.worker import WorkerState
from judge_core.redis.client import create_redis_client
from judge_core.redis.persistent_connections import PersistentConnections
from workers import jobs
from workers.attempt_runner import AttemptRunner
from workers.heartbeat import Heartbeat
from workers.transient_errors import backoff_seconds

_logger = get_logger(__name__)
ALLOWED_FUNCTION = "workers.jobs.judge"
WORKER_TTL = 20
_REGISTERED_EVERY = 5.0
_PAUSE_GLANCE = 0.1


class ForbiddenJob(Exception):
    """Somebody put a job into the queue that names another function than the allowed one."""


class GavelJob(Job):
    """A job that can only ever be ``workers.jobs.judge``: RQ would run any dotted path found in Redis.

    A worker has one, which is whatever it took last: to make one sets fifty things that judging never asks.
    """

    workshop: AttemptRunner | None = None

    @property
    def func(self) -> Any:
        if self.func_name != ALLOWED_FUNCTION or self.instance is not None:
            raise ForbiddenJob(f"a worker of Gavel runs {ALLOWED_FUNCTION} only")
        return jobs.judge


class GavelWorker(SimpleWorker):
    """One queue, no fork, no signals raised into a pop, and no Redis command that judging does not need."""

    job_class = GavelJob
    max_connection_wait_time = 1.0
    connections: PersistentConnections
    taken: GavelJob
    workshop: AttemptRunner
    pulse: Heartbeat
    faults_allowed: int
    draining = False
    _registered_at = 0.0

    def bootstrap(self, *_arguments: Any, **_named: Any) -> None:
        """Registers with RQ's own tools (``rq info``) once Redis is there, however long that takes."""
        while not self.draining:
            try:
                self.register_birth()  # type: ignore[no-untyped-call]
            except RedisError as trouble:
                _logger.warning("Redis is away; the worker waits for it", reason=str(trouble))
                time.sleep(self.max_connection_wait_time)
            else:
                return

    def dequeue_job_and_maintain_ttl(
        self, timeout: int | None, max_idle_time: int | None = None
    ) -> tuple[Job, Queue] | None:
        """Pops as RQ does, into its list of what is taken, and reads of the job what running it needs: RQ's
        own way makes a queue anew each time and reads all of the job, which costs as much as a lease."""
        while True:
            try:
                self.heartbeat()
                job = self._pop(timeout)
                if job is not None:
                    self.heartbeat()
                    return job, self.queues[0]
            except RedisError as trouble:
                _logger.warning("Redis is away; the worker waits for it", reason=str(trouble))
                time.sleep(self.max_connection_wait_time)

    def _pop(self, timeout: int | None) -> GavelJob | None:
        """The next job; ``None`` when none came in time, or the one that came has been taken back."""
        queue = self.queues[0]
        taken = queue.intermediate_queue_key
        popped = self.connections.execute(
            "BLMOVE", queue.key, taken, "LEFT", "RIGHT", timeout or self.dequeue_timeout
        )
        if popped is None:
            return None
        id = popped.decode()
        written = self.connections.execute("HGET", GavelJob.key_for(id), "data")
        if written is None:
            return None
        job = self.taken
        job.id, job.data = id, _unpacked(written)
        return job

    def execute_job(self, job: Job, queue: Queue) -> None:
        """The outermost loop of a worker: whatever a job does, the next one is taken."""
        try:
            assert isinstance(job, GavelJob)
            job.workshop = self.workshop
            job.perform()
        except WrongVersion as stale:
            self._give_way(job, queue, str(stale))
        except (ForbiddenJob, UnreadableMessage) as refused:
            _logger.error("A job was refused", job=job.id, reason=str(refused))
            self._discard(job, queue)
        except Exception:
            _logger.exception("A job met an error", job=job.id)
        if self.workshop.tally.faults_in_a_row >= self.faults_allowed:
            self._take_out()
        elif self.workshop.tally.hindered_in_a_row:
            self._pause()

    def _pause(self) -> None:
        """Take nothing for a while: what hindered the last attempt would hinder the next one too."""
        tally = self.workshop.tally
        seconds = backoff_seconds(tally.hindered_in_a_row)
        told = tally.hindered_in_a_row >= self.faults_allowed
        if told:
            _logger.error("The worker pauses until what hinders it has passed", reason=tally.last_fault)
            self.pulse.change(WorkerState.LOST, f"paused: {tally.last_fault}")
        end = time.monotonic() + seconds
        while not self.draining and time.monotonic() < end:
            time.sleep(_PAUSE_GLANCE)
        if told and not self.draining:
            self.pulse.change(WorkerState.IDLE)

    def _give_way(self, job: Job, queue: Queue, reason: str) -> None:
        """Leave a request of another release to a worker that can read it, and take no other."""
        _logger.error("The worker and the main server are of releases too far apart", reason=reason)
        try:
            pipeline = self.connection.pipeline()
            pipeline.lrem(queue.intermediate_queue_key, 1, job.id)
            pipeline.lpush(queue.key, job.id)
            pipeline.execute()
        except RedisError as trouble:
            _logger.warning("A job could not be put back", job=job.id, reason=str(trouble))
        self.pulse.change(WorkerState.LOST, reason)
        self.draining = True

    def _discard(self, job: Job, queue: Queue) -> None:
        try:
            queue.intermediate_queue.remove(job.id)
            self.connection.delete(job.key)
        except RedisError as trouble:
            _logger.warning("A refused job could not be removed", job=job.id, reason=str(trouble))

    def _take_out(self) -> None:
        reason = self.workshop.tally.last_fault
        _logger.error("The worker takes itself out after repeated faults", reason=reason)
        self.pulse.change(WorkerState.LOST, reason)
        self.draining = True

    def heartbeat(self, timeout: int | None = None, pipeline: Any = None) -> None:
        """Called by RQ around every pop: the place to notice that the worker shall end."""
        if self.draining:
            raise StopRequested

    def register_beat(self) -> None:
        """Keeps RQ's own registration; called by the pulse, from its thread."""
        if time.monotonic() - self._registered_at < _REGISTERED_EVERY:
            return
        self._registered_at = time.monotonic()
        self.last_heartbeat = now()
        self.connection.hset(self.key, mapping=self.serialize())
        self.connection.expire(self.key, self.worker_ttl + 60)

    def drain(self) -> None:
        """Finish what is being judged, take nothing more, end. Safe from any thread."""
        if not self.draining:
            self.draining = True
            _logger.info("The worker drains")
            self.pulse.change(WorkerState.DRAINING)
        if self.workshop.current is None:
            self._unblock()

    def _unblock(self) -> None:
        # BLMOVE would wait on for seconds; ended by Redis itself it cannot lose a job half popped.
        try:
            for client in self.connection.client_list():
                if client.get("name") == self.name:
                    self.connection.client_unblock(int(client["id"]))
        except RedisError as trouble:
            _logger.info("Redis is away; the pop ends by itself", reason=str(trouble))

    def hand_back(self) -> None:
        """Give the current submission back at once, and end."""
        self.draining = True
        self.workshop.hand_back()

    def _install_signal_handlers(self) -> None:
        """The process's entry has done it: see :mod:`workers.signals`."""

    def teardown(self) -> None:
        try:
            self.register_death()  # type: ignore[no-untyped-call]
        except RedisError as trouble:
            _logger.info("Redis is away; RQ's registration expires by itself", reason=str(trouble))

    def set_state(self, state: str, pipeline: Any = None) -> None:
        self._state = state

    def procline(self, message: str) -> None: ...

    def check_for_suspension(self, burst: bool) -> None: ...

    @property
    def should_run_maintenance_tasks(self) -> bool:
        """The main server's reconciler does them: RQ's would fail jobs that are being judged."""
        return False


def _unpacked(written: bytes) -> bytes:
    """A job's data as RQ keeps it: compressed, or plain if an old RQ wrote it."""
    try:
        return zlib.decompress(written)
    except zlib.error:
        return written


def make_worker(redis_url: str, queue: str, name: str) -> GavelWorker:
    """A worker on exactly one queue: only then does RQ pop atomically. It has still to be given its
    workshop and pulse."""
    connection: Redis = create_redis_client(redis_url, WORKER_TTL, name=name)
    worker = GavelWorker(
        [queue],
        name=name,
        connection=connection,
        worker_ttl=WORKER_TTL,
        serializer=JSONSerializer,
        log_job_description=False,
        prepare_for_work=True,
    )
    worker.connections = PersistentConnections(connection)
    worker.taken = GavelJob(connection=connection, serializer=JSONSerializer)
    return worker
