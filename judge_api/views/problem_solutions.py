"""The route that shows a problem's solution to accounts that have solved the problem."""

from __future__ import annotations

from dataclasses import asdict

from apiflask import APIBlueprint
from flask import Response

from judge_api.container import services
from judge_api.http.auth import current_account, require_account
from judge_api.http.json import json_response
from judge_api.http.openapi import authenticated
from judge_api.schemas.responses import SolutionOut
from judge_api.services.problem_visibility import spec_of
from judge_api.views.problems import shown_marks
from judge_core.model.errors import Forbidden, NotFound
from judge_core.packages.solutions import Solution

blueprint = APIBlueprint("problem_solutions", __name__, tag="Problems and languages")
blueprint.before_request(require_account)


@blueprint.get("/problems/<slug>/solution")
@blueprint.output(SolutionOut)
@authenticated(blueprint, 404)
def show_solution(slug: str) -> Response:
    """The explanations and programs in the package's folder ``solution``.

    Only the problem's authors, administrators and accounts with full marks may read them. While an event that
    is not over has the problem, accounts that are neither author nor administrator get empty lists.
    """
    account, row = current_account(), services().problems.get(slug)
    if row is None or not services().problem_access.may_see(account, row):
        raise NotFound(f"there is no problem {slug[:64]!r}")
    if services().problem_access.may_edit(account, slug):
        found = services().problem_solutions.of(row.version)
    elif services().running_events.has_in_progress(slug):
        found = Solution()
    elif shown_marks(account, {slug: spec_of(row).max_score}).get(slug) == "solved":
        found = services().problem_solutions.of(row.version)
    else:
        raise Forbidden("solve this problem first, with full marks: then its solution is shown")
    response = json_response(asdict(found))
    response.headers["Cache-Control"] = "private, no-store"
    return response
