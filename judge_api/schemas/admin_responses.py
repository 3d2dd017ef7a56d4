"""Models of responses to authors and administrators, for the OpenAPI document.

The module has over 500 lines, because the models contain each other.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from judge_api.schemas.response_model import ResponseModel
from judge_api.schemas.responses import (
    AccountOut,
    AttemptOut,
    IdentityOut,
    Moment,
    QueueHealthOut,
    StatusOut,
)
from judge_api.schemas.tier_name import TierName
from judge_api.store.problem_verifications import LineOutcome
from judge_api.store.webhook_deliveries import DeliveryState
from judge_core.model.account import Role
from judge_core.model.problem import ProblemState
from judge_core.model.submission import Stage, Verdict
from judge_core.model.worker import WorkerState
from judge_core.packages.form_fields import FieldKind, Section


class PackageFault(ResponseModel):
    """One error or warning about a package."""

    file: str
    message: str
    key: str | None = None
    line: int | None = None


class VerificationSummary(ResponseModel):
    """When a version was last verified; ``passed`` is null until all its submissions are judged."""

    version: str
    begun_at: Moment
    ended_at: Moment | None
    passed: bool | None


class OfferedVersion(ResponseModel):
    """A problem, the version that its page shows, and the time when that version was added.

    ``faults`` counts the submissions that failed because of this version's own programs or files. ``newest``
    is the version that was added last. It is a draft if it is not the published version.
    """

    slug: str
    version: str
    title: str
    author: str | None
    format: str
    added_at: Moment
    owner: str | None
    faults: int
    state: ProblemState
    newest: str
    verification: VerificationSummary | None
    submitted: int
    accepted: int
    acceptance_rate: float | None


class ProblemFaultLine(ResponseModel):
    """A submission that could not be judged, and the problem's fault. The reason may quote jury files."""

    slug: str
    version: str
    submission_id: str
    at: Moment
    reason: str


class ProblemFaultsOut(ResponseModel):
    """The latest faults of a problem, newest first. ``version`` is the published version, or the newest one
    if none is published."""

    version: str
    faults: list[ProblemFaultLine]


class OfferedVersionsOut(ResponseModel):
    """The problems that the account may edit, by slug."""

    problems: list[OfferedVersion]


class AddedProblemOut(ResponseModel):
    """The version that was added. ``created`` is false if the problem had this version before.

    ``state`` is the problem's state. If the package names no time limit, ``time_limit_run`` is the id of the
    run that measures one. ``to_rejudge`` counts the submissions that were judged with other tests or limits.
    """

    slug: str
    version: str
    state: ProblemState
    created: bool
    warnings: list[PackageFault]
    time_limit_run: str | None
    to_rejudge: int


class ProofLine(ResponseModel):
    """One submission of the package: the id of the run that judges it, or a note why it is not judged
    here."""

    name: str
    language: str | None
    expected: list[Verdict]
    id: str | None
    note: str | None
    outcome: LineOutcome
    verdict: Verdict | None
    cpu_ms: int | None


class ProofBegunOut(ResponseModel):
    """The submissions of a package with their expected verdicts, and the runs that judge them."""

    slug: str
    version: str
    submissions: list[ProofLine]


class VerificationOut(VerificationSummary):
    """A verification with its progress so far; ``faults`` says why it did not pass."""

    slug: str
    submissions: list[ProofLine]
    faults: list[str]


class ChangedPart(ResponseModel):
    """A part of a package, and its changes since the version before. ``files`` names some of the changed
    files."""

    part: str
    added: int
    removed: int
    changed: int
    files: list[str]


class ChangedLimit(ResponseModel):
    """A limit that changed since the version before."""

    name: str
    before: float | None
    after: float | None


class ProblemVersionOut(ResponseModel):
    """A version of a problem. ``changes`` are the differences from the version before. They are null if they
    are not known."""

    version: str
    added_at: Moment
    added_by: str | None
    verified_at: Moment | None
    on_offer: bool
    judges_alike: bool
    changes: list[ChangedPart] | None
    limits: list[ChangedLimit]


