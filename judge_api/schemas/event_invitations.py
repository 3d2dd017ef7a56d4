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
        MomentIn | None, Field(description="The links can be opened until then; by default until the end")
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
    member: Annotated[str | None, Field(description="The id of its member, since it was opened")]
    shows_report: bool


class EventInvitationsOut(BaseModel):
    """The invitations to an event, oldest first."""

    invitations: list[EventInvitationOut]


class InvitationRulesOut(BaseModel):
    """The rules that an invited person reads before its time begins."""

    length_minutes: int | None
    problems: Annotated[int, Field(description="How many there are")]
    languages: Annotated[list[str], Field(description="Ids; none means all")]
    max_tries: int | None
    one_address: bool


class FoundInvitationOut(BaseModel):
    """An invitation as the invited person sees it before it opens it."""

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
    """The session of the invited person, in a cookie; its time has begun."""

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
    seconds: Annotated[int | None, Field(description="Since the person's start")]
    stage: Stage
    verdict: Verdict | None
    score: float | None
    tests: list[ReportedTestOut]
    source: Annotated[str | None, Field(description="null where the report is too long for it")]


class SimilarProgramOut(BaseModel):
    """A program that is similar to one of the person's, by the newest finished similarity report. It is no
    verdict: people read both programs and decide."""

    problem: Annotated[str | None, Field(description="Its label")]
    submission: Annotated[Id, Field(description="The person's own")]
    similarity: Annotated[float, Field(description="From 0 to 1")]
    longest: Annotated[int, Field(description="Length of the longest common passage")]
    member_name: Annotated[str | None, Field(description="Of the other program; null for the person itself")]


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
    is_cut: Annotated[bool, Field(description="There are more programs than the report has")]
