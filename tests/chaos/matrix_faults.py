"""The cells of the fault matrix: each names a fault, the stack's workers, and the function that causes the
fault."""

from __future__ import annotations

import contextlib
import random
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass

from tests.chaos import faults
from tests.chaos.faults import Fault
from tests.chaos.stack import Stack

_DAY, _HOUR = 86_400.0, 3_600.0
_AFTER_START_SECONDS = 3.0
FLEET = "normal=8,premium=2"
CLOCK_SECONDS = 12.0
"""How long a clock stays wrong. This is longer than a lease, and longer than any pause between two
attempts."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One fault of the matrix."""

    name: str
    strike: Fault
    workers: str = "normal=1,premium=1"
    databases: tuple[str, ...] = ("sqlite", "postgresql")


def _jump(role: Callable[[random.Random], str], seconds: float) -> Fault:
    def strike(stack: Stack, rng: random.Random) -> None:
        """Set one process's clock, wait, and set it back."""
        assert stack.clocks is not None
        stack.clocks.shift(role(rng), seconds)
        try:
            time.sleep(CLOCK_SECONDS)
        finally:
            stack.clocks.reset()

    return strike


_ROLES: dict[str, Callable[[random.Random], str]] = {
    "API": lambda _: "api",
    "dispatcher": lambda _: "dispatcher",
    "worker": lambda rng: rng.choice(("normal-1", "premium-1")),
}

_CLOCKS = tuple(
    Cell(f"clock of the {name} {how} for {CLOCK_SECONDS:.0f} s", _jump(role, seconds))
    for name, role in _ROLES.items()
    for how, seconds in (("a day ahead", _DAY), ("an hour behind", -_HOUR))
)

RESTARTS, RESTART_EVERY_SECONDS = 3, 20.0


def _restart_fleet(number: signal.Signals) -> Fault:
    def strike(stack: Stack, rng: random.Random) -> None:
        """Send the signal to all workers at once, three times, 20 s apart."""
        for turn in range(RESTARTS):
            if turn:
                time.sleep(RESTART_EVERY_SECONDS)
            for name in [name for name in stack.processes if name.startswith("worker")]:
                stack.signal(name, number)

    return strike


def kill_everything(stack: Stack, rng: random.Random) -> None:
    stack.kill_everything()
    stack.start()


def kill_supervisor(stack: Stack, rng: random.Random) -> None:
    stack.supervisors[-1].kill()
    stack.supervisors[-1].wait()
    stack.start()


def cut_power(stack: Stack, rng: random.Random) -> None:
    """Kill all processes just after a problem was added, undo what was not synced, and start again.

    From then on clients post to the new problem, so its package must have survived.
    """
    assert stack.unsynced is not None
    slug = f"cut-{rng.randrange(10**9)}"
    stack.add_problem(slug)
    stack.problems[:] = [slug]
    time.sleep(rng.uniform(0.0, 2.0))
    stack.kill_everything()
    damaged = stack.unsynced.cut_power(stack.data, rng)
    stack.notes["damaged files"] = f"{len(damaged)}: {', '.join(damaged)}"[:2000]
    stack.start()
    time.sleep(_AFTER_START_SECONDS)


def zero_cached_files(stack: Stack, rng: random.Random) -> None:
    """Overwrite half of the workers' cached files with zeros, as a disk may do after a power cut."""
    for path in sorted((stack.data / "cache").rglob("*")):
        if "scratch" not in path.parts and path.is_file() and not path.is_symlink() and rng.random() < 0.5:
            with contextlib.suppress(OSError):
                size = path.stat().st_size
                with path.open("r+b") as file:
                    file.write(bytes(size))


def sweep_scratch(stack: Stack, rng: random.Random) -> None:
    """Remove the files of the scratch folders several times while programs run in them, as a cleanup job of
    the host would."""
    for _ in range(5):
        for path in sorted((stack.data / "cache" / "scratch").rglob("*"), reverse=True):
            with contextlib.suppress(OSError):
                path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
        time.sleep(rng.uniform(0.2, 1.0))


def tear_redis_file(stack: Stack, rng: random.Random) -> None:
    """Kill Redis, and cut its append-only file or overwrite a part of it before it is started again."""
    stack.signal("redis", signal.SIGSTOP)
    files = [path for path in stack.data.rglob("*.incr.aof") if "damaged" not in str(path)]
    for path in files:
        size = path.stat().st_size
        with path.open("r+b") as file:
            if rng.random() < 0.5:
                file.truncate(rng.randrange(size + 1))
            else:
                file.seek(rng.randrange(size + 1))
                file.write(bytes(64))
    stack.notes["torn files"] = str(len(files))
    stack.signal("redis", signal.SIGKILL)


def _refuse_writes(stack: Stack, rng: random.Random) -> None:
    stack.database.refuse_writes()


def _refuse_connections(stack: Stack, rng: random.Random) -> None:
    stack.database.refuse_connections()


def _slow_writes(stack: Stack, rng: random.Random) -> None:
    """Let each written row take up to a second. So some transactions reach a time limit, and some do not."""
    stack.database.hinder_writes(f"PERFORM pg_sleep(random() * {rng.uniform(0.2, 1.0):.2f});")


def _fail_serialization(stack: Stack, rng: random.Random) -> None:
    """Let a share of the writes fail with the error of concurrent transactions, after which a retry may
    succeed."""
    stack.database.hinder_writes(
        f"IF random() < {rng.uniform(0.1, 0.7):.2f} THEN "
        "RAISE EXCEPTION 'could not serialize access' USING ERRCODE = '40001'; END IF;"
    )


CELLS: tuple[Cell, ...] = (
    Cell("kill -9 of a worker", faults.kill_worker),
    Cell("kill -9 of the dispatcher", faults.kill_dispatcher),
    Cell("kill -9 of the API", faults.kill_api),
    Cell("kill -9 of Redis", faults.kill_redis),
    Cell("Redis emptied (FLUSHALL)", faults.empty_redis),
    Cell("Redis stopped for 10 s", faults.hang_redis),
    Cell("a worker stopped past its lease", faults.stop_worker_past_its_lease),
    Cell("the database interrupted", faults.interrupt_database),
    Cell("the data folder's disk full for 20 s", faults.fill_disk),
    Cell("the API killed as often as it comes, for 20 s", faults.kill_api_repeatedly),
    Cell("half of the cached files zeroed", zero_cached_files),
    Cell("the scratch folders swept", sweep_scratch),
    Cell("Redis killed, its append-only file torn", tear_redis_file),
    Cell("the supervisor killed -9, started again", kill_supervisor),
    Cell("everything killed -9, started again", kill_everything),
    Cell("a power cut: what was not synced is lost", cut_power),
    Cell("the database read-only for 10 s", _refuse_writes, databases=("postgresql",)),
    Cell("no connection to the database free for 10 s", _refuse_connections, databases=("postgresql",)),
    Cell("the database slow for 10 s", _slow_writes, databases=("postgresql",)),
    Cell("writes fail to serialize for 10 s", _fail_serialization, databases=("postgresql",)),
    *_CLOCKS,
    Cell(
        "ten workers ended at once (SIGTERM), three times in a minute", _restart_fleet(signal.SIGTERM), FLEET
    ),
    Cell(
        "ten workers killed at once (SIGKILL), three times in a minute", _restart_fleet(signal.SIGKILL), FLEET
    ),
)
