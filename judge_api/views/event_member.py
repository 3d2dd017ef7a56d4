"""Routes of events for their members and the public: events, problems, standings and messages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from apiflask import APIBlueprint
from flask import Response, g
from limits import RateLimitItemPerMinute

from judge_api.container import Services, services
from judge_api.events.rules import EventRole, Joining, ScoreMode, Scoring
from judge_api.http.auth import (
    CredentialCheck,
    current_account,
    optional_account,
    optional_key,
    require_account,
)
from judge_api.http.json import json_response
from judge_api.http.openapi import authenticated, public
from judge_api.http.sse import HEARTBEAT_SECONDS, sse_response
from judge_api.schemas.admin_responses import DoneOut
from judge_api.schemas.event_requests import JoinIn, QuestionIn, StandingsQuery
from judge_api.schemas.event_responses import (
    EventOut,
    EventsOut,
    MessageOut,
    MessagesOut,
    StandingsOut,
    TriesOut,
)
from judge_api.schemas.responses import ProblemOut
from judge_api.services.event_access import EventView, shown_problems
from judge_api.services.password_hashing import verify_password
from judge_api.services.problem_visibility import spec_of
from judge_api.services.scoreboards import Watcher, cell_body
from judge_api.store.event_results import EventSubmission
from judge_api.store.events import EventMessage, ProblemInEvent
from judge_core.model.account import Account
from judge_core.model.errors import (
    Conflict,
    FieldFault,
    Forbidden,
    GavelError,
    Invalid,
    NotFound,
    QuotaExceeded,
)
from judge_core.model.submission import rfc3339

public_blueprint = APIBlueprint("event_public", __name__, url_prefix="/events", tag="Events")
blueprint = APIBlueprint("event_member", __name__, url_prefix="/events", tag="Events")
blueprint.before_request(require_account)
JOINS = RateLimitItemPerMinute(10)
QUESTIONS_A_MINUTE = 5
_STREAM: dict[int | str, Any] = {
    200: {
        "description": "A stream of standings",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    },
}


def view_of(slug: str, account: Account | None) -> EventView:
    return services().event_access.view(account, slug)


@public_blueprint.get("")
@public_blueprint.output(EventsOut)
@public(public_blueprint)
def list_events() -> Response:
    """The events that the client may see: public ones, its own ones, and those of which it is the jury."""
    views = services().event_access.visible(optional_account())
    now = views[0].now if views else services().event_access.now()
    return json_response({"now": rfc3339(now), "events": [_line(view) for view in views]})


@public_blueprint.get("/<slug>/state")
@public_blueprint.output(EventOut)
@public(public_blueprint, 404)
def show_event(slug: str) -> Response:
    """An event as the client may see it now, with the client's own results and the server's time."""
    return json_response(event_body(view_of(slug, optional_account())))


@public_blueprint.get("/<slug>/problems/<label>")
@public_blueprint.output(ProblemOut)
@public(public_blueprint, 403, 404)
def show_event_problem(slug: str, label: str) -> Response:
    """A problem of an event by its label. It is shown from the start on, even if it is not published."""
    view = view_of(slug, optional_account())
    if not view.may_see_problems:
        raise Forbidden("the problems of this event are not open to you now")
    found = next((each for each in view.problems if label in (each.label, each.slug)), None)
    row = services().problems.get(found.slug) if found else None
    if row is None:
        raise NotFound(f"there is no problem {label[:64]!r} in this event")
    spec = spec_of(row)
    limits = spec.language_limits(services().languages.values())
    body = {**spec.to_json(), "published": row.is_published, "language_limits": limits}
    response = json_response(body)
    response.headers["Cache-Control"] = "private, no-store"
    return response


@public_blueprint.get("/<slug>/standings")
@public_blueprint.input(StandingsQuery, location="query")
@public_blueprint.output(StandingsOut)
@public(public_blueprint, 403, 404, 422)
def show_standings(slug: str, query_data: StandingsQuery) -> Response:
    """The standings. The jury gets all results. Other clients do not get the results that are held back."""
    view = view_of(slug, optional_account())
    return json_response(standings_body_of(view, query_data.public))


@public_blueprint.get("/<slug>/stream")
@public_blueprint.input(StandingsQuery, location="query")
@public(public_blueprint, 403, 404, 422, 429, responses=_STREAM)
def stream_standings(slug: str, query_data: StandingsQuery) -> Response:
    """The standings as Server-Sent Events ``standings``.

    The first event has all rows, the later ones only the rows that changed.
    """
    g.authenticated_key = _found = optional_key()
    account = _found.account if _found else None
    view = view_of(slug, account)
    _require_standings(view)
    for_public = query_data.public or not view.is_jury
    check = CredentialCheck() if account else None
    return sse_response(_standings_events(services(), view, for_public, check))


@blueprint.post("/<slug>/join")
@blueprint.input(JoinIn)
@blueprint.output(DoneOut)
@authenticated(blueprint, 400, 404, 409, 413, 415, 422, 429)
def join_event(slug: str, json_data: JoinIn) -> Response:
    """Become a member of an event that anyone may join, or whose password is in the request."""
    account = current_account()
    view = services().event_access.joinable(account, slug)
    if view.member is not None:
        raise Conflict("you are a member of this event already")
    if view.event.joining is Joining.PASSWORD:
        services().rate_limits.count(JOINS, "passwords of events", account.id)
        if not verify_password(view.event.password_hash, json_data.password or ""):
            raise Invalid(FieldFault("password", "is not the password of this event: ask its jury for it"))
    services().events.add_account(view.event.id, account)
    changed()
    services().audit.record(account.name, "event.join", slug)
    return json_response({"done": f"you are a member of {view.event.title}"})


@blueprint.post("/<slug>/start")
@blueprint.output(EventOut)
@authenticated(blueprint, 404, 409)
def start_event(slug: str) -> Response:
    """Begin the member's own time, in an event in which each member has its own window."""
    view = view_of(slug, current_account())
    if not view.may_start or view.member is None:
        raise Conflict(
            "there is nothing to start: all members have the same time, or your time has begun already, or "
            "the event has not started"
        )
    services().events.start(view.event.id, view.member.id)
    changed()
    services().audit.record(current_account().name, "event.start", slug)
    return json_response(event_body(view_of(slug, current_account())))


