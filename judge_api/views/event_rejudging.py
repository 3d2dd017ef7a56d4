"""Routes of an event's jury for rejudgings with a preview, balloons, more time, and pauses."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from apiflask import APIBlueprint
from flask import Response

from judge_api.container import services
from judge_api.events.standings import Row, Standings
from judge_api.http.auth import current_account, require_author
from judge_api.http.json import json_response
from judge_api.http.openapi import authenticated
from judge_api.schemas.admin_responses import DoneOut
from judge_api.schemas.event_requests import DeliveryIn, ExtensionIn, PausedIn, PausesIn, RejudgingIn
from judge_api.schemas.event_responses import BalloonsOut, EventOut, RejudgingOut, RejudgingsOut
from judge_api.services.event_access import EventView, may_be_id
from judge_api.services.event_rejudging import MOST, RejudgedSubmission
from judge_api.store.event_rejudgings import Rejudging
from judge_api.store.event_results import EventSubmission
from judge_api.views.event_editing import extend_event, pause_event, replace_pauses, resume_event
from judge_api.views.event_member import changed, event_body, label_of, member_names
from judge_core.model.errors import FieldFault, Invalid, NotFound
from judge_core.model.submission import Outcome, rfc3339

blueprint = APIBlueprint("event_rejudging", __name__, url_prefix="/events", tag="Events: jury")
blueprint.before_request(require_author)


def _jury_view(slug: str) -> EventView:
    return services().event_access.for_jury(current_account(), slug)


def _audit(act: str, slug: str, **detail: object) -> None:
    services().audit.record(current_account().name, act, slug, **detail)


@blueprint.post("/<slug>/extension")
@blueprint.input(ExtensionIn)
@blueprint.output(EventOut)
@authenticated(blueprint, 400, 404, 409, 413, 415, 422)
def extend_for_all(slug: str, json_data: ExtensionIn) -> Response:
    """Let the event end later.

    Members with their own time get more only if the earlier end cut it short. If a freeze has begun, its
    start does not move.
    """
    view = _jury_view(slug)
    extend_event(view, timedelta(minutes=json_data.minutes))
    changed()
    _audit("event.extend", slug, minutes=json_data.minutes)
    return json_response(event_body(_jury_view(slug)))


@blueprint.put("/<slug>/pause")
@blueprint.input(PausedIn)
@blueprint.output(EventOut)
@authenticated(blueprint, 400, 404, 409, 413, 415, 422)
def pause_for_all(slug: str, json_data: PausedIn) -> Response:
    """Stop the event's clock for all members, or start it again. The pause moves the event's end."""
    view = _jury_view(slug)
    if json_data.paused:
        pause_event(view)
    else:
        resume_event(view)
    changed()
    _audit("event.pause" if json_data.paused else "event.resume", slug)
    return json_response(event_body(_jury_view(slug)))


@blueprint.put("/<slug>/pauses")
@blueprint.input(PausesIn)
@blueprint.output(EventOut)
@authenticated(blueprint, 400, 404, 409, 413, 415, 422)
def change_pauses(slug: str, json_data: PausesIn) -> Response:
    """Replace the finished pauses. So a pause can be added or removed afterwards.

    The penalties and the end of the event are computed again from the new pauses.
    """
    view = _jury_view(slug)
    replace_pauses(view, json_data.pauses)
    changed()
    _audit("event.pauses", slug, pauses=len(json_data.pauses))
    return json_response(event_body(_jury_view(slug)))


@blueprint.post("/<slug>/rejudgings")
@blueprint.input(RejudgingIn)
@blueprint.output(RejudgingOut, status_code=201)
@authenticated(blueprint, 400, 404, 409, 413, 415, 422)
def begin_rejudging(slug: str, json_data: RejudgingIn) -> Response:
    """Run judged submissions again with their problems' present tests.

    No result changes until the rejudging is applied.
    """
    view = _jury_view(slug)
    chosen = _chosen(view, json_data)
    id = services().event_rejudging.begin(view.event, current_account(), json_data.reason, chosen)
    _audit("event.rejudging", slug, id=id, reason=json_data.reason, submissions=len(chosen))
    return json_response(_rejudging_body(view, _rejudging(view, id)), 201)


@blueprint.get("/<slug>/rejudgings")
@blueprint.output(RejudgingsOut)
@authenticated(blueprint, 404)
def list_rejudgings(slug: str) -> Response:
    """The rejudgings of the event, newest first."""
    found = services().event_rejudgings.of(_jury_view(slug).event.id)
    return json_response({"rejudgings": [_line(each) for each in found]})


@blueprint.get("/<slug>/rejudgings/<id>")
@blueprint.output(RejudgingOut)
@authenticated(blueprint, 404)
def show_rejudging(slug: str, id: str) -> Response:
    """A rejudging, and the changes it would make to submissions and to the jury's scoreboard."""
    view = _jury_view(slug)
    return json_response(_rejudging_body(view, _rejudging(view, id)))


@blueprint.post("/<slug>/rejudgings/<id>/application")
@blueprint.output(DoneOut)
@authenticated(blueprint, 404, 409)
def apply_rejudging(slug: str, id: str) -> Response:
    """Record the results of a rejudging. All its runs must have ended."""
    view = _jury_view(slug)
    count = services().event_rejudging.apply(view.event, _rejudging(view, id))
    _audit("event.rejudging.apply", slug, id=id, changed=count)
    return json_response({"done": f"{count} submissions have another result"})


