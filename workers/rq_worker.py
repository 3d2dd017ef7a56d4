"""RQ reduced to what judging needs: pop one job atomically, run the one allowed function, do not fork.

RQ's own bookkeeping (executions, registries, results, suspension, maintenance by workers) costs 57 Redis
commands a job and still loses jobs of killed workers. Here a popped job stays in the list of popped jobs
until its report is sent. Leases and the main server's reconciler do the rest.
"""

from __future__ import annotations

import warnings
import zlib
from typing import Any

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, SimpleWorker, get_current_job
from rq.exceptions import DeserializationError, StopRequested
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.utils import now

from judge_core.clock import SYSTEM_CLOCK, SYSTEM_JITTER, Clock, Jitter
from judge_core.logging import ThrottledWarning, get_logger
from judge_core.messages import JudgeRequest, UnreadableMessage, WrongVersion
from judge_core.model.errors import QueueUnavailable
from judge_core.model.worker import WorkerState
from judge_core.redis.client import PersistentConnections
from judge_core.redis.keys import job_id, popped_jobs_key
from judge_core.redis.worker_users import user_of_worker
from workers.attempt_runner import AttemptRunner
from workers.disk_probe import DiskProbe
from workers.heartbeat import Heartbeat
from workers.redis_link import NO_JOB, NextJob, PoppedJob
from workers.transient_errors import backoff_seconds

_logger = get_logger(__name__)
_odd_entries = ThrottledWarning(_logger, "The queue holds entries that are no jobs")
ALLOWED_FUNCTION = "workers.jobs.judge"
WORKER_TTL = 20
DEFAULT_JOB_BYTES = 16 * 1024 * 1024
_REGISTRATION_INTERVAL = 5.0
_PAUSE_STEP = 0.1


class RefusedJob(Exception):
    """A job's data is too large, or its id or its data is wrong."""


class ForbiddenJob(RefusedJob):
    """A job in the queue names a function that is not allowed, or another attempt than its id."""


def judge(request_json: str) -> None:
    """Judge one attempt on this process's worker. RQ calls it by the name ``workers.jobs.judge``."""
    runner_job = get_current_job()
    runner = getattr(runner_job, "runner", None)
    if runner_job is None or runner is None:
        raise RuntimeError("workers.jobs.judge is for a worker started by `python -m workers`")
    request = JudgeRequest.load(request_json)
    if job_id(request.submission, request.attempt, request.job_secret) != runner_job.id:
        raise ForbiddenJob("its request belongs to another attempt")
    runner.run(request)


class GavelJob(Job):
    """A job that can only call ``workers.jobs.judge``, since RQ would import any dotted path that it finds in
    Redis.

    A worker uses one such object for every job, because making one sets many attributes.
    """

    runner: AttemptRunner | None = None
    popped: PoppedJob

    @property
    def func(self) -> Any:
        if self.func_name != ALLOWED_FUNCTION or self.instance is not None:
            raise ForbiddenJob(f"a worker of Gavel runs {ALLOWED_FUNCTION} only")
        return judge


