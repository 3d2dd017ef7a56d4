"""One run of a simulated installation under faults. Its promises are checked at each step."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rq.exceptions import DeserializationError
from sqlalchemy import Engine

from judge_api import dispatcher
from judge_api.events.rules import EventRules, Joining, Visibility
from judge_api.events.windows import EventTimes
from judge_api.services import live_workers
from judge_api.services.status_service import RECHECK_SECONDS
from judge_api.settings import Settings
from judge_api.store.events import EventStore, NewMember, ProblemInEvent, StoredEvent
from judge_api.store.records import EventEntry
from judge_core.clock import Jitter
from judge_core.messages import JudgeRequest, UnreadableMessage
from judge_core.model.account import Tier
from judge_core.model.errors import GavelError
from judge_core.model.routing import tier_of_queue
from judge_core.model.submission import Status, Verdict
from judge_core.redis import client as client_module
from judge_core.redis.signer import JobNames
from tests.simulation.actors import Api, Post, start_api, start_dispatcher, start_worker
from tests.simulation.database import DatabaseFaults, SimulatedDatabase
from tests.simulation.faults import Faults, PlannedFault, planned_faults
from tests.simulation.invariants import Invariants
from tests.simulation.kernel import START, Kernel, Lock, Process
from tests.simulation.redis import ClientFactory, RedisFaults, SimulatedRedis
from tests.support.records import SIGNER, add_account

ACCOUNTS = 4
SUBMISSIONS = 20
HEALING_SECONDS = 300.0
SECRET = "a-secret-of-the-tests"


@dataclass
class World:
    """An installation, what its clients know, and the statuses of each submission that they have seen so
    far."""

    seed: int
    database: SimulatedDatabase
    settings: Settings
    kernel: Kernel
    redis: SimulatedRedis
    is_mixed: bool = False
    posts: list[Post] = field(default_factory=list)
    accepted: dict[str, Post] = field(default_factory=dict)
    cancelling: set[str] = field(default_factory=set)
    cancelled: set[str] = field(default_factory=set)
    rejudged: dict[str, int] = field(default_factory=dict)
    maybe_rejudged: set[str] = field(default_factory=set)
    damaged: set[str] = field(default_factory=set)
    processes: dict[str, Process] = field(default_factory=dict)
    posted: int = SUBMISSIONS
    event_id: str = ""
    is_healing: bool = False
    lost_a_queue: bool = False
    clocks_changed_at: float = -1.0
    started: int = 0
    api: Api | None = None
    faults: int = 0
    failure: str | None = None
    losses: int = 0
    """How often Redis lost statuses, or an API process its memory."""
    _orders: dict[str, tuple[int, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.jitter = Jitter(self.kernel.random.uniform)
        self.invariants = Invariants(self)

    @property
    def engine(self) -> Engine:
        return self.database.engine

    @property
    def names(self) -> JobNames:
        """The names of jobs and leases."""
        return JobNames(SIGNER, are_secret=not self.settings.accept_unproven_reports)

    def settings_at_start(self) -> Settings:
        """The settings of a process that starts now. In a mixed run they have names with or without secrets,
        at random."""
        if not self.is_mixed:
            return self.settings
        return replace(self.settings, accept_unproven_reports=self.kernel.random.random() < 0.5)

    def fail(self, what: str) -> None:
        """Note the first broken promise, which ends the run."""
        if self.failure is None:
            self.failure = f"seed {self.seed}, {self.kernel.seconds:.3f} s, step {self.kernel.steps}: {what}"

    def start(self, name: str) -> None:
        """Start a process. The first word of its name is its kind."""
        kind, _, _ = name.partition("-")
        if kind == "api":
            # The ended process may have shown statuses that it could not publish. Earlier statuses may
            # follow.
            self.forget_all_seen()
            process = start_api(self, name)
        elif kind == "dispatcher":
            process = start_dispatcher(self, name)
        else:
            process = start_worker(self, name, Tier(kind))
        self.processes[name] = process

    def start_again(self, ended: Process) -> None:
        """Start a process that has ended, as `gavel up` does, unless it was started meanwhile."""
        if self.processes[ended.name] is ended:
            self.start(ended.name)

    def saw(self, status: Status) -> None:
        """Note that a client has got this status. The status must not be earlier than a status that a client
        has seen."""
        if status.id in self.damaged:
            return
        was = self._orders.get(status.id, status.order)
        if status.order != self._orders.get(status.id):
            self.kernel.note(f"saw {status.id[-6:]} {status.stage} of {status.attempt}")
        if status.order < was:
            self.fail(f"the status of {status.id} moved backwards, to {status.stage} of {status.attempt}")
        self._orders[status.id] = status.order

    def forget_seen(self) -> None:
        """Allow earlier statuses, because Redis may have lost progress, which is stored only there. An end is
        in the database too, so it is not forgotten."""
        self.losses += 1
        self._orders = {id: order for id, order in self._orders.items() if order[0]}

    def forget_all_seen(self) -> None:
        """Allow earlier statuses, because Redis has older statuses again. Within seconds they are compared
        with the database."""
        self.losses += 1
        self._orders.clear()

    def check_tier(self, worker: Any, job: Any) -> None:
        """A worker may take only jobs of its own tier."""
        try:
            request = JudgeRequest.load(job.args[0])
        except (GavelError, UnreadableMessage, DeserializationError, LookupError):
            return  # this is an odd entry, which the worker refuses
        if request.queue != tier_of_queue(worker.queues[0].name):
            self.fail(f"{request.submission} of {request.queue} was taken from {worker.queues[0].name}")

    @property
    def is_disturbed(self) -> bool:
        """Whether Redis or the database fails now."""
        redis, database = self.redis.faults, self.database.faults
        return redis != RedisFaults() or database != DatabaseFaults() or bool(self.redis.data.is_full)

    def all_ended(self) -> bool:
        """Whether all submissions were posted, and none waits for a verdict."""
        rows = self.invariants.rows
        return not self.posts and bool(rows) and not any(row.is_open for row in rows.values())


@dataclass(frozen=True, slots=True)
class RunReport:
    """The result of one seed."""

    seed: int
    steps: int
    faults: int
    submissions: int
    seconds: float
    failure: str | None
    trace: list[str]


def run_seed(
    seed: int,
    database: SimulatedDatabase,
    planned: Collection[PlannedFault] | None = None,
    watch: Callable[[World], Callable[[], None]] | None = None,
    is_mixed: bool = False,
) -> RunReport:
    """Run one seed with all its faults, or only with those of ``planned``. The function that ``watch``
    returns is called after each step. With ``is_mixed`` each process starts with a random value of
    ``GAVEL_ACCEPT_UNPROVEN_REPORTS``."""
    with _world(seed, database, is_mixed) as world:
        kernel = world.kernel
        kernel.after_step = None if watch is None else watch(world)

        def is_over() -> bool:
            return world.failure is not None

        _start_all(world)
        faults = Faults(world, planned_faults(seed) if planned is None else planned)
        faults.start()
        kernel.run(lambda: is_over() or faults.are_over)
        if not is_over():
            faults.heal()
            end = kernel.seconds + HEALING_SECONDS
            kernel.run(lambda: is_over() or world.all_ended() or kernel.seconds >= end)
        if not is_over():
            _ask_again(world)
        if not is_over():
            _leave_alone(world)
            world.invariants.check_end()
        return RunReport(
            seed,
            kernel.steps,
            world.faults,
            len(world.invariants.rows),
            kernel.seconds,
            world.failure,
            kernel.trace,
        )


def _ask_again(world: World) -> None:
    """Let clients ask for all statuses, and again after the time in which an answer may be out of date. Then
    check the answers."""
    process, api = world.processes["api-1"], world.api
    assert api is not None
    answers: dict[str, Status | None] = {}

    def ask() -> None:
        for _ in range(2):
            answers.update((id, api.statuses.current(id)) for id in sorted(world.accepted))
            world.kernel.sleep(RECHECK_SECONDS + 0.5)
        api.check_standings()

    world.kernel.start(process, "asking again", ask)
    _run_for(world, 2 * RECHECK_SECONDS + 3.0)
    for status in answers.values():
        if status is not None:
            world.invariants.check_answer(status)


QUIET_SECONDS = 90.0
"""This is longer than any repair waits. Afterwards nothing may be left of ended submissions."""


def _leave_alone(world: World) -> None:
    """Wait until the repairs of what is left in Redis have ended. Most of this time is skipped."""
    kernel = world.kernel
    for leap in (QUIET_SECONDS, QUIET_SECONDS, 0.0):
        _run_for(world, REPAIR_SECONDS)
        kernel.seconds += leap


def _run_for(world: World, seconds: float) -> None:
    kernel = world.kernel
    end = kernel.seconds + seconds
    kernel.run(lambda: world.failure is not None or kernel.seconds >= end)


REPAIR_SECONDS = 1.2


def _start_all(world: World) -> None:
    kernel = world.kernel
    accounts = [
        (add_account(world.engine, f"account-{number}", tier), tier)
        for number, tier in enumerate([*[Tier.NORMAL] * (ACCOUNTS - 1), Tier.PREMIUM])
    ]
    entries = _add_event(world, [accounts[0][0], accounts[-1][0]])
    for number, (account, tier) in enumerate(accounts):
        for post in range(SUBMISSIONS // ACCOUNTS):
            verdict = kernel.random.choice([Verdict.AC, Verdict.WA, Verdict.TLE, Verdict.RTE])
            language = kernel.random.choice(["python3", "python3", "java21"])
            entry = entries.get(account)
            world.posts.append(Post(f"{number}-{post}", account, tier, verdict, language, entry))
    for name in NAMES:
        world.start(name)


def _add_event(world: World, accounts: list[str]) -> dict[str, EventEntry]:
    """An event of which these accounts are members."""
    now = datetime.fromtimestamp(START, UTC)
    times = EventTimes(now - timedelta(days=1), now + timedelta(days=1))
    visible, closed = Visibility.PUBLIC, Joining.CLOSED
    event = StoredEvent(
        "e" * 32, "finals", "Finals", "", times, EventRules(), visible, closed, None, accounts[0]
    )
    store = EventStore(world.engine)
    store.add(event, [ProblemInEvent("aplusb", "A")])
    store.add_members(event.id, [NewMember(f"Team {number}", (id,)) for number, id in enumerate(accounts)])
    world.event_id = event.id
    members = {account: store.member_of(event.id, account) for account in accounts}
    return {account: EventEntry(event.id, member.id) for account, member in members.items() if member}


NAMES = (
    "dispatcher-1",
    "dispatcher-2",
    "api-1",
    "normal-1",
    "normal-2",
    "premium-1",
    "premium-2",
)


@contextmanager
def _world(seed: int, database: SimulatedDatabase, is_mixed: bool) -> Iterator[World]:
    kernel = Kernel(seed)
    simulated = SimulatedRedis(kernel)
    # In half of the seeds there may be processes of release 0.2.0, which do not know the secrets of
    # jobs.
    settings = replace(_SETTINGS, accept_unproven_reports=seed % 2 == 0)
    world = World(seed, database, settings, kernel, simulated, is_mixed)
    kernel.on_error = world.fail
    simulated.loses, simulated.on_push = world.forget_seen, world.invariants.check_push
    simulated.data.on_set = world.invariants.check_set
    simulated.data.on_delete_entry = world.invariants.check_deleted_report
    database.begin(kernel, world.invariants.check_rows)
    with pytest.MonkeyPatch.context() as patch:
        factory = ClientFactory(simulated)
        patch.setattr(client_module, "BlockingConnectionPool", factory)
        patch.setattr(client_module, "Redis", factory)
        patch.setattr(live_workers, "threading", SimpleNamespace(Lock=lambda: Lock(kernel)))
        # The loops that call other servers are left out. Opening them would read the host's certificates each
        # time.
        for opening in ("delivery_worker", "operator_messages", "lti_grades", "shadow_follower"):
            patch.setattr(dispatcher, f"open_{opening}", lambda *_: None)
        patch.setattr(secrets, "randbits", kernel.random.getrandbits)
        patch.setattr(uuid, "uuid4", lambda: uuid.UUID(int=kernel.random.getrandbits(128), version=4))
        try:
            yield world
        finally:
            kernel.close()


_SETTINGS = Settings.from_env(
    {
        "GAVEL_DATA": str(Path("/nonexistent")),
        "GAVEL_REDIS_URL": "redis://simulated",
        "GAVEL_SECRET_KEY": SECRET,
        "GAVEL_MAX_ATTEMPTS": "1000",
    }
)
