"""The processes of a simulated installation: API with its clients, dispatchers, and workers.

They run the real code. Only the program that a worker would run is replaced by its known verdict."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from redis.exceptions import RedisError
from rq.exceptions import StopRequested

from judge_api.dispatch.circuit_breaker import CircuitBreaker
from judge_api.dispatch.rq_queue import RqQueue
from judge_api.dispatcher import Dispatcher
from judge_api.services.live_workers import Router, WorkerCache
from judge_api.services.scoreboards import Board, Scoreboards
from judge_api.services.status_service import StatusService
from judge_api.services.status_subscriptions import StatusSubscriptions
from judge_api.services.submission_service import SubmissionService
from judge_api.store.attempts import AttemptStore
from judge_api.store.event_results import EventResultStore
from judge_api.store.events import EventStore
from judge_api.store.outbox import Outbox
from judge_api.store.problems import ProblemStore
from judge_api.store.records import CONTEST_PRIORITY, LIVE_PRIORITY, EventEntry
from judge_api.store.submissions import SubmissionStore
from judge_core.messages import JudgeRequest
from judge_core.model.account import Tier
from judge_core.model.errors import GavelError, QueueUnavailable, StoreUnavailable, UnreadableRecord
from judge_core.model.routing import queue_of_worker
from judge_core.model.submission import Outcome, Status, Verdict
from judge_core.model.worker import DEFAULT_POOL, LanguageOnWorker
from judge_core.redis.client import create_redis_client
from judge_core.redis.status_channel import RedisStatusChannel
from judge_core.redis.worker_registry import WorkerRegistry
from sandbox import Cancelled
from tests.simulation.kernel import Kernel, Lock, Process
from tests.support.records import SIGNER, new_submission, outcome
from workers.attempt_runner import AttemptRunner
from workers.heartbeat import Heartbeat, HeartbeatSchedule, initial_record
from workers.judging.progress import ProgressListener
from workers.redis_link import RedisLink
from workers.rq_worker import GavelWorker, make_worker

if TYPE_CHECKING:
    from tests.simulation.world import World

LEASE_SECONDS = 7.5
_URL = "redis://simulated"
_LONGEST_PAUSE = 2.0
_POP_SECONDS, _READ_SECONDS = 5, 3.0
_EMPTY_PAUSE = (0.1, 1.2)
_HEALING_FACTOR = 4.0
_UPKEEP = ("key types", "queue capacity", "languages")
_LOOPS = (
    "outbox relay",
    "report consumer",
    "orphaned reports",
    "reconciler",
    "key types",
    "older releases",
    "queue capacity",
    "languages",
)


@dataclass(frozen=True, slots=True)
class Post:
    """A submission that a client will post. The idempotency key is its name."""

    key: str
    account: str
    tier: Tier
    verdict: Verdict
    language: str
    event: EventEntry | None = None


def start_dispatcher(world: World, name: str) -> Process:
    """A dispatcher with the loops that submissions need."""
    process = Process(name)
    dispatcher = Dispatcher(world.engine, world.settings_at_start(), world.kernel.clock, name)
    consumer: Any = dispatcher._consumer
    consumer._options = replace(consumer._options, block=_READ_SECONDS)
    for loop in dispatcher.loops:
        if loop.name in _LOOPS:
            world.kernel.start(process, f"{name} {loop.name}", _looping(world, loop.name, loop._step))
    return process


def _looping(world: World, name: str, step: Callable[[], float]) -> Callable[[], None]:
    """Repeats a step as BackgroundLoop does, except that an error which is not Gavel's own ends the run."""

    def run() -> None:
        back_off, is_relay = 0.0, name == "outbox relay"
        while True:
            ready = world.invariants.ready_premium() if is_relay else {}
            try:
                pause, back_off = step(), 0.0
                if is_relay:
                    world.invariants.check_round(ready)
            except GavelError:
                pause = back_off = min(_LONGEST_PAUSE, max(0.1, back_off * 2))
            except Exception as error:  # noqa: BLE001 - the outermost loop of a simulated thread
                world.fail(f"the loop {name} met {type(error).__name__}: {error}")
                return
            world.kernel.sleep(_longer(world, name, pause))

    return run


def _longer(world: World, name: str, pause: float) -> float:
    """A longer pause, as on a busy machine, so that a run has fewer steps without an event. The pause is
    longest in the time without faults, which has most of these steps."""
    if name == "report consumer":
        return pause  # the consumer waits in Redis and not here
    longer: float = max(pause, world.kernel.random.uniform(*_EMPTY_PAUSE))
    if world.is_healing:
        longer *= _HEALING_FACTOR
    return longer * world.kernel.random.uniform(4.0, 16.0) if name in _UPKEEP else longer


