"""Models of responses, for the OpenAPI document. Tests check that the real responses match them.

Over 500 lines of fields without code: they are looked up by name, and share models.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from judge_api.schemas.tier_name import TierName
from judge_api.store.webhook_deliveries import DeliveryState
from judge_core.model.account import LinkPurpose, Role, Scope
from judge_core.model.maintenance import MaintenanceMode
from judge_core.model.submission import Kind, Stage, Verdict

Moment = Annotated[str, Field(description="RFC 3339, UTC", examples=["2026-01-31T12:00:00.000Z"])]
Id = Annotated[str, Field(description="UUIDv7")]


class Fault(BaseModel):
    """One wrong field; ``code`` is ``unknown-field`` for a field that the request may not have, and such as
    ``too-short`` for a value out of its ``bound``."""

    field: str
    message: str
    code: str | None = None
    bound: float | None = None


class ProblemDetails(BaseModel):
    """An error (RFC 9457)."""

    type: Annotated[str, Field(examples=["/errors/unknown-language"])]
    title: str
    status: int
    detail: str
    instance: str
    request_id: str | None = None
    errors: list[Fault] | None = None
    retry_after: Annotated[int | None, Field(description="Seconds, in the results of a batch")] = None


class AcceptedOut(BaseModel):
    """The submission is stored and will be judged. ``replayed`` is true if an earlier request with the same
    Idempotency-Key made it."""

    id: Id
    status_url: str
    events_url: str
    queue: TierName
    replayed: bool


class BatchResultOut(BaseModel):
    """One item of a batch: ``accepted`` if its ``status`` is 202, else the ``error``."""

    status: Annotated[int, Field(description="The HTTP status of the item", examples=[202])]
    accepted: AcceptedOut | None
    error: ProblemDetails | None


class BatchOut(BaseModel):
    """The result of each item of a batch, in the order of the request."""

    results: list[BatchResultOut]


class TestOut(BaseModel):
    """One test. Its texts are present for sample tests only."""

    name: str
    verdict: Verdict
    cpu_ms: int
    wall_ms: int
    memory_kb: int
    sample: bool = False
    score: float | None = None
    detail: str | None = None
    input: str | None = None
    output: str | None = None
    expected: str | None = None
    stderr: str | None = None
    message: str | None = None
    exit_code: Annotated[int | None, Field(description="Of runs on own input only.")] = None
    signal: Annotated[int | None, Field(description="Of runs on own input only.")] = None
    output_base64: Annotated[
        str | None, Field(description="The bytes of a run's output, where the text alone loses some.")
    ] = None
    stderr_base64: Annotated[str | None, Field(description="As output_base64, of stderr.")] = None
    interaction: Annotated[
        str | None,
        Field(description="The exchange in a failed interactive test: > program, < judge."),
    ] = None


class GroupScoreOut(BaseModel):
    """The score of one test group of a scoring problem; ``max_score`` is null where it is not known."""

    name: str
    score: float
    max_score: float | None


class NoWorkerOut(BaseModel):
    """The language that no live worker of the tier has; ``since`` is null while the time is not known."""

    language: str
    since: Moment | None


class StatusOut(BaseModel):
    """The status of a submission. The fields from ``reason`` on are present when it has ended, ``no_worker``
    while it waits for a worker that has its language."""

    id: Id
    serial: int
    state: Literal["PENDING", "STARTED", "SUCCESS", "FAILURE"]
    stage: Stage
    queue: TierName
    problem: str | None
    language: str
    verdict: Verdict | None
    status_code: int | None
    status_msg: str | None
    tests_done: int
    tests_total: int
    attempt: int
    cpu_ms: int | None
    memory_kb: int | None
    score: float | None
    max_score: Annotated[float | None, Field(description="Of a judged submission to a scoring problem")] = (
        None
    )
    groups: Annotated[list[GroupScoreOut], Field(description="The scores of its test groups")] = []
    own_checker: Annotated[
        bool, Field(description="A program of the problem checked the answers: several may be right")
    ] = False
    compile_output: str | None
    submitted_at: Moment
    started_at: Moment | None
    finished_at: Moment | None
    reason: str | None = None
    tests: list[TestOut] = []
    sandbox: dict[str, Any] | None = None
    compile_cached: Annotated[
        bool | None, Field(description="Whether the program had been compiled for an earlier submission")
    ] = None
    compiler: Annotated[
        str | None,
        Field(description="The compiler or interpreter, with its version", examples=["g++ 12.2.0"]),
    ] = None
    no_worker: NoWorkerOut | None = None


class StatusesOut(BaseModel):
    """The statuses in the order of the request; ``null`` for an id that is unknown or another account's."""

    statuses: list[StatusOut | None]


