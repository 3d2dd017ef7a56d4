"""Models of responses, for the OpenAPI document. Tests check that the real responses match them.

The module has over 500 lines, because the models contain each other.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from judge_api.schemas.response_model import ResponseModel
from judge_api.schemas.tier_name import TierName
from judge_api.store.webhook_deliveries import DeliveryState
from judge_core.model.account import LinkPurpose, Role, Scope
from judge_core.model.maintenance import MaintenanceMode
from judge_core.model.submission import Kind, Stage, Verdict

Moment = Annotated[str, Field(description="RFC 3339, UTC", examples=["2026-01-31T12:00:00.000Z"])]
Id = Annotated[str, Field(description="UUIDv7")]


class Fault(ResponseModel):
    """One wrong field.

    ``code`` is ``unknown-field`` for a field that the request may not have. For a value outside its ``bound``
    it is a code such as ``too-short``.
    """

    field: str
    message: str
    code: str | None = None
    bound: float | None = None


class ProblemDetails(ResponseModel):
    """An error (RFC 9457)."""

    type: Annotated[str, Field(examples=["/errors/unknown-language"])]
    title: str
    status: int
    detail: str
    instance: str
    request_id: str | None = None
    errors: list[Fault] | None = None
    retry_after: Annotated[
        int | None, Field(description="Seconds until a retry makes sense; only in the results of a batch")
    ] = None


class AcceptedOut(ResponseModel):
    """The submission is stored and will be judged. ``replayed`` is true if an earlier request with the same
    Idempotency-Key made it."""

    id: Id
    status_url: str
    events_url: str
    queue: TierName
    replayed: bool


class BatchResultOut(ResponseModel):
    """The result of one item of a batch: ``accepted`` if its ``status`` is 202, else ``error``."""

    status: Annotated[int, Field(description="The HTTP status of the item", examples=[202])]
    accepted: AcceptedOut | None
    error: ProblemDetails | None


class BatchOut(ResponseModel):
    """The result of each item of a batch, in the order of the request."""

    results: list[BatchResultOut]


class TestOut(ResponseModel):
    """One test. Input, output, expected output and standard error are absent if the submitter may not see
    them."""

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
    exit_code: Annotated[int | None, Field(description="Only present for runs with their own input.")] = None
    signal: Annotated[int | None, Field(description="Only present for runs with their own input.")] = None
    output_base64: Annotated[
        str | None, Field(description="The output in base64; present if the text alone would lose bytes.")
    ] = None
    stderr_base64: Annotated[
        str | None,
        Field(description="The standard error in base64; present if the text alone would lose bytes."),
    ] = None
    interaction: Annotated[
        str | None,
        Field(description="What the program (>) and the judge (<) sent in a failed interactive test."),
    ] = None


class GroupScoreOut(ResponseModel):
    """The score of one test group of a scoring problem. ``max_score`` is null if it is not known."""

    name: str
    score: float
    max_score: float | None


class NoWorkerOut(ResponseModel):
    """A language that no live worker of the tier has. ``since`` is null if the time is not known."""

    language: str
    since: Moment | None


class StatusOut(ResponseModel):
    """The status of a submission.

    ``reason``, ``tests``, ``sandbox``, ``compile_cached`` and ``compiler`` are present only when the
    submission has ended. ``no_worker`` is present while the submission waits for a worker that has its
    language.
    """

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
    max_score: Annotated[
        float | None,
        Field(
            description="The highest score of the problem; only for a judged submission to a scoring problem"
        ),
    ] = None
    groups: Annotated[list[GroupScoreOut], Field(description="The scores of the problem's test groups")] = []  # noqa: RUF012 (pydantic copies it)
    own_checker: Annotated[
        bool,
        Field(description="Whether a checker of the problem judged the output: several outputs may be right"),
    ] = False
    compile_output: str | None
    submitted_at: Moment
    started_at: Moment | None
    finished_at: Moment | None
    reason: str | None = None
    tests: list[TestOut] = []  # noqa: RUF012 (pydantic copies it)
    sandbox: dict[str, Any] | None = None
    compile_cached: Annotated[
        bool | None, Field(description="Whether the result of an earlier compilation was used")
    ] = None
    compiler: Annotated[
        str | None,
        Field(description="The compiler or interpreter, with its version", examples=["g++ 12.2.0"]),
    ] = None
    no_worker: NoWorkerOut | None = None


class StatusesOut(ResponseModel):
    """The statuses in the order of the request. A status is ``null`` if the id is unknown or another
    account's."""

    statuses: list[StatusOut | None]


