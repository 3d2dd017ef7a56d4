"""Models of the requests about events."""

from __future__ import annotations

from typing import Annotated

from apiflask.fields import UploadFile
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from judge_api.events.rules import (
    LONGEST_MEMBER_NAME,
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
MemberName = Annotated[Text, Field(min_length=1, max_length=LONGEST_MEMBER_NAME)]
Affiliation = Annotated[Text | None, Field(max_length=128)]


def _printable_or_none(text: str | None) -> str | None:
    """Return the text without leading and trailing blanks, or ``None`` if nothing is left."""
    if text is not None and not text.isprintable():
        raise ValueError("must have printable characters only")
    return (text or "").strip() or None


ExternalId = Annotated[
    Annotated[Text, Field(max_length=64)] | None,
    AfterValidator(_printable_or_none),
    Field(
        description="The member's id in another system, such as an ICPC team's id. It is unique in the event"
    ),
]
LongText = Annotated[Text, Field(max_length=10_000)]


class IcpcRulesIn(Body):
    """Rules for events with the scoring ``icpc``."""

    penalty_minutes: Annotated[int, Field(ge=0, le=LONGEST_MINUTES)] = 20
    penalty_time: Annotated[PenaltyTime, Field(strict=False)] = PenaltyTime.MINUTES
    compile_errors_cost: bool = False


class IoiRulesIn(Body):
    """Rules for events with the scoring ``ioi``."""

    mode: Annotated[ScoreMode, Field(strict=False)] = ScoreMode.BEST
    decimals: Annotated[int, Field(ge=0, le=6)] = 2
    tokens: Annotated[int, Field(ge=0, le=10_000)] = 2


class LateStepIn(Body):
    """A rule for late submissions: until ``minutes`` after the end, a submission gets ``percent`` of its
    points."""

    minutes: Minutes
    percent: Annotated[int, Field(ge=0, le=100)]


class GradeStepIn(Body):
    """One grade. A member with at least ``points`` points gets it."""

    points: Annotated[float, Field(ge=0, le=1e9)]
    grade: Annotated[Text, Field(min_length=1, max_length=32)]


class EventRulesIn(Body):
    """The rules of an event. A rule that is left out has its default."""

    scoring: Annotated[Scoring, Field(strict=False)] = Scoring.ICPC
    icpc: IcpcRulesIn = IcpcRulesIn()
    ioi: IoiRulesIn = IoiRulesIn()
    ties: Annotated[
        Ties | None,
        Field(
            strict=False,
            description="How equal results are ranked; by default last-accepted for icpc, shared for ioi",
        ),
    ] = None
    freeze_minutes: Annotated[int, Field(ge=0, le=LONGEST_MINUTES)] = 0
    length_minutes: Annotated[
        Minutes | None,
        Field(
            description="How long each member may work from its own start; null if all work from start to end"
        ),
    ] = None
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
        Field(
            default_factory=list,
            max_length=200,
            description="Members can take part only from these networks; an empty list allows all",
        ),
    ]
    one_address: Annotated[
        bool, Field(description="Whether each account can take part only from the address that it used first")
    ] = False
    grades: Annotated[
        list[GradeStepIn],
        Field(default_factory=list, max_length=100, description="The grades that the result matrix shows"),
    ]


class ProblemInEventIn(Body):
    """A problem of an event. Without a label it gets the next letter."""

    slug: Slug
    label: Annotated[Text | None, Field(min_length=1, max_length=16, pattern=r"^[A-Za-z0-9._-]+$")] = None
    weight: Annotated[float, Field(gt=0, le=1e6)] = 1.0
    colour: Annotated[Text | None, Field(max_length=32, pattern=r"^#[0-9A-Fa-f]{6}$")] = None
    withdrawn: bool = False


class EventIn(Body):
    """A new event. Its problems may also be added later."""

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
        Field(strict=False, description="How soon the submissions are judged; only administrators set this"),
    ] = ServiceClass.PRACTICE
    service_tier: Annotated[
        TierName | None,
        Field(description="The tier whose workers judge the submissions; only administrators set it"),
    ] = None


class EventChange(Body):
    """The fields to change. A field that is left out stays as it is.

    ``rules`` and ``problems`` are replaced as a whole.
    """

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
    """Which standings to show. With ``public``, the jury too gets the standings as the public sees them."""

    public: bool = False


class MemberIn(Body):
    """A member: one account, or a team of several accounts. A member without a name gets the name of its
    account."""

    accounts: Annotated[list[Annotated[Text, Field(max_length=64)]], Field(min_length=1, max_length=20)]
    name: MemberName | None = None
    category: Annotated[Category, Field(strict=False)] = Category.OFFICIAL
    affiliation: Affiliation = None
    external_id: ExternalId = None


class MembersIn(Body):
    """Members to add. Every account of the named groups becomes a member, too."""

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
    started_at: Annotated[
        Moment | None, Field(description="The time when this member's own time started")
    ] = None
    extension_minutes: Annotated[int | None, Field(ge=0, le=LONGEST_MINUTES)] = None
    disabled: bool | None = None
    release_addresses: Annotated[
        bool, Field(description="Let the member's accounts choose a new address, if the rules allow only one")
    ] = False