class AttemptOut(BaseModel):
    """One attempt to judge a submission."""

    number: int
    worker: str | None
    started_at: Moment | None
    ended_at: Moment | None
    ending: str | None
    reason: str | None


class FileOut(BaseModel):
    """One file of a program; ``content_base64`` is present where the text alone loses bytes."""

    name: str
    content: str
    content_base64: str | None = None


class SubmissionOut(StatusOut):
    """All of a submission, for its owner."""

    source: Annotated[str, Field(description="Of a program of several files: the text of its main file")]
    files: Annotated[list[FileOut] | None, Field(description="Of a program of several files: all of them")]
    entry_point: str | None
    own: Annotated[bool, Field(description="Whether the account that asks has submitted it")]
    kind: Kind
    traceparent: Annotated[str | None, Field(description="Header of that name of the request, if it had one")]
    version: Annotated[str | None, Field(description="Hash of the problem package it is judged against")]
    percentile: Annotated[
        PercentileOut | None, Field(description="Of an accepted submission that has others to compare with")
    ]
    attempts: list[AttemptOut]


class SubmissionLinkOut(BaseModel):
    """The public link of a submission; null while it has none."""

    path: Annotated[str | None, Field(description="Of this server", examples=["/shared/gvp_0a1b2c"])]
    made_at: Moment | None


class SharedSubmissionOut(BaseModel):
    """A submission as its public link shows it."""

    problem: str
    problem_name: str
    language: str
    submitted_at: Moment
    verdict: Verdict | None
    score: float | None
    max_score: float | None
    cpu_ms: int | None
    memory_kb: int | None
    source: Annotated[str, Field(description="Of a program of several files: the text of its main file")]
    files: Annotated[list[FileOut] | None, Field(description="Of a program of several files: all of them")]
    entry_point: str | None


class SubmissionsOut(BaseModel):
    """A page, newest first; ``cursor`` asks for the next one."""

    submissions: list[StatusOut]
    cursor: str | None


class CancelledOut(BaseModel):
    """``cancelled`` is true if this call cancelled the submission, false if it had ended before."""

    id: Id
    cancelled: bool


class ProblemLine(BaseModel):
    """A problem in the list."""

    slug: str
    name: str
    version: str
    type: list[str]
    keywords: list[str]
    tests_total: int
    time_limit: Annotated[float | None, Field(description="Seconds")]
    embargo_until: Annotated[
        str | None, Field(description="Only accounts that may add problems see it before")
    ]
    published: Annotated[bool, Field(description="False: only its members and administrators see it")]
    memory_limit: Annotated[int, Field(description="MiB")]
    difficulty: Annotated[str | None, Field(description="easy, medium or hard, where a keyword says it")]
    tags: Annotated[list[str], Field(description="The other keywords")]
    submitted: Annotated[int, Field(description="How many submissions were judged")]
    accepted: Annotated[int, Field(description="In a scoring problem those with full marks")]
    acceptance_rate: Annotated[float | None, Field(description="From 0 to 1")]
    mark: Annotated[Literal["solved", "tried"] | None, Field(description="Of the account that asks")]
    max_score: Annotated[float | None, Field(description="Of a scoring problem that says it")]
    best_score: Annotated[float | None, Field(description="Of the account that asks, in a scoring problem")]


