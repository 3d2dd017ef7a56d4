"""Checks the plans that PostgreSQL takes for frequent statements of the store over a million submissions.

An operation misses the target if its plans scan more than 1,500 rows of large tables, because its cost would
grow with the history.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, event, text

from benchmarks.postgres import serving
from benchmarks.result import Result, Row
from judge_api.store.attempts import AttemptStore
from judge_api.store.engine import write_transaction
from judge_api.store.migrate import migrate
from judge_api.store.outbox import Outbox
from judge_api.store.queue_samples import QueueSampleStore
from judge_api.store.records import NewSubmission, SubmissionFilter
from judge_api.store.submissions import SubmissionStore
from judge_core.messages import PackageRef
from judge_core.model.account import Tier

LARGE = ("submissions", "attempts", "outbox")
ACCOUNTS = 1_000
FILL = """
INSERT INTO accounts (id, name, tier, role, created_at)
SELECT 'a' || n, 'account ' || n, CASE n % 10 WHEN 0 THEN 'premium' ELSE 'normal' END, 'user', now()
FROM generate_series(1, :accounts) n;

INSERT INTO submissions (id, account_id, kind, problem, package_hash, language, source, run_all, samples_only,
                         tier, priority, stage, attempt, faults, open, verdict, tests_done, tests_total,
                         submitted_at, queued_at, finished_at)
SELECT 's' || n, 'a' || (CAST(n AS bigint) * 7919 % :accounts + 1), 'submission', 'p' || n % 200,
       repeat('a', 64), 'cpp20',
       repeat('x', 300), false, false, 'normal', 0, 'DONE', 1, 0, false,
       (ARRAY['AC','WA','TLE','RTE'])[n % 4 + 1], 10, 10, moment, moment, moment
FROM generate_series(1, :submissions) n, LATERAL (SELECT now() - n * interval '30 s' AS moment) at;

INSERT INTO attempts (submission_id, number, worker, ending)
SELECT 's' || n, 1, 'w', 'finished' FROM generate_series(1, :submissions) n
"""


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement as the store sent it."""

    sql: str
    parameters: Any


def measure(short: bool = False) -> Result:
    """Fill a database server, run each operation of the store, explain each statement."""
    count = 50_000 if short else 1_000_000
    with serving() as (engine, _):
        milliseconds = fill(engine, count)
        rows = tuple(
            row for name, operation in store_operations(engine) for row in explain(engine, name, operation)
        )
    return Result(f"plans over {count:,} submissions", rows, (f"filled in {milliseconds:.0f} s",))


def fill(engine: Engine, count: int) -> float:
    started = time.monotonic()
    migrate(engine)
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        for statement in FILL.split(";"):
            connection.execute(text(statement), {"accounts": ACCOUNTS, "submissions": count})
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("SET statement_timeout = 0"))
        connection.execute(text("VACUUM ANALYZE"))
    return time.monotonic() - started


def store_operations(engine: Engine) -> Iterator[tuple[str, Callable[[], object]]]:
    """The operations that send statements to the database most often."""
    store, outbox, attempts = SubmissionStore(engine), Outbox(engine), AttemptStore(engine)
    for number in range(300):
        account = f"a{number % ACCOUNTS + 1}"
        store.accept(a_submission(account, f"warm {number}"), send_now=False)
    samples, soon = QueueSampleStore(engine), datetime.now(UTC) + timedelta(seconds=5)
    yield "accept", lambda: store.accept(a_submission("a77", "key"))
    yield "accept again, same key", lambda: store.accept(a_submission("a77", "key"))
    yield "status", lambda: store.status("s4711")
    yield "20 statuses", lambda: store.statuses([f"s{n}" for n in range(1, 21)])
    yield "by serial", lambda: store.by_serial(4711)
    yield "whole submission", lambda: store.submission("s4711")
    # Nine rows fill a page in the smallest database too. With more rows, the lengths of the pages would
    # differ.
    yield "page of an account", lambda: store.page(SubmissionFilter(account_id="a77"), limit=9)
    yield "page of a problem", lambda: store.page(SubmissionFilter(problem="p7"))
    yield "page of everything", lambda: store.page(SubmissionFilter())
    yield "unfinished of an account", lambda: store.count_unfinished("a77")
    yield "relay's check for work", lambda: outbox.claimable()
    yield "relay's claim", lambda: outbox.claim(100, "relay", 5)
    yield "backlog", lambda: outbox.backlog(Tier.NORMAL)
    yield "reconciler's list", lambda: attempts.open_submissions(soon)
    yield "sent by an earlier release", lambda: attempts.mark_sent_by_other_releases()
    yield "scrape: both queues", lambda: samples.counts()
    yield "scrape: verdicts of an hour", lambda: samples.verdicts(soon - timedelta(hours=1))
    yield "scrape: failures of an hour", lambda: samples.failed(soon - timedelta(hours=1))


def a_submission(account: str, key: str) -> NewSubmission:
    return NewSubmission(
        account_id=account,
        tier=Tier.NORMAL,
        language="cpp20",
        source="int main() {}",
        package=PackageRef("p7", "a" * 64),
        idempotency_key=key,
        body_hash="h",
        max_unfinished=1000,
    )


@contextmanager
def recorded_statements(engine: Engine) -> Iterator[list[Statement]]:
    """Yields a list that gets every statement which is sent to the database during the block."""
    statements: list[Statement] = []

    def listen(_c: object, _cursor: object, statement: str, parameters: Any, _x: object, _many: bool) -> None:
        statements.append(Statement(statement, parameters))

    event.listen(engine, "before_cursor_execute", listen)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", listen)


def explain(engine: Engine, name: str, operation: Callable[[], object]) -> Iterator[Row]:
    """For each statement of one operation, the rows that sequential scans of large tables read."""
    started = time.perf_counter()
    with recorded_statements(engine) as statements:
        operation()
    milliseconds = (time.perf_counter() - started) * 1000
    scans = [rows for statement in statements for rows in sequential_scans(engine, statement)]
    yield Row(
        f"{name}: rows scanned", float(sum(scans)), "rows", target=1_500, note=f"{milliseconds:.1f} ms in all"
    )


def sequential_scans(engine: Engine, statement: Statement) -> list[int]:
    """The rows that sequential scans of large tables read for this statement. The statement is run and rolled
    back."""
    if not statement.sql.lstrip().upper().startswith(("SELECT", "UPDATE", "DELETE")):
        return []
    with write_transaction(engine) as connection:
        explained = connection.exec_driver_sql(
            "EXPLAIN (ANALYZE, FORMAT JSON) " + statement.sql, statement.parameters
        )
        plan = explained.scalar_one()
        connection.rollback()
    nodes = flatten((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"])
    return [rows_read(node) for node in nodes if is_sequential_scan(node)]


def is_sequential_scan(node: dict[str, Any]) -> bool:
    return node["Node Type"] == "Seq Scan" and node.get("Relation Name") in LARGE


def rows_read(node: dict[str, Any]) -> int:
    return int((node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"])


def flatten(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for below in node.get("Plans", ()):
        yield from flatten(below)
