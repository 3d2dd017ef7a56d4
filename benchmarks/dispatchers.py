"""Compares how many verdicts per second one and two dispatchers record on PostgreSQL.

Each dispatcher has a fifth of a core. Nothing else of Gavel runs: submissions are written into the database,
and their reports are put into the stream all at once, in the form in which workers send them. PostgreSQL and
Redis share one core. Their cgroups have priority over other processes, so the rates hardly depend on other
load of the machine.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import Engine, text

from benchmarks.cpu_quota import QuotaGroup, QuotaGroups, Usage, quota_groups
from benchmarks.postgres import serving
from benchmarks.query_plans import a_submission
from benchmarks.result import Result, Row
from benchmarks.stack import TREE, StackFailed
from benchmarks.store_ceiling import add_accounts
from judge_api.store.migrate import migrate
from judge_api.store.records import AcceptedSubmission, NewSubmission
from judge_api.store.submissions import SubmissionStore
from judge_api.supervisor.redis_server import find_redis
from judge_core.messages import Report, ReportKind
from judge_core.model.submission import Outcome, TestResult, Verdict, rfc3339
from judge_core.redis.keys import REPORTS_STREAM
from judge_core.redis.signer import Signer

CORES, STORE_CORES = 0.2, 1.0
_TARGET = 1.8
_SECRET = "0" * 64
_START_SECONDS = 120.0
_RECORDED_SECONDS = 300.0


def measure(short: bool = False) -> Result:
    count, rounds = (1_000, 1) if short else (2_000, 2)
    rates: dict[int, list[_Rate]] = {1: [], 2: []}
    with (
        serving() as (engine, url),
        tempfile.TemporaryDirectory(prefix="gavel-bench-") as folder,
        _redis(Path(folder)) as redis,
        quota_groups() as groups,
    ):
        migrate(engine)
        add_accounts(engine)
        stores = groups.new(STORE_CORES)
        stores.add(_postmaster(engine))
        stores.add(int(redis.info("server")["process_id"]))
        environment = _environment(Path(folder), url)
        for _ in range(rounds):
            for number, found in rates.items():
                with _dispatchers(Path(folder), groups, environment, number) as used:
                    found.append(_rate(engine, redis, count, (stores, *used)))
    one, two = (median(rate.verdicts for rate in rates[number]) for number in (1, 2))
    return Result(
        "Verdicts recorded a second on PostgreSQL, a fifth of a core for each dispatcher",
        (
            Row("one dispatcher", one, "/s", note=_rounds(rates[1])),
            Row("two dispatchers", two, "/s", two / one, _TARGET, True, note=_rounds(rates[2])),
        ),
    )


@dataclass(frozen=True, slots=True)
class _Rate:
    """Verdicts per second, and the cores used meanwhile: by PostgreSQL and Redis together, then by each
    dispatcher."""

    verdicts: float
    cores: tuple[float, ...]


def _rounds(rates: Sequence[_Rate]) -> str:
    each = (f"{r.verdicts:.0f} (cores {', '.join(f'{used:.2f}' for used in r.cores)})" for r in rates)
    return f"rounds: {'; '.join(each)}"


def _postmaster(engine: Engine) -> int:
    with engine.connect() as connection:
        folder = connection.execute(text("SHOW data_directory")).scalar_one()
    return int((Path(folder) / "postmaster.pid").read_text().split()[0])


def _rate(engine: Engine, redis: Redis, count: int, groups: Sequence[QuotaGroup]) -> _Rate:
    """The rate at which the middle eight tenths of the verdicts are recorded."""
    store = SubmissionStore(engine)
    began = time.monotonic()
    new = [_unlimited(a_submission("a0", f"{began} {number}")) for number in range(count)]
    accepted = store.accept_batch(new, send_first=False)
    posted = [each.status.id for each in accepted if isinstance(each, AcceptedSubmission)]
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM outbox"))
        connection.execute(text("UPDATE submissions SET sent = true WHERE verdict IS NULL"))
    _report(redis, posted)
    return _watch(engine, count, groups)


def _unlimited(new: NewSubmission) -> NewSubmission:
    return replace(new, max_unfinished=None)


@contextmanager
def _redis(folder: Path) -> Iterator[Redis]:
    """Runs a Redis on a socket in the folder."""
    socket = folder / "redis.sock"
    command = [find_redis(os.environ["PATH"]), "--port", "0", "--unixsocket", socket, "--save", ""]
    server = subprocess.Popen([*map(str, command), "--dir", str(folder)], stdout=subprocess.DEVNULL)
    try:
        redis = Redis(unix_socket_path=str(socket))
        _await_redis(redis)
        yield redis
    finally:
        server.terminate()
        server.wait(60)


def _await_redis(redis: Redis) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        try:
            redis.ping()
        except RedisError:
            time.sleep(0.05)
        else:
            return
    raise StackFailed("Redis does not answer")


def _environment(folder: Path, database: str) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "GAVEL_DATA": str(folder),
        "GAVEL_DATABASE_URL": database,
        "GAVEL_REDIS_URL": f"unix://{folder}/redis.sock",
        "GAVEL_SECRET_KEY": _SECRET,
    }


@contextmanager
def _dispatchers(
    folder: Path, groups: QuotaGroups, environment: dict[str, str], count: int
) -> Iterator[list[QuotaGroup]]:
    """Runs dispatchers during the block, each in a group of its own. Yields the groups."""
    log = folder / "dispatchers.log"
    command = [sys.executable, "-P", "-m", "judge_api.dispatcher"]
    running: list[subprocess.Popen[bytes]] = []
    try:
        with log.open("wb") as out:
            running += [
                subprocess.Popen(command, env=environment, cwd=TREE, stderr=out) for _ in range(count)
            ]
        _await_started(log, count)
        used = []
        for process in running:
            used.append(groups.new(CORES))
            used[-1].add(process.pid)
        yield used
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


def _report(redis: Redis, submissions: Sequence[str]) -> None:
    """Put the final report of each submission into the stream, all at once."""
    signer = Signer(_SECRET)
    at = rfc3339(datetime.now(UTC)) or ""
    outcome = Outcome(Verdict.AC, (TestResult("secret/1", Verdict.AC, 1, 2, 3_000),), 1, 1, 2, 3_000)
    timings = {"waited_ms": 5.0, "judged_ms": 3.0, "sandbox_overhead_ms": 1.0}
    pipeline = redis.pipeline()
    for id in submissions:
        report = Report(ReportKind.FINISHED, id, 1, "bench", at, at, outcome, timings=timings)
        fields = ("submission", id, "attempt", 1, "report", report.dump(), "proof", signer.proof(id, 1))
        pipeline.execute_command("XADD", REPORTS_STREAM, "*", *fields)
    pipeline.execute()


def _watch(engine: Engine, count: int, groups: Sequence[QuotaGroup]) -> _Rate:
    """The rate from the first tenth of the verdicts to nine tenths of them."""
    low, high = count // 10, count * 9 // 10
    began, before = 0.0, 0
    usage: list[Usage] = []
    deadline = time.monotonic() + _RECORDED_SECONDS
    while time.monotonic() < deadline:
        with engine.connect() as connection:
            left = int(connection.execute(text("SELECT count(*) FROM submissions WHERE open")).scalar_one())
        done, now = count - left, time.monotonic()
        if done >= low and not began:
            began, before, usage = now, done, [group.usage() for group in groups]
        if done >= high:
            seconds = now - began
            spent = (group.usage() - earlier for group, earlier in zip(groups, usage, strict=True))
            return _Rate((done - before) / seconds, tuple(each.cpu / seconds for each in spent))
        time.sleep(0.02)
    raise StackFailed(f"{count - left} of {count} verdicts were recorded")
