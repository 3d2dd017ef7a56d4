"""Queries about waiting submissions read only open submissions, however many have ended.

``python -m benchmarks query_plans`` checks PostgreSQL's plans over a million submissions.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from judge_api.store.attempts import AttemptStore
from judge_api.store.queue_samples import QueueSampleStore
from judge_api.store.submissions import SubmissionStore
from judge_core.model.account import Tier
from tests.support.databases import open_empty_database
from tests.support.records import add_account, new_submission

ASKED: dict[str, Callable[[Engine, str], object]] = {
    "a submission": lambda engine, account: SubmissionStore(engine).accept(
        new_submission(account, max_unfinished=20)
    ),
    "how many are unfinished": lambda engine, account: SubmissionStore(engine).count_unfinished(account),
    "how many wait before": lambda engine, _: SubmissionStore(engine).count_before(Tier.NORMAL, 9),
    "a sample": lambda engine, _: QueueSampleStore(engine).counts(),
    "what others sent": lambda engine, _: AttemptStore(engine).mark_sent_by_other_releases(),
}

COUNTED = ("a submission", "how many are unfinished")
"""These queries read only the index, and no row of an open submission."""


@pytest.mark.parametrize("question", ASKED)
def test_sqlite_reads_open_submissions_by_their_index(tmp_path: Path, question: str) -> None:
    engine = open_empty_database(tmp_path / "gavel.db")
    account = add_account(engine)
    asked: list[tuple[str, Any]] = []
    event.listen(engine, "before_cursor_execute", lambda *seen: asked.append((seen[2], seen[3])))
    ASKED[question](engine, account)
    plans = [step for statement, given in list(asked) for step in _plan(engine, statement, given)]
    engine.dispose()
    looks = [step for step in plans if "submissions" in step]
    assert looks
    assert all("ix_submissions_open" in step for step in looks), looks
    if question in COUNTED:
        assert all("COVERING" in step for step in looks), looks


def _plan(engine: Engine, statement: str, given: Any) -> list[str]:
    if not statement.startswith("SELECT"):
        return []
    with engine.connect() as connection:
        return [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", given)]
