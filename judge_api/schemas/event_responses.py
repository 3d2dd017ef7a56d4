"""Models of the responses about events, for the OpenAPI document."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, Field

from judge_api.events.rules import Category, EventRole, Joining, Scoring, Visibility
from judge_api.events.scoring import TryState
from judge_api.events.windows import Phase
from judge_api.schemas.responses import Id, Moment
from judge_core.model.verdict import Verdict


class EventLine(BaseModel):
    """An event in the list, and the part that the account has in it."""

    slug: str
    title: str
    starts_at: Moment
    ends_at: Moment
    phase: Phase
    scoring: Scoring
    role: EventRole
    may_join: bool


class EventsOut(BaseModel):
    """The events that the client may see, the latest start first; ``now`` is the server's clock."""

    now: Moment
    events: list[EventLine]


class WindowOut(BaseModel):
    """From ``start`` a member may submit, after ``end`` late, after ``hard_end`` no more."""

    start: Moment
    end: Moment
    hard_end: Moment


class CellOut(BaseModel):
    """The result of one problem; ``seconds`` is the time of its decision since the member's start."""

    tries: int
    pending: int
    solved: bool
    points: float
    seconds: int | None
    first: bool


class OwnMemberOut(BaseModel):
    """The member that the account is or belongs to."""

    id: Id
    name: str
    category: Category
    affiliation: str | None
    extension_minutes: int
    window: Annotated[WindowOut | None, Field(description="null until it has started its own time")]


class EventProblemOut(BaseModel):
    """A problem of an event, with the account's own result."""

    slug: str
    label: str
    name: str
    weight: float
    colour: str | None
    withdrawn: bool
    own: CellOut | None


class EventOut(BaseModel):
    """An event as the client may see it now. Problems are listed from the start on."""

    now: Annotated[Moment, Field(description="The server's clock")]
    slug: str
    title: str
    description: str
    starts_at: Moment
    ends_at: Moment
    freeze_at: Moment | None
    frozen: bool
    phase: Phase
    rules: dict[str, Any]
    visibility: Visibility
    joining: Joining
    role: EventRole
    member: OwnMemberOut | None
    may_join: bool
    may_start: bool
    may_submit: bool
    may_see_standings: bool
    problems: list[EventProblemOut]


class StandingsProblemOut(BaseModel):
    """A column of the standings."""

    slug: str
    label: str
    weight: float


class StandingsRowOut(BaseModel):
    """One member; without a rank it is out of competition. ``cells`` has the order of the problems."""

    member: Id
    name: str
    affiliation: str | None
    category: Category
    rank: int | None
    solved: int
    points: float
    penalty_seconds: int
    cells: list[CellOut]


class StandingsOut(BaseModel):
    """The standings; ``frozen`` while results are held back from the public."""

    version: str
    scoring: Scoring
    frozen: bool
    phase: Phase
    now: Moment
    problems: list[StandingsProblemOut]
    rows: list[StandingsRowOut]


class TryOut(BaseModel):
    """One own submission to an event."""

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


class TriesOut(BaseModel):
    """Newest first."""

    submissions: list[TryOut]


class EventSubmissionOut(TryOut):
    """One submission of an event, for its jury."""

    account: str | None
    member: Id
    member_name: str
    judged_at: Moment | None


class EventSubmissionsOut(BaseModel):
    """A page, newest first; ``cursor`` asks for the next one."""

    submissions: list[EventSubmissionOut]
    cursor: str | None


class MessageOut(BaseModel):
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


class MessagesOut(BaseModel):
    """Newest first."""

    messages: list[MessageOut]


class MemberOut(BaseModel):
    """A member with the names of its accounts."""

    id: Id
    name: str
    category: Category
    affiliation: str | None
    started_at: Moment | None
    extension_minutes: int
    disabled: bool
    accounts: list[str]


class MembersOut(BaseModel):
    """By name."""

    members: list[MemberOut]


class MemberFaultOut(BaseModel):
    """One thing that is wrong in a file of members."""

    line: int
    column: str
    message: str


class MemberImportOut(BaseModel):
    """The number of members that were added, and the faults of the file: one with faults adds none."""

    added: int
    faults: list[MemberFaultOut]