@blueprint.get("/<slug>/tries")
@blueprint.output(TriesOut)
@authenticated(blueprint, 404)
def list_event_tries(slug: str) -> Response:
    """The member's own submissions to this event, newest first."""
    view = view_of(slug, current_account())
    found = services().event_results.of_member(view.event.id, view.member.id) if view.member else []
    return json_response({"submissions": [try_body(view, each) for each in found]})


@blueprint.put("/<slug>/tokens/<id>")
@blueprint.output(DoneOut)
@authenticated(blueprint, 404, 409)
def use_event_token(slug: str, id: str) -> Response:
    """Use a token on one of the member's own submissions. The event must have the score mode ``tokened``.

    Tokens can be used as long as the member may submit. Otherwise a member could choose its best submission
    after it has seen the results.
    """
    view = view_of(slug, current_account())
    if view.member is None or "\x00" in id:
        raise NotFound("you are not a member of this event")
    most = view.event.rules.ioi.tokens
    services().event_results.use_token(view.event.id, view.member.id, id, most, _token_refusal(view))
    return json_response({"done": "the submission has a token"})


@blueprint.get("/<slug>/messages")
@blueprint.output(MessagesOut)
@authenticated(blueprint, 404)
def list_event_messages(slug: str) -> Response:
    """The messages that the client may read.

    Members get announcements, answers to all, and their own questions. The jury gets every question.
    """
    view = view_of(slug, current_account())
    names = member_names(view) if view.is_jury else {}
    found = [each for each in services().events.messages(view.event.id) if _may_read(view, each)]
    return json_response({"messages": [message_body(view, each, names) for each in found]})


