"""Routes for the notices of the current account: changes that other accounts made to its submissions and
events."""

from __future__ import annotations

from typing import Any

from apiflask import APIBlueprint
from flask import Response

from judge_api.container import services
from judge_api.http.auth import current_account, require_account
from judge_api.http.json import json_response
from judge_api.http.openapi import authenticated
from judge_api.http.shown_status import shown
from judge_api.schemas.requests import NoticesQuery, NoticesReadIn
from judge_api.schemas.responses import NoticesOut, NoticesReadOut
from judge_api.store.notices import Notice, NoticeKind
from judge_core.model.submission import Status, rfc3339

blueprint = APIBlueprint("notices", __name__, tag="Accounts")
blueprint.before_request(require_account)


@blueprint.after_request
def _forbid_caching(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/me/notices")
@blueprint.input(NoticesQuery, location="query")
@blueprint.output(NoticesOut)
@authenticated(blueprint, 422)
def list_notices(query_data: NoticesQuery) -> Response:
    """Changes that other accounts made to this account's submissions and events, newest first."""
    me = current_account()
    found = services().notices.of(me.id, query_data.limit)
    statuses = services().submissions.statuses([each.submission_id for each in found if each.submission_id])
    bodies = [_notice_body(each, statuses.get(each.submission_id or "")) for each in found]
    return json_response({"notices": bodies, "unread": services().notices.count_unread(me.id)})


@blueprint.post("/me/notices/read")
@blueprint.input(NoticesReadIn)
@blueprint.output(NoticesReadOut)
@authenticated(blueprint, 400, 413, 415, 422)
def mark_notices_read(json_data: NoticesReadIn) -> Response:
    """Mark the notices up to an id as read. Notices with later ids stay unread."""
    return json_response({"read": services().notices.mark_read(current_account().id, json_data.up_to)})


def _notice_body(notice: Notice, status: Status | None) -> dict[str, Any]:
    """The JSON of a notice. Results are left out while an event does not show them."""
    outcome = shown(status).outcome if status is not None else None
    is_shown = notice.kind is NoticeKind.REJUDGE and outcome is not None
    return {
        "id": notice.id,
        "kind": notice.kind.value,
        "submission": notice.submission_id,
        "problem": notice.problem,
        "event": notice.event,
        "title": notice.detail.get("title"),
        "minutes": notice.detail.get("minutes"),
        "count": notice.detail.get("count"),
        "before": notice.detail.get("verdict") if is_shown else None,
        "after": outcome.verdict.value if is_shown and outcome is not None else None,
        "at": rfc3339(notice.at),
        "read": notice.is_read,
    }