class AttemptOut(ResponseModel):
    """One attempt to judge a submission."""

    number: int
    worker: str | None
    started_at: Moment | None
    ended_at: Moment | None
    ending: str | None
    reason: str | None


class FileOut(ResponseModel):
    """One file of a program. ``content_base64`` is present if the text alone would lose bytes."""

    name: str
    content: str
    content_base64: str | None = None


class EventOfSubmissionOut(ResponseModel):
    """The event of a submission."""

    slug: str
    problem: Annotated[
        str | None,
        Field(description="The label of its problem; null if the account that asks cannot see the event"),
    ]
    open: Annotated[
        bool, Field(description="Whether the account that asks may submit to this problem of the event now")
    ]


class SubmissionOut(StatusOut):
    """A submission with all its fields, for its owner."""

    source: Annotated[
        str, Field(description="The source. If the program has several files, the text of its main file")
    ]
    files: Annotated[
        list[FileOut] | None, Field(description="All files, if the program has several; else null")
    ]
    entry_point: str | None
    own: Annotated[bool, Field(description="Whether the account that asks has made this submission")]
    event: Annotated[
        EventOfSubmissionOut | None,
        Field(
            description="The event of the submission, if any. Once the judging of a submission to an event "
            "has begun, only administrators can cancel the submission."
        ),
    ]
    kind: Kind
    traceparent: Annotated[
        str | None,
        Field(description="The traceparent header of the request that made the submission, if any"),
    ]
    version: Annotated[
        str | None, Field(description="The hash of the problem package that the submission is judged against")
    ]
    percentile: Annotated[
        PercentileOut | None,
        Field(description="How fast an accepted submission is; null if there are none to compare it with"),
    ]
    attempts: list[AttemptOut]


class SubmissionLinkOut(ResponseModel):
    """The public link of a submission. Both fields are null while it has none."""

    path: Annotated[
        str | None, Field(description="The path of the link on this server", examples=["/shared/gvp_0a1b2c"])
    ]
    made_at: Moment | None


class SharedSubmissionOut(ResponseModel):
    """A submission as people with its public link see it."""

    problem: str
    problem_name: str
    language: str
    submitted_at: Moment
    verdict: Verdict | None
    score: float | None
    max_score: float | None
    cpu_ms: int | None
    memory_kb: int | None
    source: Annotated[
        str, Field(description="The source. If the program has several files, the text of its main file")
    ]
    files: Annotated[
        list[FileOut] | None, Field(description="All files, if the program has several; else null")
    ]
    entry_point: str | None


class SubmissionsOut(ResponseModel):
    """One page of submissions, newest first. ``cursor`` asks for the next page."""

    submissions: list[StatusOut]
    cursor: str | None


class CancelledOut(ResponseModel):
    """The answer to a cancellation.

    ``cancelled`` is true if this call cancelled the submission, and false if it had ended before.
    """

    id: Id
    cancelled: bool


class ProblemLine(ResponseModel):
    """A problem in the list."""

    slug: str
    name: str
    version: str
    type: list[str]
    keywords: list[str]
    tests_total: int
    time_limit: Annotated[float | None, Field(description="Seconds")]
    embargo_until: Annotated[
        str | None,
        Field(
            description="Before this time, only the problem's authors and administrators see it outside of "
            "events"
        ),
    ]
    published: Annotated[
        bool,
        Field(description="false: only the problem's authors and administrators see it outside of events"),
    ]
    memory_limit: Annotated[int, Field(description="MiB")]
    difficulty: Annotated[
        str | None, Field(description="easy, medium or hard, if one of the keywords says so")
    ]
    tags: Annotated[list[str], Field(description="The keywords other than the difficulty")]
    submitted: Annotated[int, Field(description="How many submissions were judged")]
    accepted: Annotated[
        int, Field(description="How many were accepted; in a scoring problem, how many got full marks")
    ]
    acceptance_rate: Annotated[float | None, Field(description="The share that was accepted, from 0 to 1")]
    mark: Annotated[
        Literal["solved", "tried"] | None,
        Field(description="Whether the account that asks has solved or tried the problem"),
    ]
    max_score: Annotated[
        float | None, Field(description="The highest possible score, if a scoring problem names one")
    ]
    best_score: Annotated[
        float | None, Field(description="The best score of the account that asks, in a scoring problem")
    ]


