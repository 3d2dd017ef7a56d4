"""One run of a simulated installation under faults, and the promises that hold at each of its steps."""

from __future__ import annotations

import secrets
import shutil
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from rq.exceptions import DeserializationError
from sqlalchemy import Engine, event

from judge_api import dispatcher
from judge_api.settings import Settings
from judge_api.store.engine import open_engine
from judge_core.clock import Jitter
from judge_core.messages import JudgeRequest
from judge_core.model.account import Tier
from judge_core.model.errors import GavelError
from judge_core.model.submission import Status
from judge_core.model.verdict import Verdict
from judge_core.redis import client as client_module
from tests.simulation.actors import Post, start_api, start_dispatcher, start_worker
from tests.simulation.faults import Faults
from tests.simulation.kernel import Kernel, Process
from tests.simulation.redis import SimulatedRedis, replace_pools
from tests.support.records import add_account

SUBMISSIONS = 24
FAULT_SECONDS = 40.0
HEALING_SECONDS = 300.0
SECRET = "a-secret-of-the-tests"
_ENDED = {"DONE", "FAILED", "CANCELLED"}
_ROWS = "SELECT id, stage, attempt, verdict, finished_at, open FROM submissions"


class PromiseBroken(AssertionError):
    """A promise of Gavel did not hold; the text says which, at what moment."""


