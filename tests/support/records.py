"""Default records for tests. A test passes only the fields that it tests."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, insert

from judge_api.store.engine import write_transaction
from judge_api.store.records import NewSubmission
from judge_api.store.tables import accounts, new_id
from judge_core.messages import PackageRef, Report, ReportKind
from judge_core.model.account import Role, Tier
from judge_core.model.submission import Kind, Outcome, Stage, Status, TestResult, Verdict, rfc3339
from judge_core.model.worker import LanguageOnWorker, WorkerRecord, WorkerState
from judge_core.redis.keys import live_status_key
from judge_core.redis.signer import JobNames, Signer

SIGNER = Signer("a-secret-of-the-tests")
_NAMES = JobNames(SIGNER, are_secret=True)
PACKAGE = PackageRef("aplusb", "a" * 64)


def job_of(submission: str, attempt: int = 1) -> str:
    """RQ's id of an attempt's job, with its secret."""
    return _NAMES.job_id(submission, attempt)


def live_of(submission: str) -> str:
    """The key of a submission's published status, with its secret."""
    return live_status_key(submission, SIGNER.submission_secret(submission))


def lease_of(submission: str, attempt: int = 1) -> str:
    """The key of an attempt's lease, with its secret."""
    return _NAMES.lease_key(submission, attempt)


def add_account(engine: Engine, name: str = "ada", tier: Tier = Tier.NORMAL) -> str:
    """Add an account. Returns its id."""
    id = new_id()
    with write_transaction(engine) as connection:
        connection.execute(
            insert(accounts).values(
                id=id, name=name, tier=tier.value, role=Role.USER.value, created_at=datetime.now(UTC)
            )
        )
    return id


def new_submission(account_id: str, **changes: Any) -> NewSubmission:
    """A plain submission to ``aplusb`` in Python."""
    values: dict[str, Any] = {
        "account_id": account_id,
        "tier": Tier.NORMAL,
        "language": "python3",
        "source": "print(sum(map(int, input().split())))",
        "package": PACKAGE,
    }
    return NewSubmission(**values | changes)


def outcome(verdict: Verdict = Verdict.AC) -> Outcome:
    """An outcome with one test."""
    test = TestResult("secret/1", verdict, cpu_ms=3, wall_ms=4, memory_kb=900)
    return Outcome(verdict, (test,), 1, cpu_ms=3, wall_ms=4, memory_kb=900, sandbox={"mode": "full"})


def finished(submission: str, attempt: int = 1, verdict: Verdict = Verdict.AC, **changes: Any) -> Report:
    """A worker's report that it judged this attempt."""
    now = rfc3339(datetime.now(UTC))
    values: dict[str, Any] = {
        "kind": ReportKind.FINISHED,
        "submission": submission,
        "attempt": attempt,
        "worker": "normal-1",
        "at": now,
        "started_at": now,
        "outcome": outcome(verdict),
    }
    return Report(**values | changes)


def a_worker(name: str, *languages: str, **changes: Any) -> WorkerRecord:
    """An idle worker of the default pool. It has these languages, and reports that it does not have Ada."""
    now = rfc3339(datetime.now(UTC)) or ""
    offered = {language: LanguageOnWorker("1.0") for language in languages}
    values: dict[str, Any] = {
        "name": name,
        "queue": Tier.NORMAL,
        "host": "here",
        "pid": 1,
        "state": WorkerState.IDLE,
        "since": now,
        "heartbeat": now,
        "languages": {**offered, "ada": LanguageOnWorker(reason="gnatmake is not installed")},
    }
    return WorkerRecord(**values | changes)


def a_status(**changes: Any) -> Status:
    """A submission that has just been queued."""
    values: dict[str, Any] = {
        "id": new_id(),
        "serial": 1,
        "owner": "ada",
        "kind": Kind.SUBMISSION,
        "stage": Stage.QUEUED,
        "queue": Tier.NORMAL,
        "problem": "aplusb",
        "language": "python3",
        "attempt": 1,
        "submitted_at": datetime.now(UTC).replace(microsecond=0),
    }
    return Status(**values | changes)