class ProblemsOut(BaseModel):
    """All problems, by slug."""

    problems: list[ProblemLine]


class BinOut(BaseModel):
    """The number of runtimes in [from_ms, to_ms)."""

    from_ms: int
    to_ms: int
    count: int


class RuntimesOut(BaseModel):
    """The best runtime of each account; ``band_ms`` is the asking account's one with its timing noise."""

    language: str
    count: int
    bins: Annotated[list[BinOut], Field(description="Of one width; the last may reach to the slowest")]
    values: Annotated[list[int], Field(description="Each runtime, where they are fewer than ten")]
    band_ms: list[int] | None


class PercentileOut(BaseModel):
    """The share of accepted submissions that are slower, in per cent; timing noise bounds it."""

    beats: float
    low: float
    high: float
    among: int


class SampleOut(BaseModel):
    """One sample; ``interaction`` replaces input and output where there is one."""

    name: str
    input: str
    output: str
    hint: str | None
    interaction: str | None


class StatementOut(BaseModel):
    """The statement in one natural language."""

    language: str
    name: str
    html: Annotated[str, Field(description="Sanitised")]
    pdf: str | None


class SolutionProgramOut(BaseModel):
    """A program that solves the problem."""

    name: str
    language: str
    source: str


class SolutionOut(BaseModel):
    """The solution that the package explains; both lists are empty where it has none."""

    explanations: list[StatementOut]
    programs: list[SolutionProgramOut]


class LanguageExtrasOut(BaseModel):
    """Time factors and memory extras that the problem names, by language id."""

    time_factors: dict[str, float]
    memory_extras: dict[str, int]
    reference_factor: Annotated[
        float | None,
        Field(
            description="Greatest time factor among the languages of its own submissions; null: all have 1"
        ),
    ]


class ProblemOut(BaseModel):
    """A problem with its statements, samples and limits; no ``languages`` means every one."""

    slug: str
    version: str
    name: str
    type: list[str]
    limits: Annotated[dict[str, float | None], Field(description="Seconds, MiB, and KiB for code")]
    tests_total: int
    names: dict[str, str]
    authors: list[str]
    source: str | None
    license: str
    rights_owner: str | None
    keywords: list[str]
    languages: list[str]
    samples: list[SampleOut]
    statements: list[StatementOut]
    attachments: list[str]
    starters: dict[str, str]
    max_score: float | None
    embargo_until: Annotated[
        str | None, Field(description="Only accounts that may add problems see it before")
    ]
    published: Annotated[bool, Field(description="False: only its members and administrators see it")]
    suspended: Annotated[str | None, Field(description="Why it takes no submissions for now")]
    extras: Annotated[LanguageExtrasOut, Field(description="Of this problem alone")]
    required_files: Annotated[list[str], Field(description="Names that files of a submission must have")]
    language_limits: Annotated[
        dict[str, dict[str, float | None]],
        Field(description="By language id: time_factor, time in seconds, memory in MiB"),
    ]


class DraftOut(BaseModel):
    """A program that the account is writing."""

    language: str
    source: str
    saved_at: Moment


class DraftsOut(BaseModel):
    """The drafts for one problem."""

    drafts: list[DraftOut]


class LanguageOut(BaseModel):
    """A language as offered here and now: ``version`` where it works, else the ``reason``."""

    id: str
    name: str
    aliases: list[str]
    extensions: list[str]
    available: bool
    version: str | None
    reason: str | None
    editor_mode: str
    starter: str
    time_factor: Annotated[
        float, Field(description="Multiplies time limits; a problem's language_limits are the results")
    ]
    memory_extra: Annotated[int, Field(description="MiB added to memory limits, where a problem has none")]
    note: Annotated[str, Field(description="What authors should know about this language here, or empty")]


class LanguagesOut(BaseModel):
    """All languages of the catalog, the likeliest first."""

    languages: list[LanguageOut]


class QuotaOut(BaseModel):
    """The limits of the account's tier, and how much of them is used; ``null`` where there is no limit."""

    unfinished: int
    unfinished_now: int
    source_bytes: int
    per_minute: int | None
    per_day: int | None
    per_minute_left: int | None
    per_day_left: int | None


