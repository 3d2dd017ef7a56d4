"""Measures how the rates of POST, polls and judging grow with more processes, each on a "core" of its own.

A "core" is a CPU quota of a tenth of one core, so that fifteen of them fit on this machine. Each API process,
each worker with its boxes, the dispatcher and Redis has one. The rates are a tenth of what whole cores give.
Each row names the parts that used up their quota, because these limit the rate. The API and the dispatcher
write to SQLite within their own quotas. Requests come from wrk (Debian's package ``wrk``).
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.cpu_quota import QuotaGroup, quota_groups
from benchmarks.one_test_problem import SLUG, add_problem
from benchmarks.polling import Request, load
from benchmarks.posting import SOURCES, post, post_many, wait
from benchmarks.result import Result, Row
from benchmarks.stack import Stack, StackFailed, started
from judge_core.model.account import Tier
from judge_core.redis.worker_registry import WorkerRegistry

CORE = 0.1
LINEAR = 0.8
_FULL = 0.85
"""A quota counts as used up if at least this share of it was used."""
_LANGUAGES = {"GAVEL_LANGUAGES": "cpp20"}
"""Only one language, because a worker tests each of its languages when it starts."""
_PAUSE_SECONDS = 1.5
_BODY = json.dumps({"problem": SLUG, "language": "cpp20", "source": SOURCES["cpp20"]})


@dataclass(frozen=True, slots=True)
class Rate:
    """The rate with this number of processes, and the share of its quota that each part used."""

    processes: int
    a_second: float
    used: dict[str, float]

    def row(self, name: str, single: float) -> Row:
        """The row that compares this rate with ``single``, the rate with one process."""
        full = ", ".join(part for part, share in self.used.items() if share >= _FULL) or "nothing"
        note = f"{self.a_second / single / self.processes:.2f} of linear; used up: {full}"
        target = LINEAR * self.processes if self.processes > 1 else None
        return Row(name, self.a_second, "/s", self.a_second / single, target, more_is_better=True, note=note)


class Cores:
    """Gives each part of a stack a core, and measures how much of it is used."""

    def __init__(self, stack: Stack, new_group: Callable[[float], QuotaGroup]) -> None:
        self._groups: dict[str, QuotaGroup] = {}
        for name, pid in stack.processes.items():
            for part, member in _parts(name, pid):
                self._groups[part] = new_group(CORE)
                self._groups[part].add(member)

    @contextmanager
    def shares(self, found: dict[str, float]) -> Iterator[None]:
        """Fill ``found`` with the share of its quota that each part uses during the block."""
        began, before = time.monotonic(), {name: group.usage() for name, group in self._groups.items()}
        yield
        seconds = time.monotonic() - began
        for name, group in self._groups.items():
            found[name] = (group.usage() - before[name]).cpu / (seconds * group.cores)


def _parts(name: str, pid: int) -> list[tuple[str, int]]:
    """The parts of a process of the stack that get a core. For the API these are gunicorn's children. Premium
    workers get no core: they have no work, and run only because the stack is not ready without them."""
    if name == "api":
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return [(f"api {number}", int(child)) for number, child in enumerate(children, start=1)]
    if name.startswith("worker:premium"):
        return []
    return [(name.replace("worker:normal:", "worker "), pid)]


def measure(short: bool = False) -> Result:
    seconds = 4 if short else 10
    api = (1, 2) if short else (1, 2, 4)
    workers = (1, 2) if short else (1, 2, 4, 8)
    posts, polls = zip(*(_requests(count, seconds) for count in api), strict=True)
    rows = [*_rows("POST, API processes", posts), *_rows("polls, API processes", polls)]
    rows += _rows("judged, workers", [_judged(count, seconds) for count in workers])
    return Result("Growth with processes, each with a tenth of a core", tuple(rows))


def _rows(name: str, rates: Sequence[Rate]) -> list[Row]:
    return [rate.row(f"{name}: {rate.processes}", rates[0].a_second) for rate in rates]


def _requests(processes: int, seconds: int) -> tuple[Rate, Rate]:
    """The rates of POST and of polls with this many API processes, while nothing is judged."""
    environment = {"GAVEL_WEB_PROCESSES": str(processes), **_LANGUAGES}
    with quota_groups() as groups, started("normal=1,premium=1", environment) as stack:
        add_problem(stack)
        session = stack.session()
        done = post(session, stack.url, SLUG, "cpp20", SOURCES["cpp20"])
        wait(session, stack.url, done)
        _pause(stack, True)
        cores = Cores(stack, groups.new)
        key = stack.keys["normal"]
        posts = _rate(cores, processes, seconds, Request(f"{stack.url}/submissions", key, body=_BODY))
        polls = _rate(cores, processes, seconds, Request(f"{stack.url}/status/{done}", key))
    return posts, polls


def _rate(cores: Cores, processes: int, seconds: int, request: Request) -> Rate:
    used: dict[str, float] = {}
    with cores.shares(used):
        found = load(request, seconds)
    if found.refused:
        raise StackFailed(f"{found.refused} requests to {request.url} were refused")
    return Rate(processes, found.rate, used)


def _judged(workers: int, seconds: int) -> Rate:
    """The rate of submissions judged and recorded by this many workers, from a queue that stays full."""
    with quota_groups() as groups, started(f"normal={workers},premium=1", _LANGUAGES) as stack:
        add_problem(stack)
        session = stack.session()
        wait(session, stack.url, post(session, stack.url, SLUG, "cpp20", SOURCES["cpp20"]))
        _pause(stack, True)
        post_many(stack, "normal", int(workers * seconds * 60), problem=SLUG)
        cores = Cores(stack, groups.new)
        used: dict[str, float] = {}
        _pause(stack, False)
        time.sleep(1.0)
        with cores.shares(used):
            before, began = _count_judged(stack), time.monotonic()
            time.sleep(seconds)
            judged, took = _count_judged(stack) - before, time.monotonic() - began
    return Rate(workers, judged / took, used)


def _count_judged(stack: Stack) -> int:
    return stack.count_rows("SELECT count(*) FROM submissions WHERE verdict IS NOT NULL")


def _pause(stack: Stack, paused: bool) -> None:
    """Pause the normal queue and wait until the dispatcher has noticed, or open the queue again."""
    WorkerRegistry(f"unix://{stack.data / 'redis.sock'}").pause(Tier.NORMAL, paused)
    if paused:
        time.sleep(_PAUSE_SECONDS)