class AuthoredProblemOut(ResponseModel):
    """A problem as its authors see it. Its versions are listed newest first.

    ``version`` is the version that the problem's page shows. ``to_rejudge`` counts the submissions that may
    get another verdict from ``newest``. ``judges_alike`` says that a version gives the same verdicts as
    ``version``.
    """

    slug: str
    title: str
    state: ProblemState
    version: str
    newest: str
    owner: str | None
    co_authors: list[str]
    may_manage: bool
    suspended: str | None
    submissions: int
    to_rejudge: int
    verification: VerificationOut | None
    versions: list[ProblemVersionOut]


class PackageFileOut(ResponseModel):
    """A file of a package by its path, with its size in bytes."""

    path: str
    size: int


class RunBegunOut(ResponseModel):
    """A run that was sent to a worker."""

    id: str
    status_url: str


class PackageFilesOut(ResponseModel):
    """The files of a version."""

    version: str
    files: list[PackageFileOut]


class StateChangedOut(ResponseModel):
    """The state of a problem after a change. ``to_rejudge`` counts the submissions that were judged with
    other tests or limits."""

    done: str
    state: ProblemState
    version: str
    to_rejudge: int


class JudgedOne(ResponseModel):
    """A submission to the problem. ``open`` is true while it is being judged or judged again."""

    id: str
    open: bool
    verdict: str | None


class JudgedOut(ResponseModel):
    """Submissions to the problem, with their ids and their verdicts so far."""

    submissions: list[JudgedOne]


class TouchedOne(ResponseModel):
    """A submission that a rejudging would judge again."""

    id: str
    account: str | None
    verdict: str | None


class TouchedOut(ResponseModel):
    """The submissions that a rejudging with the newest version would judge again: their number, and the first
    of them."""

    version: str
    total: int
    submissions: list[TouchedOne]


class DoneOut(ResponseModel):
    """A sentence about what was done."""

    done: str


class InvitationOut(ResponseModel):
    """An invitation. It allows one sign-up."""

    invitation: str
    expires_at: Moment


class ListedAccount(AccountOut):
    """An account as administrators see it."""

    full_name: str | None
    email: str | None
    email_verified: bool
    deletion_due: Moment | None
    second_factor: bool
    groups: list[str]
    identities: Annotated[
        list[IdentityOut],
        Field(description="The identities at single sign-on providers that may sign in to the account"),
    ]


class AccountsOut(ResponseModel):
    """Accounts by name."""

    accounts: list[ListedAccount]


class LineFaultOut(ResponseModel):
    """One thing that is wrong in a file."""

    line: int
    column: str
    message: str


class ImportedAccount(ResponseModel):
    """An account of the file. ``password`` is shown only in this response, and is null in a dry run."""

    name: str
    full_name: str | None
    email: str | None
    tier: TierName
    role: Role
    groups: list[str]
    password: str | None


class ImportOut(ResponseModel):
    """The accounts of a file. If the file has faults, no account was made."""

    made: bool
    faults: list[LineFaultOut]
    accounts: list[ImportedAccount]


class GroupOut(ResponseModel):
    """A group of accounts."""

    name: str
    members: int


class GroupsOut(ResponseModel):
    """The groups by name."""

    groups: list[GroupOut]


class RefusedAccount(ResponseModel):
    """An account that was left as it is, and why."""

    name: str
    reason: str


class ManyAccountsOut(ResponseModel):
    """How many accounts were changed or deleted, and which were not."""

    changed: int
    refused: list[RefusedAccount]


class OwnedStatus(StatusOut):
    """A status with the names of its account and of the administrator who ignored its failure."""

    account: str | None
    ignored_by: str | None


class OwnedSubmissionsOut(ResponseModel):
    """A page of the submissions of all accounts."""

    submissions: list[OwnedStatus]
    cursor: str | None
    total: Annotated[
        int | None,
        Field(
            description="The number of matching submissions, up to 10,000; null if `total` was not asked for"
        ),
    ]


