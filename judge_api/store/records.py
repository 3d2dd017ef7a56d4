"""The records that the store takes and returns: plain values without SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from judge_core.messages import CustomRun, JudgeRequest, PackageRef
from judge_core.model.account import LimitState, Tier
from judge_core.model.problem import ProblemState
from judge_core.model.program_files import ProgramFiles
from judge_core.model.submission import Kind, Stage, Status, Verdict

CONTEST_PRIORITY, LIVE_PRIORITY, REJUDGE_PRIORITY = -10, 0, 10
"""Priorities; the lowest number comes first. They are for submissions to events of the class ``contest``, for
other submissions that a person waits for, and for rejudgings."""
HELD_PRIORITY = 900
"""The priority of an outbox row while no live worker has its language. Such a row is not in the order of its
tier, so it delays no other row. The submission keeps its own priority."""
MAX_FUTURE = timedelta(minutes=2)
"""The longest time for which a row is postponed. A time further ahead was written before the clock was set
back, so such a row counts as due."""


@dataclass(frozen=True, slots=True)
class EventEntry:
    """The event and the member that a submission is for. ``max_tries`` is checked when the submission is
    stored. ``priority`` follows from the event's class of service. ``at`` is the time with which the
    submission counts, instead of the time at which it is stored."""

    event_id: str
    member_id: str
    max_tries: int | None = None
    priority: int = LIVE_PRIORITY
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NewSubmission:
    """A posted submission, already checked.

    ``body_hash`` distinguishes two bodies with one ``idempotency_key``. ``max_unfinished`` is the account's
    quota, which is checked in the transaction that stores the submission; ``max_unfinished_runs`` is the part
    of it that runs may take. A higher ``priority`` number is served later. The verdict is sent to
    ``callback_url``, once. ``held`` is true if no live worker has the language now.
    """

    account_id: str
    tier: Tier
    language: str
    source: str
    files: ProgramFiles | None = None
    kind: Kind = Kind.SUBMISSION
    package: PackageRef | None = None
    run: CustomRun | None = None
    run_all: bool = False
    samples_only: bool = False
    priority: int = LIVE_PRIORITY
    idempotency_key: str | None = None
    body_hash: str | None = None
    max_unfinished: int | None = None
    max_unfinished_runs: int | None = None
    callback_url: str | None = None
    held: bool = False
    event: EventEntry | None = None
    traceparent: str | None = None


@dataclass(frozen=True, slots=True)
class AcceptedSubmission:
    """A stored submission. ``request`` is set when the caller should send it to the queue now.

    In that case the outbox row is claimed for the caller for a few seconds. If the caller has sent the
    request, it has nothing more to do: the row is deleted with the verdict, or by the relay. If the send
    failed or the queue was full, ``Outbox.release([id])`` lets the relay send it at once. ``limits`` are the
    account's limits that the submission counted against.
    """

    status: Status
    duplicate: bool = False
    request: JudgeRequest | None = None
    limits: tuple[LimitState, ...] = ()


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """One attempt at a submission, as operators see it."""

    number: int
    worker: str | None
    started_at: datetime | None
    ended_at: datetime | None
    ending: str | None
    reason: str | None
    timings: dict[str, float] | None = None


@dataclass(frozen=True, slots=True)
class StoredSubmission:
    """A submission with its source and attempts, for its owner and for operators."""

    status: Status
    source: str
    package: PackageRef | None
    run: CustomRun | None
    attempts: tuple[AttemptRow, ...]
    files: ProgramFiles | None = None
    traceparent: str | None = None


@dataclass(frozen=True, slots=True)
class CodingSession:
    """A session of LeetCode's clients, by its number within the account. ``is_whole`` says that it has all
    submissions."""

    number: int
    name: str
    is_active: bool
    is_whole: bool = False


EVERY_SUBMISSION = CodingSession(1, "", is_active=True, is_whole=True)
"""The only session of an account that has not made any."""


@dataclass(frozen=True, slots=True)
class HiddenPeriod:
    """Submissions to ``problem`` from this period show no result yet. ``until`` is ``None`` if the period has
    no end."""

    problem: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class SubmissionFilter:
    """Selects the submissions of a list; ``None`` means any. ``unfinished`` selects submissions that are
    being judged, for the first time or again.

    ``full_marks`` selects accepted submissions with full marks if it is true, and with less if it is false.
    ``max_scores`` has the full marks of the scoring problems. ``ignored`` selects submissions that an
    operator has ignored if it is true, and other submissions if it is false. ``session`` is a coding session
    of the account. ``hidden`` leaves out the submissions of these periods.
    """

    account_id: str | None = None
    problem: str | None = None
    language: str | None = None
    tier: Tier | None = None
    verdict: Verdict | None = None
    stage: Stage | None = None
    kind: Kind | None = None
    unfinished: bool = False
    event_id: str | None = None
    full_marks: bool | None = None
    ignored: bool | None = None
    session: CodingSession | None = None
    max_scores: Mapping[str, float] = field(default_factory=dict)
    hidden: Sequence[HiddenPeriod] = ()


@dataclass(frozen=True, slots=True)
class SubmissionPage:
    """A page of submissions. ``cursor`` asks for the next page, and is ``None`` on the last page."""

    items: tuple[Status, ...]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """An attempt that a relay has claimed, to send it to the queue."""

    request: JudgeRequest
    tries: int
    created_at: datetime

    @property
    def id(self) -> str:
        return self.request.submission


@dataclass(frozen=True, slots=True)
class OpenSubmission:
    """A submission that awaits a verdict, as the reconciler sees it."""

    id: str
    attempt: int
    tier: Tier
    queued_at: datetime
    language: str = ""


@dataclass(frozen=True, slots=True)
class HeldSubmissions:
    """How many submissions of a tier and language wait for a worker that has the language, and since when."""

    tier: Tier
    language: str
    count: int
    oldest: datetime


@dataclass(frozen=True, slots=True)
class ProblemRow:
    """A problem; ``spec`` is the catalog's JSON for clients, ``version`` the package's hash.

    ``judging_hash`` and ``uuid`` belong to the version, and are unknown in a row that was read.
    """

    slug: str
    version: str
    title: str
    format: str
    spec: dict[str, Any]
    added_at: datetime
    author: str | None = None
    statement: str | None = None
    added_by: str | None = None
    state: ProblemState = ProblemState.PUBLISHED
    judging_hash: str | None = None
    uuid: str | None = None

    @property
    def is_published(self) -> bool:
        return self.state is ProblemState.PUBLISHED
