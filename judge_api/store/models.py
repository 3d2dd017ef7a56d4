"""What goes into the store and what comes out: plain values, no SQL."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from judge_core.messages import CustomRun, JudgeRequest, PackageRef
from judge_core.model.account import Tier
from judge_core.model.submission import Kind, Stage, Status
from judge_core.model.verdict import Verdict

LIVE, REJUDGING = 0, 10
"""Priorities: what a person waits for, and what an operator has judged once more behind it."""


@dataclass(frozen=True, slots=True)
class NewSubmission:
    """What a person posted, already checked.

    ``body_hash`` tells two bodies under one ``idempotency_key`` apart. ``max_unfinished`` is the
    account's quota, held inside the same transaction; ``max_unfinished_runs`` is the part of it that runs may
    take. A higher ``priority`` number is served later. ``callback_url`` is told of the verdict, once.
    """

    account_id: str
    tier: Tier
    language: str
    source: str
    kind: Kind = Kind.SUBMISSION
    package: PackageRef | None = None
    run: CustomRun | None = None
    run_all: bool = False
    samples_only: bool = False
    priority: int = LIVE
    idempotency_key: str | None = None
    body_hash: str | None = None
    max_unfinished: int | None = None
    max_unfinished_runs: int | None = None
    callback_url: str | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """It is kept. ``request`` is set when the caller should send it to the queue now.

    The row in the outbox is then held for the caller for a moment. After a send that worked there is
    nothing to do (the row goes with the record, or the relay clears it); when the send failed or the
    queue had no room, ``Outbox.release([id])`` hands it to the relay at once.
    """

    status: Status
    duplicate: bool = False
    request: JudgeRequest | None = None


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """One try of ours at a submission, as operators see it."""

    number: int
    worker: str | None
    started_at: datetime | None
    ended_at: datetime | None
    ending: str | None
    reason: str | None
    timings: dict[str, float] | None = None


@dataclass(frozen=True, slots=True)
class StoredSubmission:
    """A submission whole, for its owner and for operators."""

    status: Status
    source: str
    package: PackageRef | None
    run: CustomRun | None
    attempts: tuple[AttemptRow, ...]


@dataclass(frozen=True, slots=True)
class SubmissionFilter:
    """Which submissions a list shows; ``None`` means any. ``unfinished`` takes what has no end yet."""

    account_id: str | None = None
    problem: str | None = None
    language: str | None = None
    tier: Tier | None = None
    verdict: Verdict | None = None
    stage: Stage | None = None
    kind: Kind | None = None
    unfinished: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """Newest first; ``cursor`` asks for the next page and is ``None`` after the last."""

    items: tuple[Status, ...]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """An attempt that the queue should get, claimed by one relay."""

    request: JudgeRequest
    tries: int
    created_at: datetime

    @property
    def id(self) -> str:
        return self.request.submission


@dataclass(frozen=True, slots=True)
class OpenSubmission:
    """One that is owed a verdict, as the reconciler sees it."""

    id: str
    attempt: int
    tier: Tier
    queued_at: datetime


@dataclass(frozen=True, slots=True)
class ProblemRow:
    """A problem on offer; ``spec`` is the catalog's JSON for clients, ``version`` the package's hash."""

    slug: str
    version: str
    title: str
    format: str
    spec: dict[str, Any]
    added_at: datetime
    author: str | None = None
    statement: str | None = None
    added_by: str | None = None
