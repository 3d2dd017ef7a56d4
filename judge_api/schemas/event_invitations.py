"""Models of requests and responses about invitations to events."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from judge_api.schemas.event_requests import MemberName
from judge_api.schemas.event_requests import Moment as MomentIn
from judge_api.schemas.event_responses import WindowOut
from judge_api.schemas.requests import Body, Text
from judge_api.schemas.responses import Id, Moment
from judge_api.store.event_invitations import InvitationState
from judge_core.model.submission import Kind, Stage, Verdict


class PersonIn(Body):
    """A person to invite. The address is kept for the list; no mail is sent."""

    name: MemberName
    email: Annotated[Text | None, Field(max_length=254, examples=["ada@example.org"])] = None


class EventInvitationsIn(Body):
    """Persons to invite; each gets a link of its own."""

    people: Annotated[list[PersonIn], Field(min_length=1, max_length=500)]
    expires_at: Annotated[
        MomentIn | None, Field(description="The links work until this time; by default until the event ends")
    ] = None


class EventInvitationChange(Body):
    """Whether the invited person may read the report about them."""

    shows_report: bool


class EventInvitationLinkIn(Body):
    """A new link for an invitation."""

    expires_at: MomentIn | None = None


class InvitationTokenIn(Body):
    """The secret of an invitation's link: what is after the #."""

    token: Annotated[Text, Field(min_length=8, max_length=128)]


class MadeInvitationOut(BaseModel):
    """An invitation with its link, which is shown only now."""

    id: Id
    name: str
    email: str | None
    link: str


class MadeInvitationsOut(BaseModel):
    """The invitations that were made, with their links."""

    invitations: list[MadeInvitationOut]


class EventInvitationOut(BaseModel):
    """An invitation without its link."""

    id: Id
    name: str
    email: str | None
    state: InvitationState
    created_at: Moment
    expires_at: Moment
    opened_at: Moment | None
    revoked_at: Moment | None
    member: Annotated[str | None, Field(description="The member's id; null until the invitation is opened")]
    shows_report: bool


class EventInvitationsOut(BaseModel):
    """The invitations to an event, oldest first."""

    invitations: list[EventInvitationOut]


class InvitationRulesOut(BaseModel):
    """The rules that invited persons read before their time begins."""

    length_minutes: int | None
    problems: Annotated[int, Field(description="The number of problems")]
    languages: Annotated[list[str], Field(description="Ids; none means all")]
    max_tries: int | None
    one_address: bool


class FoundInvitationOut(BaseModel):
    """An invitation as the invited person sees it before opening it."""

    now: Moment
    name: str
    event: str
    title: str
    description: str
    starts_at: Moment
    ends_at: Moment
    rules: InvitationRulesOut
    opened_here: Annotated[bool, Field(description="This browser has opened it: go on to the event")]
    fault: Annotated[str | None, Field(description="Why it cannot be opened now")]


class OpenedInvitationOut(BaseModel):
    """The invited person is signed in by a cookie, and their time has begun."""

    event: str
    csrf_token: str


class ReportedTestOut(BaseModel):
    """One test of a submission."""

    name: str
    verdict: Verdict
    cpu_ms: int | None


class ReportedProgramOut(BaseModel):
    """A submission, or a run with own input, with its source."""

    id: Id
    kind: Kind
    problem: Annotated[str | None, Field(description="Its label")]
    language: str
    at: Moment
    seconds: Annotated[int | None, Field(description="Seconds since the person started")]
    stage: Stage
    verdict: Verdict | None
    score: float | None
    tests: list[ReportedTestOut]
    source: Annotated[str | None, Field(description="null if the report would be too long with it")]


class SimilarProgramOut(BaseModel):
    """A program that is similar to one of the person's, by the newest finished similarity report. A
    similarity is no verdict: people read both programs and decide."""

    problem: Annotated[str | None, Field(description="Its label")]
    submission: Annotated[Id, Field(description="The submission of the person")]
    similarity: Annotated[float, Field(description="From 0 to 1")]
    longest: Annotated[int, Field(description="Length of the longest common passage")]
    member_name: Annotated[
        str | None, Field(description="The author of the other program; null if it is the same person")
    ]


class CandidateReportOut(BaseModel):
    """The programs of an invited person, oldest first."""

    event: str
    title: str
    name: str
    email: str | None
    opened_at: Moment | None
    window: WindowOut | None
    shows_report: bool
    programs: list[ReportedProgramOut]
    similar: Annotated[
        list[SimilarProgramOut] | None, Field(description="null without a similarity report of the event")
    ]
    is_cut: Annotated[
        bool, Field(description="The report leaves out some programs, because there are too many")
    ]
