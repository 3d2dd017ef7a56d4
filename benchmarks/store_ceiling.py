"""Measures how many submissions per second SQLite and PostgreSQL store, without HTTP, queue and judging.

Processes write as the API and the dispatcher do. Each accepts eight submissions in eight transactions. Then
it claims them, marks them as sent and records their verdicts in three more. SQLite has one writer at a time,
so further processes wait for each other. PostgreSQL serves several processes at once. Both databases are
measured in turn.
"""

from __future__ import annotations

import multiprocessing
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from statistics import median

from sqlalchemy import Engine, text

from benchmarks.postgres import serving
from benchmarks.query_plans import a_submission
from benchmarks.result import Result, Row
from judge_api.store.engine import open_engine
from judge_api.store.migrate import migrate
from judge_api.store.outbox import Outbox
from judge_api.store.submissions import SubmissionStore
from judge_api.store.verdicts import VerdictStore
from judge_core.messages import Report, ReportKind
from judge_core.model.account import Tier
from judge_core.model.submission import Outcome, TestResult, Verdict, rfc3339

PROCESSES = (1, 2, 4)
_BATCH = 8
_INSERT_ACCOUNT = """
INSERT INTO accounts (id, name, tier, role, created_at) VALUES (:id, :id, 'normal', 'user', :at)
"""
_CLAIM_SECONDS = 60.0
_OUTCOME = Outcome(Verdict.AC, (TestResult("secret/1", Verdict.AC, 1, 2, 3_000),), 1, 1, 2, 3_000)


def measure(short: bool = False) -> Result:
    seconds, rounds = (2.0, 1) if short else (5.0, 3)
    with ExitStack() as stack:
        urls = {"SQLite": stack.enter_context(_sqlite())}
        engine, urls["PostgreSQL"] = stack.enter_context(serving())
        migrate(engine)
        for url in urls.values():
            added = open_engine(url)
            add_accounts(added)
            added.dispose()
        cases = [(name, count) for name in urls for count in PROCESSES]
        rates: dict[tuple[str, int], list[float]] = {case: [] for case in cases}
        for _ in range(rounds):
            for name, count in cases:
                rates[name, count].append(_rate(urls[name], count, seconds))
    rows = [_row(case, rates[case], median(rates[case[0], 1])) for case in cases]
    return Result("Submissions accepted, sent and recorded a second, by the stores alone", tuple(rows))


def _row(case: tuple[str, int], rates: list[float], single: float) -> Row:
    name, count = case
    note = f"rounds: {', '.join(f'{rate:.0f}' for rate in rates)}"
    return Row(f"{name}, {count} processes", median(rates), "/s", median(rates) / single, note=note)


@contextmanager
def _sqlite() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="gavel-bench-") as folder:
        url = f"sqlite:///{folder}/gavel.db"
        engine = open_engine(url)
        migrate(engine)
        engine.dispose()
        yield url


def add_accounts(engine: Engine) -> None:
    """Add one account for each process."""
    with engine.begin() as connection:
        for number in range(max(PROCESSES)):
            account = {"id": f"a{number}", "at": datetime.now(UTC).replace(tzinfo=None).isoformat(" ")}
            connection.execute(text(_INSERT_ACCOUNT), account)


def _rate(url: str, processes: int, seconds: float) -> float:
    """The submissions per second of this many processes together."""
    context = multiprocessing.get_context("spawn")
    ready = context.Barrier(processes)
    with context.Pool(processes, _keep, (ready,)) as pool:
        return sum(pool.starmap(_write, [(url, number, seconds) for number in range(processes)], 1))


_ready: list[object] = []


def _keep(ready: object) -> None:
    _ready.append(ready)


def _write(url: str, number: int, seconds: float) -> float:
    """Write for this many seconds. Returns the submissions per second of this process."""
    engine = open_engine(url)
    submissions, outbox, verdicts = SubmissionStore(engine), Outbox(engine), VerdictStore(engine)
    done = -_BATCH
    began = 0.0
    while not began or time.monotonic() - began < seconds:
        for place in range(_BATCH):
            submissions.accept(a_submission(f"a{number}", f"{began} {done} {place}"), send_now=False)
        rows = outbox.claim(_BATCH, str(number), _CLAIM_SECONDS, Tier.NORMAL)
        outbox.mark_sent((row.id, row.request.attempt) for row in rows)
        verdicts.record_all([_report(row.id) for row in rows])
        done += _BATCH
        if not began:  # the first batch is not measured, because it compiles the statements
            _ready[0].wait()  # type: ignore[attr-defined]
            began = time.monotonic()
    took = time.monotonic() - began
    engine.dispose()
    return done / took


def _report(submission: str) -> Report:
    at = rfc3339(datetime.now(UTC)) or ""
    timings = {"waited_ms": 5.0, "judged_ms": 3.0, "sandbox_overhead_ms": 1.0}
    return Report(ReportKind.FINISHED, submission, 1, "bench", at, at, _OUTCOME, timings=timings)