class AccountOut(BaseModel):
    """An account."""

    id: Id
    name: str
    tier: TierName
    role: Role
    created_at: Moment
    disabled: bool = False


class MeOut(AccountOut):
    """The current account; with ``csrf_token`` if the request came with a session."""

    quota: QuotaOut
    has_password: bool
    full_name: str | None
    email: str | None
    email_verified: bool
    deletion_due: Annotated[Moment | None, Field(description="When it will be deleted, by its own request")]
    locale: Annotated[str | None, Field(description="Language of the pages; null means the browser's")]
    event: Annotated[str | None, Field(description="The only event that the account may see")]
    notice_mails: Annotated[bool, Field(description="Whether notices are sent to a verified address too")]
    csrf_token: str | None = None


class EmailOut(BaseModel):
    """The address as it was set; ``sent`` says whether a link to verify it was sent."""

    email: str | None
    sent: bool


class LocaleOut(BaseModel):
    """The language of the pages as it was set."""

    locale: str | None


class NoticeMailsOut(BaseModel):
    """Whether notices are sent by e-mail too, as it was set."""

    on: bool


class MailSentOut(BaseModel):
    """A sentence about what was done. It is the same whether or not there is such an account."""

    done: str


class SecondFactorOut(BaseModel):
    """Whether the account has a second factor, and whether its role needs one to operate by the pages."""

    enabled: bool
    required: bool
    recovery_codes_left: int


class EnrolmentOut(BaseModel):
    """The secret for a device, as an ``otpauth:`` address and as a picture (``data:``) of its QR code."""

    secret: str
    uri: str
    qr: str


class RecoveryCodesOut(BaseModel):
    """Codes that replace the device, each once. They are not shown again."""

    recovery_codes: list[str]


class DeletionOut(BaseModel):
    """When the account will be deleted."""

    deletion_due: Moment


class LinkOut(BaseModel):
    """The account of a one-time link that can still be used, and what the link is for."""

    account: str
    purpose: LinkPurpose
    expires_at: Moment


class NewLinkOut(BaseModel):
    """A new one-time link. It is not shown again."""

    link: str
    purpose: LinkPurpose
    expires_at: Moment


class SessionOut(BaseModel):
    """The signed-in account. Changes by session need ``csrf_token`` in the header X-CSRF-Token."""

    account: AccountOut
    csrf_token: str


class KeyOut(BaseModel):
    """An API key without its secret."""

    id: Id
    name: str
    prefix: str
    created_at: Moment
    last_used_at: Moment | None
    expires_at: Moment | None
    revoked_at: Moment | None = None
    address: Annotated[str | None, Field(description="Of the last use")] = None
    scopes: Annotated[list[Scope] | None, Field(description="null for all")] = None


class KeysOut(BaseModel):
    """The valid keys, newest first."""

    keys: list[KeyOut]


class MadeFromOut(BaseModel):
    """The API key that a session was made from."""

    id: Id
    name: str


class MySessionOut(BaseModel):
    """A session of a browser. It ends with the key that it was made from, if it was made from one."""

    id: Id
    created_at: Moment
    last_used_at: Moment | None
    expires_at: Moment | None
    made_from: MadeFromOut | None
    method: Annotated[Literal["password", "key", "link", "sso"], Field(description="The way of signing in")]
    provider: Annotated[str | None, Field(description="Of a single sign-on: the provider's name")]
    address: Annotated[str | None, Field(description="Of the last use")]
    current: bool


class SessionsOut(BaseModel):
    """The sessions that last, newest first."""

    sessions: list[MySessionOut]


class SignedOutOut(BaseModel):
    """The session has ended. At this address the browser ends the session of the provider too."""

    sign_out_url: str


class SsoProviderOut(BaseModel):
    """A provider of single sign-on. A browser goes to ``sign_in_url`` to sign in by it."""

    name: str
    title: str
    sign_in_url: str