@blueprint.delete("/<slug>/rejudgings/<id>")
@authenticated(blueprint, 404, 409, responses={204: "Cancelled"})
def cancel_rejudging(slug: str, id: str) -> Response:
    """End a rejudging without changing any result."""
    view = _jury_view(slug)
    services().event_rejudging.cancel(view.event, _rejudging(view, id))
    _audit("event.rejudging.cancel", slug, id=id)
    return Response(status=204)


@blueprint.get("/<slug>/balloons")
@blueprint.output(BalloonsOut)
@authenticated(blueprint, 404)
def list_balloons(slug: str) -> Response:
    """The problems that members have solved, in the order of solving. Undelivered balloons come first."""
    view = _jury_view(slug)
    delivered = services().event_rejudgings.delivered(view.event.id)
    standings = services().scoreboards.board(view.event).jury
    found = [balloon for row in standings.rows() for balloon in _balloons_of(view, standings, row)]
    for each in found:
        at = delivered.get((each["member"], each["slug"]))
        each |= {"delivered_at": rfc3339(at)}
    found.sort(key=lambda each: (each["delivered_at"] is not None, each["seconds"], each["member_name"]))
    shown = [{name: value for name, value in each.items() if name != "slug"} for each in found]
    return json_response({"balloons": shown})


@blueprint.put("/<slug>/balloons/<id>/<label>")
@blueprint.input(DeliveryIn)
@blueprint.output(DoneOut)
@authenticated(blueprint, 400, 404, 413, 415, 422)
def deliver_balloon(slug: str, id: str, label: str, json_data: DeliveryIn) -> Response:
    """Record whether a member's balloon for a problem was delivered. The member is named by its id."""
    view = _jury_view(slug)
    problem = next((each for each in view.problems if each.label == label), None)
    if problem is None or id not in member_names(view):
        raise NotFound("there is no such member or problem in this event")
    by = current_account().id if json_data.delivered else None
    services().event_rejudgings.deliver(view.event.id, id, problem.slug, by)
    return json_response({"done": "delivered" if json_data.delivered else "not delivered"})


def _balloons_of(view: EventView, standings: Standings, row: Row) -> list[dict[str, Any]]:
    """The balloons of a member. The standings may be a moment older than the list of problems."""
    known = {each.slug: each for each in view.problems}
    return [
        {
            "member": row.member.id,
            "member_name": row.member.name,
            "affiliation": row.member.affiliation,
            "slug": problem.slug,
            "problem": known[problem.slug].label,
            "colour": known[problem.slug].colour,
            "seconds": int(cell.decided_at.total_seconds()) if cell.decided_at else 0,
            "first": problem.slug in row.firsts,
        }
        for problem, cell in zip(standings.problems, row.cells, strict=True)
        if cell.solved and problem.slug in known
    ]


def _chosen(view: EventView, body: RejudgingIn) -> list[EventSubmission]:
    """The judged submissions that a request selects. Raises ``Invalid`` if there are none or too many."""
    ids: Collection[str] | None = set(body.submissions) if body.submissions is not None else None
    slugs = {each.slug for each in view.problems if body.problem in (None, each.label, each.slug)}
    found = [
        each
        for each in services().event_results.judged(view.event.id, ids)
        if each.problem in slugs
        and body.member in (None, each.member)
        and body.language in (None, each.language)
        and body.verdict in (None, each.verdict)
    ]
    if not found:
        raise Invalid(FieldFault("problem", "no judged submission of the event is selected"))
    if len(found) > MOST:
        raise Invalid(FieldFault("problem", f"selects {len(found)} submissions; at most {MOST} at once"))
    return found


def _rejudging(view: EventView, id: str) -> Rejudging:
    found = services().event_rejudgings.get(view.event.id, id) if may_be_id(id) else None
    if found is None:
        raise NotFound(f"there is no rejudging {id[:64]!r} in this event")
    return found


def _line(each: Rejudging) -> dict[str, Any]:
    return {
        "id": each.id,
        "reason": each.reason,
        "state": each.state.value,
        "created_at": rfc3339(each.created_at),
        "ended_at": rfc3339(each.ended_at),
        "total": each.total,
    }


def _rejudging_body(view: EventView, rejudging: Rejudging) -> dict[str, Any]:
    found, names = services().event_rejudging.submissions(view.event, rejudging.id), member_names(view)
    changing = [each for each in found if each.changes]
    moves = services().event_rejudging.moves(view.event, found) if changing else []
    return {
        **_line(rejudging),
        "done": sum(each.is_done for each in found),
        "failed": [each.submission.id for each in found if each.is_done and each.after is None],
        "changes": [_change_body(view, each, names) for each in changing],
        "standings": [
            {
                "member": move.after.member.id,
                "name": move.after.member.name,
                "before": _place(move.before),
                "after": _place(move.after),
            }
            for move in moves
        ],
    }


def _change_body(view: EventView, each: RejudgedSubmission, names: dict[str, str]) -> dict[str, Any]:
    before = each.submission
    return {
        "submission": before.id,
        "serial": before.serial,
        "member": before.member,
        "member_name": names.get(before.member, ""),
        "problem": label_of(view, before.problem),
        "before": {"verdict": before.verdict.value if before.verdict else None, "score": before.score},
        "after": _result(each.after),
    }


def _result(outcome: Outcome | None) -> dict[str, Any]:
    return {
        "verdict": outcome.verdict.value if outcome else None,
        "score": outcome.score if outcome else None,
    }


def _place(row: Row) -> dict[str, Any]:
    return {
        "rank": row.rank,
        "solved": row.solved,
        "points": row.points,
        "penalty_seconds": row.penalty,
    }