class Api:
    """One API process: its clients post, follow and cancel."""

    def __init__(self, world: World) -> None:
        self._world = world
        kernel, engine = world.kernel, world.engine
        self.submissions = SubmissionStore(engine)
        self.attempts = AttemptStore(engine, world.settings.max_attempts)
        channel = RedisStatusChannel(_URL, SIGNER, batches_reads=False)
        self.statuses = StatusService(
            channel, self.submissions, StatusSubscriptions(channel), kernel.clock, world.jitter
        )
        queue = CircuitBreaker(
            RqQueue(
                create_redis_client(_URL, 0.5),
                SIGNER,
                kernel.clock,
                accepts_unproven=world.settings_at_start().accept_unproven_reports,
            ),
            clock=kernel.clock,
        )
        router = Router(WorkerCache(WorkerRegistry(_URL, clock=kernel.clock), kernel.clock))
        self.service = SubmissionService(self.submissions, Outbox(engine), queue, self.statuses, router)
        self._events, self._results = EventStore(engine), EventResultStore(engine)
        self._scoreboards = Scoreboards(self._events, self._results, ProblemStore(engine), kernel.clock)
        self._lock = Lock(kernel)

    def read_standings(self) -> Board:
        """The standings of the event, which are updated with each change. May raise ``StoreUnavailable``."""
        event = self._events.get("finals")
        assert event is not None
        with self._lock:
            return self._scoreboards.board(event)

    def check_standings(self) -> None:
        """Compare the standings with those that are computed from all rows. Called when nothing changes any
        more."""
        board = self.read_standings()
        found = self._results.changes_since(
            self._world.event_id, 0, self._scoreboards.max_scores(board.setup)
        )
        assert found is not None
        self._world.invariants.check_standings(board.setup, board.jury, found.tries)


def start_api(world: World, name: str) -> Process:
    """Start an API process. Its clients post the submissions that are left."""
    process, api = Process(name), Api(world)
    world.api = api
    for account in sorted({post.account for post in world.posts}):
        world.kernel.start(process, f"client {account}", partial(_post, world, api, account))
    world.kernel.start(process, "watcher", partial(_watch, world, api))
    return process


def _post(world: World, api: Api, account: str) -> None:
    kernel = world.kernel
    while left := [post for post in world.posts if post.account == account]:
        post = left[0]
        kernel.sleep(kernel.random.expovariate(1.0))
        new = new_submission(
            post.account,
            tier=post.tier,
            language=post.language,
            source=post.verdict.value,
            idempotency_key=post.key,
            body_hash=post.key,
            event=post.event,
            priority=CONTEST_PRIORITY if post.event else LIVE_PRIORITY,
        )
        try:
            accepted = api.service.submit(new)
        except (StoreUnavailable, UnreadableRecord):
            kernel.sleep(0.5)  # the answer is 503 or 500, so the client tries again with the same key
            continue
        world.posts.remove(post)
        world.accepted[accepted.status.id] = post
        kernel.note(f"accepted {accepted.status.id[-6:]} {post.tier} {post.verdict}")


def _watch(world: World, api: Api) -> None:
    """Follow all submissions. Now and then cancel a submission or have one judged again."""
    kernel = world.kernel
    while True:
        kernel.sleep(kernel.random.uniform(0.05, 3.0 if world.is_healing else 0.5))
        if not world.accepted:
            continue
        id = kernel.random.choice(sorted(world.accepted))
        status = _poll(world, api, id)
        if status is None:
            continue
        roll = kernel.random.random()
        if roll > 0.92:
            with contextlib.suppress(StoreUnavailable):
                api.read_standings()
        if roll < 0.02 and not world.is_healing:
            try:
                world.cancelling.add(id)
                if api.service.cancel(status):
                    api.statuses.publish_change(id)
                    world.cancelled.add(id)
                    kernel.note(f"cancelled {id[-6:]}")
            except GavelError:
                pass
        elif roll < 0.12 and not world.is_healing and id not in world.cancelling | world.damaged:
            try:
                if api.attempts.rejudge(id, "b" * 64) is not None:
                    world.rejudged[id] = world.rejudged.get(id, 0) + 1
                    kernel.note(f"rejudged {id[-6:]}")
            except GavelError:
                world.maybe_rejudged.add(id)


def _poll(world: World, api: Api, id: str) -> Status | None:
    """Ask for a status and check it. ``None`` if there is no answer."""
    losses = world.losses
    try:
        status = api.statuses.current(id)
    except StoreUnavailable:
        return None
    if status is None:
        world.fail(f"{id} was accepted, and has no status")
    elif losses == world.losses:
        # Otherwise this answer may be older than the loss, and the next answer newer.
        world.saw(status)
    return status