class GavelWorker(SimpleWorker):
    """An RQ worker on one queue. It does not fork, handles no signals during a pop, and needs few Redis
    commands.

    RQ calls the method ``heartbeat``; ``worker_heartbeat`` is the thread that renews the lease.
    """

    job_class = GavelJob
    max_connection_wait_time = 1.0
    connections: PersistentConnections
    reused_job: GavelJob
    runner: AttemptRunner
    worker_heartbeat: Heartbeat
    faults_allowed: int
    clock: Clock = SYSTEM_CLOCK
    jitter: Jitter = SYSTEM_JITTER
    draining = False
    drained_by_command = False
    disk_probe: DiskProbe | None = None
    disk_fault: str | None = None
    """Why the worker takes no job now."""
    own_user: str | None = None
    job_bytes: int = DEFAULT_JOB_BYTES
    _registered_at = 0.0

    def bootstrap(self, *_arguments: Any, **_named: Any) -> None:
        """Register for RQ's own tools (``rq info``). Waits until Redis answers."""
        while not self.draining:
            if self.own_user is not None:
                return  # A worker with its own Redis user has no access to RQ's lists of workers.
            try:
                self.register_birth()  # type: ignore[no-untyped-call]
            except RedisError as error:
                _logger.warning("Redis is unreachable; the worker waits for it", reason=str(error))
                self.clock.sleep(self.max_connection_wait_time)
            else:
                return

    def dequeue_job_and_maintain_ttl(
        self, timeout: int | None, max_idle_time: int | None = None
    ) -> tuple[Job, Queue] | None:
        """Pop into the list of popped jobs by BLMOVE, as RQ does, and read only the job's data.

        RQ itself creates a queue object and reads the whole job each time, which costs as much as a lease.
        """
        while True:
            try:
                self.heartbeat()
                if self.disk_fault is not None and self.runner.next_job is None:
                    self.clock.sleep(_PAUSE_STEP)
                    continue
                job = self._pop(timeout)
                if job is not None:
                    return job, self.queues[0]
            except RedisError as error:
                _logger.warning("Redis is unreachable; the worker waits for it", reason=str(error))
                self.clock.sleep(self.max_connection_wait_time)

    def _pop(self, timeout: int | None) -> GavelJob | None:
        """The next job, leased. ``None`` if no job came in time, if the popped entry cannot be read or is
        refused, or if its attempt was revoked or another worker has it."""
        found = self.runner.pop_next() or self._wait_for_job(timeout or self.dequeue_timeout)
        if found is None:
            return None
        popped = PoppedJob.parse(found.id, self._popped_jobs)
        if popped is None:
            _odd_entries.log("the main server sets the entry aside")
            return None
        try:
            return self._job(popped, found.data)
        except RefusedJob as refused:
            self._refuse(popped, refused)
            return None

    def _wait_for_job(self, timeout: int) -> NextJob | None:
        id = self.connections.execute(
            "BLMOVE", self.queues[0].key, self._popped_jobs, "LEFT", "RIGHT", timeout
        )
        return None if id is None else NextJob(id, None)

    def _next_bytes(self) -> int:
        """The most bytes of a job that is taken together with a report. See ``AttemptRunner.next_bytes``."""
        return 0 if self.draining or self.disk_fault is not None else self.job_bytes

    def _job(self, popped: PoppedJob, leased: bytes | None) -> GavelJob | None:
        """The job, which is leased if it is not leased yet. ``None`` if it is not to be judged here. Raises
        RefusedJob."""
        if not popped.attempt:
            raise RefusedJob("its id names no attempt")
        data = self._take(popped) if leased is None else leased
        if data is None:
            return None
        job = self.reused_job
        job.id, job.popped = popped.id, popped
        job.data = decompressed(data, self.job_bytes)
        return job

    def _take(self, popped: PoppedJob) -> bytes | int | None:
        """Lease a popped job and read its data. Waits until Redis answers. ``None`` when the job is not to be
        judged here."""
        while True:
            try:
                data = self.runner.take(popped, self.job_bytes)
            except QueueUnavailable as error:
                self.heartbeat()
                _logger.warning("Redis is unreachable; the worker waits for it", reason=str(error))
                self.clock.sleep(self.max_connection_wait_time)
            else:
                return data

    def _refuse(self, popped: PoppedJob, refused: Exception) -> None:
        _logger.error("A job was refused", job=popped.id, reason=str(refused))
        try:
            self.runner.discard(popped)
        except QueueUnavailable as error:
            _logger.warning("A refused job could not be removed", job=popped.id, reason=str(error))

    @property
    def _popped_jobs(self) -> str:
        return popped_jobs_key(self.own_user, self.queues[0].name)

    def execute_job(self, job: Job, queue: Queue) -> None:
        """Run one job. After an exception the worker goes on with the next job, unless the request is of
        another release or there were too many faults in a row."""
        assert isinstance(job, GavelJob)
        self.runner.next_bytes = self._next_bytes
        try:
            job.runner = self.runner
            job.perform()
        except WrongVersion as error:
            self._return_and_stop(job.popped, error)
        except (ForbiddenJob, UnreadableMessage, DeserializationError) as refused:
            self._refuse(job.popped, refused)
        except Exception:
            _logger.exception("An unexpected error occurred in a job", job=job.id)
        if self.runner.counters.consecutive_faults >= self.faults_allowed:
            self._stop_after_faults()
        elif self.runner.counters.consecutive_transient_errors:
            self._pause()

    def _pause(self) -> None:
        """Take no job for some time, since the next attempt would have the same transient error."""
        counters = self.runner.counters
        seconds = backoff_seconds(counters.consecutive_transient_errors, self.jitter)
        is_reported = counters.consecutive_transient_errors >= self.faults_allowed
        if is_reported:
            _logger.error("The worker pauses after repeated transient errors", reason=counters.last_fault)
            self.worker_heartbeat.set_state(WorkerState.LOST, f"paused: {counters.last_fault}")
        end = self.clock.monotonic() + seconds
        while not self.draining and self.clock.monotonic() < end:
            self.clock.sleep(_PAUSE_STEP)
        if is_reported and not self.draining and self.disk_fault is None:
            self.worker_heartbeat.set_state(WorkerState.IDLE)

    def check_disk(self) -> None:
        """Leave the queue while the disk takes no writes, and return to it afterwards. The heartbeat calls
        it."""
        if self.disk_probe is None or self.draining:
            return
        fault, before = self.disk_probe.fault(), self.disk_fault
        self.disk_fault = fault
        if fault is not None and before is None:
            _logger.error("The worker leaves the queue", reason=fault)
            self.worker_heartbeat.set_state(WorkerState.LOST, f"paused: {fault}")
            if self.runner.active is None:
                self._unblock_pop()
        elif fault is None and before is not None:
            _logger.info("The disk takes writes again; the worker is back in the queue")
            self.worker_heartbeat.set_state(WorkerState.IDLE)

    def _return_and_stop(self, popped: PoppedJob, fault: WrongVersion) -> None:
        """Return a request of another release, and take no further job."""
        _logger.error(
            "The worker's release is incompatible with that of the main server; upgrade one of the two",
            reason=str(fault),
        )
        self.worker_heartbeat.set_state(WorkerState.LOST, str(fault))
        self.draining = True
        self.runner.return_unread(popped, fault)

    def _stop_after_faults(self) -> None:
        reason = self.runner.counters.last_fault
        _logger.error("The worker stops after repeated faults", reason=reason)
        self.worker_heartbeat.set_state(WorkerState.LOST, reason)
        self.draining = True

    def heartbeat(self, timeout: int | None = None, pipeline: Any = None) -> None:
        """End a worker that drains and has no job. RQ calls this around every pop."""
        if self.draining and self.runner.next_job is None:
            raise StopRequested

    def on_beat(self) -> None:
        """The work that the heartbeat's thread does in addition to the heartbeat."""
        self.check_disk()
        self.refresh_registration()

    def refresh_registration(self) -> None:
        """Renew RQ's own registration. The heartbeat's thread calls this, perhaps before RQ has
        registered."""
        if self.birth_date is None:
            return
        if self.clock.monotonic() - self._registered_at < _REGISTRATION_INTERVAL:
            return
        self._registered_at = self.clock.monotonic()
        self.last_heartbeat = now()
        self.connection.hset(self.key, mapping=self.serialize())
        self.connection.expire(self.key, self.worker_ttl + 60)

    def drain(self) -> None:
        """Finish the active attempt, take no further one, and end. Any thread may call this."""
        if not self.draining:
            self.draining = True
            _logger.info("The worker drains")
            self.worker_heartbeat.set_state(WorkerState.DRAINING)
        if self.runner.active is None:
            self._unblock_pop()

    def drain_by_command(self) -> None:
        """Drain at an operator's command. `gavel up` does not start the worker again."""
        self.drained_by_command = True
        self.drain()

    def _unblock_pop(self) -> None:
        # BLMOVE may wait for seconds more. Redis can end it without losing a job.
        if self.own_user is not None:
            # A worker with its own Redis user may not list clients. The pop ends by itself.
            return
        try:
            for client in self.connection.client_list():
                if client.get("name") == self.name:
                    self.connection.client_unblock(int(client["id"]))
        except RedisError as error:
            _logger.info("The pop ends by itself, within seconds", reason=str(error))

    def stop_now(self) -> None:
        """Return the active attempt at once, and end."""
        self.draining = True
        self.runner.stop_now()

    def _install_signal_handlers(self) -> None:
        """``workers.__main__`` handles the signals."""

    def teardown(self) -> None:
        if self.own_user is not None:
            return
        try:
            self.register_death()  # type: ignore[no-untyped-call]
        except RedisError as error:
            _logger.info("Redis is unreachable; RQ's registration expires by itself", reason=str(error))

    def set_state(self, state: str, pipeline: Any = None) -> None:
        self._state = state

    def procline(self, message: str) -> None: ...

    def check_for_suspension(self, burst: bool) -> None: ...

    @property
    def should_run_maintenance_tasks(self) -> bool:
        """Always False, because the main server's reconciler does this work, and RQ's tasks would fail jobs
        that are being judged."""
        return False


