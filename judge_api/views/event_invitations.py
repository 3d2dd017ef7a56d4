"""Routes of invitations to an event: for its jury, for the page that the link opens, and for the invited
person."""

from __future__ import annotations

from typing import Any

from apiflask import APIBlueprint
from flask import Response, request

from judge_api.container import services
from judge_api.events.windows import window_of
from judge_api.http.auth import (
    COOKIE,
    browser_account,
    csrf_token,
    current_account,
    require_account,
    require_author,
    sign_in_client,
)
from judge_api.http.json import json_response
from judge_api.http.openapi import authenticated, public
from judge_api.schemas.event_invitations import (
    CandidateReportOut,
    EventInvitationChange,
    EventInvitationLinkIn,
    EventInvitationOut,
    EventInvitationsIn,
    EventInvitationsOut,
    FoundInvitationOut,
    InvitationTokenIn,
    MadeInvitationOut,
    MadeInvitationsOut,
    OpenedInvitationOut,
)
from judge_api.services.candidate_report import ReportedProgram, reported_programs, similar_programs
from judge_api.services.event_access import EventView
from judge_api.services.event_invitations import FoundInvitation, session_end
from judge_api.services.event_sheets import Table, csv_text
from judge_api.store.event_invitations import EventInvitation, MadeInvitation, NewInvitation
from judge_api.views.event_member import changed, label_of
from judge_api.views.event_results import download
from judge_api.views.sessions import set_session_cookie
from judge_core.clock import utc_now
from judge_core.model.account import email_fault
from judge_core.model.errors import FieldFault, Invalid, NotFound
from judge_core.model.submission import rfc3339

blueprint = APIBlueprint("event_invitations", __name__, url_prefix="/events", tag="Events: invitations")
blueprint.before_request(require_author)
invited_blueprint = APIBlueprint("event_invited", __name__, url_prefix="/events", tag="Events: invitations")
invited_blueprint.before_request(require_account)
public_blueprint = APIBlueprint("event_invitation_links", __name__, tag="Events: invitations")
LINK_PATH = "/invited"
_CSV: dict[int | str, Any] = {
    200: {"description": "A CSV file", "content": {"text/csv": {"schema": {"type": "string"}}}},
}


