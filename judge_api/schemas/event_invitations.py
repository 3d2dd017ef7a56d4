"""Models of requests and responses about invitations to events."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from judge_api.schemas.event_requests import MemberName
from judge_api.schemas.event_requests import Moment as MomentIn
from judge_api.schemas.event_responses import WindowOut
from judge_api.schemas.requests import Body, Text
from judge_api.schemas.response_model import ResponseModel
from judge_api.schemas.responses import Id, Moment
from judge_api.store.event_invitations import InvitationState
from judge_core.model.submission import Kind, Stage, Verdict


class PersonIn(Body):
    """A person to invite. The e-mail address is kept for the list of invitations; no mail is sent to it."""

    name: MemberName
    email: Annotated[Text | None, Field(max_length=254, examples=["ada@example.org"])] = None


class EventInvitationsIn(Body):
    """The people to invite. Each gets a link."""

    people: Annotated[list[PersonIn], Field(min_length=1, max_length=500)]
    expires_at: Annotated[
        MomentIn | None, Field(description="The links work until this time; by default until the event ends")
    ] = None


class EventInvitationChange(Body):
    """Whether the invited person may read the report about them."""

    shows_report: bool


class EventInvitationLinkIn(Body):
    """A request for a new link for an invitation."""

    expires_at: MomentIn | None = None


class InvitationTokenIn(Body):
    """The secret of an invitation's link: the part of the link after the #."""

    token: Annotated[Text, Field(min_length=8, max_length=128)]


class MadeInvitationOut(ResponseModel):
    """An invitation with its link. The link is shown only in this response."""

    id: Id
    name: str
    email: str | None
    link: str


class MadeInvitationsOut(ResponseModel):
    """The invitations that were made, with their links."""

    invitations: list[MadeInvitationOut]


class EventInvitationOut(ResponseModel):
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


class EventInvitationsOut(ResponseModel):
    """The invitations to an event, oldest first."""

    invitations: list[EventInvitationOut]


class InvitationRulesOut(ResponseModel):
    """The rules that invited persons read before their time begins."""

    length_minutes: int | None
    problems: Annotated[int, Field(description="The number of problems")]
    languages: Annotated[
        list[str], Field(description="Ids of the allowed languages; an empty list allows all")
    ]
    max_tries: int | None
    one_address: bool


class FoundInvitationOut(ResponseModel):
    """An invitation as the invited person sees it before opening it."""

    now: Moment
    name: str
    event: str
    title: str
    description: str
    starts_at: Moment
    ends_at: Moment
    rules: InvitationRulesOut
    opened_here: Annotated[
        bool, Field(description="Whether this browser has opened the invitation; if so, go on to the event")
    ]
    fault: Annotated[str | None, Field(description="Why the invitation cannot be opened now")]


class OpenedInvitationOut(ResponseModel):
    """The answer to an opened invitation: a cookie signs the person in, and their time has begun."""

    event: str
    csrf_token: str


class ReportedTestOut(ResponseModel):
    """One test of a submission."""

    name: str
    verdict: Verdict
    cpu_ms: int | None


class ReportedProgramOut(ResponseModel):
    """A submission, or a run with own input, with its source."""

    id: Id
    kind: Kind
    problem: Annotated[str | None, Field(description="The problem's label in the event")]
    language: str
    at: Moment
    seconds: Annotated[int | None, Field(description="Seconds since the person started")]
    stage: Stage
    verdict: Verdict | None
    score: float | None
    tests: list[ReportedTestOut]
    source: Annotated[str | None, Field(description="null if the report would be too long with the source")]


class SimilarProgramOut(ResponseModel):
    """A program that is similar to one of the invited person's programs.

    It comes from the newest finished similarity report. A similarity is no verdict. Read both programs before
    you decide.
    """

    problem: Annotated[str | None, Field(description="The problem's label in the event")]
    submission: Annotated[Id, Field(description="The submission of the invited person")]
    similarity: Annotated[float, Field(description="From 0 (nothing in common) to 1 (all in common)")]
    longest: Annotated[
        int, Field(description="Length of the longest common passage, in fingerprints of Dolos")
    ]
    member_name: Annotated[
        str | None,
        Field(description="The member that wrote the other program; null unless the jury asks"),
    ]


class CandidateReportOut(ResponseModel):
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
        list[SimilarProgramOut] | None,
        Field(description="null if the event has no finished similarity report"),
    ]
    is_cut: Annotated[
        bool, Field(description="Whether the report leaves out programs because there are too many")
    ]
