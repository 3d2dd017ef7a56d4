"""Models of request bodies and query parameters. They check requests and describe them in OpenAPI.

The module has over 500 lines, because the models share their field types, and a client's developer looks for
all of them in one place.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from apiflask.fields import UploadFile
from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StrictBool

from judge_api.schemas.tier_name import FORMAT as TIER_FORMAT
from judge_api.schemas.tier_name import TierName
from judge_core.model.account import (
    LONGEST_NAME,
    LONGEST_PASSWORD,
    NAME_PATTERN,
    SHORTEST_NAME,
    SHORTEST_PASSWORD,
    Role,
    Scope,
    Tier,
)
from judge_core.model.byte_texts import is_base64
from judge_core.model.maintenance import LONGEST_MESSAGE, MaintenanceMode
from judge_core.model.program_files import LONGEST_PATH, MOST_FILES
from judge_core.model.submission import Kind, Stage, Verdict

_LAST_YEAR = 9998


def storable(text: str) -> str:
    """Return the text unchanged. Raises ``ValueError`` with the reason if a database may be unable to store
    it."""
    if "\x00" in text:
        raise ValueError("must not contain NUL bytes")
    return whole_characters(text)


def whole_characters(text: str) -> str:
    """Return the text unchanged. Raises ``ValueError`` if it holds half a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValueError(f"is not valid Unicode at character {error.start}: half a surrogate pair") from error
    return text


def whole_text(text: str | None) -> str | None:
    """Return the text unchanged, also ``None``. Raises ``ValueError`` as :func:`whole_characters` does."""
    return None if text is None else whole_characters(text)


def base64_text(text: str) -> str:
    """Return the text unchanged. Raises ``ValueError`` if it is not valid base64."""
    if not is_base64(text):
        raise ValueError("must be base64 with its padding, without spaces")
    return text


def writable_moment(moment: datetime) -> datetime:
    """Return the time unchanged. Raises ``ValueError`` if it has no zone, or if UTC or a database cannot
    express it."""
    if moment.tzinfo is None:
        raise ValueError("must have a zone, such as 2026-11-29T14:00:00Z")
    if not 1970 <= moment.year <= _LAST_YEAR:
        raise ValueError(f"must be between the years 1970 and {_LAST_YEAR}")
    return moment


Text = Annotated[str, AfterValidator(storable)]
WritableTime = Annotated[datetime, AfterValidator(writable_moment)]
Base64 = Annotated[str, AfterValidator(base64_text), Field(json_schema_extra={"contentEncoding": "base64"})]
Slug = Annotated[Text, Field(min_length=1, max_length=255, examples=["aplusb"])]
LanguageName = Annotated[Text, Field(min_length=1, max_length=64, examples=["python3"])]
Source = Annotated[
    str,
    AfterValidator(whole_characters),
    Field(min_length=1, examples=["print(sum(map(int, input().split())))"]),
]
"""The source of a program. NUL characters are accepted here; the compiler then reports an error."""
Name = Annotated[Text, Field(min_length=1, max_length=64)]
AccountName = Annotated[str, Field(min_length=SHORTEST_NAME, max_length=LONGEST_NAME, pattern=NAME_PATTERN)]
Password = Annotated[Text, Field(min_length=SHORTEST_PASSWORD, max_length=LONGEST_PASSWORD)]
TypedPassword = Annotated[Text, Field(min_length=1, max_length=LONGEST_PASSWORD)]
"""A password that is compared with the stored one."""
Code = Annotated[Text, Field(min_length=6, max_length=32)]
"""A code of a device, or a recovery code."""
LinkToken = Annotated[
    Text, Field(min_length=1, max_length=128, description="The part of the link after the #.")
]
Argument = Annotated[Text, Field(max_length=512)]


class Body(BaseModel):
    """A JSON body. Types are not converted; unknown members are refused by name."""

    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)


class Query(BaseModel):
    """Query parameters. They arrive as text, so they are converted to their types."""

    model_config = ConfigDict(extra="ignore", allow_inf_nan=False)


class FileIn(Body):
    """One file of a program that has several files. Send bytes that are no UTF-8 text in
    ``content_base64``."""

    name: Annotated[Text, Field(min_length=1, max_length=LONGEST_PATH, examples=["main.py"])]
    content: Annotated[str | None, AfterValidator(whole_text), Field(examples=["import helper"])] = None
    content_base64: Base64 | None = None


