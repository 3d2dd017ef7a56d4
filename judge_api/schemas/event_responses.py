"""Models of the responses about events, for the OpenAPI document.

The module has over 500 lines, because the models contain each other.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from judge_api.events.rules import Category, EventRole, Joining, Scoring, ServiceClass, Visibility
from judge_api.events.scoring import TryState
from judge_api.events.windows import Phase
from judge_api.schemas.response_model import ResponseModel
from judge_api.schemas.responses import Id, Moment
from judge_api.schemas.tier_name import TierName
from judge_api.store.event_rejudgings import RejudgingState
from judge_api.store.event_similarity import ReportState
from judge_api.store.shadows import Agreement, ShadowState
from judge_core.model.submission import Verdict


class EventLine(ResponseModel):
    """An event in the list, and the role that the account has in it."""

    slug: str
    title: str
    starts_at: Moment
    ends_at: Moment
    phase: Phase
    scoring: Scoring
    role: EventRole
    may_join: bool


class EventsOut(ResponseModel):
    """The events that the client may see, the latest start first. ``now`` is the server's time."""

    now: Moment
    events: list[EventLine]


class WindowOut(ResponseModel):
    """The time in which a member may submit.

    It begins at ``start``. Submissions after ``end`` are late. After ``hard_end`` no more are accepted.
    """

    start: Moment
    end: Moment
    hard_end: Moment


class CellOut(ResponseModel):
    """The result of one problem. ``seconds`` is the time from the member's start to the submission that
    decided it."""

    tries: int
    pending: int
    solved: bool
    points: float
    seconds: int | None
    first: bool


class OwnMemberOut(ResponseModel):
    """The member that the account is, or the team that it belongs to."""

    id: Id
    name: str
    category: Category
    affiliation: str | None
    extension_minutes: int
    window: Annotated[WindowOut | None, Field(description="null until the member has started its own time")]


class EventProblemOut(ResponseModel):
    """A problem of an event, with the account's own result."""

    slug: str
    label: str
    name: str
    weight: float
    colour: str | None
    withdrawn: bool
    own: CellOut | None


class PauseOut(ResponseModel):
    """A period that the event's clock did not count."""

    starts_at: Moment
    ends_at: Moment


class EventOut(ResponseModel):
    """An event as the client may see it now. The problems are listed only from the start on."""

    now: Annotated[Moment, Field(description="The time on the server's clock")]
    slug: str
    title: str
    description: str
    starts_at: Moment
    ends_at: Moment
    freeze_at: Moment | None
    frozen: bool
    paused_at: Annotated[
        Moment | None,
        Field(description="When the event's clock was stopped. ends_at is moved when the clock goes on"),
    ]
    pauses: Annotated[list[PauseOut], Field(description="The finished pauses")]
    phase: Phase
    rules: dict[str, Any]
    visibility: Visibility
    joining: Joining
    service_class: ServiceClass
    service_tier: Annotated[
        TierName | None, Field(description="The tier whose workers judge; null: the tier of each account")
    ]
    role: EventRole
    member: OwnMemberOut | None
    may_join: bool
    may_start: bool
    may_submit: bool
    may_see_standings: bool
    address_fault: Annotated[
        str | None, Field(description="Why the member cannot take part from this address")
    ]
    hides_results: Annotated[bool, Field(description="Whether results are shown only after the end")]
    has_report: Annotated[
        bool, Field(description="Whether this invited person may read GET /events/SLUG/report")
    ]
    problems: list[EventProblemOut]


class StandingsProblemOut(ResponseModel):
    """A column of the standings."""

    slug: str
    label: str
    weight: float


class StandingsRowOut(ResponseModel):
    """One member. A member without a rank is out of competition. ``cells`` are in the order of the
    problems."""

    member: Id
    name: str
    affiliation: str | None
    category: Category
    rank: int | None
    solved: int
    points: float
    penalty_seconds: int
    cells: list[CellOut]


class StandingsOut(ResponseModel):
    """The standings. ``frozen`` is true while results are held back from the public."""

    version: str
    scoring: Scoring
    frozen: bool
    phase: Phase
    now: Moment
    problems: list[StandingsProblemOut]
    rows: list[StandingsRowOut]


class TryOut(ResponseModel):
    """One of the member's own submissions to an event."""

    id: Id
    serial: int
    problem: Annotated[str, Field(description="Label")]
    language: str
    at: Moment
    state: TryState
    verdict: Verdict | None
    score: float | None
    tokened: bool
    disqualified: str | None


