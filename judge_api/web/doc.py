"""How each view says in the OpenAPI document what else it may answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from apiflask import APIBlueprint

from judge_api.web.answers import ProblemDetails
from judge_api.web.errors import BY_STATUS, CONTENT_TYPE

View = TypeVar("View", bound=Callable[..., Any])
SECURITY: list[str | dict[str, list[Any]]] = ["ApiKey", "Session"]


def refusals(*statuses: int) -> dict[int | str, Any]:
    """Responses with problem details, for ``doc(responses=…)``."""
    return {status: _problem(_title(status)) for status in (*statuses, 500, 503)}


def _title(status: int) -> str:
    return BY_STATUS[status].title if status in BY_STATUS else "Something of ours is down"


def _problem(description: str) -> dict[str, Any]:
    return {"description": description, "content": {CONTENT_TYPE: {"schema": ProblemDetails}}}


def guarded(blueprint: APIBlueprint, *statuses: int, **also: Any) -> Callable[[View], View]:
    """A view behind a door: it may also answer 401 and 403."""
    responses = {**refusals(401, 403, *statuses), **also.pop("responses", {})}
    decorate: Callable[[View], View] = blueprint.doc(security=SECURITY, responses=responses, **also)
    return decorate


def public(blueprint: APIBlueprint, *statuses: int, **also: Any) -> Callable[[View], View]:
    """A view for everybody."""
    responses = {**refusals(*statuses), **also.pop("responses", {})}
    decorate: Callable[[View], View] = blueprint.doc(responses=responses, **also)
    return decorate