Files = Annotated[
    list[FileIn] | None,
    Field(
        min_length=1,
        max_length=MOST_FILES,
        description="All files of a program that has several. Replaces source",
    ),
]
Archive = Annotated[
    Base64 | None,
    Field(description="A zip of all files, in base64. Replaces files. A single top folder is left out."),
]
EntryPoint = Annotated[
    Text | None, Field(max_length=LONGEST_PATH, description="The name of the file, or of the class, to start")
]


class SubmissionIn(Body):
    """A submission to a problem: its ``source``, its ``files``, or an ``archive`` of its files."""

    problem: Slug
    language: LanguageName
    source: Source | None = None
    files: Files = None
    archive: Archive = None
    entry_point: EntryPoint = None
    run_all: Annotated[bool, Field(description="Run every test even after one has failed.")] = False
    event: Annotated[
        Text | None,
        Field(
            min_length=1,
            max_length=64,
            description="The slug of the event to submit to. ``problem`` may then be the problem's label.",
        ),
    ] = None


class CaseIn(Body):
    """One input of a run. Without an expected output, a clean exit is AC.

    Send bytes that are no UTF-8 text, or that contain NUL, in the fields that end in ``_base64``.
    """

    stdin: Text = ""
    expected_output: Text | None = None
    stdin_base64: Base64 | None = None
    expected_output_base64: Base64 | None = None


class LimitsIn(Body):
    """Limits of a run. They cannot exceed the limits of the account."""

    cpu_seconds: Annotated[float | None, Field(gt=0)] = None
    wall_seconds: Annotated[float | None, Field(gt=0)] = None
    memory_kb: Annotated[int | None, Field(ge=2048)] = None
    output_kb: Annotated[int | None, Field(ge=1)] = None
    processes: Annotated[int | None, Field(ge=1)] = None
    stack_kb: Annotated[int | None, Field(ge=64)] = None


class RunIn(Body):
    """A run with its own input, or with a problem's samples. It does not count for the problem.

    Send bytes that are no UTF-8 text, or that contain NUL, in the fields that end in ``_base64``.
    """

    language: LanguageName
    source: Source | None = None
    files: Files = None
    archive: Archive = None
    entry_point: EntryPoint = None
    problem: Slug | None = None
    stdin: Text | None = None
    expected_output: Text | None = None
    stdin_base64: Base64 | None = None
    expected_output_base64: Base64 | None = None
    cases: Annotated[list[CaseIn] | None, Field(min_length=1, max_length=100)] = None
    limits: LimitsIn | None = None
    arguments: Annotated[list[Argument], Field(max_length=32)] = []
    compiler_arguments: Annotated[list[Argument], Field(max_length=32)] = []


LARGEST_BATCH = 100
"""The largest number of submissions, runs or statuses in one call."""


Batch = Annotated[list[Any], Field(min_length=1, max_length=LARGEST_BATCH)]
"""The items of a batch. They are validated later, one by one, so a wrong item does not make the whole batch
fail.

The OpenAPI document describes their types nevertheless.
"""


class SubmissionBatchIn(Body):
    """Up to a hundred submissions. Each one is accepted or refused on its own."""

    submissions: Batch


class RunBatchIn(Body):
    """Up to a hundred runs. Each one is accepted or refused on its own."""

    runs: Batch


def _ids_in(text: str) -> str:
    if len(text.split(",")) > LARGEST_BATCH:
        raise ValueError(f"at most {LARGEST_BATCH} ids fit into one call")
    return text


class StatusesQuery(Query):
    """The ids of the submissions whose statuses to return."""

    # The pattern is before the validator, because otherwise the OpenAPI document would not have it. Each list
    # that it allows fits into the first line of a request, even if the client percent-encodes the commas and
    # spaces.
    ids: Annotated[
        str,
        Field(
            min_length=1,
            max_length=6_500,
            pattern="^ ?[0-9A-Za-z._-]*(, ?[0-9A-Za-z._-]*){0,99}$",
            description="Up to 100 ids of submissions, separated by commas",
        ),
        BeforeValidator(_ids_in),
    ]


