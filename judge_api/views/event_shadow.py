"""Routes of an event that follows another system's contest live (shadow mode)."""

from __future__ import annotations

from typing import Any

from apiflask import APIBlueprint
from flask import Response

from judge_api.container import services
from judge_api.events.rules import Visibility
from judge_api.http.auth import current_account, require_admin, require_author
from judge_api.http.json import json_response
from judge_api.http.openapi import authenticated
from judge_api.schemas.admin_responses import DoneOut
from judge_api.schemas.event_requests import ReviewIn, ShadowIn
from judge_api.schemas.event_responses import ShadowOut
from judge_api.services.event_access import EventView
from judge_api.services.event_sheets import Table, csv_text
from judge_api.store.shadows import Agreement, ComparedSubmission, Shadow, ShadowState
from judge_api.views.event_member import label_of
from judge_api.views.event_results import download
from judge_api.webhooks.url_policy import ForbiddenUrl
from judge_core.clock import utc_now
from judge_core.model.errors import Conflict, FieldFault, Invalid, NotFound
from judge_core.model.submission import rfc3339

blueprint = APIBlueprint("event_shadow", __name__, url_prefix="/events", tag="Events: jury")
blueprint.before_request(require_author)
admin_blueprint = APIBlueprint("event_shadow_admin", __name__, url_prefix="/events", tag="Events: jury")
admin_blueprint.before_request(require_admin)
_COLUMNS = (
    *("id", "member", "problem", "language", "at", "theirs", "their_type", "ours", "agreement"),
    *("submission", "fault", "looked_at", "looked_by", "note"),
)
_CSV: dict[int | str, Any] = {
    200: {"description": "A CSV file", "content": {"text/csv": {"schema": {"type": "string"}}}}
}


def _jury_view(slug: str) -> EventView:
    return services().event_access.for_jury(current_account(), slug)


@blueprint.get("/<slug>/shadow")
@blueprint.output(ShadowOut)
@authenticated(blueprint, 404)
def show_shadow(slug: str) -> Response:
    """The contest that the event follows, and its submissions with the judgements of both systems."""
    view = _jury_view(slug)
    return json_response(_body(view, services().shadows.get(view.event.id)))


@admin_blueprint.put("/<slug>/shadow")
@admin_blueprint.input(ShadowIn)
@admin_blueprint.output(ShadowOut)
@authenticated(admin_blueprint, 400, 404, 409, 413, 415, 422)
def follow_contest(slug: str, json_data: ShadowIn) -> Response:
    """Follow another system's contest live (CLICS Contest API), and compare its judgements with Gavel's.

    Its submissions are also judged here, as submissions of hidden members. Only administrators may do this.
    The event must be visible only to its jury. Without a password in the request, the stored one is kept,
    unless the address or the user changes.
    """
    view = _jury_view(slug)
    url = json_data.url.rstrip("/")
    try:
        services().url_policy.check(url)
    except ForbiddenUrl as error:
        raise Invalid(FieldFault("url", str(error))) from error
    if "?" in url or "#" in url:
        raise Invalid(FieldFault("url", "must end with /contests/ID"))
    _require_hidden(view)
    _require_languages(json_data.languages)
    before = services().shadows.get(view.event.id)
    keeps = (
        json_data.secret is None and before is not None and (before.url, before.user) == (url, json_data.user)
    )
    secret = before.secret if keeps and before is not None else json_data.secret
    shadow = Shadow(
        event_id=view.event.id,
        event_slug=slug,
        url=url,
        user=json_data.user,
        secret=secret,
        languages=json_data.languages,
        account_id=current_account().id,
        state=ShadowState.FOLLOWING,
        token=None,
        error=None,
        started_at=utc_now(),
        heard_at=None,
    )
    services().shadows.follow(shadow)
    services().audit.record(current_account().name, "event.shadow", slug, url=url)
    return json_response(_body(view, services().shadows.get(view.event.id)))


@admin_blueprint.delete("/<slug>/shadow")
@authenticated(admin_blueprint, 404, responses={204: "Stopped"})
def stop_following(slug: str) -> Response:
    """Stop following the contest. The comparison stays; the stored password is deleted."""
    view = _jury_view(slug)
    if not services().shadows.stop(view.event.id):
        raise NotFound("this event follows no contest")
    services().audit.record(current_account().name, "event.shadow.stop", slug)
    return Response(status=204)


@blueprint.put("/<slug>/shadow/submissions/<id>/review")
@blueprint.input(ReviewIn)
@blueprint.output(DoneOut)
@authenticated(blueprint, 400, 404, 413, 415, 422)
def review_difference(slug: str, id: str, json_data: ReviewIn) -> Response:
    """Mark a submission as looked at, with a note. It is named by its id in the other system."""
    view = _jury_view(slug)
    by = current_account().name if json_data.looked_at else None
    if "\x00" in id or not services().shadows.review(view.event.id, id, by, json_data.note):
        raise NotFound(f"there is no submission {id[:64]!r} in the contest that is followed")
    return json_response({"done": "looked at" if json_data.looked_at else "not looked at"})


@blueprint.get("/<slug>/shadow.csv")
@authenticated(blueprint, 404, responses=_CSV)
def export_shadow_csv(slug: str) -> Response:
    """The comparison as CSV."""
    view = _jury_view(slug)
    lines = [_line(view, each) for each in services().shadows.compared(view.event.id)]
    rows = [[line[name] for name in _COLUMNS] for line in lines]
    return download(f"{slug}-shadow.csv", "text/csv", csv_text(Table("shadow", _COLUMNS, rows)).encode())


def _require_hidden(view: EventView) -> None:
    """Raise ``Conflict`` if contestants can see the event or are its members."""
    if view.event.visibility is not Visibility.JURY:
        raise Conflict(
            "an event that follows a contest must be for its jury alone: set its visibility to jury"
        )
    if any(row.accounts for row in services().events.members(view.event.id)):
        raise Conflict("this event has members with accounts: make an event of its own to follow a contest")


def _require_languages(languages: dict[str, str]) -> None:
    for theirs, ours in languages.items():
        if ours not in services().languages:
            raise Invalid(FieldFault(f"languages.{theirs[:32]}", f"there is no language {ours[:32]!r}"))


def _body(view: EventView, shadow: Shadow | None) -> dict[str, Any]:
    found = services().shadows.compared(view.event.id) if shadow else []
    counts = {each.value: 0 for each in Agreement}
    for one in found:
        counts[one.agreement.value] += 1
    return {
        "contest": _contest(shadow) if shadow else None,
        "counts": counts,
        "submissions": [_line(view, each) for each in found],
    }


def _contest(shadow: Shadow) -> dict[str, Any]:
    return {
        "url": shadow.url,
        "user": shadow.user,
        "has_secret": shadow.secret is not None,
        "languages": dict(shadow.languages),
        "state": shadow.state.value,
        "error": shadow.error,
        "started_at": rfc3339(shadow.started_at),
        "heard_at": rfc3339(shadow.heard_at),
    }


def _line(view: EventView, each: ComparedSubmission) -> dict[str, Any]:
    return {
        "id": each.id,
        "member": each.member_name,
        "problem": label_of(view, each.problem) if each.problem else None,
        "language": each.language,
        "at": rfc3339(each.at),
        "theirs": each.theirs.value if each.theirs else None,
        "their_type": each.judgement_type,
        "ours": each.ours.value if each.ours else None,
        "agreement": each.agreement.value,
        "submission": each.submission_id,
        "fault": each.fault,
        "looked_at": rfc3339(each.looked_at),
        "looked_by": each.looked_by,
        "note": each.note,
    }