def decompressed(data: bytes | int, most: int) -> bytes:
    """A job's data, which is stored compressed when it is long. Raises RefusedJob if it has more than
    ``most`` bytes, since a few kilobytes can decompress to very many. A number is the size of data that was
    not read."""
    if data == NO_JOB:
        raise RefusedJob("its key holds no job")
    if isinstance(data, int):
        raise RefusedJob(f"its data has {data} bytes, more than GAVEL_JOB_BYTES={most}")
    inflating = zlib.decompressobj()
    try:
        found = inflating.decompress(data, most + 1)
    except zlib.error:
        return data
    if len(found) > most:
        raise RefusedJob(f"its data has more than GAVEL_JOB_BYTES={most} bytes when it is decompressed")
    if not inflating.eof:
        raise RefusedJob("its compressed data is incomplete")
    return found


def make_worker(redis: Redis, queue: str, name: str) -> GavelWorker:
    """A worker on exactly one queue, since BLMOVE pops from one list. Runner and heartbeat are set later.

    ``redis`` is a client of its own, with the worker's name and a timeout of WORKER_TTL.
    """
    warnings.filterwarnings("ignore", message="CLIENT LIST command not supported")
    worker = GavelWorker(
        [queue],
        name=name,
        connection=redis,
        worker_ttl=WORKER_TTL,
        serializer=JSONSerializer,
        log_job_description=False,
        prepare_for_work=True,
    )
    worker.own_user = user_of_worker(name)
    worker.connections = PersistentConnections(redis)
    worker.reused_job = GavelJob(connection=redis, serializer=JSONSerializer)
    return worker