@blueprint.post("/<slug>/messages")
@blueprint.input(QuestionIn)
@blueprint.output(MessageOut, status_code=201)
@authenticated(blueprint, 400, 404, 413, 415, 422, 429)
def ask_jury(slug: str, json_data: QuestionIn) -> Response:
    """Send a question to the jury."""
    view = view_of(slug, current_account())
    if not view.is_member or view.member is None:
        raise Forbidden("only members of the event can ask its jury")
    since = view.now - timedelta(minutes=1)
    if services().events.count_questions(view.event.id, view.member.id, since) >= QUESTIONS_A_MINUTE:
        raise QuotaExceeded(f"at most {QUESTIONS_A_MINUTE} questions a minute", 60)
    problem = problem_slug(view, json_data.problem)
    made = services().events.ask(view.event.id, view.member.id, problem, json_data.question)
    return json_response(message_body(view, made, {}), 201)


def _token_refusal(view: EventView) -> str | None:
    """Why a member can use no token now. ``None`` if it can."""
    rules = view.event.rules
    if rules.scoring is not Scoring.IOI or rules.ioi.mode is not ScoreMode.TOKENED:
        return "this event has no tokens: its score mode is not tokened"
    return None if view.may_submit else "tokens can be used only as long as you may submit to this event"


def changed() -> None:
    """Drop the data of events that this process has cached, after an event was changed."""
    services().event_access.clear()
    services().running_events.clear()


def problem_slug(view: EventView, name: str | None) -> str | None:
    """The slug of a problem that the client may see, from its label or slug. Raises ``Invalid``."""
    if name is None:
        return None
    found = next((each for each in shown_problems(view) if name in (each.label, each.slug)), None)
    if found is None:
        raise Invalid(FieldFault("problem", f"there is no problem {name[:64]!r} in this event"))
    return found.slug


def label_of(view: EventView, slug: str | None) -> str | None:
    """The label of a problem. The slug if the problem is no longer in the event."""
    return next((each.label for each in view.problems if each.slug == slug), slug)


def member_names(view: EventView) -> dict[str, str]:
    return {row.member.id: row.member.name for row in services().events.members(view.event.id)}


def message_body(view: EventView, message: EventMessage, names: dict[str, str]) -> dict[str, Any]:
    is_own = view.member is not None and message.member_id == view.member.id
    shows_member = view.is_jury or is_own
    return {
        "id": message.id,
        "member": message.member_id if shows_member else None,
        "member_name": names.get(message.member_id or "") if view.is_jury else None,
        "problem": label_of(view, message.problem),
        "question": message.question,
        "answer": message.answer,
        "to_all": message.to_all,
        "asked_at": rfc3339(message.asked_at),
        "answered_at": rfc3339(message.answered_at),
    }


def try_body(view: EventView, each: EventSubmission) -> dict[str, Any]:
    return {
        "id": each.id,
        "serial": each.serial,
        "problem": label_of(view, each.problem),
        "language": each.language,
        "at": rfc3339(each.at),
        "state": each.state.value,
        "verdict": each.verdict.value if each.verdict and not view.hides_results else None,
        "score": None if view.hides_results else each.score,
        "tokened": each.tokened,
        "disqualified": each.disqualified,
    }