class ProblemsOut(ResponseModel):
    """The problems that the client may see, sorted by slug."""

    problems: list[ProblemLine]


class BinOut(ResponseModel):
    """How many runtimes are at least ``from_ms`` and less than ``to_ms``."""

    from_ms: int
    to_ms: int
    count: int


class RuntimesOut(ResponseModel):
    """The best runtime of each account.

    ``band_ms`` is the range in which the asking account's best runtime lies, because runtimes vary from run
    to run.
    """

    language: str
    count: int
    bins: Annotated[
        list[BinOut],
        Field(
            description="Ranges of equal width; the last one may be wider and reach to the slowest runtime"
        ),
    ]
    values: Annotated[list[int], Field(description="Each single runtime, if there are fewer than ten")]
    band_ms: list[int] | None


class PercentileOut(ResponseModel):
    """The percentage of accounts whose best accepted submission is slower. An equally fast one counts half.

    ``low`` and ``high`` bound it, because runtimes vary from run to run.
    """

    beats: float
    low: float
    high: float
    among: int


class SampleOut(ResponseModel):
    """One sample. In an interactive problem, ``interaction`` replaces input and output."""

    name: str
    input: str
    output: str
    hint: str | None
    interaction: str | None


class StatementOut(ResponseModel):
    """The problem's statement in one natural language."""

    language: str
    name: str
    html: Annotated[str, Field(description="HTML without scripts and other unsafe parts")]
    pdf: str | None


class SolutionProgramOut(ResponseModel):
    """A program that solves the problem."""

    name: str
    language: str
    source: str


class SolutionOut(ResponseModel):
    """The solution that the package explains. Both lists are empty if the package has none."""

    explanations: list[StatementOut]
    programs: list[SolutionProgramOut]


class LanguageExtrasOut(ResponseModel):
    """The factors for time limits and the additions to memory limits that the problem sets, by language
    id."""

    time_factors: dict[str, float]
    memory_extras: dict[str, int]
    reference_factor: Annotated[
        float | None,
        Field(
            description="The greatest time factor of the package's submissions' languages; null if all are 1"
        ),
    ]


class ProblemOut(ResponseModel):
    """A problem with its statements, samples and limits. If ``languages`` is empty, every language is
    allowed."""

    slug: str
    version: str
    name: str
    type: list[str]
    limits: Annotated[
        dict[str, float | None], Field(description="Times in seconds, memory and output in MiB, code in KiB")
    ]
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
        str | None,
        Field(
            description="Before this time, only the problem's authors and administrators see it outside of "
            "events"
        ),
    ]
    published: Annotated[
        bool,
        Field(description="false: only the problem's authors and administrators see it outside of events"),
    ]
    suspended: Annotated[
        str | None,
        Field(description="Why the problem takes no submissions now; null if it takes submissions"),
    ]
    extras: Annotated[LanguageExtrasOut, Field(description="What the problem sets for single languages")]
    required_files: Annotated[
        list[str], Field(description="The names of files that each submission must contain")
    ]
    language_limits: Annotated[
        dict[str, dict[str, float | None]],
        Field(description="By language id: time_factor, time (seconds) and memory (MiB)"),
    ]


class DraftOut(ResponseModel):
    """A program that the account is writing."""

    language: str
    source: str
    saved_at: Moment


class DraftsOut(ResponseModel):
    """The drafts for one problem."""

    drafts: list[DraftOut]


class LanguageOut(ResponseModel):
    """A language of this server.

    ``version`` is set if the language is available. ``reason`` says why it is not.
    """

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
        float, Field(description="The factor for time limits; a problem's language_limits include it")
    ]
    memory_extra: Annotated[
        int, Field(description="MiB added to memory limits, unless the problem sets its own addition")
    ]
    note: Annotated[str, Field(description="What solvers should know about the language; may be empty")]


