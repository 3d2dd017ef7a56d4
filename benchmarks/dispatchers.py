"""How many verdicts a second two dispatchers record on PostgreSQL, beside one. Each has a fifth of a core.

The stack's own dispatcher is stopped meanwhile, and others are started in its place. Reports of all
submissions are put into the stream at once, as workers would send them; PostgreSQL and Redis have no quota.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from sqlalchemy import Engine, text

from benchmarks.cpu_quota import QuotaGroups, quota_groups
from benchmarks.one_test_problem import SLUG, add_problem
from benchmarks.postgres import serving
from benchmarks.posting import post_many
from benchmarks.result import Result, Row
from benchmarks.stack import TREE, Stack, StackFailed, started
from judge_core.messages import Report, ReportKind
from judge_core.model.account import Tier
from judge_core.model.submission import Outcome, TestResult, rfc3339
from judge_core.model.verdict import Verdict
from judge_core.redis.keys import REPORTS_STREAM
from judge_core.redis.signer import Signer
from judge_core.redis.worker_registry import WorkerRegistry

CORES = 0.2
_TARGET = 1.8
_START_SECONDS = 60.0
_RECORDED_SECONDS = 300.0


def measure(short: bool = False) -> Result:
    count, rounds = (300, 1) if short else (1_500, 3)
    with (
        serving() as (engine, url),
        started("normal=1,premium=1", {"GAVEL_DATABASE_URL": url, "GAVEL_LANGUAGES": "cpp20"}) as stack,
        quota_groups() as groups,
    ):
        add_problem(stack)
        WorkerRegistry(f"unix://{stack.data / 'redis.sock'}").pause(Tier.NORMAL, True)
        with _stopped(stack.processes["dispatcher"]) as pid:
            environment = _environment(pid)
            rates = {
                number: [_rate(stack, engine, groups, environment, (number, count)) for _ in range(rounds)]
                for number in (1, 2)
            }
    one, two = median(rates[1]), median(rates[2])
    spread = f"rounds: {', '.join(f'{rate:.0f}' for rate in rates[2])}"
    return Result(
        "Verdicts recorded a second on PostgreSQL, a fifth of a core for each dispatcher",
        (
            Row("one dispatcher", one, "/s", note=f"rounds: {', '.join(f'{rate:.0f}' for rate in rates[1])}"),
            Row("two dispatchers", two, "/s", two / one, _TARGET, more_is_better=True, note=spread),
        ),
    )


def _rate(
    stack: Stack, engine: Engine, groups: QuotaGroups, environment: dict[str, str], size: tuple[int, int]
) -> float:
    """Verdicts a second with so many dispatchers, while the middle eight tenths of them are recorded."""
    dispatchers, count = size
    submissions = post_many(stack, "normal", count, problem=SLUG)
    with _dispatchers(stack, groups, environment, dispatchers):
        with engine.begin() as connection:
            connection.execute(text("DELETE FROM outbox"))
            connection.execute(text("UPDATE submissions SET sent = true WHERE verdict IS NULL"))
        _report(stack, submissions)
        return _watch(engine, count)


@contextmanager
def _stopped(pid: int) -> Iterator[int]:
    os.kill(pid, signal.SIGSTOP)
    try:
        yield pid
    finally:
        os.kill(pid, signal.SIGCONT)


def _environment(pid: int) -> dict[str, str]:
    """The environment of a process of the stack."""
    parts = Path(f"/proc/{pid}/environ").read_bytes().decode().split("\0")
    return dict(part.split("=", 1) for part in parts if "=" in part)


@contextmanager
def _dispatchers(
    stack: Stack, groups: QuotaGroups, environment: dict[str, str], count: int
) -> Iterator[None]:
    """Dispatchers that are up, each in a group of its own; ended at the end."""
    log = stack.data / "more-dispatchers.log"
    command = [sys.executable, "-P", "-m", "judge_api.dispatcher"]
    running: list[subprocess.Popen[bytes]] = []
    try:
        with log.open("wb") as out:
            running += [
                subprocess.Popen(command, env=environment, cwd=TREE, stderr=out) for _ in range(count)
            ]
        _await_started(log, count)
        for process in running:
            groups.new(CORES).add(process.pid)
        yield
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait(60)


def _await_started(log: Path, count: int) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while log.read_text().count("Dispatcher started") < count:
        if time.monotonic() > deadline:
            raise StackFailed(log.read_text()[-2000:])
        time.sleep(0.1)


def _report(stack: Stack, submissions: Sequence[str]) -> None:
    """Put the final report of each into the stream, all at once."""
    signer = Signer((stack.data / "secret_key").read_text().strip())
    at = rfc3339(datetime.now(UTC)) or ""
    outcome = Outcome(Verdict.AC, (TestResult("secret/1", Verdict.AC, 1, 2, 3_000),), 1, 1, 2, 3_000)
    timings = {"waited_ms": 5.0, "judged_ms": 3.0, "sandbox_overhead_ms": 1.0}
    pipeline = stack.redis().pipeline()
    for id in submissions:
        report = Report(ReportKind.FINISHED, id, 1, "bench", at, at, outcome, timings=timings)
        fields = ("submission", id, "attempt", 1, "report", report.dump(), "proof", signer.proof(id, 1))
        pipeline.execute_command("XADD", REPORTS_STREAM, "*", *fields)
    pipeline.execute()


def _watch(engine: Engine, count: int) -> float:
    """Verdicts a second, from a tenth to nine tenths of them."""
    low, high = count // 10, count * 9 // 10
    began, before = 0.0, 0
    deadline = time.monotonic() + _RECORDED_SECONDS
    while time.monotonic() < deadline:
        with engine.connect() as connection:
            left = int(connection.execute(text("SELECT count(*) FROM submissions WHERE open")).scalar_one())
        done, now = count - left, time.monotonic()
        if done >= low and not began:
            began, before = now, done
        if done >= high:
            return (done - before) / (now - began)
        time.sleep(0.02)
    raise StackFailed(f"{count - left} of {count} verdicts were recorded")