def event_body(view: EventView) -> dict[str, Any]:
    """The JSON of an event for the client of this view."""
    event = view.event
    return {
        "now": rfc3339(view.now),
        "slug": event.slug,
        "title": event.title,
        "description": event.description,
        "starts_at": rfc3339(event.times.starts_at),
        "ends_at": rfc3339(event.times.ends_at),
        "freeze_at": rfc3339(view.freeze_at),
        "frozen": view.is_frozen,
        "paused_at": rfc3339(event.times.paused_at),
        "pauses": [
            {"starts_at": rfc3339(each.start), "ends_at": rfc3339(each.end)} for each in event.times.pauses
        ],
        "phase": view.phase.value,
        "rules": event.rules.to_json(),
        "visibility": event.visibility.value,
        "joining": event.joining.value,
        "service_class": event.service.kind.value,
        "service_tier": event.service.tier,
        "role": view.role.value,
        "member": _member_body(view),
        "may_join": view.may_join,
        "may_start": view.may_start,
        "may_submit": view.may_submit,
        "may_see_standings": view.may_see_standings,
        "address_fault": view.address_fault,
        "hides_results": view.hides_results,
        "has_report": _has_report(view),
        "problems": [_problem_body(view, each) for each in shown_problems(view)],
    }


def _has_report(view: EventView) -> bool:
    """Whether an invitation made the account, and the account may read its own report."""
    if view.account is None or not view.is_invited:
        return False
    found = services().event_invitations.of_account(view.account.id)
    return found is not None and found.shows_report


def standings_body_of(view: EventView, for_public: bool) -> dict[str, Any]:
    """The JSON of the standings for the client of this view. Raises ``Forbidden``."""
    _require_standings(view)
    body = services().scoreboards.body(view.event, for_public or not view.is_jury)
    return {**body, "frozen": view.is_frozen, "phase": view.phase.value, "now": rfc3339(view.now)}


def _require_standings(view: EventView) -> None:
    if not view.may_see_standings:
        raise Forbidden("the standings of this event are not shown to you, or it has not started")


def _line(view: EventView) -> dict[str, Any]:
    event = view.event
    return {
        "slug": event.slug,
        "title": event.title,
        "starts_at": rfc3339(event.times.starts_at),
        "ends_at": rfc3339(event.times.ends_at),
        "phase": view.phase.value,
        "scoring": event.rules.scoring.value,
        "role": view.role.value,
        "may_join": view.may_join,
    }


def _member_body(view: EventView) -> dict[str, Any] | None:
    member = view.member
    if member is None or view.role is EventRole.VIEWER:
        return None
    window = view.window
    return {
        "id": member.id,
        "name": member.name,
        "category": member.category.value,
        "affiliation": member.affiliation,
        "extension_minutes": member.times.extension // timedelta(minutes=1),
        "window": {name: rfc3339(getattr(window, name)) for name in ("start", "end", "hard_end")}
        if window
        else None,
    }


def _problem_body(view: EventView, each: ProblemInEvent) -> dict[str, Any]:
    row = services().problems.get(each.slug)
    own = None
    shows = view.is_member and not view.hides_results
    if shows and view.member is not None and not each.withdrawn:
        own = cell_body(services().scoreboards.board(view.event).jury.cell(view.member.id, each.slug))
    return {
        "slug": each.slug,
        "label": each.label,
        "name": row.title if row else each.slug,
        "weight": each.weight,
        "colour": each.colour,
        "withdrawn": each.withdrawn,
        "own": own,
    }


def _may_read(view: EventView, message: EventMessage) -> bool:
    is_own = view.member is not None and message.member_id == view.member.id
    return view.is_jury or message.to_all or is_own


def _standings_events(
    services: Services, view: EventView, for_public: bool, check: CredentialCheck | None
) -> Iterator[str]:
    access, feed = services.event_access, services.scoreboard_feed
    yield "retry: 2000\n\n"
    with feed.watch(view.event, for_public) as watcher:
        while check is None or check.holds():
            try:
                text = _next_text(watcher)
                again = access.later(view)
            except GavelError:
                return
            if again is None or not again.may_see_standings:
                return
            view = again
            yield text


def _next_text(watcher: Watcher) -> str:
    text = watcher.next(HEARTBEAT_SECONDS)
    return ": still here\n\n" if text is None else f"event: standings\ndata: {text}\n\n"