class SsoProvidersOut(BaseModel):
    """The ways to sign in and up. ``sign_up`` says how accounts are made here."""

    providers: list[SsoProviderOut]
    sign_up: Literal["open", "invitation", "sso", "closed"]


class IdentityOut(BaseModel):
    """A person of a provider who may sign in to the account. ``title`` is the provider's name for people."""

    id: Id
    provider: str
    title: str
    subject: Annotated[str, Field(description="The provider's own name for the person")]
    created_at: Moment
    last_used_at: Moment | None


class IdentitiesOut(BaseModel):
    """The identities of the account, oldest first."""

    identities: list[IdentityOut]


class LinkBegunOut(BaseModel):
    """The page of the provider to which this browser goes now."""

    authorization_url: str


class NewKeyOut(KeyOut):
    """A new key with its secret, which is not shown again."""

    key: str


class WebhookOut(BaseModel):
    """An address that gets the verdicts."""

    id: Id
    url: str
    created_at: Moment


class WebhooksOut(BaseModel):
    """The webhooks of the account, newest first."""

    webhooks: list[WebhookOut]


class NewWebhookOut(WebhookOut):
    """A new webhook with the secret that signs its messages, which is not shown again."""

    secret: str


class DeliveryOut(BaseModel):
    """One message to a webhook; ``answer`` is the HTTP status of its receiver's last response."""

    id: str
    submission: Id
    attempt: int
    state: DeliveryState
    tries: int
    answer: int | None
    reason: str | None
    created_at: Moment
    ended_at: Moment | None
    next_try_at: Moment | None


class DeliveriesOut(BaseModel):
    """The messages to a webhook, newest first."""

    deliveries: list[DeliveryOut]


class NewAccountOut(AccountOut):
    """A new account with its first key, which is not shown again."""

    key: str


class PlaceOut(BaseModel):
    """The position in the queue: the number of submissions before it, and the time it may take.

    Most of a long queue is not ``sent`` yet, since the queue in Redis is short on purpose. ``reachable`` is
    true if Redis answers, ``paused`` if operators have paused the queue. With ``no_worker`` it waits until a
    worker has its language.
    """

    ahead: int
    expected_seconds: float | None
    sent: bool
    reachable: bool
    paused: bool
    no_worker: NoWorkerOut | None


class MaintenanceOut(BaseModel):
    """Whether new submissions are judged (``open``), accepted and kept for later (``hold``) or refused with
    503, and the text that the pages show. With ``open``, the text announces a maintenance."""

    mode: MaintenanceMode
    message: str
    until: Moment | None
    since: Moment | None


class HealthOut(BaseModel):
    """The process answers."""

    status: Literal["ok"]


class QueueHealthOut(BaseModel):
    """The state of the queue: since when this process cannot reach it, and how many wait in the outbox."""

    reachable: bool
    since: Moment | None
    outbox: int


class ReadyOut(BaseModel):
    """``ready`` is true if a submission of every tier would be judged; ``missing`` names what is missing.

    ``queue_health`` is null while the database does not answer.
    """

    ready: bool
    checks: dict[str, bool]
    missing: list[str]
    warnings: list[str]
    queue_health: QueueHealthOut | None


class NoticeOut(BaseModel):
    """A change by another account: another result after a rejudging, comments on a submission, or more time
    in an event.

    ``before`` and ``after`` are the verdicts before and after a rejudging, if they may be shown. ``minutes``
    is the extra time in the event, whose title is ``title``.
    """

    id: int
    kind: Literal["rejudge", "comment", "extension"]
    submission: str | None
    problem: str | None
    event: str | None
    title: str | None
    minutes: int | None
    count: int | None
    before: Verdict | None
    after: Verdict | None
    at: Moment
    read: bool


class NoticesOut(BaseModel):
    """Notices, newest first. ``unread`` counts all unread ones, also those that are not listed."""

    notices: list[NoticeOut]
    unread: int


class NoticesReadOut(BaseModel):
    """How many notices were unread before."""

    read: int
