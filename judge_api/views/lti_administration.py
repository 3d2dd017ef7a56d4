"""Routes of learning platforms (LTI 1.3) for operators, and of their links to an event for its jury."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from apiflask import APIBlueprint
from flask import Response

from judge_api.container import services
from judge_api.http.auth import current_account, require_admin, require_author
from judge_api.http.json import json_response
from judge_api.http.openapi import authenticated
from judge_api.lti.courses import LINK_PARAMETER
from judge_api.lti.platform_client import PlatformFault
from judge_api.schemas.lti import (
    ImportedCourseOut,
    LtiLinkIn,
    LtiLinkOut,
    LtiLinksOut,
    PlatformIn,
    PlatformOut,
    PlatformsOut,
)
from judge_api.services.event_access import EventView
from judge_api.store.lti import Grade, LtiLink, LtiPlatform, Placement
from judge_api.store.tables import new_id
from judge_api.views.event_member import changed
from judge_core.model.errors import Conflict, FieldFault, Invalid, NotFound
from judge_core.model.submission import rfc3339

admin_blueprint = APIBlueprint("admin_lti", __name__, url_prefix="/admin/lti", tag="Learning platforms")
admin_blueprint.before_request(require_admin)
blueprint = APIBlueprint("event_lti", __name__, url_prefix="/events", tag="Learning platforms")
blueprint.before_request(require_author)
_ADDRESSES = ("auth_url", "token_url", "jwks_url")


def _audit(act: str, subject: str, **detail: object) -> None:
    services().audit.record(current_account().name, act, subject, **detail)


@admin_blueprint.get("/platforms")
@admin_blueprint.output(PlatformsOut)
@authenticated(admin_blueprint)
def list_lti_platforms() -> Response:
    """The registered platforms, and the addresses of Gavel to enter on a platform."""
    site = services().settings.public_url
    body = {
        "platforms": [asdict(each) for each in services().lti.platforms()],
        "login_url": f"{site}/lti/login",
        "launch_url": services().lti_launches.launch_url,
        "keys_url": f"{site}/lti/keys",
        "pending_grades": services().lti.count_pending(),
    }
    return json_response(body)


@admin_blueprint.post("/platforms")
@admin_blueprint.input(PlatformIn)
@admin_blueprint.output(PlatformOut, status_code=201)
@authenticated(admin_blueprint, 400, 409, 413, 415, 422)
def add_lti_platform(json_data: PlatformIn) -> Response:
    """Register a platform.

    Its addresses must be public or in the networks of GAVEL_WEBHOOK_NETWORKS.
    """
    client = services().lti_client
    found = [(name, client.fault_of(getattr(json_data, name))) for name in _ADDRESSES]
    if faults := [FieldFault(name, fault) for name, fault in found if fault is not None]:
        raise Invalid(*faults)
    _require_own_issuer(json_data.issuer)
    given = json_data.model_dump()
    platform = LtiPlatform(id=new_id(), **{**given, "deployments": tuple(json_data.deployments)})
    services().lti.add_platform(platform)
    _audit("lti.platform-add", platform.title, issuer=platform.issuer)
    return json_response(asdict(platform), 201)


def _require_own_issuer(issuer: str) -> None:
    """Refuse the issuer of a single sign-on provider.

    A person is known by issuer and subject, so such a platform could sign in as any person of the provider.
    """
    for client in services().single_sign_on.clients.values():
        if client.provider.issuer == issuer:
            why = f"is that of the provider {client.provider.name} of single sign-on: use the platform's own"
            raise Invalid(FieldFault("issuer", why))


@admin_blueprint.delete("/platforms/<id>")
@authenticated(admin_blueprint, 404, responses={204: "Removed"})
def remove_lti_platform(id: str) -> Response:
    """Remove a platform with its links. The accounts and members that came from it stay."""
    if "\x00" in id or not services().lti.delete_platform(id):
        raise NotFound(f"there is no platform {id[:64]!r}")
    _audit("lti.platform-remove", id)
    return Response(status=204)


@blueprint.get("/<slug>/lti-links")
@blueprint.output(LtiLinksOut)
@authenticated(blueprint, 404)
def list_lti_links(slug: str) -> Response:
    """The links from platforms to an event, with their courses and grades."""
    view = _jury_view(slug)
    platforms = services().lti.platforms()
    titles = {each.id: each.title for each in platforms}
    placements = services().lti.placements(view.event.id)
    links = [
        _link_body(link, titles, [each for each in placements if each.link.id == link.id])
        for link in services().lti.links_of(view.event.id)
    ]
    lines = [{"id": id, "title": title} for id, title in titles.items()]
    return json_response({"links": links, "platforms": lines})


@blueprint.post("/<slug>/lti-links")
@blueprint.input(LtiLinkIn)
@blueprint.output(LtiLinkOut, status_code=201)
@authenticated(blueprint, 400, 404, 413, 415, 422)
def add_lti_link(slug: str, json_data: LtiLinkIn) -> Response:
    """Let a platform link to the event, or to one of its problems, without deep linking."""
    view = _jury_view(slug)
    platform = services().lti.platform(json_data.platform)
    if platform is None:
        raise Invalid(FieldFault("platform", "is not registered: GET /events/SLUG/lti-links lists platforms"))
    labels = [each.label for each in view.problems]
    if json_data.problem is not None and json_data.problem not in labels:
        raise Invalid(FieldFault("problem", f"is not in the event, which has {', '.join(labels)}"))
    id = services().lti.add_link(platform.id, view.event.id, json_data.problem, current_account().id)
    _audit("lti.link", slug, platform=platform.title, link=id)
    link = services().lti.link(id)
    if link is None:
        raise NotFound("the platform, the event or the link was deleted at this moment")
    return json_response(_link_body(link, {platform.id: platform.title}, []), 201)


@blueprint.delete("/<slug>/lti-links/<id>")
@authenticated(blueprint, 404, responses={204: "Removed"})
def remove_lti_link(slug: str, id: str) -> Response:
    """Remove a link. Launches by this link are refused, and its grades are no longer sent. Members stay."""
    view = _jury_view(slug)
    if "\x00" in id or not services().lti.delete_link(view.event.id, id):
        raise NotFound(f"there is no link {id[:64]!r} to this event")
    _audit("lti.unlink", slug, link=id)
    return Response(status=204)


@blueprint.post("/<slug>/lti-placements/<id>/members")
@blueprint.output(ImportedCourseOut)
@authenticated(blueprint, 404, 409)
def import_lti_members(slug: str, id: str) -> Response:
    """Make the active learners of a course members of the event. The platform gives their names and roles."""
    view = _jury_view(slug)
    placement = services().lti.placement(id) if "\x00" not in id else None
    if placement is None or placement.link.event_id != view.event.id:
        raise NotFound(f"there is no course {id[:64]!r} of this event")
    platform = services().lti.platform(placement.link.platform_id)
    if platform is None:
        raise NotFound("the platform was removed")
    try:
        found = services().lti_courses.import_members(platform, placement)
    except PlatformFault as fault:
        raise Conflict(f"{platform.title} gave no members: {fault}") from fault
    changed()
    _audit("lti.members", slug, added=found.added)
    left_out = [{"name": name, "fault": why} for name, why in found.left_out]
    return json_response({"learners": found.learners, "added": found.added, "left_out": left_out})


def _jury_view(slug: str) -> EventView:
    return services().event_access.for_jury(current_account(), slug)


def _link_body(link: LtiLink, titles: dict[str, str], placements: list[Placement]) -> dict[str, Any]:
    return {
        "id": link.id,
        "platform": titles.get(link.platform_id, ""),
        "problem": link.problem,
        "launch_url": services().lti_launches.launch_url,
        "parameter": f"{LINK_PARAMETER}={link.id}",
        "placements": [_placement_body(each) for each in placements],
    }


def _placement_body(placement: Placement) -> dict[str, Any]:
    return {
        "id": placement.id,
        "title": placement.title,
        "takes_grades": placement.lineitem_url is not None,
        "has_members": placement.memberships_url is not None,
        "grades": [_grade_body(each) for each in services().lti.grades(placement.id)],
    }


def _grade_body(grade: Grade) -> dict[str, Any]:
    return {
        "account": grade.account,
        "score": grade.score,
        "state": grade.state.value,
        "tries": grade.tries,
        "reason": grade.reason,
        "sent_at": rfc3339(grade.sent_at),
    }
