"""The faults of a run. The seed decides which faults there are, when they begin and how long they last."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import TYPE_CHECKING, Any

from judge_core.model.account import Tier
from judge_core.redis.keys import queue_paused_key
from tests.simulation.kernel import Process
from tests.simulation.odd_records import OddRecords

if TYPE_CHECKING:
    from tests.simulation.kernel import Actor
    from tests.simulation.world import World

FAULT_SECONDS = 8.0
FEWEST, MOST = 10, 14
_KILLED_AT_A_STEP = ("report consumer", "orphaned reports", "outbox relay", "reconciler", "client", "normal-")
"""Parts of the names of the threads that are killed between two certain steps."""


@dataclass(frozen=True, slots=True)
class PlannedFault:
    """One fault of a run: its number in the plan, its kind, and the second at which it begins."""

    number: int
    kind: str
    at: float

    def __str__(self) -> str:
        return f"{self.number}: {self.kind} at {self.at:.1f} s"


def planned_faults(seed: int) -> list[PlannedFault]:
    """The faults of a seed in their order. They may overlap."""
    random = Random(f"faults of {seed}")
    moments = sorted(random.uniform(0.3, FAULT_SECONDS) for _ in range(random.randint(FEWEST, MOST)))
    return [PlannedFault(number, random.choice(KINDS), at) for number, at in enumerate(moments)]


class Faults(OddRecords):
    """Injects the planned faults. Each fault ends by itself.

    The random numbers of a fault depend only on the seed and on the fault's number, so a run can be
    repeated without some of its faults.
    """

    def __init__(self, world: World, planned: Collection[PlannedFault]) -> None:
        super().__init__(world)
        self._kernel = world.kernel
        self._planned = planned
        self._process = Process("faults")
        self.are_over = False

    def start(self) -> None:
        """Let each fault begin at its time, as an actor of its own."""
        self._kernel.start(self._process, "saving", self._save_now_and_then)
        self._kernel.start(self._process, "faults", self._begin_each)

    def _begin_each(self) -> None:
        """Begin the faults with the planned pauses between them. So they are still apart after a jump of the
        clocks."""
        before = 0.0
        for planned in self._planned:
            self._kernel.sleep(planned.at - before)
            before = planned.at
            random = Random(f"fault {planned.number} of {self._world.seed}")
            self._kernel.start(self._process, "fault", partial(self._run, planned, random))
        self._kernel.sleep(FAULT_SECONDS - before)
        self.are_over = True

    def _run(self, planned: PlannedFault, random: Random) -> None:
        if not self._world.is_healing:
            self._world.faults += 1
            self._kernel.note(f"fault {planned}")
            getattr(self, planned.kind)(random)

    def _save_now_and_then(self) -> None:
        while not self._world.is_healing:
            self._kernel.sleep(self._kernel.random.uniform(0.5, 8.0))
            self._world.redis.save()

    def heal(self) -> None:
        """End the faults of Redis, the database and the hosts' clocks, and start all processes that have
        ended. A stopped process goes on by itself."""
        world = self._world
        world.is_healing = True
        world.redis.faults.__init__()  # type: ignore[misc]
        world.database.faults.__init__()  # type: ignore[misc]
        world.redis.data.is_full = False
        self._kernel.before_touch.clear()
        for tier in (Tier.NORMAL, Tier.PREMIUM):
            world.redis.do("DEL", queue_paused_key(tier))
        for name, process in list(world.processes.items()):
            process.skew = 0.0
            if not process.is_alive:
                world.start(name)

    @contextlib.contextmanager
    def _for(self, target: Any, name: str, value: Any, random: Random, most: float) -> Iterator[None]:
        """Set an attribute for a while."""
        setattr(target, name, value)
        yield
        self._kernel.sleep(random.uniform(0.2, most))
        if not self._world.is_healing:
            setattr(target, name, type(value)())

    def kill(self, random: Random) -> None:
        """Kill one process by SIGKILL. It is started again after a while."""
        self._restart([random.choice(sorted(self._world.processes))], random)

    def kill_at_a_step(self, random: Random) -> None:
        """Kill a process by SIGKILL after a random number of steps of its threads. So it may end between any
        two steps, even if little time lies between them."""
        kernel, chosen, steps = self._kernel, random.choice(_KILLED_AT_A_STEP), random.randint(1, 12)
        killed: list[str] = []
        mine = id(random)

        def before_touch(actor: Actor) -> None:
            nonlocal steps
            if chosen in actor.name:
                steps -= 1
                if steps == 0:
                    killed.append(actor.process.name)
                    kernel.kill(actor.process)

        kernel.before_touch[mine] = before_touch
        kernel.sleep(random.uniform(0.2, 2.0))
        kernel.before_touch.pop(mine, None)
        self._restart_later(killed, random)

    def kill_all_workers(self, random: Random) -> None:
        """The host of all workers restarts."""
        names = [name for name in sorted(self._world.processes) if not name.startswith(("api", "disp"))]
        self._restart(names, random)

    def _restart(self, names: list[str], random: Random) -> None:
        world = self._world
        killed = [name for name in names if world.processes[name].is_alive]
        for name in killed:
            self._kernel.kill(world.processes[name])
        self._restart_later(killed, random)

    def _restart_later(self, killed: list[str], random: Random) -> None:
        world = self._world
        self._kernel.sleep(random.uniform(0.1, 4.0))
        for name in killed:
            if not world.is_healing and not world.processes[name].is_alive:
                world.start(name)

    def stop(self, random: Random) -> None:
        """Stop a process by SIGSTOP. The process continues later without noticing the pause."""
        name = random.choice(sorted(self._world.processes))
        process = self._world.processes[name]
        process.stopped_until = self._kernel.seconds + random.uniform(1.0, 15.0)
        self._kernel.note(f"stop {name} until {process.stopped_until:.1f}")

    def redis_down(self, random: Random) -> None:
        """No connection to Redis for a while."""
        self._world.redis.break_connections()
        with self._for(self._world.redis.faults, "is_down", True, random, 6.0):
            pass

    def redis_hung(self, random: Random) -> None:
        """Redis takes commands and does not answer."""
        with self._for(self._world.redis.faults, "is_hung", True, random, 6.0):
            pass

    def redis_restarted_empty(self, _random: Random) -> None:
        """Redis comes back without its data."""
        self._world.redis.restart(from_copy=False)

    def redis_restarted_from_copy(self, _random: Random) -> None:
        """Redis comes back with an older copy."""
        self._world.redis.restart(from_copy=True)
        self._world.forget_all_seen()

    def redis_full(self, random: Random) -> None:
        """Redis has no memory left, so it refuses each command that could need more."""
        self._world.redis.loses()
        with self._for(self._world.redis.data, "is_full", True, random, 6.0):
            pass

    def redis_loses_messages(self, random: Random) -> None:
        """Requests and answers are lost on the way."""
        faults = self._world.redis.faults
        faults.lost_requests = random.uniform(0, 0.2)
        with self._for(faults, "lost_answers", random.uniform(0, 0.2), random, 5.0):
            pass
        faults.lost_requests = 0.0

    def redis_reorders_messages(self, random: Random) -> None:
        """Requests arrive twice, or after their sender has given up waiting."""
        faults = self._world.redis.faults
        faults.repeated = random.uniform(0, 0.1)
        with self._for(faults, "late", random.uniform(0, 0.1), random, 5.0):
            pass
        faults.repeated = 0.0

    def database_away(self, random: Random) -> None:
        """Each use of the database fails."""
        with self._for(self._world.database.faults, "is_away", True, random, 4.0):
            pass

    def database_full(self, random: Random) -> None:
        """The database can be read, and no transaction can be stored."""
        with self._for(self._world.database.faults, "is_full", True, random, 5.0):
            pass

    def database_slow(self, random: Random) -> None:
        """Each use of the database takes up to two seconds."""
        with self._for(self._world.database.faults, "slow", random.uniform(0.2, 2.0), random, 5.0):
            pass

    def database_loses_commits(self, random: Random) -> None:
        """Some transactions fail at their end."""
        with self._for(self._world.database.faults, "lost_commits", random.uniform(0, 0.5), random, 5.0):
            pass

    def database_loses_answers(self, random: Random) -> None:
        """Some transactions are committed, but their writers get an error."""
        with self._for(self._world.database.faults, "lost_answers", random.uniform(0, 0.5), random, 5.0):
            pass

    def pause(self, random: Random) -> None:
        """An operator pauses a queue for a while."""
        key = queue_paused_key(random.choice([Tier.NORMAL, Tier.PREMIUM]))
        self._world.redis.do("SET", key, "1")
        self._kernel.sleep(random.uniform(0.5, 6.0))
        self._world.redis.do("DEL", key)

    def clock_jump(self, random: Random) -> None:
        """All clocks jump forwards, as after a virtual machine was resumed."""
        self._kernel.seconds += random.uniform(1.0, 60.0)
        self._world.clocks_changed_at = self._kernel.seconds

    def clock_set(self, random: Random) -> None:
        """The wall clocks are set forwards or back. The monotonic clocks do not change."""
        self._kernel.wall_offset += random.uniform(-90.0, 90.0)
        self._world.clocks_changed_at = self._kernel.seconds

    def wrong_clock(self, random: Random) -> None:
        """The clock of one worker's host is wrong."""
        names = [name for name in sorted(self._world.processes) if not name.startswith(("api", "disp"))]
        self._world.processes[random.choice(names)].skew = random.choice([-3600.0, -20.0, 20.0, 3600.0])


KINDS = (
    "kill",
    "kill_at_a_step",
    "kill_at_a_step",
    "kill_at_a_step",
    "kill_all_workers",
    "stop",
    "stop",
    "redis_down",
    "redis_hung",
    "redis_restarted_empty",
    "redis_restarted_from_copy",
    "redis_full",
    "redis_loses_messages",
    "redis_reorders_messages",
    "database_away",
    "database_full",
    "database_slow",
    "database_loses_commits",
    "database_loses_answers",
    "odd_queue_entry",
    "odd_report",
    "forged_report",
    "odd_lease_or_status",
    "odd_key_type",
    "odd_worker",
    "odd_row",
    "later_release",
    "earlier_release",
    "pause",
    "clock_jump",
    "clock_set",
    "wrong_clock",
)
