"""Routes of public links, by which the owner of a submission shows it to people without an account.

A link shows nothing while an event forbids it: see :meth:`RunningEvents.forbids_sharing`.
"""

from __future__ import annotations

from typing import Any

from apiflask import APIBlueprint
from flask import Response

from judge_api.container import services
from judge_api.http.auth import current_account, optional_account, require_account
from judge_api.http.json import json_response
from judge_api.http.openapi import authenticated, public
from judge_api.schemas.responses import SharedSubmissionOut, SubmissionLinkOut
from judge_api.services.problem_visibility import spec_of
from judge_api.store.records import ProblemRow, StoredSubmission
from judge_api.store.submission_links import SubmissionLink
from judge_api.views.submissions import file_bodies
from judge_core.model.errors import Conflict, NotFound
from judge_core.model.submission import Kind, Status, rfc3339

blueprint = APIBlueprint("submission_links", __name__, tag="Submissions")
blueprint.before_request(require_account)
public_blueprint = APIBlueprint("shared_submissions", __name__, tag="Submissions")
_SHOWN = ("verdict", "score", "max_score", "cpu_ms", "memory_kb", "language", "problem", "submitted_at")


@blueprint.get("/submissions/<id>/link")
@blueprint.output(SubmissionLinkOut)
@authenticated(blueprint, 404)
def show_public_link(id: str) -> Response:
    """The public link of a submission, for its owner and administrators."""
    _readable(id)
    return _link(services().submission_links.of(id))


@blueprint.put("/submissions/<id>/link")
@blueprint.output(SubmissionLinkOut)
@authenticated(blueprint, 404, 409)
def make_public_link(id: str) -> Response:
    """Let everybody who has the link read a submission: its source, verdict, time and memory.

    Only the owner makes it. The link stays the same until it is revoked. While an event forbids sharing, no
    link is made, and an earlier link shows nothing.
    """
    status, me = _readable(id), current_account()
    if status.owner != me.id:
        raise _unknown(id)
    if status.kind is not Kind.SUBMISSION:
        raise Conflict("a run has no public link: submit the program, and share the submission")
    if me.event is not None:
        raise Conflict("this account belongs to one event, and cannot make public links")
    if services().running_events.forbids_sharing(status):
        raise Conflict("an event forbids public links now: make the link when the event is over")
    return _link(services().submission_links.make(id, me.id))


@blueprint.delete("/submissions/<id>/link")
@authenticated(blueprint, 404, responses={204: "There is no link any more"})
def revoke_public_link(id: str) -> Response:
    """Revoke the public link of a submission. Only its owner and administrators may do this."""
    status, me = _readable(id), current_account()
    if services().submission_links.revoke(id) and status.owner != me.id:
        services().audit.record(me.name, "submission.unshare", id)
    return Response(status=204)


@public_blueprint.get("/shared/<token>")
@public_blueprint.output(SharedSubmissionOut)
@public(public_blueprint, 404)
def show_shared(token: str) -> Response:
    """The submission of a public link. Its tests and its owner are not shown."""
    id = services().submission_links.find(token)
    found = services().submissions.submission(id) if id else None
    problem = _problem_shown(found.status) if found else None
    if found is None or problem is None:
        raise NotFound(
            "this link shows nothing: it is wrong or revoked, or the submission may not be shown now"
        )
    response = json_response(_shared_body(found, problem))
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _problem_shown(status: Status) -> ProblemRow | None:
    """The problem of a submission. ``None`` if the submission may not be shown to everybody now, or not to
    this client."""
    running, client = services().running_events, optional_account()
    row = services().problems.get(status.problem) if status.problem else None
    if row is None or running.forbids_sharing(status) or not services().problem_access.may_see(None, row):
        return None
    return row if client is None or services().problem_access.may_see(client, row) else None


def _shared_body(found: StoredSubmission, problem: ProblemRow) -> dict[str, Any]:
    status = services().running_events.shown_to_owner(found.status).to_json()
    return {
        **{name: status.get(name) for name in _SHOWN},
        **file_bodies(found),
        "problem_name": spec_of(problem).name,
        "source": found.source,
    }


def _readable(id: str) -> Status:
    status = services().submissions.status(id)
    if status is None or not services().status_service.may_see(current_account(), status):
        raise _unknown(id)
    return status


def _unknown(id: str) -> NotFound:
    return NotFound(f"there is no submission {id[:64]!r} of yours")


def _link(link: SubmissionLink | None) -> Response:
    body = {
        "path": f"/shared/{link.token}" if link else None,
        "made_at": rfc3339(link.made_at) if link else None,
    }
    response = json_response(body)
    response.headers["Cache-Control"] = "private, no-store"
    return response