class WhyOut(ResponseModel):
    """Why a submission has no verdict.

    ``reason`` names the cause. ``command`` is a command that shows more about the cause, or removes it. Both
    are null when there is a verdict. ``ahead`` is the number of submissions that wait before this one.
    """

    id: str
    account: str | None
    problem: str | None
    language: str
    queue: TierName
    stage: Stage
    verdict: Verdict | None
    submitted_at: Moment
    reason: str | None
    command: str | None
    ahead: int
    expected_seconds: float | None
    attempts: list[AttemptOut]


class WorkerSpeedLine(ResponseModel):
    """A worker's times.

    ``ratio`` compares them with the usual times for the same problem and language: 1.5 means that this worker
    needs one and a half times as long. It is null if no other worker judged the same problem in the same
    language. ``compared`` counts the attempts that ``ratio`` is computed from.
    """

    worker: str
    queue: str
    judged: int
    median_ms: float
    worst_ms: float
    compared: int
    ratio: float | None


class WorkerSpeedsOut(ResponseModel):
    """The workers that judged something, the slowest first."""

    workers: list[WorkerSpeedLine]


class AuditLine(ResponseModel):
    """One entry of the audit log."""

    id: int
    at: Moment
    account: str | None
    act: str
    subject: str | None
    detail: dict[str, Any] | None


class AuditOut(ResponseModel):
    """The entries of the audit log, newest first. ``cursor`` asks for the next page."""

    entries: list[AuditLine]
    cursor: str | None


class RejudgedOne(ResponseModel):
    """A submission that will be judged again, with its verdict so far."""

    id: str
    account: str | None
    before: str | None


class RejudgedOut(ResponseModel):
    """One page of submissions that will be judged again. ``cursor`` asks for the next page."""

    version: str
    rejudged: list[RejudgedOne]
    cursor: str | None


class QueueNow(ResponseModel):
    """One queue at this moment.

    ``waiting`` includes the ``unsent`` submissions, which are not in Redis yet. ``failed`` counts the
    submissions that could not be judged in the last hour. ``lent`` counts the workers that judge for another
    tier now.
    """

    tier: TierName
    waiting: int
    unsent: int
    running: int
    oldest_ms: int
    failed: int
    workers: int
    paused: bool
    lent: int


class QueueSampleOut(ResponseModel):
    """One queue at a moment in the past."""

    at: Moment
    tier: TierName
    waiting: int
    oldest_ms: int
    running: int
    workers: int
    judged: int
    wait_p50_ms: int | None
    wait_p99_ms: int | None


class OddEntryOut(ResponseModel):
    """An entry of Redis, or a row of the database, that could not be read.

    It has the place, the reason, and the escaped beginning of the content.
    """

    at: Moment
    source: str
    key: str
    reason: str
    content: str


class SetAsideOut(ResponseModel):
    """Entries of Redis and rows of the database that could not be read. They are counted in Redis, so the
    numbers begin again at 0 when Redis is emptied.

    ``by_source`` counts them by the place where they were found. ``latest`` lists the latest of them.
    """

    total: int
    by_source: dict[str, int]
    latest: list[OddEntryOut]


class DiskOut(ResponseModel):
    """One disk of the main server; ``error`` says why it cannot be read."""

    name: str
    folder: str
    total_bytes: int
    free_bytes: int
    is_low: bool
    error: str | None


class RedisFilesOut(ResponseModel):
    """Damaged files of the embedded Redis that `gavel up` has set aside and kept."""

    folder: str
    at: str


class StorageOut(ResponseModel):
    """The disks of the data, the database and the scratch folder.

    If the disk of the data or the database has less than ``floor_bytes`` of free space, requests that post
    submissions, packages or files, or convert a package, are answered 503.
    """

    floor_bytes: int
    disks: list[DiskOut]
    redis_files_set_aside: list[RedisFilesOut]


class UnservedOut(ResponseModel):
    """A language that no live worker of a tier has.

    ``since`` is the time since when no worker has it. ``waiting`` counts the submissions that wait for it.
    """

    tier: TierName
    language: str
    since: Moment | None
    waiting: int


class PoolOut(ResponseModel):
    """A pool of a tier: a group of workers with a queue of their own.

    ``languages`` are those that at least one worker of the pool has.
    """

    tier: TierName
    pool: str
    queue: str
    workers: int
    languages: list[str]


