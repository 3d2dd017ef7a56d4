"""Models of the requests about events."""

from __future__ import annotations

from typing import Annotated

from apiflask.fields import UploadFile
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from judge_api.events.rules import (
    LONGEST_MINUTES,
    Category,
    Feedback,
    Joining,
    PenaltyTime,
    ScoreMode,
    Scoring,
    ServiceClass,
    StandingsFor,
    Ties,
    Visibility,
)
from judge_api.schemas.requests import Body, LanguageName, Query, Slug, Text, WritableTime
from judge_api.schemas.tier_name import TierName
from judge_core.model.submission import Verdict

EventSlug = Annotated[
    Text, Field(min_length=1, max_length=64, pattern=r"^[a-z0-9][a-z0-9-]*$", examples=["finals-2026"])
]
Title = Annotated[Text, Field(min_length=1, max_length=200)]
Moment = Annotated[WritableTime, Field(strict=False, description="RFC 3339 with a zone")]
Minutes = Annotated[int, Field(ge=1, le=LONGEST_MINUTES)]
MemberName = Annotated[Text, Field(min_length=1, max_length=128)]
Affiliation = Annotated[Text | None, Field(max_length=128)]


def _printable_or_none(text: str | None) -> str | None:
    """Return the text without blanks around it; a blank one is none."""
    if text is not None and not text.isprintable():
        raise ValueError("must have printable characters only")
    return (text or "").strip() or None


ExternalId = Annotated[
    Annotated[Text, Field(max_length=64)] | None,
    AfterValidator(_printable_or_none),
    Field(description="In another system, such as the id of an ICPC team. Unique in the event"),
]
LongText = Annotated[Text, Field(max_length=10_000)]


class IcpcRulesIn(Body):
    """Rules of the scoring icpc."""

    penalty_minutes: Annotated[int, Field(ge=0, le=LONGEST_MINUTES)] = 20
    penalty_time: Annotated[PenaltyTime, Field(strict=False)] = PenaltyTime.MINUTES
    compile_errors_cost: bool = False


class IoiRulesIn(Body):
    """Rules of the scoring ioi."""

    mode: Annotated[ScoreMode, Field(strict=False)] = ScoreMode.BEST
    decimals: Annotated[int, Field(ge=0, le=6)] = 2
    tokens: Annotated[int, Field(ge=0, le=10_000)] = 2


class LateStepIn(Body):
    """Until ``minutes`` after the end, a submission is worth ``percent`` of its points."""

    minutes: Minutes
    percent: Annotated[int, Field(ge=0, le=100)]


class GradeStepIn(Body):
    """From ``points`` on, a member has this grade."""

    points: Annotated[float, Field(ge=0, le=1e9)]
    grade: Annotated[Text, Field(min_length=1, max_length=32)]


class EventRulesIn(Body):
    """The rules of an event; what is left out has its default."""

    scoring: Annotated[Scoring, Field(strict=False)] = Scoring.ICPC
    icpc: IcpcRulesIn = IcpcRulesIn()
    ioi: IoiRulesIn = IoiRulesIn()
    ties: Annotated[
        Ties | None, Field(strict=False, description="By default last-accepted for icpc, shared for ioi")
    ] = None
    freeze_minutes: Annotated[int, Field(ge=0, le=LONGEST_MINUTES)] = 0
    length_minutes: Annotated[Minutes | None, Field(description="Of each member's own window")] = None
    late: Annotated[list[LateStepIn], Field(default_factory=list, max_length=20)]
    max_tries: Annotated[int | None, Field(ge=1, le=10_000)] = None
    languages: Annotated[list[LanguageName], Field(default_factory=list, max_length=200)]
    exam: bool = False
    standings: Annotated[StandingsFor, Field(strict=False)] = StandingsFor.ALL
    feedback: Annotated[
        Feedback, Field(strict=False, description="What members see of their results before the end")
    ] = Feedback.ALL
    networks: Annotated[
        list[Annotated[Text, Field(max_length=64, examples=["10.1.0.0/16"])]],
        Field(default_factory=list, max_length=200, description="Members take part from these alone"),
    ]
    one_address: Annotated[
        bool, Field(description="Each account takes part from the address that it used first")
    ] = False
    grades: Annotated[
        list[GradeStepIn], Field(default_factory=list, max_length=100, description="In the result matrix")
    ]


