"""Compares how many submissions per second two workers judge with RQ's own workers, whose jobs do nothing.

Both drain a full queue on the same two cores in the same run. The floor is the rate of the queue alone, so
the ratio shows how much of that rate is left when submissions are really judged. The floor's CPU time per job
shows how fast the machine was.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import datetime

from benchmarks.one_test_problem import SLUG, add_problem
from benchmarks.posting import SOURCES, post, post_many, wait, wait_for_all
from benchmarks.result import Result, Row
from benchmarks.stack import Stack, started
from judge_core.model.account import Tier
from judge_core.redis.worker_registry import WorkerRegistry

_FLOOR_JOBS = 2000
_PAUSE_SECONDS = 1.5
"""The dispatcher needs this long to notice that a queue was paused."""

_SIMPLE_WORKER = """
import sys
from redis import Redis
from rq import Queue, SimpleWorker
connection = Redis(unix_socket_path=sys.argv[1], db=5)
queue = Queue("nothing", connection=connection)
SimpleWorker([queue], connection=connection).work(burst=True, logging_level="ERROR")
"""


@dataclass(frozen=True, slots=True)
class Floor:
    """The rate and the CPU time per job of two of RQ's own workers, whose jobs do nothing."""

    rate: float
    cpu_ms: float


def measure(short: bool = False) -> Result:
    count = 300 if short else 1000
    # The premium worker has no work. It runs because the stack is not ready without one.
    with started("normal=2,premium=1") as stack:
        session = stack.session()
        problem = add_problem(stack)
        wait(session, stack.url, post(session, stack.url, problem, "cpp20", SOURCES["cpp20"]))
        floor = _rq_alone(stack, _FLOOR_JOBS)
        cpu, commands = stack.cpu_seconds(), _commands(stack)
        rate = _drain(stack, count)
        used = {name: (now - cpu.get(name, 0.0)) * 1000 / count for name, now in stack.cpu_seconds().items()}
        sent = {name: (n - commands.get(name, 0)) / count for name, n in _commands(stack).items()}
    question = "Judged submissions a second, 2 workers, trivial cached C++ of one test"
    return Result(question, _rows(floor, rate, used, sum(sent.values())), (_most_sent(sent),))


def _rows(floor: Floor, rate: float, used: dict[str, float], commands: float) -> tuple[Row, ...]:
    spent = sum(used.values())
    beside = f"{spent / floor.cpu_ms:.2f} x an RQ job's"
    return (
        Row("RQ SimpleWorkers doing nothing, 2 processes", floor.rate, "/s"),
        Row("judged submissions", rate, "/s", rate / floor.rate, 0.5, more_is_better=True),
        Row("CPU of an RQ job that does nothing, worker alone", floor.cpu_ms, "ms"),
        Row("CPU per submission, all processes", spent, "ms", target=2.2, note=beside),
        *(Row(f"  of it {name}", value, "ms") for name, value in sorted(used.items())),
        Row("Redis commands per submission", commands, "", target=15),
    )


def _rq_alone(stack: Stack, count: int) -> Floor:
    """The rate of two plain RQ workers on a queue that is full before they start. The time of their start is
    subtracted."""
    from redis import Redis
    from rq import Queue

    socket = str(stack.data / "redis.sock")
    queue = Queue("nothing", connection=Redis(unix_socket_path=socket, db=5))
    started, begun = _drain_by_rq(socket)
    queue.enqueue_many([Queue.prepare_data("time.time", result_ttl=0) for _ in range(count)])
    took, used = _drain_by_rq(socket)
    return Floor(count / max(took - started, 0.001), (used - begun) * 1000 / count)


def _drain_by_rq(socket: str) -> tuple[float, float]:
    """The seconds until the queue was empty and both workers had ended, and the CPU seconds that they
    used."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    workers = [subprocess.Popen([sys.executable, "-c", _SIMPLE_WORKER, socket]) for _ in range(2)]
    for worker in workers:
        worker.wait(300)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.perf_counter() - began, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _drain(stack: Stack, count: int) -> float:
    """Fill a paused queue, then let the workers empty it. Returns the submissions judged per second, from
    the server's times."""
    worker_registry = WorkerRegistry(f"unix://{stack.data / 'redis.sock'}")
    worker_registry.pause(Tier.NORMAL, True)
    time.sleep(_PAUSE_SECONDS)
    submissions = post_many(stack, "normal", count, problem=SLUG)
    worker_registry.pause(Tier.NORMAL, False)
    wait(stack.session(), stack.url, submissions[-1])
    statuses = wait_for_all(stack, "normal", submissions)
    wrong = [status for status in statuses if status["verdict"] != "AC"]
    if wrong:
        raise AssertionError(f"{len(wrong)} of {count} were not accepted: {wrong[0]}")
    first = min(datetime.fromisoformat(status["started_at"]) for status in statuses)
    last = max(datetime.fromisoformat(status["finished_at"]) for status in statuses)
    return count / (last - first).total_seconds()


def _commands(stack: Stack) -> dict[str, int]:
    stats = stack.redis().info("commandstats")
    return {name.removeprefix("cmdstat_"): int(stat["calls"]) for name, stat in stats.items()}


def _most_sent(sent: dict[str, float]) -> str:
    most = sorted(sent.items(), key=lambda pair: -pair[1])[:12]
    return "commands: " + ", ".join(f"{name} {number:.1f}" for name, number in most)
