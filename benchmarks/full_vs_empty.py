"""The cost of each request over HTTP with a full database, against an empty one.

Both stacks run beside each other and are asked in turn, so that what else the machine does falls on both.
Full is: submissions of a long history in PostgreSQL, a long line in the outbox, a thousand problems, two
hundred workers registered. History and line are written by SQL and registrations by hand, since to judge a
million here would take hours; what is measured is then asked of the real server.
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

from benchmarks.answer import Answer, Row
from benchmarks.one_test_problem import SLUG, offer
from benchmarks.postgres import serving
from benchmarks.posting import SOURCES, post
from benchmarks.query_plans import fill
from benchmarks.stack import Stack, StackFailed, started
from judge_api.dispatch.reconciler import Reconciler
from judge_api.dispatch.rq_queue import RqQueue
from judge_api.store.attempts import AttemptStore
from judge_core.messages import worker_key
from judge_core.model.account import Tier
from judge_core.model.submission import rfc3339
from judge_core.model.worker import WORKERS_SET
from judge_core.redis.client import open_redis
from judge_core.redis.worker_registry import Fleet

_TIMES = 40
_STARTS = 5
_START = "a worker's start, until it is registered"
_WORKER = "worker:premium:1"
_LINE = """
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
class Crowd:
    """How many rows and workers the full stack has."""

    history: int
    line: int
    problems: int
    workers: int


FULL = Crowd(1_000_000, 100_000, 1_000, 200)
SHORT = Crowd(50_000, 5_000, 200, 50)
Asked = dict[str, Callable[[], object]]
Costs = tuple[float, float]
"""Milliseconds with the empty database and with the full one."""


def measure(short: bool = False) -> Answer:
    crowd = SHORT if short else FULL
    with _started_stack() as (lean_stack, lean_engine), _started_stack() as (full_stack, full_engine):
        _crowd_in(full_stack, full_engine, crowd)
        empty, full = _questions(lean_stack, lean_engine), _questions(full_stack, full_engine)
        costs = {name: _costs(ask, full[name]) for name, ask in empty.items()}
        costs[_START] = _starts(lean_stack, full_stack)
        lean, fat = lean_stack.resident_mb(), full_stack.resident_mb()
    rows = [_row(name, *cost) for name, cost in costs.items()]
    rows += [
        Row(f"memory of {name}", fat[name], "MB", fat[name] / mb, note=f"empty: {mb:.0f} MB")
        for name, mb in lean.items()
    ]
    size = f"{crowd.history:,} submissions, {crowd.line:,} waiting, {crowd.problems:,} problems"
    question = f"A stack with {size} and {crowd.workers} workers against an empty one"
    return Answer(question, tuple(rows))


def _row(name: str, empty: float, full: float) -> Row:
    return Row(name, full, "ms", full / empty, 1.5, note=f"empty: {empty:.2f} ms")


@contextmanager
def _started_stack() -> Iterator[tuple[Stack, Engine]]:
    with serving() as (engine, url), started("normal=1,premium=1", {"GAVEL_DATABASE_URL": url}) as stack:
        offer(stack)
        yield stack, engine


def _questions(stack: Stack, engine: Engine) -> Asked:
    """What people and processes ask all day. The normal queue is held back, so that the line stays."""
    redis_url = f"unix://{stack.data / 'redis.sock'}"
    fleet, queue = Fleet(redis_url), RqQueue(open_redis(redis_url, 0.15))
    fleet.pause(Tier.NORMAL, True)
    person, admin = stack.session(), stack.session("admin")
    mine = post(person, stack.url, SLUG, "cpp20", SOURCES["cpp20"])
    reconciler = Reconciler(AttemptStore(engine), queue)
    return {
        "POST /submissions": lambda: post(person, stack.url, SLUG, "cpp20", SOURCES["cpp20"]),
        "GET /status of a waiting one": lambda: _get(person, f"{stack.url}/status/{mine}"),
        "GET /submissions, a page of history": lambda: _get(person, f"{stack.url}/submissions"),
        "GET /admin/queues, the dashboard": lambda: _get(admin, f"{stack.url}/admin/queues"),
        "GET /admin/submissions, a page": lambda: _get(admin, f"{stack.url}/admin/submissions"),
        "a reconciler's pass": reconciler.reconcile_once,
    }


def _starts(empty: Stack, full: Stack) -> Costs:
    """Medians of milliseconds from a new worker's first instruction to its card in Redis, its trials done."""
    took = [(_replace_worker(empty), _replace_worker(full)) for _ in range(_STARTS)]
    return _medians(took)


def _replace_worker(stack: Stack) -> float:
    fleet, old = Fleet(f"unix://{stack.data / 'redis.sock'}"), stack.processes[_WORKER]
    os.kill(old, signal.SIGTERM)
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        pid = stack.processes.get(_WORKER, old)  # it is in no list between its end and the next one's start
        if pid != old and any(card.pid == pid for card in fleet.workers()):
            return _age_ms(pid)
        time.sleep(0.01)
    raise StackFailed(f"{_WORKER} did not come back")


def _age_ms(pid: int) -> float:
    """How long a process has been there."""
    started = int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[19])
    return (time.clock_gettime(time.CLOCK_BOOTTIME) - started / os.sysconf("SC_CLK_TCK")) * 1000


def _get(session: requests.Session, url: str) -> None:
    session.get(url).raise_for_status()


def _crowd_in(stack: Stack, engine: Engine, crowd: Crowd) -> None:
    fill(engine, crowd.history)
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        for statement in _LINE.split(";"):
            connection.execute(text(statement), {"line": crowd.line, "problems": crowd.problems})
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("SET statement_timeout = 0"))
        connection.execute(text("VACUUM ANALYZE"))
    _register(stack, crowd.workers)


def _register(stack: Stack, count: int) -> None:
    """Cards like the real premium worker's, which stay for as long as this takes."""
    redis, fleet = stack.redis(), Fleet(f"unix://{stack.data / 'redis.sock'}")
    real = fleet.workers()[0]
    later = rfc3339(datetime.now(UTC) + timedelta(hours=1)) or ""
    for number in range(count):
        card = replace(real, name=f"crowd-{number}", heartbeat=later, queue=Tier.PREMIUM)
        redis.set(worker_key(card.name), card.dump(), ex=3600)
        redis.sadd(WORKERS_SET, card.name)


def _costs(empty: Callable[[], object], full: Callable[[], object]) -> Costs:
    took = [(_cost(empty), _cost(full)) for _ in range(_TIMES + 1)]
    return _medians(took[1:])  # the first fills caches


def _cost(ask: Callable[[], object]) -> float:
    began = time.perf_counter()
    ask()
    return (time.perf_counter() - began) * 1000


def _medians(took: Sequence[Costs]) -> Costs:
    empty, full = zip(*took, strict=True)
    return statistics.median(empty), statistics.median(full)