class KnownVerdicts:
    """A judge in simulated time. The source of a submission is its verdict."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._is_cancelled = False

    def judge(self, request: JudgeRequest, progress: ProgressListener) -> Outcome:
        """See ``workers.attempt_runner.RequestJudge``."""
        kernel, self._is_cancelled = self._world.kernel, False
        progress.compiling()
        self._run(kernel.random.expovariate(5.0))
        progress.running(2)
        for done in (1, 2):
            self._run(kernel.random.expovariate(2.0))
            progress.tested(done, 2)
        return outcome(Verdict(request.source))

    def _run(self, seconds: float) -> None:
        self._world.kernel.sleep(min(seconds, 20.0))
        if self._is_cancelled:
            raise Cancelled("the run was cancelled")

    def cancel(self) -> None:
        self._is_cancelled = True


class _Event(threading.Event):
    """An event whose ``wait`` lets simulated time pass."""

    def __init__(self, kernel: Kernel) -> None:
        super().__init__()
        self._kernel = kernel

    def wait(self, timeout: float | None = None) -> bool:
        self._kernel.sleep(timeout or 0.0)
        return self.is_set()


class _NoDelayedCall:
    """Never calls. It replaces the real class, which needs a thread of its own."""

    def schedule(self, function: Callable[[], None]) -> None:
        """Ignore the call."""

    def cancel(self) -> None:
        """Do nothing, because no call is pending."""


POOLS = {"normal-2": "jvm"}
"""The workers that are not in the default pool."""
LANGUAGES = {"normal-1": ("python3",)}
"""The languages of the workers that do not have all languages."""
ALL_LANGUAGES = ("python3", "java21")


def start_worker(world: World, name: str, tier: Tier) -> Process:
    """Start a worker and its heartbeat."""
    process = Process(name)
    world.started += 1
    full_name = f"{name}-{world.started:06x}"

    def work() -> None:
        worker = _worker_once_redis_is_there(world, full_name, tier)
        world.kernel.note(f"{full_name} takes from {worker.queues[0].name}")
        world.kernel.start(process, f"{name} heartbeat", partial(_beat, world, worker.worker_heartbeat))
        with contextlib.suppress(StopRequested):
            while True:
                found = worker.dequeue_job_and_maintain_ttl(_POP_SECONDS)
                assert found is not None
                world.check_tier(worker, found[0])
                worker.execute_job(*found)
        process.is_alive = False
        world.kernel.start(Process("supervisor"), "supervisor", partial(world.start_again, process), 2.0)

    world.kernel.start(process, name, work)
    return process


def _beat(world: World, heartbeat: Heartbeat) -> None:
    while True:
        with contextlib.suppress(QueueUnavailable):
            heartbeat.beat()
        world.kernel.sleep(HeartbeatSchedule(LEASE_SECONDS, 900).interval)


def _worker_once_redis_is_there(world: World, name: str, tier: Tier) -> GavelWorker:
    """Make a worker. A worker that cannot reach Redis at its start ends, so this tries again until it can."""
    while True:
        try:
            return _make_worker(world, name, tier)
        except RedisError:
            world.kernel.sleep(1.0)


def _make_worker(world: World, name: str, tier: Tier) -> GavelWorker:
    kernel = world.kernel
    kind = name.rpartition("-")[0]
    has = LANGUAGES.get(kind, ALL_LANGUAGES)
    record = replace(
        initial_record(name, tier, kernel.clock),
        languages={language: LanguageOnWorker("1") for language in has},
        pool=POOLS.get(kind, DEFAULT_POOL),
        host="host",
        pid=1,
    )
    queue = queue_of_worker(record)
    link = RedisLink(create_redis_client(_URL, 2.0), name, LEASE_SECONDS, queue)
    progress = RedisLink(create_redis_client(_URL, 0.3), name, LEASE_SECONDS, queue)
    runner = AttemptRunner(name, KnownVerdicts(world), link, progress, clock=kernel.clock)
    runner.language_fault = lambda language: None if language in has else "it is not installed"
    runner._stopping = _Event(kernel)
    runner._delayed_call = _NoDelayedCall()  # type: ignore[assignment]
    made = make_worker(create_redis_client(_URL, 20.0), queue, name)
    worker: Any = made
    worker.runner, worker.faults_allowed = runner, 3
    worker.clock, worker.jitter = kernel.clock, world.jitter
    schedule = HeartbeatSchedule(LEASE_SECONDS, 900.0)
    redis = create_redis_client(_URL, 2.0)
    worker.worker_heartbeat = Heartbeat(record, runner, link, redis, schedule, clock=kernel.clock)
    return made