class LanguagesOut(ResponseModel):
    """All languages that Gavel knows, in the order of its catalog."""

    languages: list[LanguageOut]


class QuotaOut(ResponseModel):
    """The limits of the account's tier, and how much of each is used. A limit is ``null`` if there is
    none."""

    unfinished: int
    unfinished_now: int
    source_bytes: int
    per_minute: int | None
    per_day: int | None
    per_minute_left: int | None
    per_day_left: int | None


class AccountOut(ResponseModel):
    """An account."""

    id: Id
    name: str
    tier: TierName
    role: Role
    created_at: Moment
    disabled: bool = False


class MeOut(AccountOut):
    """The current account. ``csrf_token`` is present if the request came with a session."""

    quota: QuotaOut
    has_password: bool
    full_name: str | None
    email: str | None
    email_verified: bool
    deletion_due: Annotated[
        Moment | None, Field(description="When the account will be deleted, if its owner asked for that")
    ]
    locale: Annotated[
        str | None, Field(description="The language of the pages; null means the browser's language")
    ]
    event: Annotated[
        str | None,
        Field(description="The slug of the only event that the account may see, if it is bound to one"),
    ]
    notice_mails: Annotated[
        bool, Field(description="Whether notices are also sent to the account's verified address")
    ]
    csrf_token: str | None = None


class EmailOut(ResponseModel):
    """The new e-mail address. ``sent`` says whether a link to verify it was sent."""

    email: str | None
    sent: bool


class LocaleOut(ResponseModel):
    """The new language of the pages."""

    locale: str | None


class NoticeMailsOut(ResponseModel):
    """Whether notices are sent by e-mail too from now on."""

    on: bool


class MailSentOut(ResponseModel):
    """A sentence about what was done. It is the same if no account has the address."""

    done: str


class SecondFactorOut(ResponseModel):
    """Whether the account has a second factor, and whether its role needs one to operate through the
    pages."""

    enabled: bool
    required: bool
    recovery_codes_left: int


class EnrolmentOut(ResponseModel):
    """The secret for a device, as an ``otpauth:`` address and as a picture (``data:``) of its QR code."""

    secret: str
    uri: str
    qr: str


class RecoveryCodesOut(ResponseModel):
    """Recovery codes. Each can be used once instead of a code of the device. They are not shown again."""

    recovery_codes: list[str]


class DeletionOut(ResponseModel):
    """When the account will be deleted."""

    deletion_due: Moment


class LinkOut(ResponseModel):
    """The account of a one-time link that can still be used, and what the link is for."""

    account: str
    purpose: LinkPurpose
    expires_at: Moment


class NewLinkOut(ResponseModel):
    """A new one-time link. It is not shown again."""

    link: str
    purpose: LinkPurpose
    expires_at: Moment


class SessionOut(ResponseModel):
    """The signed-in account. A request that changes something by this session must send ``csrf_token`` in the
    header X-CSRF-Token."""

    account: AccountOut
    csrf_token: str


class KeyOut(ResponseModel):
    """An API key without its secret."""

    id: Id
    name: str
    prefix: str
    created_at: Moment
    last_used_at: Moment | None
    expires_at: Moment | None
    revoked_at: Moment | None = None
    address: Annotated[str | None, Field(description="The address of the last use")] = None
    scopes: Annotated[list[Scope] | None, Field(description="What the key may do; null means everything")] = (
        None
    )


class KeysOut(ResponseModel):
    """The valid keys, newest first."""

    keys: list[KeyOut]


class MadeFromOut(ResponseModel):
    """The API key that a session was made from."""

    id: Id
    name: str


class MySessionOut(ResponseModel):
    """A session in a browser. If it was made from an API key, it ends with that key."""

    id: Id
    created_at: Moment
    last_used_at: Moment | None
    expires_at: Moment | None
    made_from: MadeFromOut | None
    method: Annotated[
        Literal["password", "key", "link", "sso"], Field(description="How the person signed in")
    ]
    provider: Annotated[
        str | None, Field(description="The name of the single sign-on provider, if one was used")
    ]
    address: Annotated[str | None, Field(description="The address of the last use")]
    current: bool