class RuntimesQuery(Query):
    """The language whose runtimes are shown."""

    language: Annotated[Text, Field(min_length=1, max_length=64, description="Id or alias of a language")]


class StatusQuery(Query):
    """How long to wait for a change of the status."""

    wait: Annotated[
        float,
        Field(ge=0, le=30, description="Seconds to wait for a status newer than the one in If-None-Match."),
    ] = 0.0
    until: Annotated[
        Literal["change", "final"],
        Field(description="What to wait for: the next change, or the end of the submission."),
    ] = "change"


class PageQuery(Query):
    """One page of a list."""

    cursor: Annotated[
        str | None,
        Field(pattern=r"^[0-9]{1,18}$", description="The cursor in the answer with the page before."),
    ] = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class SubmissionsQuery(PageQuery):
    """A filter of submissions."""

    problem: Slug | None = None
    language: LanguageName | None = None
    verdict: Verdict | None = None
    stage: Stage | None = None
    kind: Kind | None = None


class OwnSubmissionsQuery(SubmissionsQuery):
    """A filter of the account's own submissions."""

    full_marks: Annotated[
        bool | None,
        Field(description="true: only accepted submissions with full marks; false: only those with less."),
    ] = None


class AllSubmissionsQuery(SubmissionsQuery):
    """A filter of the submissions of all accounts."""

    account: Annotated[Text | None, Field(max_length=64, description="The name of an account.")] = None
    queue: TierName | None = None
    unfinished: bool = False
    order: Annotated[Literal["newest", "oldest"], Field(description="Which submissions come first.")] = (
        "newest"
    )
    total: Annotated[bool, Field(description="Also count all submissions that match, up to 10,000.")] = False
    ignored: Annotated[
        bool | None, Field(description="true: only ignored failures; false: all but the ignored failures.")
    ] = None


class LogsQuery(Query):
    """Which lines of the logs to return."""

    process: Annotated[
        Text | None,
        Field(max_length=100, description="The name of a process, from ``processes`` in the answer."),
    ] = None
    submission: Annotated[
        Text | None, Field(max_length=36, description="Only lines with this submission's id.")
    ] = None
    minutes: Annotated[int, Field(ge=1, le=1440, description="The age of the oldest lines, in minutes.")] = 60
    limit: Annotated[int, Field(ge=1, le=2000)] = 500


class IgnoredIn(Body):
    """Whether a failed submission is ignored. An ignored one is not counted as a failure that needs
    attention."""

    ignored: bool


class HoursQuery(Query):
    """The time span of a history."""

    hours: Annotated[float, Field(ge=0, le=24)] = 1.0


class NamesQuery(Query):
    """One page of a list that is sorted by name."""

    after: Annotated[Text | None, Field(max_length=64)] = None
    search: Annotated[Text | None, Field(max_length=64, description="Only names that contain this text.")] = (
        None
    )
    limit: Annotated[int, Field(ge=1, le=500)] = 100


class AccountsQuery(NamesQuery):
    """One page of accounts. With ``group``, only the accounts of that group."""

    group: Annotated[Text | None, Field(max_length=64)] = None


class AccountFileIn(BaseModel):
    """A CSV file. Its first line names the columns: name, full name, e-mail, tier, role, group."""

    model_config = ConfigDict(arbitrary_types_allowed=True)
    file: UploadFile


class DryRunQuery(Query):
    """Whether to check the request without changing anything."""

    dry_run: bool = False


class ManyAccountsIn(Body):
    """The accounts to change, by their ids or by their group, and the changes.

    Fields that are left out stay as they are.
    """

    accounts: Annotated[list[Annotated[Text, Field(max_length=36)]], Field(max_length=1000)] = []
    group: Annotated[Text | None, Field(min_length=1, max_length=64)] = None
    tier: TierName | None = None
    role: Annotated[Role | None, Field(strict=False)] = None
    disabled: bool | None = None
    add_group: Annotated[Text | None, Field(min_length=1, max_length=64)] = None
    remove_group: Annotated[Text | None, Field(min_length=1, max_length=64)] = None
    delete: Annotated[bool, Field(description="Delete the accounts, and change nothing else.")] = False


