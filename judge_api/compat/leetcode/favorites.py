"""The favourites of an account, which LeetCode's clients show as marked problems."""

from __future__ import annotations

import hashlib

from apiflask import APIBlueprint
from flask import Response, request

from judge_api.compat.leetcode.ids import question_id
from judge_api.compat.leetcode.views import answer_errors, require_session
from judge_api.container import services
from judge_api.http.auth import current_account
from judge_api.http.json import json_response
from judge_core.model.errors import NotFound

blueprint = APIBlueprint("leetcode_favorites", __name__, enable_openapi=False)
blueprint.before_request(require_session)
answer_errors(blueprint)


@blueprint.get("/list/api/questions")
def show() -> Response:
    """The list of favourites, with the numbers of its problems."""
    account = current_account()
    favorite = {
        "id_hash": _hash(),
        "name": "Favorite",
        "description": "",
        "questions": [question_id(slug) for slug in services().favorites.of(account.id)],
        "is_public_favorite": False,
        "view_count": 0,
        "creator": account.name,
        "current_user": account.name,
        "is_watched": False,
    }
    lists = {"public_favorites": [], "watched_favorites": [], "private_favorites": [favorite]}
    return json_response({"favorites": lists, "is_paid": False, "user_name": account.name})


@blueprint.post("/list/api/questions")
def mark() -> Response:
    """Mark a problem by its number."""
    body = request.get_json()
    given = body if isinstance(body, dict) else {}
    slug = _problem(str(given.get("favorite_id_hash", "")), str(given.get("question_id", "")))
    services().favorites.add(current_account().id, slug)
    return Response(status=204)


@blueprint.delete("/list/api/questions/<id_hash>/<number>")
def unmark(id_hash: str, number: str) -> Response:
    """Remove the mark from a problem."""
    services().favorites.remove(current_account().id, _problem(id_hash, number))
    return Response(status=204)


def _hash() -> str:
    """The id of an account's list of favourites."""
    return hashlib.sha256(f"favorites:{current_account().id}".encode()).hexdigest()[:8]


def _problem(id_hash: str, number: str) -> str:
    """The slug of the problem with this number, if the account may see it. Raises ``NotFound``."""
    if id_hash != _hash():
        raise NotFound("you have no list of favourites with this id")
    rows = services().problem_access.visible(current_account(), services().problems.list())
    found = next((row.slug for row in rows if str(question_id(row.slug)) == number), None)
    if found is None:
        raise NotFound(f"there is no problem with the number {number[:20]!r}")
    return found
