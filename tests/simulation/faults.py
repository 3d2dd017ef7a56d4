"""The faults of a run: which, when and for how long, all from its seed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from judge_core.model.account import Tier
from judge_core.redis.keys import REPORTS_STREAM, lease_key, live_status_key, queue_paused_key

if TYPE_CHECKING:
    from tests.simulation.kernel import Actor
    from tests.simulation.world import World

_ODD = (b"\xff\xfe", b"not json", b"{", b"1e999", b"", b"\x00" * 40, b'{"id": 5}', b"gavel:x:1")

_THREADS = ("report consumer", "outbox relay", "reconciler", "client", "normal-", "premium-")
"""Parts of the names of the threads that are killed between two certain steps."""


class Faults:
    """Injects a fault every second or two, each of which ends by itself."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._kernel = world.kernel
        self._kinds: tuple[Callable[[], None], ...] = (
            self.kill,
            self.kill_at_a_step,
            self.kill_at_a_step,
            self.kill_at_a_step,
            self.kill_all_workers,
            self.stop,
            self.redis_down,
            self.redis_hung,
            self.redis_restarted_empty,
            self.redis_restarted_from_copy,
            self.redis_loses_messages,
            self.database_away,
            self.odd_queue_entry,
            self.odd_report,
            self.odd_lease_or_status,
            self.pause,
            self.clock_jump,
        )

    def run(self) -> None:
        """One fault after another."""
        random = self._kernel.random
        while not self._world.is_healing:
            self._kernel.sleep(random.uniform(0.2, 2.5))
            if random.random() < 0.3:
                self._world.redis.save()
            kind = random.choice(self._kinds)
            if self._world.is_healing:
                return
            self._kernel.note(f"fault {kind.__name__}")
            self._world.faults += 1
            kind()

    def heal(self) -> None:
        """From now on everything works."""
        world = self._world
        world.is_healing = True
        faults = world.redis.faults
        faults.is_down = faults.is_hung = False
        self._kernel.before_touch = lambda _actor: None
        faults.lost_requests = faults.lost_answers = 0.0
        world.database_away_until = 0.0
        for tier in (Tier.NORMAL, Tier.PREMIUM):
            world.redis.client().delete(queue_paused_key(tier))
        for name, process in list(world.processes.items()):
            if not process.is_alive:
                world.start(name)

    def kill(self) -> None:
        """Kill -9 of one process, which is started again after a while."""
        self._restart([self._kernel.random.choice(sorted(self._world.processes))])

    def kill_at_a_step(self) -> None:
        """Kill -9 of a process between two certain steps of one of its threads, however short that moment."""
        kernel, random = self._kernel, self._kernel.random
        chosen = random.choice(
            ["report consumer", "outbox relay", "reconciler", "client", "normal-", "premium-"]
        )
        steps, killed = random.randint(1, 12), []

        def before_touch(actor: Actor) -> None:
            nonlocal steps
            if chosen in actor.name:
                steps -= 1
                if steps == 0:
                    killed.append(actor.process.name)
                    kernel.kill(actor.process)

        kernel.before_touch = before_touch
        kernel.sleep(random.uniform(0.2, 2.0))
        kernel.before_touch = lambda _actor: None
        self._restart_later(killed)

    def kill_all_workers(self) -> None:
        """The host of all workers restarts."""
        self._restart(
            [name for name in sorted(self._world.processes) if not name.startswith(("api", "disp"))]
        )

    def _restart(self, names: list[str]) -> None:
        world = self._world
        killed = [name for name in names if world.processes[name].is_alive]
        for name in killed:
            self._kernel.kill(world.processes[name])
        self._restart_later(killed)

    def _restart_later(self, killed: list[str]) -> None:
        world = self._world
        self._kernel.sleep(self._kernel.random.uniform(0.1, 4.0))
        if not world.is_healing:
            for name in killed:
                world.start(name)

    def stop(self) -> None:
        """SIGSTOP: the process is frozen, and goes on later as if nothing had happened."""
        name = self._kernel.random.choice(sorted(self._world.processes))
        process = self._world.processes[name]
        process.stopped_until = self._kernel.seconds + self._kernel.random.uniform(1.0, 15.0)
        self._kernel.note(f"stop {name} until {process.stopped_until:.1f}")

    def redis_down(self) -> None:
        """No connection to Redis for a while."""
        self._world.redis.faults.is_down = True
        self._kernel.sleep(self._kernel.random.uniform(0.2, 6.0))
        self._world.redis.faults.is_down = False

    def redis_hung(self) -> None:
        """Redis takes commands and does not answer."""
        self._world.redis.faults.is_hung = True
        self._kernel.sleep(self._kernel.random.uniform(0.2, 6.0))
        self._world.redis.faults.is_hung = False

    def redis_restarted_empty(self) -> None:
        """Redis comes back without its data."""
        self._world.redis.restart_empty()

    def redis_restarted_from_copy(self) -> None:
        """Redis comes back with an older copy."""
        self._world.redis.restart_from_copy()
        self._world.forget_all_seen()

    def redis_loses_messages(self) -> None:
        """Requests and answers are lost on the way."""
        faults, random = self._world.redis.faults, self._kernel.random
        faults.lost_requests, faults.lost_answers = random.uniform(0, 0.2), random.uniform(0, 0.2)
        self._kernel.sleep(random.uniform(0.5, 5.0))
        faults.lost_requests = faults.lost_answers = 0.0

    def database_away(self) -> None:
        """Each use of the database fails."""
        self._world.database_away_until = self._kernel.seconds + self._kernel.random.uniform(0.1, 4.0)

    def odd_queue_entry(self) -> None:
        """An entry that no main server has written."""
        random = self._kernel.random
        key = random.choice(["rq:queue:normal", "rq:queue:premium", "rq:queue:normal:intermediate"])
        client = self._world.redis.client()
        if client.type(key) in (b"list", b"none"):
            client.rpush(key, random.choice([odd for odd in _ODD if odd]))

    def odd_report(self) -> None:
        """An entry of the stream of reports that is none."""
        random, client = self._kernel.random, self._world.redis.client()
        id = random.choice([*sorted(self._world.accepted), "nobody"]).encode()
        fields: dict[Any, Any] = {
            b"submission": random.choice([id, *_ODD]),
            b"attempt": random.choice([b"1", b"1e30", b"x"]),
            b"report": random.choice(_ODD),
        }
        if client.type(REPORTS_STREAM) in (b"stream", b"none"):
            client.xadd(REPORTS_STREAM, fields)

    def odd_lease_or_status(self) -> None:
        """A lease or a live status with content of another kind."""
        random, client = self._kernel.random, self._world.redis.client()
        if not self._world.accepted:
            return
        id = random.choice(sorted(self._world.accepted))
        client.set(random.choice([lease_key(id), live_status_key(id)]), random.choice(_ODD), px=20_000)
        self._world.forget_seen()

    def pause(self) -> None:
        """An operator pauses a queue for a while."""
        key = queue_paused_key(self._kernel.random.choice([Tier.NORMAL, Tier.PREMIUM]))
        self._world.redis.client().set(key, "1")
        self._kernel.sleep(self._kernel.random.uniform(0.5, 6.0))
        self._world.redis.client().delete(key)

    def clock_jump(self) -> None:
        """All clocks jump forwards, as after a resumed virtual machine."""
        self._kernel.seconds += self._kernel.random.uniform(1.0, 60.0)