class PackageIn(BaseModel):
    """A problem package as a zip. Its one top folder has the problem's slug as its name.

    Without a top folder, the file's name is the slug. ``name`` is a slug to use instead. A ``draft`` is not
    shown to solvers until it is published. A ``format`` other than ``package`` is converted first; ``auto``
    finds the format by the content.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)
    package: UploadFile
    name: Annotated[str | None, Field(max_length=100)] = None
    state: Literal["draft", "published"] = "published"
    format: Literal[
        "package",
        "auto",
        "polygon",
        "dmoj",
        "hydro",
        "qduoj",
        "hoj",
        "fps",
        "cms",
        "kattis",
        "domjudge",
        "codeforces",
    ] = "package"


Version = Annotated[
    Text, Field(pattern="^[0-9a-f]{64}$", description="A version of the problem; without it, the newest one")
]


class FileChangeIn(Body):
    """A change of a file of a package.

    The file at ``path`` gets a new content, as text or as base64. Or it gets the content that the file
    ``source`` had before all changes. With none of these the file is deleted.
    """

    path: Annotated[Text, Field(min_length=1, max_length=1024, examples=["data/secret/1.in"])]
    text: Annotated[str, AfterValidator(whole_characters)] | None = None
    base64: Base64 | None = None
    source: Annotated[Text | None, Field(max_length=1024)] = None


class PictureIn(Body):
    """The test to draw: its path below ``data`` without the extension."""

    test: Annotated[Text, Field(min_length=1, max_length=255, examples=["secret/01"])]


class EditIn(Body):
    """Changes to a version's files."""

    changes: Annotated[list[FileChangeIn], Field(max_length=5000)]


FormEntry = Annotated[str, AfterValidator(whole_characters), Field(max_length=4096)]


class FormIn(Body):
    """A YAML file of a package as it is now, and new values by key. The value ``null`` removes a key."""

    path: Annotated[Text, Field(min_length=1, max_length=1024, examples=["problem.yaml"])]
    text: Annotated[
        str | None,
        Field(description="The text of the file; without it, the stored file is used"),
        AfterValidator(whole_text),
    ] = None
    values: Annotated[
        dict[str, FormEntry | StrictBool | list[FormEntry] | dict[str, FormEntry] | None],
        Field(max_length=200),
    ] = {}


class VersionQuery(Query):
    """The version of a problem that the request is about."""

    version: Version | None = None


class PackageQuery(Query):
    """The form of a version's package: as workers get it, as it was uploaded, or converted."""

    form: Literal["served", "uploaded"] = "served"
    format: Annotated[
        Literal["kattis-legacy", "2023-07", "domjudge", "polygon"] | None,
        Field(description="The format to convert to. The header Export-Notes lists what it cannot express"),
    ] = None


class DeletionQuery(Query):
    """With ``keep_records``, a problem with submissions is archived instead of deleted, so that their records
    stay."""

    keep_records: bool = False


class StateIn(Body):
    """The new state of a problem: ``published``, ``draft`` (outside of events, only its authors and
    administrators see it), or ``archived``."""

    state: Annotated[Literal["draft", "published", "archived"], Field()]
    version: Version | None = None
    unverified: Annotated[bool, Field(description="Publish the version even if it is not verified.")] = False


class VerdictsQuery(Query):
    """The ids of submissions, separated by commas."""

    ids: Annotated[str, Field(max_length=4000, pattern="^[0-9A-Za-z-]*(,[0-9A-Za-z-]*){0,99}$")]


class ProblemChange(Body):
    """The new owner of a problem. With ``null``, only administrators manage the problem."""

    owner: Annotated[Text | None, Field(max_length=64, description="The name of an account.")]


class SuspensionIn(Body):
    """Whether a problem is suspended. A suspended problem takes no submissions; ``reason`` is shown to
    people."""

    suspended: bool
    reason: Annotated[Text, Field(max_length=500)] = "by its author"


class KeyIn(Body):
    """A new API key."""

    name: Name
    expires_at: Annotated[WritableTime, Field(strict=False)] | None = None
    scopes: Annotated[
        list[Annotated[Scope, Field(strict=False)]] | None,
        Field(min_length=1, max_length=4, description="What the key may do; null means everything."),
    ] = None


