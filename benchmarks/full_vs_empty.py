"""Compares the cost of frequent HTTP requests, of a reconciler's pass and of a worker's start with a full and
with an empty database.

Both stacks run beside each other and are measured in turn, so that other load of the machine slows both. The
full stack has a long history of submissions in PostgreSQL, many rows in the outbox, a thousand problems and
two hundred registered workers. The history and the outbox are written by SQL, because judging a million
submissions would take hours. The measured requests go to the real server.
"""

from __future__ import annotations

import os
import signal
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import requests
from sqlalchemy import Engine, text

from benchmarks.one_test_problem import SLUG, add_problem
from benchmarks.postgres import serving
from benchmarks.posting import SOURCES, post
from benchmarks.query_plans import fill
from benchmarks.result import Result, Row
from benchmarks.stack import Stack, StackFailed, started
from judge_api.dispatch.reconciler import Reconciler
from judge_api.dispatch.rq_queue import RqQueue
from judge_api.services.live_workers import Router, WorkerCache
from judge_api.store.attempts import AttemptStore
from judge_core.model.account import Tier
from judge_core.model.submission import rfc3339
from judge_core.redis.client import create_redis_client
from judge_core.redis.keys import WORKERS_SET, worker_key
from judge_core.redis.signer import Signer
from judge_core.redis.worker_registry import WorkerRegistry

_TIMES = 40
_STARTS = 5
_START = "a worker's start, until it is registered"
_WORKER = "worker:premium:1"
_WAITING = """
INSERT INTO submissions (id, account_id, kind, problem, package_hash, language, source, run_all, samples_only,
                         tier, priority, stage, attempt, faults, open, tests_done, tests_total,
                         submitted_at, queued_at)
SELECT 'w' || n, 'a' || (CAST(n AS bigint) * 7919 % 1000 + 1), 'submission', 'onetest', repeat('a', 64),
       'cpp20', repeat('x', 300), false, false, 'normal', 0, 'QUEUED', 1, 0, true, 0, 0, now(), now()
FROM generate_series(1, :line) n;

INSERT INTO outbox (submission_id, account_id, attempt, tier, priority, turn, created_at, not_before, tries)
SELECT 'w' || n, 'a' || (CAST(n AS bigint) * 7919 % 1000 + 1), 1, 'normal', 0, n / 1000 + 1, now(), now(), 0
FROM generate_series(1, :line) n;

INSERT INTO problems SELECT (jsonb_populate_record(p, jsonb_build_object('slug', 'copy-' || n))).*
FROM problems p, generate_series(1, :problems) n WHERE p.slug = 'onetest'
"""


@dataclass(frozen=True, slots=True)
class Size:
    """How many rows and workers the full stack has."""

    history: int
    waiting: int
    problems: int
    workers: int


FULL = Size(1_000_000, 100_000, 1_000, 200)
SHORT = Size(50_000, 5_000, 200, 50)
Requests = dict[str, Callable[[], object]]
Costs = tuple[float, float]
"""The milliseconds with the empty and with the full database."""


def measure(short: bool = False) -> Result:
    size = SHORT if short else FULL
    with _started_stack() as (lean_stack, lean_engine), _started_stack() as (full_stack, full_engine):
        _fill(full_stack, full_engine, size)
        empty, full = _requests(lean_stack, lean_engine), _requests(full_stack, full_engine)
        costs = {name: _costs(ask, full[name]) for name, ask in empty.items()}
        costs[_START] = _starts(lean_stack, full_stack)
        small, large = lean_stack.resident_mb(), full_stack.resident_mb()
    rows = [_row(name, *cost) for name, cost in costs.items()]
    rows += [
        Row(f"memory of {name}", large[name], "MB", large[name] / mb, note=f"empty: {mb:.0f} MB")
        for name, mb in small.items()
    ]
    rows_text = f"{size.history:,} submissions, {size.waiting:,} waiting, {size.problems:,} problems"
    question = f"A stack with {rows_text} and {size.workers} workers against an empty one"
    return Result(question, tuple(rows))


def _row(name: str, empty: float, full: float) -> Row:
    return Row(name, full, "ms", full / empty, 1.2, note=f"empty: {empty:.2f} ms")