class QuestionIn(Body):
    """A question to the jury. It is about the event, or about the problem that ``problem`` names by its
    label."""

    question: Annotated[Text, Field(min_length=1, max_length=4000)]
    problem: Annotated[Text | None, Field(max_length=255)] = None


class AnnouncementIn(Body):
    """A text for all members. ``problem`` names the problem that it is about, if any, by its label."""

    text: Annotated[Text, Field(min_length=1, max_length=4000)]
    problem: Annotated[Text | None, Field(max_length=255)] = None


class AnswerIn(Body):
    """An answer to a question. It is sent to the member that asked, or to all members."""

    answer: Annotated[Text, Field(min_length=1, max_length=4000)]
    to_all: bool = False
    replaces: Annotated[
        Text | None,
        Field(
            max_length=4000,
            description="The answer that this one replaces. It is needed to change another juror's answer.",
        ),
    ] = None


class EventSubmissionsQuery(Query):
    """One page of the submissions of an event."""

    cursor: Annotated[
        str | None,
        Field(pattern=r"^[0-9]{1,18}$", description="The cursor in the answer with the page before."),
    ] = None
    limit: Annotated[int, Field(ge=1, le=500)] = 100


class DisqualificationIn(Body):
    """Why a submission does not count. ``null`` lets it count again."""

    reason: Annotated[Text | None, Field(min_length=1, max_length=500)]
    replaces: Annotated[
        Text | None,
        Field(
            max_length=500,
            description="The present reason, or null if there is none. It is needed to change a reason. "
            "If the reason has changed meanwhile, the answer is 409.",
        ),
    ] = None


class FreezeIn(Body):
    """Whether the standings are thawed. The public then sees the results after the freeze too."""

    thawed: bool


class ExtensionIn(Body):
    """How many more minutes all members get."""

    minutes: Minutes


class PausedIn(Body):
    """Whether the event's clock is stopped."""

    paused: bool


class PauseIn(Body):
    """A period that an event's clock does not count."""

    starts_at: Moment
    ends_at: Moment


class PausesIn(Body):
    """All finished pauses of an event, in any order. An empty list removes them all."""

    pauses: Annotated[list[PauseIn], Field(max_length=100)]


class RejudgingIn(Body):
    """The judged submissions of the event to run again. A submission is chosen if it matches every given
    field."""

    reason: Annotated[Text, Field(min_length=1, max_length=500)]
    problem: Annotated[Text | None, Field(max_length=255, description="The problem's label or slug")] = None
    member: Annotated[Text | None, Field(max_length=64, description="Id")] = None
    language: Annotated[Text | None, Field(max_length=64, description="Id")] = None
    verdict: Annotated[Verdict | None, Field(strict=False)] = None
    submissions: Annotated[
        list[Annotated[Text, Field(max_length=64)]] | None, Field(max_length=5000, description="Ids")
    ] = None


class SimilarityIn(Body):
    """The slugs of the earlier events to compare with, and the lowest similarity of a pair that is listed."""

    earlier: Annotated[list[EventSlug], Field(max_length=20, default_factory=list)]
    least_percent: Annotated[int, Field(ge=1, le=100)] = 50


class ShadowIn(Body):
    """The contest to follow, by its address in the other system's Contest API.

    ``secret`` is the password of ``user``, or a bearer token if there is no user. ``languages`` maps the
    other system's language ids to those of this server. For an id that it lacks, the language with the same
    id or alias is taken, or else that of the file's extension.
    """

    url: Annotated[
        Text, Field(min_length=1, max_length=2048, examples=["https://judge.example/api/contests/1"])
    ]
    user: Annotated[Text | None, Field(min_length=1, max_length=128)] = None
    secret: Annotated[Text | None, Field(min_length=1, max_length=512)] = None
    languages: Annotated[
        dict[Annotated[Text, Field(max_length=64)], LanguageName], Field(max_length=100, default_factory=dict)
    ]


class ReviewIn(Body):
    """Whether a juror has looked at a submission, and a note about it."""

    looked_at: bool
    note: Annotated[Text | None, Field(max_length=1000)] = None


class DeliveryIn(Body):
    """Whether a balloon was delivered."""

    delivered: bool


class CommentIn(Body):
    """A comment on a submission. Without a line it is about the whole source."""

    text: Annotated[Text, Field(min_length=1, max_length=4000)]
    line: Annotated[int | None, Field(ge=1, le=1_000_000)] = None


class FeedIn(BaseModel):
    """The event feed of a past contest, with one JSON object in each line."""

    model_config = ConfigDict(arbitrary_types_allowed=True)
    file: UploadFile


class FeedQuery(Query):
    """The slug of the new event. Without a slug, the event gets the id of the contest."""

    slug: EventSlug | None = None
    visibility: Annotated[Visibility, Field(strict=False)] = Visibility.JURY