class SessionsOut(ResponseModel):
    """The valid sessions, newest first."""

    sessions: list[MySessionOut]


class SignedOutOut(ResponseModel):
    """The session has ended. If the browser opens ``sign_out_url``, its session at the provider ends too."""

    sign_out_url: str


class SsoProviderOut(ResponseModel):
    """A provider of single sign-on. To sign in through it, a browser opens ``sign_in_url``."""

    name: str
    title: str
    sign_in_url: str


class SsoProvidersOut(ResponseModel):
    """The providers of single sign-on. ``sign_up`` says how accounts are made here."""

    providers: list[SsoProviderOut]
    sign_up: Literal["open", "invitation", "sso", "closed"]


class IdentityOut(ResponseModel):
    """An identity at a single sign-on provider that may sign in to the account. ``title`` is the provider's
    name that people see."""

    id: Id
    provider: str
    title: str
    subject: Annotated[str, Field(description="The provider's identifier of the person")]
    created_at: Moment
    last_used_at: Moment | None


class IdentitiesOut(ResponseModel):
    """The identities of the account, oldest first."""

    identities: list[IdentityOut]


class LinkBegunOut(ResponseModel):
    """The address of the provider's page that the browser must open now."""

    authorization_url: str


class NewKeyOut(KeyOut):
    """A new key with its secret, which is not shown again."""

    key: str


class WebhookOut(ResponseModel):
    """A webhook: an address that gets the verdicts."""

    id: Id
    url: str
    created_at: Moment


class WebhooksOut(ResponseModel):
    """The webhooks of the account, newest first."""

    webhooks: list[WebhookOut]


class NewWebhookOut(WebhookOut):
    """A new webhook with the secret that signs its messages, which is not shown again."""

    secret: str


class DeliveryOut(ResponseModel):
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


class DeliveriesOut(ResponseModel):
    """The messages to a webhook, newest first."""

    deliveries: list[DeliveryOut]


class NewAccountOut(AccountOut):
    """A new account with its first key, which is not shown again."""

    key: str


class PlaceOut(ResponseModel):
    """The position in the queue: the number of submissions before it, and the expected wait in seconds.

    A submission is ``sent`` when it is in the Redis queue. The Redis queue is kept short, so if many
    submissions wait, most of them are not sent yet. ``reachable`` is true if Redis answers. ``paused`` is
    true if operators have paused the queue. With ``no_worker``, the submission waits until a worker has its
    language.
    """

    ahead: int
    expected_seconds: float | None
    sent: bool
    reachable: bool
    paused: bool
    no_worker: NoWorkerOut | None


class MaintenanceOut(ResponseModel):
    """How new submissions are treated, and the text that the pages show.

    With ``open`` they are judged, with ``hold`` they are accepted and judged later, and otherwise they are
    refused with 503. With ``open``, the text announces a maintenance.
    """

    mode: MaintenanceMode
    message: str
    until: Moment | None
    since: Moment | None


class HealthOut(ResponseModel):
    """The process answers."""

    status: Literal["ok"]


class QueueHealthOut(ResponseModel):
    """Whether this process can reach the queue.

    ``since`` is the time since when it cannot reach it. ``outbox`` counts the submissions that wait in the
    database's outbox.
    """

    reachable: bool
    since: Moment | None
    outbox: int


class ReadyOut(ResponseModel):
    """Whether a submission to every tier would be judged. ``missing`` names what is missing.

    ``queue_health`` is null while the database does not answer.
    """

    ready: bool
    checks: dict[str, bool]
    missing: list[str]
    warnings: list[str]
    queue_health: QueueHealthOut | None


class NoticeOut(ResponseModel):
    """A change by another account: another result after a rejudging, comments on a submission, or more time
    in an event.

    ``before`` and ``after`` are the verdicts before and after a rejudging, if they may be shown. ``minutes``
    is the additional time in the event. ``title`` is the event's title.
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


class NoticesOut(ResponseModel):
    """Notices, newest first. ``unread`` counts all unread notices, also those that are not listed."""

    notices: list[NoticeOut]
    unread: int


class NoticesReadOut(ResponseModel):
    """The number of notices that this request marked as read."""

    read: int