class MarkerOut(ResponseModel):
    """A moment to mark in the charts: a start, a new release, or an act of an operator.

    ``act`` is the name in the audit log.
    """

    at: Moment
    act: str
    subject: str | None
    by: str | None
    release: str | None
    before: str | None


class QueuesOut(ResponseModel):
    """The queue of each tier.

    While Redis cannot be reached, ``reachable`` is false, and the numbers come from the database.
    """

    queues: list[QueueNow]
    reachable: bool
    queue_health: QueueHealthOut
    storage: StorageOut
    set_aside: SetAsideOut
    warnings: list[str]
    work_conserving: bool
    unserved: list[UnservedOut]
    pools: list[PoolOut]
    verdicts: dict[str, int]
    markers: list[MarkerOut]
    samples: list[QueueSampleOut]


class LanguageOnWorkerOut(ResponseModel):
    """A language on a worker: its version if its self-test passed, else the reason why it failed."""

    version: str | None
    reason: str | None


class GuaranteeOut(ResponseModel):
    """One limit, and how it is enforced on the worker's host: by a cgroup, by an rlimit, by sampling, or not
    at all."""

    limit: str
    enforced_by: str
    note: str = ""


class SandboxOut(ResponseModel):
    """The isolation of a worker: the mode that its self-test found, and what enforces each limit."""

    backend: str = ""
    mode: str = ""
    guarantees: list[GuaranteeOut] = []  # noqa: RUF012 (pydantic copies it)


class WorkerOut(ResponseModel):
    """The registration of one worker.

    ``since`` is the time when the worker started. ``submission_since`` is the time when it started its
    present submission. ``queue`` is its tier. Workers of older releases send no ``architecture`` and no
    ``memory_mb``. ``speed`` is the speed of one core, or 0 if it was not measured. ``outside_band`` says why
    the speed is outside the worker's ``GAVEL_SPEED_BAND``.
    """

    name: str
    queue: TierName
    pool: str
    architecture: str
    memory_mb: int
    host: str
    pid: int
    state: WorkerState
    since: Moment
    heartbeat: Moment
    submission: str | None
    submission_since: Moment | None
    judged: int
    faults: int
    reason: str | None
    sandbox: SandboxOut
    languages: dict[str, LanguageOnWorkerOut]
    versions: dict[str, str]
    speed: float
    outside_band: str | None


class WorkersOut(ResponseModel):
    """The workers, as they describe themselves. The list is empty while Redis cannot be reached."""

    workers: list[WorkerOut]
    reachable: bool


class OperatorMessageOut(ResponseModel):
    """One message to an operators' webhook. The fields of ``data`` depend on its ``type``."""

    id: str
    type: str
    data: dict[str, Any]
    state: DeliveryState
    tries: int
    answer: int | None
    reason: str | None
    created_at: Moment
    ended_at: Moment | None
    next_try_at: Moment | None


class OperatorMessagesOut(ResponseModel):
    """The messages, newest first."""

    deliveries: list[OperatorMessageOut]


class FormFieldOut(ResponseModel):
    """A key of the form. ``is_complex`` means that the file writes the value in a way that the form cannot
    show."""

    key: Annotated[str, Field(examples=["limits.memory"])]
    kind: FieldKind
    section: Section
    choices: list[str]
    bounds: Annotated[str | None, Field(examples=["from 1 to 1048576 MiB"])]
    unit: str | None
    default: Annotated[
        str | None, Field(description="The value that applies if the key is missing, in words")
    ]
    value: str | bool | list[str] | dict[str, str] | None
    is_complex: bool


class FormFaultOut(ResponseModel):
    """A value that was refused, and the reason."""

    key: str
    message: str


class FormOut(ResponseModel):
    """A YAML file as a form. ``others`` are the keys that the form does not know and does not change."""

    file: str
    text: str
    fields: list[FormFieldOut]
    others: list[str]
    faults: list[FormFaultOut]


class LogLineOut(ResponseModel):
    """One line of a log."""

    process: str
    at: Moment
    level: str
    text: str


class LogsOut(ResponseModel):
    """Lines of logs, oldest first, and the processes whose logs are on the main server."""

    processes: list[str]
    lines: list[LogLineOut]