class TriesOut(ResponseModel):
    """The submissions of the account's member, newest first."""

    submissions: list[TryOut]


class EventSubmissionOut(TryOut):
    """One submission of an event, for its jury."""

    account: str | None
    member: Id
    member_name: str
    judged_at: Moment | None


class EventSubmissionsOut(ResponseModel):
    """One page of submissions, newest first. ``cursor`` asks for the next page."""

    submissions: list[EventSubmissionOut]
    cursor: str | None


class MessageOut(ResponseModel):
    """A question with its answer, or an announcement, which has no question."""

    id: Id
    member: Id | None
    member_name: Annotated[str | None, Field(description="Of the member that asked, for the jury")]
    problem: Annotated[str | None, Field(description="Label")]
    question: str | None
    answer: str | None
    to_all: bool
    asked_at: Moment
    answered_at: Moment | None


class MessagesOut(ResponseModel):
    """The messages of an event, newest first."""

    messages: list[MessageOut]


class MemberOut(ResponseModel):
    """A member with the names of its accounts."""

    id: Id
    name: str
    category: Category
    affiliation: str | None
    started_at: Moment | None
    extension_minutes: int
    disabled: bool
    external_id: str | None
    accounts: list[str]


class MembersOut(ResponseModel):
    """The members of an event, by name."""

    members: list[MemberOut]


class MemberFaultOut(ResponseModel):
    """One thing that is wrong in a file of members."""

    line: int
    column: str
    message: str


class MemberImportOut(ResponseModel):
    """The number of members that were added, and the faults of the file. A file with faults adds no
    member."""

    added: int
    faults: list[MemberFaultOut]


class RejudgingLine(ResponseModel):
    """A rejudging. Its state is ``preview`` until it is applied or cancelled."""

    id: Id
    reason: str
    state: RejudgingState
    created_at: Moment
    ended_at: Moment | None
    total: int


class RejudgingsOut(ResponseModel):
    """The rejudgings of an event, newest first."""

    rejudgings: list[RejudgingLine]


class ResultOut(ResponseModel):
    """The result of one submission."""

    verdict: Verdict | None
    score: float | None


class RejudgedOut(ResponseModel):
    """A submission whose result a rejudging changes."""

    submission: Id
    serial: int
    member: Id
    member_name: str
    problem: Annotated[str, Field(description="Label")]
    before: ResultOut
    after: ResultOut


class PlaceInStandings(ResponseModel):
    """One member's place. A member without a rank is out of competition."""

    rank: int | None
    solved: int
    points: float
    penalty_seconds: int


class MoveOut(ResponseModel):
    """A member whose row a rejudging changes."""

    member: Id
    name: str
    before: PlaceInStandings
    after: PlaceInStandings


class RejudgingOut(RejudgingLine):
    """A rejudging with its changes.

    ``done`` of ``total`` runs have ended. ``failed`` lists the submissions whose runs ended without a result.
    """

    done: int
    failed: list[Id]
    changes: list[RejudgedOut]
    standings: Annotated[list[MoveOut], Field(description="Rows of the jury's standings, in their new order")]


class EarlierEventOut(ResponseModel):
    """An event of which the account is the jury."""

    slug: str
    title: str
    starts_at: Moment


class SimilarityReportLine(ResponseModel):
    """A comparison of an event's accepted programs.

    A group has all programs for one problem in one language. ``done`` of ``total`` groups are compared.
    ``earlier`` is the number of earlier events.
    """

    id: Id
    state: ReportState
    created_at: Moment
    ended_at: Moment | None
    least_percent: int
    earlier: int
    total: int
    done: int
    programs: int
    failure: str | None


class SimilarityOut(ResponseModel):
    """The reports, newest first. ``missing`` says what must be installed before programs can be compared."""

    missing: str | None
    earlier: list[EarlierEventOut]
    reports: list[SimilarityReportLine]


class ComparedProgramOut(ResponseModel):
    """One program of a pair."""

    submission: Id
    member: Id
    member_name: str
    event: Annotated[str, Field(description="Slug")]
    language: str
    at: Moment