class DraftIn(Body):
    """The text of a draft."""

    source: Text


class WebhookIn(Body):
    """A new webhook."""

    url: Annotated[Text, Field(min_length=1, max_length=2048, examples=["https://example.org/verdicts"])]


class SignUpIn(Body):
    """A new account."""

    name: AccountName
    password: Password
    invitation: Annotated[Text | None, Field(max_length=128)] = None


class SignInIn(Body):
    """Name and password, an API key, or the token of a one-time sign-in link."""

    name: Annotated[Text | None, Field(min_length=1, max_length=64)] = None
    password: TypedPassword | None = None
    key: Annotated[Text | None, Field(min_length=1, max_length=128)] = None
    link: LinkToken | None = None
    code: Annotated[
        Code | None, Field(description="A code of the second factor, if the account has one.")
    ] = None


class PasswordChangeIn(Body):
    """A new password, and the present password if the account has one."""

    new_password: Password
    current_password: TypedPassword | None = None


class EmailIn(Body):
    """A new e-mail address, or null for none, and the present password if the account has one."""

    email: Annotated[Text | None, Field(max_length=254)]
    current_password: TypedPassword | None = None


class NoticesQuery(Query):
    """How many notices to list."""

    limit: Annotated[int, Field(ge=1, le=200)] = 50


class NoticesReadIn(Body):
    """The id of the newest notice that was read."""

    up_to: Annotated[int, Field(ge=0, lt=2**63)]


class LogoutTokenIn(BaseModel):
    """The signed message by which a provider says that a person has signed out there."""

    logout_token: Annotated[str, Field(max_length=16_384)] = ""


class LocaleIn(Body):
    """A language of the pages. ``null`` means the language of the browser."""

    locale: Literal["en", "de", "es"] | None


class NoticeMailsIn(Body):
    """Whether notices are sent by e-mail too."""

    on: StrictBool


class IdentityIn(Body):
    """The provider to link, and the present password if the account has one."""

    provider: Annotated[Text, Field(min_length=1, max_length=32)]
    current_password: TypedPassword | None = None


class ResetMailIn(Body):
    """The verified e-mail address of an account."""

    email: Annotated[Text, Field(min_length=3, max_length=254)]


class EnrolmentIn(Body):
    """The present password, if the account has one."""

    current_password: TypedPassword | None = None


class CodeIn(Body):
    """A code of the device, or a recovery code."""

    code: Code


class DeletionIn(Body):
    """The present password, if the account has one."""

    current_password: TypedPassword | None = None


class LinkIn(Body):
    """The token of a one-time link."""

    token: LinkToken


class PasswordResetIn(LinkIn):
    """A new password, allowed by the token of a one-time link."""

    new_password: Password


class NewLinkIn(Body):
    """A one-time link for another account: to set a new password, or to sign in."""

    purpose: Literal["password", "sign-in"]


class AccountIn(Body):
    """An account that an administrator makes. Without a password it can be used only by API keys."""

    name: AccountName
    tier: TierName = Field(
        default_factory=lambda: Tier.NORMAL, json_schema_extra={"default": "normal", "format": TIER_FORMAT}
    )
    role: Annotated[Role, Field(strict=False)] = Role.USER
    password: Password | None = None


class AccountChange(Body):
    """The fields to change. A field that is left out stays as it is."""

    tier: TierName | None = None
    role: Annotated[Role | None, Field(strict=False)] = None
    disabled: bool | None = None


class RejudgeIn(Body):
    """Which submissions of a problem to judge again: all, or only those that were not judged with its present
    tests."""

    all: bool = False
    cursor: Annotated[int | None, Field(ge=0, lt=10**18)] = None


class MaintenanceChange(Body):
    """How new submissions are treated from now on, and the text that the pages show."""

    mode: Annotated[MaintenanceMode, Field(strict=False)]
    message: Annotated[Text, Field(max_length=LONGEST_MESSAGE, examples=["New compilers at 14:00"])] = ""
    until: Annotated[
        Annotated[AwareDatetime, AfterValidator(writable_moment)] | None,
        Field(strict=False, description="Expected end"),
    ] = None


class QueueChange(Body):
    """Pauses or resumes a queue."""

    paused: bool
