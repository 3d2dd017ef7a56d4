"""Planned maintenance: all clients may read it, administrators change it."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import Response

from judge_api.container import services
from judge_api.http.auth import require_admin
from judge_api.http.json import json_response
from judge_api.http.openapi import authenticated, public
from judge_api.schemas.requests import MaintenanceChange
from judge_api.schemas.responses import MaintenanceOut
from judge_api.views.admin import audit
from judge_core.model.maintenance import Maintenance
from judge_core.model.submission import rfc3339

blueprint = APIBlueprint("maintenance", __name__, tag="Operating")
admin_blueprint = APIBlueprint("admin_maintenance", __name__, url_prefix="/admin", tag="Administration")
admin_blueprint.before_request(require_admin)


@blueprint.get("/maintenance")
@blueprint.output(MaintenanceOut)
@public(blueprint)
def show_maintenance() -> Response:
    """Whether the server accepts submissions now, and the message that the pages show."""
    return json_response(_body(services().maintenance.current()))


@admin_blueprint.put("/maintenance")
@admin_blueprint.input(MaintenanceChange)
@admin_blueprint.output(MaintenanceOut)
@authenticated(admin_blueprint, 400, 413, 415, 422)
def change_maintenance(json_data: MaintenanceChange) -> Response:
    """Set whether submissions are judged, held, or refused with 503, and the message on the pages.

    Workers finish the submissions that they are judging. All processes apply the change within a second.
    """
    new = Maintenance(json_data.mode, json_data.message.strip(), json_data.until)
    state = services().maintenance.change(new)
    audit("maintenance", state.mode.value, message=state.message, until=rfc3339(state.until))
    return json_response(_body(state))


def _body(state: Maintenance) -> dict[str, str | None]:
    return {
        "mode": state.mode.value,
        "message": state.message,
        "until": rfc3339(state.until),
        "since": rfc3339(state.since),
    }