class ProblemInEventIn(Body):
    """A problem of an event. Without a label it gets the next letter."""

    slug: Slug
    label: Annotated[Text | None, Field(min_length=1, max_length=16, pattern=r"^[A-Za-z0-9._-]+$")] = None
    weight: Annotated[float, Field(gt=0, le=1e6)] = 1.0
    colour: Annotated[Text | None, Field(max_length=32, pattern=r"^#[0-9A-Fa-f]{6}$")] = None
    withdrawn: bool = False


class EventIn(Body):
    """A new event. Without problems they are added later."""

    slug: EventSlug
    title: Title
    description: LongText = ""
    starts_at: Moment
    ends_at: Moment
    rules: EventRulesIn = EventRulesIn.model_validate({})
    visibility: Annotated[Visibility, Field(strict=False)] = Visibility.MEMBERS
    joining: Annotated[Joining, Field(strict=False)] = Joining.CLOSED
    password: Annotated[Text | None, Field(min_length=4, max_length=256)] = None
    problems: Annotated[list[ProblemInEventIn], Field(default_factory=list, max_length=100)]
    service_class: Annotated[
        ServiceClass,
        Field(strict=False, description="How soon its submissions are judged; set by administrators"),
    ] = ServiceClass.PRACTICE
    service_tier: Annotated[
        TierName | None, Field(description="The tier whose workers judge it; set by administrators")
    ] = None


class EventChange(Body):
    """The fields to change. A field that is left out stays as it is; ``rules`` and ``problems`` are replaced
    as a whole."""

    title: Title | None = None
    description: LongText | None = None
    starts_at: Moment | None = None
    ends_at: Moment | None = None
    rules: EventRulesIn | None = None
    visibility: Annotated[Visibility | None, Field(strict=False)] = None
    joining: Annotated[Joining | None, Field(strict=False)] = None
    password: Annotated[Text | None, Field(min_length=4, max_length=256)] = None
    problems: Annotated[list[ProblemInEventIn] | None, Field(max_length=100)] = None
    service_class: Annotated[ServiceClass | None, Field(strict=False)] = None
    service_tier: TierName | None = None


class JoinIn(Body):
    """The password of the event, if it has one."""

    password: Annotated[Text | None, Field(max_length=256)] = None


class StandingsQuery(Query):
    """The standings as the public sees them, also for the jury."""

    public: bool = False


class MemberIn(Body):
    """A member: an account, or a team of several. Without a name it gets that of the account."""

    accounts: Annotated[list[Annotated[Text, Field(max_length=64)]], Field(min_length=1, max_length=20)]
    name: MemberName | None = None
    category: Annotated[Category, Field(strict=False)] = Category.OFFICIAL
    affiliation: Affiliation = None
    external_id: ExternalId = None


class MembersIn(Body):
    """Members to add, and groups of accounts whose every account becomes a member."""

    members: Annotated[list[MemberIn], Field(default_factory=list, max_length=1000)]
    groups: Annotated[
        list[Annotated[Text, Field(min_length=1, max_length=64)]], Field(default_factory=list, max_length=100)
    ]


class MemberFileIn(BaseModel):
    """A CSV file. Its first line names the columns: name, accounts, category, affiliation, external_id,
    group."""

    model_config = ConfigDict(arbitrary_types_allowed=True)
    file: UploadFile


class MemberChange(Body):
    """The fields to change. A field that is left out stays as it is."""

    name: MemberName | None = None
    category: Annotated[Category | None, Field(strict=False)] = None
    affiliation: Affiliation = None
    external_id: ExternalId = None
    started_at: Annotated[Moment | None, Field(description="The member's own start")] = None
    extension_minutes: Annotated[int | None, Field(ge=0, le=LONGEST_MINUTES)] = None
    disabled: bool | None = None
    release_addresses: Annotated[
        bool, Field(description="Let its accounts use another address, where the rules allow one alone")
    ] = False


class QuestionIn(Body):
    """A question to the jury, about a problem by its label or about the event."""

    question: Annotated[Text, Field(min_length=1, max_length=4000)]
    problem: Annotated[Text | None, Field(max_length=255)] = None