@blueprint.after_request
@invited_blueprint.after_request
@public_blueprint.after_request
def _forbid_caching(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response


def _jury_view(slug: str) -> EventView:
    return services().event_access.for_jury(current_account(), slug)


def _audit(act: str, subject: str, **detail: object) -> None:
    services().audit.record(current_account().name, act, subject, **detail)


@blueprint.get("/<slug>/invitations")
@blueprint.output(EventInvitationsOut)
@authenticated(blueprint, 404)
def list_event_invitations(slug: str) -> Response:
    """The invitations to an event, without their links."""
    found = services().event_invitations.of_event(_jury_view(slug).event.id)
    return json_response({"invitations": [_body(each) for each in found]})


@blueprint.get("/<slug>/invitations.csv")
@authenticated(blueprint, 404, responses=_CSV)
def export_event_invitations(slug: str) -> Response:
    """The invitations to an event as CSV, without their links."""
    heads = ["name", "email", "state", "expires_at", "opened_at", "shows_report"]
    found = services().event_invitations.of_event(_jury_view(slug).event.id)
    lines = [
        [str(body[head]) if body[head] is not None else "" for head in heads] for body in map(_body, found)
    ]
    text = csv_text(Table(slug, heads, lines))
    return download(f"{slug}-invitations.csv", "text/csv", text.encode())


@blueprint.post("/<slug>/invitations")
@blueprint.input(EventInvitationsIn)
@blueprint.output(MadeInvitationsOut, status_code=201)
@authenticated(blueprint, 400, 404, 409, 413, 415, 422)
def invite_to_event(slug: str, json_data: EventInvitationsIn) -> Response:
    """Invite persons who have no account. Each link works once, and is shown only in this response."""
    view = _jury_view(slug)
    faults = [
        FieldFault(f"people.{number}.email", fault)
        for number, person in enumerate(json_data.people)
        if person.email is not None and (fault := email_fault(person.email)) is not None
    ]
    if faults:
        raise Invalid(*faults)
    people = [NewInvitation(each.name, each.email) for each in json_data.people]
    made = services().invitations_to_events.invite(view, current_account(), people, json_data.expires_at)
    _audit("event.invite", slug, invitations=[each.id for each in made])
    return json_response({"invitations": [_made_body(each) for each in made]}, 201)


@blueprint.patch("/<slug>/invitations/<id>")
@blueprint.input(EventInvitationChange)
@blueprint.output(EventInvitationOut)
@authenticated(blueprint, 400, 404, 413, 415, 422)
def change_event_invitation(slug: str, id: str, json_data: EventInvitationChange) -> Response:
    """Set whether the invited person may read the report about them. By default they may not."""
    view = _jury_view(slug)
    found = services().invitations_to_events.get(view, id)
    services().event_invitations.show_report(found, json_data.shows_report)
    _audit("event.invitation-report", slug, invitation=id, shown=json_data.shows_report)
    return json_response(_body(services().invitations_to_events.get(view, id)))


@blueprint.post("/<slug>/invitations/<id>/link")
@blueprint.input(EventInvitationLinkIn)
@blueprint.output(MadeInvitationOut, status_code=201)
@authenticated(blueprint, 400, 404, 409, 413, 415, 422)
def renew_event_invitation(slug: str, id: str, json_data: EventInvitationLinkIn) -> Response:
    """Make a new link for an invitation. The earlier link stops working.

    If the person's time has begun, it goes on.
    """
    made = services().invitations_to_events.renew(_jury_view(slug), id, json_data.expires_at)
    _audit("event.invitation-link", slug, invitation=id)
    return json_response(_made_body(made), 201)


@blueprint.delete("/<slug>/invitations/<id>")
@authenticated(blueprint, 404, responses={204: "Revoked"})
def revoke_event_invitation(slug: str, id: str) -> Response:
    """Revoke an invitation: its link and its session end within seconds. Submissions stay."""
    found = services().invitations_to_events.get(_jury_view(slug), id)
    services().event_invitations.revoke(found)
    services().auth_cache.clear()
    changed()
    _audit("event.invitation-revoke", slug, invitation=id)
    return Response(status=204)


@blueprint.get("/<slug>/invitations/<id>/report")
@blueprint.output(CandidateReportOut)
@authenticated(blueprint, 404)
def show_candidate_report(slug: str, id: str) -> Response:
    """The programs, runs with own input, times and verdicts of an invited person, oldest first."""
    view = _jury_view(slug)
    return json_response(_report(view, services().invitations_to_events.get(view, id)))


@invited_blueprint.get("/<slug>/report")
@invited_blueprint.output(CandidateReportOut)
@authenticated(invited_blueprint, 404)
def show_own_report(slug: str) -> Response:
    """The invited person's own report, if the event's jury allows them to read it."""
    account = current_account()
    view = services().event_access.view(account, slug)
    found = services().event_invitations.of_account(account.id)
    if found is None or found.event_id != view.event.id or not found.shows_report:
        raise NotFound("there is no report that you may read: ask the jury of the event")
    return json_response(_report(view, found))


@public_blueprint.post("/event-invitations")
@public_blueprint.input(InvitationTokenIn)
@public_blueprint.output(FoundInvitationOut)
@public(public_blueprint, 400, 413, 415, 422, 429)
def show_event_invitation(json_data: InvitationTokenIn) -> Response:
    """The event and the rules of the invitation that a link is for. The link stays unused."""
    services().sign_in_guard.count_sign_in(sign_in_client())
    return json_response(_found_body(services().invitations_to_events.find(json_data.token)))


@public_blueprint.post("/event-invitations/opening")
@public_blueprint.input(InvitationTokenIn)
@public_blueprint.output(OpenedInvitationOut)
@public(public_blueprint, 400, 409, 413, 415, 422, 429)
def open_event_invitation(json_data: InvitationTokenIn) -> Response:
    """Open an invitation: the person's time begins, and this browser is signed in to this event only.

    This works once. The browser that opened the invitation may repeat the request.
    """
    services().sign_in_guard.count_sign_in(sign_in_client())
    found = services().invitations_to_events.find(json_data.token)
    if _is_opened_here(found):
        return json_response(_opened_body(found, request.cookies.get(COOKIE, "")))
    found, secret = services().invitations_to_events.open(json_data.token)
    services().auth_cache.clear()
    changed()
    # The entry names no acting account, because the jury has chosen the person's name. This name may be that
    # of an account, and may be longer than an account's name.
    services().audit.record(None, "event.invitation-open", found.event.slug, invitation=found.invitation.id)
    response = json_response(_opened_body(found, secret))
    lasts = session_end(found.event) - utc_now()
    set_session_cookie(response, secret, int(lasts.total_seconds()))
    return response


def _is_opened_here(found: FoundInvitation) -> bool:
    account, id = browser_account(), found.invitation.account_id
    return account is not None and id is not None and account.id == id


def _opened_body(found: FoundInvitation, secret: str) -> dict[str, Any]:
    return {"event": found.event.slug, "csrf_token": csrf_token(secret)}


def _found_body(found: FoundInvitation) -> dict[str, Any]:
    event, rules = found.event, found.event.rules
    problems = services().events.problems(event.id)
    return {
        "now": rfc3339(found.now),
        "name": found.invitation.name,
        "event": event.slug,
        "title": event.title,
        "description": event.description,
        "starts_at": rfc3339(event.times.starts_at),
        "ends_at": rfc3339(event.times.ends_at),
        "rules": {
            "length_minutes": rules.length_minutes,
            "problems": sum(not each.withdrawn for each in problems),
            "languages": list(rules.languages),
            "max_tries": rules.max_tries,
            "one_address": rules.one_address,
        },
        "opened_here": _is_opened_here(found),
        "fault": found.fault,
    }


def _made_body(made: MadeInvitation) -> dict[str, Any]:
    link = f"{services().settings.public_url}{LINK_PATH}#{made.token}"
    return {"id": made.id, "name": made.name, "email": made.email, "link": link}


def _body(each: EventInvitation) -> dict[str, Any]:
    return {
        "id": each.id,
        "name": each.name,
        "email": each.email,
        "state": each.state(utc_now()).value,
        "created_at": rfc3339(each.created_at),
        "expires_at": rfc3339(each.expires_at),
        "opened_at": rfc3339(each.opened_at),
        "revoked_at": rfc3339(each.revoked_at),
        "member": each.member_id,
        "shows_report": each.shows_report,
    }


def _report(view: EventView, invitation: EventInvitation) -> dict[str, Any]:
    programs, is_cut = reported_programs(services().submissions, invitation)
    window = _window_body(view, invitation)
    return {
        "event": view.event.slug,
        "title": view.event.title,
        "name": invitation.name,
        "email": invitation.email,
        "opened_at": rfc3339(invitation.opened_at),
        "window": window,
        "shows_report": invitation.shows_report,
        "programs": [_program_body(view, each, invitation) for each in programs],
        "similar": _similar_body(view, invitation),
        "is_cut": is_cut,
    }


def _similar_body(view: EventView, invitation: EventInvitation) -> list[dict[str, Any]] | None:
    found = similar_programs(services().similarity, invitation)
    if found is None:
        return None
    return [
        {
            "problem": label_of(view, each.problem),
            "submission": each.own,
            "similarity": each.similarity,
            "longest": each.longest,
            "member_name": each.member_name if view.is_jury else None,
        }
        for each in found
    ]


def _window_body(view: EventView, invitation: EventInvitation) -> dict[str, Any] | None:
    """The person's own window. ``None`` if the invitation was not opened yet."""
    account_id = invitation.account_id
    member = services().events.member_of(view.event.id, account_id) if account_id else None
    window = window_of(view.event.rules, view.event.times, member.times) if member else None
    if window is None:
        return None
    return {name: rfc3339(getattr(window, name)) for name in ("start", "end", "hard_end")}


def _program_body(view: EventView, each: ReportedProgram, invitation: EventInvitation) -> dict[str, Any]:
    status = services().running_events.shown(current_account(), each.status)
    outcome = status.outcome
    return {
        "id": status.id,
        "kind": status.kind.value,
        "problem": label_of(view, status.problem),
        "language": status.language,
        "at": rfc3339(status.submitted_at),
        "seconds": each.seconds(invitation.opened_at),
        "stage": status.stage.value,
        "verdict": outcome.verdict.value if outcome else None,
        "score": outcome.score if outcome else None,
        "tests": [
            {"name": test.name, "verdict": test.verdict.value, "cpu_ms": test.cpu_ms}
            for test in (outcome.tests if outcome else ())
        ],
        "source": each.source,
    }
