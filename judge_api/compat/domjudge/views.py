"""The routes ``/api`` and ``/api/v4`` of DOMjudge's API that are not in the Contest API."""

from __future__ import annotations

from typing import Any

from apiflask import APIBlueprint
from flask import Response, redirect, request
from werkzeug.exceptions import HTTPException

from judge_api.compat.clics.views import refuse, refuse_http
from judge_api.compat.domjudge.access import authenticate_client, user_object
from judge_api.compat.domjudge.files import add_file_routes
from judge_api.compat.domjudge.jury import add_jury_routes
from judge_api.compat.domjudge.requests import FIELD_NAMES, posted_by_form, posted_by_json
from judge_api.container import services
from judge_api.http.auth import current_account
from judge_api.http.json import json_response
from judge_core.model.account import Scope
from judge_core.model.errors import GavelError
from judge_core.model.submission import rfc3339

API_VERSION = 4
CLICS_VERSION = "2023-06"


def _show_info() -> Response:
    """The versions of DOMjudge's API and of the Contest API. A client chooses an API by its version."""
    return json_response(
        {
            "api_version": API_VERSION,
            "version": CLICS_VERSION,
            "version_url": f"https://ccs-specs.icpc.io/{CLICS_VERSION}/contest_api",
            "name": "Gavel",
            "provider": {"name": "Gavel"},
        }
    )


def _list_languages() -> Response:
    """All languages that are available here now."""
    offered = [each.language for each in services().language_availability.all() if each.available]
    return json_response(
        [
            {
                "id": each.id,
                "name": each.name,
                "extensions": [extension.removeprefix(".") for extension in each.extensions],
                "entry_point_required": False,
                "entry_point_name": None,
                "allow_judge": True,
                "time_factor": 1.0,
            }
            for each in offered
        ]
    )


def _show_user() -> Response:
    """The account of the request."""
    authenticate_client(Scope.READ)
    return json_response(user_object(current_account()))


def _submit(slug: str) -> Response:
    """Submit to an event. The form, or the JSON, contains the program's files."""
    authenticate_client(Scope.SUBMIT)
    services().event_access.view(current_account(), slug)
    if request.is_json:
        posted = posted_by_json(slug, request.get_json())
    else:
        posted = posted_by_form(slug, request.form, request.files)
    status = services().submission_policy.admit(current_account(), posted, FIELD_NAMES).status
    body: dict[str, Any] = {
        "id": status.id,
        "language_id": status.language,
        "problem_id": status.problem,
        "team_id": _member_of(slug),
        "time": rfc3339(status.submitted_at),
        "entry_point": posted.files.entry_point or None if posted.files else None,
    }
    return json_response(body)


def _member_of(slug: str) -> str | None:
    member = services().event_access.view(current_account(), slug).member
    return member.id if member else None


def _show_page(id: str) -> Response:
    """The page of a submission, whose address DOMjudge's submit client prints."""
    found: Response = redirect(f"/submissions/{id}")  # type: ignore[assignment]
    return found


def _make_blueprint(name: str, prefix: str) -> APIBlueprint:
    blueprint = APIBlueprint(name, __name__, url_prefix=prefix, enable_openapi=False)
    for rule in ("", "/info", "/version"):
        blueprint.add_url_rule(rule, f"info{rule[1:]}", _show_info, methods=["GET"])
    blueprint.add_url_rule("/languages", "languages", _list_languages, methods=["GET"])
    blueprint.add_url_rule("/user", "user", _show_user, methods=["GET"])
    blueprint.add_url_rule("/contests/<slug>/submissions", "submit", _submit, methods=["POST"])
    add_jury_routes(blueprint)
    add_file_routes(blueprint)
    blueprint.register_error_handler(GavelError, refuse)
    blueprint.register_error_handler(HTTPException, refuse_http)
    return blueprint


def _make_pages() -> APIBlueprint:
    blueprint = APIBlueprint("domjudge_pages", __name__, enable_openapi=False)
    blueprint.add_url_rule("/team/submission/<uuid:id>", "page", _show_page, methods=["GET"])
    return blueprint


BLUEPRINTS = (_make_blueprint("domjudge", "/api"), _make_blueprint("domjudge_v4", "/api/v4"), _make_pages())