class SimilarPairOut(ResponseModel):
    """Two programs that are alike. The earlier program is on the left.

    ``similarity`` is the share of both programs that is alike, from 0 to 1. ``longest`` and ``overlap`` are
    numbers of fingerprints as Dolos counts them. A similarity is no verdict.
    """

    number: int
    problem: Annotated[str, Field(description="Label")]
    language: str
    similarity: float
    longest: int
    overlap: int
    left: ComparedProgramOut
    right: ComparedProgramOut


class SimilarityReportOut(SimilarityReportLine):
    """The pairs, the most similar first. ``notes`` says what was left out, and why."""

    notes: list[str]
    pairs: list[SimilarPairOut]


class RegionOut(ResponseModel):
    """A part of a text. Lines and columns count from 0, columns in UTF-16 units. The end itself is not in the
    part."""

    start_line: int
    start_column: int
    end_line: int
    end_column: int


class PassageOut(ResponseModel):
    """A passage that both programs have in common."""

    left: RegionOut
    right: RegionOut


class ProgramWithSourceOut(ComparedProgramOut):
    """A program with its text. The text is null if the source was deleted."""

    source: str | None


class SideBySideOut(SimilarPairOut):
    """Both programs of a pair with their common passages, the longest first."""

    left: ProgramWithSourceOut
    right: ProgramWithSourceOut
    passages: list[PassageOut]


class FollowedContestOut(ResponseModel):
    """A contest that an event follows. ``heard_at`` is the time when its feed last sent something."""

    url: str
    user: str | None
    has_secret: bool
    languages: dict[str, str]
    state: ShadowState
    error: str | None
    started_at: Moment
    heard_at: Moment | None


class ComparedSubmissionOut(ResponseModel):
    """The other system's judgement of a submission, and the judgement here.

    ``id`` and ``their_type`` are the other system's values. Until the submission is stored here, it has no
    member, problem, language and time; ``fault`` then says why it is not stored.
    """

    id: str
    member: str | None
    problem: Annotated[str | None, Field(description="Label")]
    language: str | None
    at: Moment | None
    theirs: Verdict | None
    their_type: str | None
    ours: Verdict | None
    agreement: Agreement
    submission: Id | None
    fault: str | None
    looked_at: Moment | None
    looked_by: str | None
    note: str | None


class AgreementCounts(ResponseModel):
    """How many submissions are judged alike, and how many are not."""

    pending: int
    agree: int
    differ: int
    unusable: int
    deleted: int


class ShadowOut(ResponseModel):
    """The contest that the event follows, and its submissions by time."""

    contest: FollowedContestOut | None
    counts: AgreementCounts
    submissions: list[ComparedSubmissionOut]


class BalloonOut(ResponseModel):
    """A problem that a member has solved. ``seconds`` counts from the member's start."""

    member: Id
    member_name: str
    affiliation: str | None
    problem: Annotated[str, Field(description="Label")]
    colour: str | None
    seconds: int
    first: Annotated[bool, Field(description="First to solve")]
    delivered_at: Moment | None


class BalloonsOut(ResponseModel):
    """The undelivered balloons come first."""

    balloons: list[BalloonOut]


class MatrixCellOut(CellOut):
    """A cell of the result matrix.

    ``best`` and ``last`` are shares of the problem's points, from 0 to 1, before a rule for late submissions.
    ``late_minutes`` and ``late_percent`` belong to the submission that brought the points.
    """

    best: float | None
    last: float | None
    late_minutes: int
    late_percent: int
    submission: Id | None


class MatrixRowOut(ResponseModel):
    """One member. A member without a rank is out of competition. ``cells`` are in the order of the
    problems."""

    member: Id
    name: str
    affiliation: str | None
    category: Category
    rank: int | None
    solved: int
    points: float
    penalty_seconds: int
    grade: str | None
    cells: list[MatrixCellOut]


class MatrixOut(ResponseModel):
    """The result matrix. It has all results, also those that are held back from the public."""

    problems: Annotated[list[str], Field(description="The labels of the problems")]
    rows: list[MatrixRowOut]


class CommentOut(ResponseModel):
    """A comment on a submission. ``line`` counts from 1. It is null if the comment is about the whole
    source."""

    id: Id
    line: int | None
    text: str
    author: str | None
    created_at: Moment


class CommentsOut(ResponseModel):
    """The comments by line. Comments about the whole source come first."""

    may_comment: bool
    comments: list[CommentOut]


class FeedImportOut(ResponseModel):
    """How much of a contest was stored, and what was left out."""

    slug: str
    problems: int
    members: int
    submissions: int
    notes: list[str]
