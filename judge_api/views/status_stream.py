"""The status of a submission as Server-Sent Events. The WebSocket is in ``views/websocket.py``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from apiflask import APIBlueprint
from flask import Response, request

from judge_api.container import services
from judge_api.http.auth import CredentialCheck, current_account, require_account
from judge_api.http.json import dump_json
from judge_api.http.openapi import authenticated
from judge_api.http.shown_status import body_builder
from judge_api.http.sse import HEARTBEAT_SECONDS, sse_response
from judge_core.model.submission import Status
from judge_core.redis.status_channel import ORDER_WIDTH, order_text

blueprint = APIBlueprint("events", __name__, tag="Submissions")
blueprint.before_request(require_account)
BodyBuilder = Callable[[Status], dict[str, Any]]
_STREAM: dict[int | str, Any] = {
    200: {
        "description": "A stream of statuses",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    },
    204: "There is no status after Last-Event-ID",
}


@blueprint.get("/events/<id>")
@authenticated(blueprint, 404, 429, responses=_STREAM)
def stream_status(id: str) -> Response:
    """Every change of the status as a Server-Sent Event ``status``, until the final status.

    The id of an event is the position of its status in the submission's history. A client that sends it as
    ``Last-Event-ID`` gets the statuses after it.
    """
    status = services().status_service.visible(id, current_account())
    seen = _seen(request.headers.get("Last-Event-ID", ""))
    if status.stage.is_final and order_text(status) <= seen:
        return Response(status=204)  # 204 tells the browser not to connect again.
    changes = services().status_service.changes(id, seen, HEARTBEAT_SECONDS)
    return sse_response(_events(changes, body_builder(), CredentialCheck()))


def _seen(text: str) -> str:
    return text if len(text) == ORDER_WIDTH and text.isdigit() else ""


def _events(
    changes: Iterator[Status | None], body_of: BodyBuilder, credentials: CredentialCheck
) -> Iterator[str]:
    yield "retry: 1000\n\n"
    for status in changes:
        if not credentials.holds():
            return
        yield _event(status, body_of) if status is not None else ": still here\n\n"


def _event(status: Status, body_of: BodyBuilder) -> str:
    return f"event: status\nid: {order_text(status)}\ndata: {dump_json(body_of(status))}\n\n"