@dataclass
class World:
    """An installation, what its clients know, and what was seen of each submission so far."""

    seed: int
    engine: Engine
    database: Path
    settings: Settings
    kernel: Kernel
    redis: SimulatedRedis
    posts: list[Post] = field(default_factory=list)
    accepted: dict[str, Post] = field(default_factory=dict)
    cancelling: set[str] = field(default_factory=set)
    cancelled: set[str] = field(default_factory=set)
    rejudged: dict[str, int] = field(default_factory=dict)
    maybe_rejudged: set[str] = field(default_factory=set)
    processes: dict[str, Process] = field(default_factory=dict)
    is_healing: bool = False
    database_away_until: float = 0.0
    started: int = 0
    faults: int = 0
    failure: str | None = None
    is_dirty: bool = False
    records: dict[str, list[tuple[Any, ...]]] = field(default_factory=dict)
    _orders: dict[str, tuple[int, ...]] = field(default_factory=dict)
    _rows: dict[str, tuple[Any, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.jitter = Jitter(self.kernel.random.uniform)
        self._reader = sqlite3.connect(self.database)

    def fail(self, what: str) -> None:
        """Note the first broken promise; the run ends."""
        if self.failure is None:
            self.failure = f"seed {self.seed}, {self.kernel.seconds:.3f} s, step {self.kernel.steps}: {what}"

    def start(self, name: str) -> None:
        """Start a process of this name, which says what it is."""
        kind, _, _ = name.partition("-")
        if kind == "api":
            self.forget_all_seen()  # what it could not publish, only the process before it knew
            process = start_api(self, name)
        elif kind == "dispatcher":
            process = start_dispatcher(self, name)
        else:
            process = start_worker(self, name, Tier(kind))
        self.processes[name] = process

    def saw(self, status: Status) -> None:
        """A client was answered with this status."""
        was = self._orders.get(status.id, status.order)
        if status.order != self._orders.get(status.id):
            self.kernel.note(f"saw {status.id[-6:]} {status.stage} of {status.attempt}")
        if status.order < was:
            self.fail(f"the status of {status.id} moved backwards, to {status.stage} of {status.attempt}")
        self._orders[status.id] = status.order

    def forget_seen(self) -> None:
        """Redis may have lost progress, which is nowhere else: what a client saw may be later than what is
        left. An end is in the database as well, so it never gives way."""
        self._orders = {id: order for id, order in self._orders.items() if order[0]}

    def forget_all_seen(self) -> None:
        """Redis holds older statuses again: they are compared with the database within seconds."""
        self._orders.clear()

    def check_tier(self, worker: Any, job: Any) -> None:
        """A worker serves its own tier alone."""
        try:
            request = JudgeRequest.load(job.args[0])
        except (GavelError, DeserializationError, LookupError):
            return  # an odd entry, which the worker refuses
        if request.queue.value != worker.queues[0].name:
            self.fail(f"{request.submission} of {request.queue} was taken from {worker.queues[0].name}")

    def check_rows(self) -> None:
        """The promises about what the database holds, after a transaction."""
        for row in self._reader.execute(_ROWS):
            if self._rows.get(row[0]) != row:
                self._check_row(self._rows.get(row[0]), row)
                self._rows[row[0]] = row

    def _check_row(self, before: tuple[Any, ...] | None, row: tuple[Any, ...]) -> None:
        id, stage, attempt, verdict, finished_at, is_open = row
        if before is not None and attempt < before[2]:
            self.fail(f"{id}: attempt {attempt} after attempt {before[2]}")
        if before is not None and before[1] == "CANCELLED" and row != before:
            self.fail(f"{id} was cancelled, and changed to {stage}")
        if before is not None and before[3] is not None and verdict is None:
            self.fail(f"{id} lost its verdict")
        if stage == "DONE" and not is_open:
            self._check_record(id, (attempt, finished_at, verdict))
        if is_open and stage in _ENDED and stage != "DONE":
            self.fail(f"{id} is {stage} and open")

    def _check_record(self, id: str, record: tuple[Any, ...]) -> None:
        known = self.records.setdefault(id, [])
        if record not in known:
            known.append(record)
        attempts = [each[0] for each in known]
        if len(set(attempts)) != len(attempts):
            self.fail(f"{id}: one attempt was recorded twice: {known}")

    def all_ended(self) -> bool:
        """Whether everything was posted, and nothing waits for a verdict."""
        return not self.posts and bool(self._rows) and not any(row[5] for row in self._rows.values())

    def check_end(self) -> None:
        """The promises that hold once no more faults come."""
        self.check_rows()
        if self.posts:
            self.fail(f"{len(self.posts)} were never accepted")
        if len(self._rows) > SUBMISSIONS:
            self.fail(f"{len(self._rows)} submissions are stored, and {SUBMISSIONS} were posted")
        for id in self.accepted:
            if id not in self._rows:
                self.fail(f"{id} was accepted and is lost")
        for id, (_, stage, _, verdict, _, is_open) in self._rows.items():
            expected = self._expected(id)
            if is_open:
                self.fail(f"{id} waits for ever in {stage}")
            elif stage == "CANCELLED":
                if id not in self.cancelling:
                    self.fail(f"{id} is cancelled, and its owner did not ask for it")
            elif stage != "DONE" or verdict != expected:
                self.fail(f"{id} ended as {stage} with {verdict}, not {expected}")
            elif id in self.cancelled:
                self.fail(f"{id} was cancelled, and has a verdict")
            elif id not in self.maybe_rejudged and len(self.records[id]) > 1 + self.rejudged.get(id, 0):
                self.fail(f"{id} has more verdicts than were owed: {self.records[id]}")

    def _expected(self, id: str) -> str:
        (source,) = self._reader.execute("SELECT source FROM submissions WHERE id = ?", (id,)).fetchone()
        return Verdict(source).value

    def close(self) -> None:
        self._reader.close()


@dataclass(frozen=True, slots=True)
class RunReport:
    """How one seed went."""

    seed: int
    steps: int
    faults: int
    submissions: int
    seconds: float
    failure: str | None
    trace: list[str]


def run_seed(seed: int, folder: Path, template: Path) -> RunReport:
    """Run one seed on a copy of an empty, migrated database."""
    with _world(seed, folder, template) as world:
        kernel = world.kernel

        def is_over() -> bool:
            if world.is_dirty:
                world.is_dirty = False
                world.check_rows()
            return world.failure is not None

        _start_all(world)
        faults = Faults(world)
        kernel.start(Process("faults"), "faults", faults.run)
        kernel.run(lambda: is_over() or kernel.seconds >= FAULT_SECONDS)
        if world.failure is None:
            faults.heal()
            end = kernel.seconds + HEALING_SECONDS
            kernel.run(lambda: is_over() or world.all_ended() or kernel.seconds >= end)
        if world.failure is None:
            world.check_end()
        return RunReport(
            seed, kernel.steps, world.faults, len(world._rows), kernel.seconds, world.failure, kernel.trace
        )


def _start_all(world: World) -> None:
    kernel = world.kernel
    for number in range(4):
        tier = Tier.PREMIUM if number == 3 else Tier.NORMAL
        account = add_account(world.engine, f"account-{number}", tier)
        for post in range(SUBMISSIONS // 4):
            verdict = kernel.random.choice([Verdict.AC, Verdict.WA, Verdict.TLE, Verdict.RTE])
            world.posts.append(Post(f"{number}-{post}", account, tier, verdict))
    for name in NAMES:
        world.start(name)


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
def _world(seed: int, folder: Path, template: Path) -> Iterator[World]:
    database = folder / f"{seed}.db"
    shutil.copy(template, database)
    kernel = Kernel(seed)
    simulated = SimulatedRedis(kernel)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(client_module, "BlockingConnectionPool", replace_pools(simulated))
        patch.setattr(client_module, "_keeps_connections", False)
        # Webhooks are not part of this; opening their sender reads the host's certificates.
        patch.setattr(dispatcher, "open_delivery_worker", lambda *_: None)
        patch.setattr(secrets, "randbits", kernel.random.getrandbits)
        patch.setattr(uuid, "uuid4", lambda: uuid.UUID(int=kernel.random.getrandbits(128), version=4))
        engine = open_engine(f"sqlite:///{database}").execution_options(writer_lock=None)
        settings = Settings.from_env(
            {
                "GAVEL_DATA": str(folder),
                "GAVEL_REDIS_URL": "redis://simulated",
                "GAVEL_SECRET_KEY": SECRET,
                "GAVEL_MAX_ATTEMPTS": "1000",
            }
        )
        world = World(seed, engine, database, settings, kernel, simulated)
        simulated.loses = world.forget_seen
        _connect(world)
        try:
            yield world
        finally:
            kernel.close()
            world.close()
            engine.dispose()
            for left in folder.glob(f"{seed}.db*"):
                left.unlink()


def _connect(world: World) -> None:
    """Let the kernel decide before each use of the database, and look at the rows after each commit."""

    def before_use(_raw: Any, _record: Any, _proxy: Any) -> None:
        world.kernel.touch()
        if world.kernel.process is not None and world.kernel.seconds < world.database_away_until:
            raise sqlite3.OperationalError("database is locked")

    def fast(raw: Any, _record: Any) -> None:
        raw.execute("PRAGMA synchronous=OFF")

    def after_commit(_connection: Any) -> None:
        world.is_dirty = True

    event.listen(world.engine, "connect", fast)
    event.listen(world.engine, "checkout", before_use)
    event.listen(world.engine, "commit", after_commit)
