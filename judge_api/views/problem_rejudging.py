"""Routes that judge a problem's submissions again, and show what that changes."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from apiflask import APIBlueprint
from flask import Response, request

from judge_api.container import services
from judge_api.http.auth import current_account, require_author, require_author_or_operator
from judge_api.http.json import json_response
from judge_api.http.openapi import authenticated
from judge_api.schemas.admin_responses import JudgedOut, RejudgedOut, TouchedOut
from judge_api.schemas.requests import RejudgeIn, VerdictsQuery
from judge_api.store.records import ProblemRow
from judge_api.store.rejudge_selection import RejudgeFilter, RejudgeSelection
from judge_api.views.problem_access import editable_problem, newest_of
from judge_core.model.errors import FieldFault, Invalid

blueprint = APIBlueprint(
    "problem_rejudging", __name__, url_prefix="/admin/problems", tag="Problems of authors"
)
REJUDGED_AT_ONCE = 100
_MOST_ASKED = 100


@blueprint.before_request
def _prepare() -> None:
    if request.endpoint == f"{blueprint.name}.{rejudge_problem.__name__}":
        require_author_or_operator()
    else:
        require_author()


@blueprint.post("/<slug>/rejudge")
@blueprint.input(RejudgeIn)
@blueprint.output(RejudgedOut)
@authenticated(blueprint, 400, 404, 413, 415, 422)
def rejudge_problem(slug: str, json_data: RejudgeIn) -> Response:
    """Judge one page of a problem's finished submissions again. New submissions are judged before them."""
    row = editable_problem(slug)
    which = RejudgeFilter(row.slug, row.version, json_data.all)
    found = RejudgeSelection(services().engine).page(which, json_data.cursor or 0, REJUDGED_AT_ONCE)
    begun = [one for one in found if services().attempts.rejudge(one.id, row.version) is not None]
    if begun:
        detail = {"version": row.version, "submissions": len(begun), "all": json_data.all}
        services().audit.record(current_account().name, "problem.rejudge", row.slug, **detail)
    shown = _shows_verdicts(row)
    rejudged = [
        {"id": one.id, "account": one.account, "before": one.verdict if shown else None} for one in begun
    ]
    cursor = str(found[-1].serial) if len(found) == REJUDGED_AT_ONCE else None
    return json_response({"version": row.version, "rejudged": rejudged, "cursor": cursor})


@blueprint.get("/<slug>/rejudge")
@blueprint.output(TouchedOut)
@authenticated(blueprint, 404)
def show_touched(slug: str) -> Response:
    """The submissions that a rejudging with the newest version would judge again.

    The answer has their number, and the first hundred of them.
    """
    row = editable_problem(slug)
    which = RejudgeFilter(row.slug, newest_of(row))
    selection, shown = RejudgeSelection(services().engine), _shows_verdicts(row)
    first = [
        {"id": one.id, "account": one.account, "verdict": one.verdict if shown else None}
        for one in selection.page(which, 0, REJUDGED_AT_ONCE)
    ]
    body: dict[str, Any] = {"version": which.version, "total": selection.count(which), "submissions": first}
    return json_response(body)


@blueprint.get("/<slug>/verdicts")
@blueprint.input(VerdictsQuery, location="query")
@blueprint.output(JudgedOut)
@authenticated(blueprint, 404, 422)
def show_verdicts(slug: str, query_data: VerdictsQuery) -> Response:
    """The verdicts of some submissions to the problem, such as those that are being judged again."""
    row, ids = editable_problem(slug), query_data.ids.split(",")
    if len(ids) > _MOST_ASKED:
        raise Invalid(FieldFault("ids", f"at most {_MOST_ASKED} are allowed"))
    found = RejudgeSelection(services().engine).verdicts(row.slug, ids)
    bodies = [asdict(each) for each in found]
    if not _shows_verdicts(row):
        bodies = [{**each, "verdict": None} for each in bodies]
    return json_response({"submissions": bodies})


def _shows_verdicts(row: ProblemRow) -> bool:
    """Whether the account may see verdicts.

    While an event holds results back, only its jury and administrators may.
    """
    return not services().running_events.holds_back(row.slug, current_account())