class AnnouncementIn(Body):
    """A text for all members."""

    text: Annotated[Text, Field(min_length=1, max_length=4000)]
    problem: Annotated[Text | None, Field(max_length=255)] = None


class AnswerIn(Body):
    """An answer to a question, for its member or for all."""

    answer: Annotated[Text, Field(min_length=1, max_length=4000)]
    to_all: bool = False
    replaces: Annotated[
        Text | None,
        Field(
            max_length=4000, description="The answer that it replaces. Needed to change one of another juror."
        ),
    ] = None


class EventSubmissionsQuery(Query):
    """One page of the submissions of an event."""

    cursor: Annotated[str | None, Field(pattern=r"^[0-9]{1,18}$", description="Of the page before.")] = None
    limit: Annotated[int, Field(ge=1, le=500)] = 100


class DisqualificationIn(Body):
    """Why a submission does not count; ``null`` lets it count again."""

    reason: Annotated[Text | None, Field(min_length=1, max_length=500)]
    replaces: Annotated[
        Text | None,
        Field(
            max_length=500,
            description="The present reason, or null if it counts; 409 if that has changed. "
            "Needed to change a reason.",
        ),
    ] = None


class FreezeIn(Body):
    """Whether the public sees the results that were held back."""

    thawed: bool


class ExtensionIn(Body):
    """How much longer an event lasts, for all members."""

    minutes: Minutes


class PausedIn(Body):
    """Whether the event's clock is stopped."""

    paused: bool


class PauseIn(Body):
    """A period that an event's clock does not count."""

    starts_at: Moment
    ends_at: Moment


class PausesIn(Body):
    """All pauses of an event that are over, in any order; an empty list takes them all back."""

    pauses: Annotated[list[PauseIn], Field(max_length=100)]


class RejudgingIn(Body):
    """The judged submissions to run again: all of the event that every given field selects."""

    reason: Annotated[Text, Field(min_length=1, max_length=500)]
    problem: Annotated[Text | None, Field(max_length=255, description="Label or slug")] = None
    member: Annotated[Text | None, Field(max_length=64, description="Id")] = None
    language: Annotated[Text | None, Field(max_length=64, description="Id")] = None
    verdict: Annotated[Verdict | None, Field(strict=False)] = None
    submissions: Annotated[
        list[Annotated[Text, Field(max_length=64)]] | None, Field(max_length=5000, description="Ids")
    ] = None


class SimilarityIn(Body):
    """The earlier events to compare with, by their slugs; the least similarity of a pair that is listed."""

    earlier: Annotated[list[EventSlug], Field(max_length=20, default_factory=list)]
    least_percent: Annotated[int, Field(ge=1, le=100)] = 50


class ShadowIn(Body):
    """The contest to follow, by its address in the other system's Contest API. ``secret`` is the password of
    ``user``, or without a user a bearer token. ``languages`` maps language ids of that system to ids here,
    where neither the name nor the file's extension decides."""

    url: Annotated[
        Text, Field(min_length=1, max_length=2048, examples=["https://judge.example/api/contests/1"])
    ]
    user: Annotated[Text | None, Field(min_length=1, max_length=128)] = None
    secret: Annotated[Text | None, Field(min_length=1, max_length=512)] = None
    languages: Annotated[
        dict[Annotated[Text, Field(max_length=64)], LanguageName], Field(max_length=100, default_factory=dict)
    ]


class ReviewIn(Body):
    """Whether a juror has looked at a submission, with a note."""

    looked_at: bool
    note: Annotated[Text | None, Field(max_length=1000)] = None


class DeliveryIn(Body):
    """Whether a balloon was delivered."""

    delivered: bool


class CommentIn(Body):
    """A comment on a submission; without a line it is about the whole source."""

    text: Annotated[Text, Field(min_length=1, max_length=4000)]
    line: Annotated[int | None, Field(ge=1, le=1_000_000)] = None


class FeedIn(BaseModel):
    """The event feed of a past contest, one JSON object a line."""

    model_config = ConfigDict(arbitrary_types_allowed=True)
    file: UploadFile


class FeedQuery(Query):
    """The event that is made: without a slug it has the contest's id."""

    slug: EventSlug | None = None
    visibility: Annotated[Visibility, Field(strict=False)] = Visibility.JURY
