"""Models of requests and responses about learning platforms (LTI 1.3)."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from judge_api.schemas.requests import Body, Text
from judge_api.schemas.response_model import ResponseModel
from judge_api.schemas.responses import Id, Moment
from judge_api.store.lti import GradeState

Address = Annotated[
    Text, Field(min_length=8, max_length=2048, examples=["https://moodle.example.org/mod/lti/auth.php"])
]
Name = Annotated[Text, Field(min_length=1, max_length=255)]


class PlatformIn(Body):
    """A learning platform, described by the data that the platform shows for an external tool."""

    title: Annotated[Text, Field(min_length=1, max_length=64, examples=["Moodle"])]
    issuer: Annotated[Text, Field(min_length=1, max_length=255, examples=["https://moodle.example.org"])]
    client_id: Name
    auth_url: Address
    token_url: Address
    jwks_url: Address
    deployments: Annotated[list[Name], Field(min_length=1, max_length=100, description="Deployment ids")]


class LtiKeysOut(ResponseModel):
    """A JSON Web Key Set (RFC 7517)."""

    keys: list[dict[str, Any]]


class PlatformOut(ResponseModel):
    """A registered platform."""

    id: Id
    title: str
    issuer: str
    client_id: str
    auth_url: str
    token_url: str
    jwks_url: str
    deployments: list[str]


class PlatformsOut(ResponseModel):
    """The registered platforms, and the addresses of Gavel to enter on a platform."""

    platforms: list[PlatformOut]
    login_url: str
    launch_url: str
    keys_url: str
    pending_grades: Annotated[
        int, Field(description="The number of grades that no platform has accepted yet")
    ]


class LtiLinkIn(Body):
    """A link from a platform to an event. With a label, the link leads to that problem of the event."""

    platform: Annotated[Text, Field(max_length=64, description="Id")]
    problem: Annotated[Text | None, Field(max_length=255, description="Label")] = None


class LtiGradeOut(ResponseModel):
    """A learner's grade, from 0 to 1. ``reason`` says why the platform has not accepted it."""

    account: str
    score: float | None
    state: GradeState
    tries: int
    reason: str | None
    sent_at: Moment | None


class LtiPlacementOut(ResponseModel):
    """A place on a platform, such as a course, from which the link was launched."""

    id: Id
    title: str | None
    takes_grades: bool
    has_members: Annotated[
        bool, Field(description="Whether the platform gives the names and roles of the course's members")
    ]
    grades: list[LtiGradeOut]


class LtiLinkOut(ResponseModel):
    """A link to the event. ``parameter`` is the custom parameter to enter if the link is made by hand."""

    id: Id
    platform: str
    problem: str | None
    launch_url: str
    parameter: Annotated[str, Field(examples=["gavel_link=0193…"])]
    placements: list[LtiPlacementOut]


class LtiPlatformLine(ResponseModel):
    """A platform with its id and title."""

    id: Id
    title: str


class LtiLinksOut(ResponseModel):
    """The links to an event, and the platforms from which further links can be made."""

    links: list[LtiLinkOut]
    platforms: list[LtiPlatformLine]


class LeftOutOut(ResponseModel):
    """A learner who got no account here, and the reason."""

    name: str
    fault: str


class ImportedCourseOut(ResponseModel):
    """The learners of a course, and the number of those who became members now."""

    learners: int
    added: int
    left_out: list[LeftOutOut]


class LaunchIn(BaseModel):
    """The form that a platform lets the browser send: a signed launch, or an error."""

    model_config = ConfigDict(extra="ignore")
    state: Annotated[str, Field(max_length=512)] = ""
    id_token: Annotated[str, Field(max_length=64 * 1024)] = ""
    error: Annotated[str, Field(max_length=1024)] = ""


class ChoiceIn(BaseModel):
    """The event, or the problem of an event, that a person chose to link to."""

    model_config = ConfigDict(extra="ignore")
    launch: Annotated[str, Field(max_length=16 * 1024)]
    event: Annotated[str, Field(max_length=64)]
    problem: Annotated[str, Field(max_length=255)] = ""