@contextmanager
def _started_stack() -> Iterator[tuple[Stack, Engine]]:
    with serving() as (engine, url), started("normal=1,premium=1", {"GAVEL_DATABASE_URL": url}) as stack:
        add_problem(stack)
        yield stack, engine


def _requests(stack: Stack, engine: Engine) -> Requests:
    """The requests of clients and of Gavel's processes. The normal queue is paused meanwhile, so that the
    waiting rows stay."""
    redis_url = f"unix://{stack.data / 'redis.sock'}"
    signer = Signer((stack.data / "secret_key").read_text().strip())
    worker_registry = WorkerRegistry(redis_url)
    queue = RqQueue(create_redis_client(redis_url, 0.15), signer)
    worker_registry.pause(Tier.NORMAL, True)
    person, admin = stack.session(), stack.session("admin")
    mine = post(person, stack.url, SLUG, "cpp20", SOURCES["cpp20"])
    reconciler = Reconciler(AttemptStore(engine), queue, Router(WorkerCache(worker_registry)))
    return {
        "POST /submissions": lambda: post(person, stack.url, SLUG, "cpp20", SOURCES["cpp20"]),
        "GET /status of a waiting one": lambda: _get(person, f"{stack.url}/status/{mine}"),
        "GET /submissions, a page of history": lambda: _get(person, f"{stack.url}/submissions"),
        "GET /admin/queues, the dashboard": lambda: _get(admin, f"{stack.url}/admin/queues"),
        "GET /admin/submissions, a page": lambda: _get(admin, f"{stack.url}/admin/submissions"),
        "a reconciler's pass": reconciler.reconcile_once,
    }


def _starts(empty: Stack, full: Stack) -> Costs:
    """The median milliseconds from the start of a new worker's process to its registration, which follows its
    self-tests."""
    took = [(_replace_worker(empty), _replace_worker(full)) for _ in range(_STARTS)]
    return _medians(took)


def _replace_worker(stack: Stack) -> float:
    worker_registry, old = WorkerRegistry(f"unix://{stack.data / 'redis.sock'}"), stack.processes[_WORKER]
    os.kill(old, signal.SIGTERM)
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        # Between the end of the old worker and the start of the new worker, the list has neither of them.
        pid = stack.processes.get(_WORKER, old)
        if pid != old and any(record.pid == pid for record in worker_registry.workers()):
            return _age_ms(pid)
        time.sleep(0.01)
    raise StackFailed(f"{_WORKER} did not come back")


def _age_ms(pid: int) -> float:
    """How long ago a process was started, in milliseconds."""
    started = int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[19])
    return (time.clock_gettime(time.CLOCK_BOOTTIME) - started / os.sysconf("SC_CLK_TCK")) * 1000


def _get(session: requests.Session, url: str) -> None:
    session.get(url).raise_for_status()


def _fill(stack: Stack, engine: Engine, size: Size) -> None:
    fill(engine, size.history)
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        for statement in _WAITING.split(";"):
            connection.execute(text(statement), {"line": size.waiting, "problems": size.problems})
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("SET statement_timeout = 0"))
        connection.execute(text("VACUUM ANALYZE"))
    _register(stack, size.workers)


def _register(stack: Stack, count: int) -> None:
    """Register copies of the real premium worker for an hour, which is longer than this benchmark takes."""
    redis, worker_registry = stack.redis(), WorkerRegistry(f"unix://{stack.data / 'redis.sock'}")
    real = worker_registry.workers()[0]
    later = rfc3339(datetime.now(UTC) + timedelta(hours=1)) or ""
    for number in range(count):
        record = replace(real, name=f"crowd-{number}", heartbeat=later, queue=Tier.PREMIUM)
        redis.set(worker_key(record.name), record.dump(), ex=3600)
        redis.sadd(WORKERS_SET, record.name)


def _costs(empty: Callable[[], object], full: Callable[[], object]) -> Costs:
    took = [(_cost(empty), _cost(full)) for _ in range(_TIMES + 1)]
    return _medians(took[1:])  # the first request is not measured, because it fills caches


def _cost(ask: Callable[[], object]) -> float:
    began = time.perf_counter()
    ask()
    return (time.perf_counter() - began) * 1000


def _medians(took: Sequence[Costs]) -> Costs:
    empty, full = zip(*took, strict=True)
    return statistics.median(empty), statistics.median(full)
