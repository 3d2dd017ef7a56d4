"""Routes of the comments by which a jury reviews a submission, line by line."""

from __future__ import annotations

from dataclasses import asdict

from apiflask import APIBlueprint
from flask import Response

from judge_api.container import services
from judge_api.http.auth import current_account, require_account
from judge_api.http.json import json_response
from judge_api.http.openapi import authenticated
from judge_api.schemas.event_requests import CommentIn
from judge_api.schemas.event_responses import CommentsOut
from judge_api.store.records import StoredSubmission
from judge_core.model.errors import FieldFault, Invalid, NotFound
from judge_core.model.submission import rfc3339

blueprint = APIBlueprint("submission_comments", __name__, tag="Submissions")
blueprint.before_request(require_account)


@blueprint.get("/submissions/<id>/comments")
@blueprint.output(CommentsOut)
@authenticated(blueprint, 404)
def list_comments(id: str) -> Response:
    """The comments on a submission, for its owner, the jury of its event, and administrators."""
    return _comments(_readable(id))


@blueprint.post("/submissions/<id>/comments")
@blueprint.input(CommentIn)
@blueprint.output(CommentsOut, status_code=201)
@authenticated(blueprint, 400, 404, 409, 413, 415, 422)
def add_comment(id: str, json_data: CommentIn) -> Response:
    """Comment on a line of a submission, or on all of it.

    Only the jury of its event and administrators may do this. The owner sees the comment.
    """
    found = _commentable(id)
    lines = found.source.count("\n") + 1
    if json_data.line is not None and json_data.line > lines:
        raise Invalid(FieldFault("line", f"the source has {lines} lines"))
    me, owner = current_account(), found.status.owner
    services().submission_comments.add(found.status.id, json_data.line, json_data.text, me.id)
    if owner != me.id:
        services().notices.add_comment(owner, found.status.id)
    return _comments(found, 201)


@blueprint.delete("/submissions/<id>/comments/<comment>")
@authenticated(blueprint, 404, responses={204: "Removed"})
def remove_comment(id: str, comment: str) -> Response:
    """Remove a comment. Only the jury of the submission's event and administrators may do this."""
    found = _commentable(id)
    if "\x00" in comment or not services().submission_comments.remove(found.status.id, comment):
        raise NotFound(f"there is no comment {comment[:64]!r} to this submission")
    return Response(status=204)


def _readable(id: str) -> StoredSubmission:
    """The submission, for its owner, the jury of its event, and administrators.

    The same accounts may read ``GET /submissions/<id>``.
    """
    found = services().submissions.submission(id) if "\x00" not in id else None
    account = current_account()
    allowed = found is not None and (services().status_service.may_see(account, found.status) or _is_jury(id))
    if found is None or not allowed:
        raise NotFound(f"there is no submission {id[:64]!r} of yours")
    return found


def _commentable(id: str) -> StoredSubmission:
    """The submission, for the jury of its event and administrators. Other accounts get ``NotFound``."""
    found = _readable(id)
    if not _is_jury(id):
        raise NotFound(f"there is no submission {id[:64]!r} in an event of which you are the jury")
    return found


def _is_jury(id: str) -> bool:
    account = current_account()
    return account.is_admin or services().event_access.is_jury_of(account, id)


def _comments(found: StoredSubmission, status: int = 200) -> Response:
    comments = services().submission_comments.of(found.status.id)
    bodies = [{**asdict(each), "created_at": rfc3339(each.created_at)} for each in comments]
    return json_response({"may_comment": _is_jury(found.status.id), "comments": bodies}, status)
