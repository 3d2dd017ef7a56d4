"""The routes that clients poll: one submission's status, also waiting for a change, and many at once."""

from __future__ import annotations

import time

from apiflask import APIBlueprint
from flask import Response, request

from judge_api.container import services
from judge_api.http.auth import current_account, require_account
from judge_api.http.json import json_response
from judge_api.http.openapi import authenticated
from judge_api.http.stream_limits import try_open_stream
from judge_api.schemas.requests import StatusesQuery, StatusQuery
from judge_api.schemas.responses import StatusesOut, StatusOut
from judge_api.services.status_service import may_see_submission
from judge_core.model.submission import Status

blueprint = APIBlueprint("statuses", __name__, tag="Submissions")
blueprint.before_request(require_account)
_RECHECK_SECONDS = 5.0
CACHING = "private, no-cache"


@blueprint.get("/status/<id>")
@blueprint.input(StatusQuery, location="query")
@blueprint.output(StatusOut)
@authenticated(blueprint, 404, 422, responses={304: "Not changed since the ETag of If-None-Match"})
def show_status(id: str, query_data: StatusQuery) -> Response:
    """The status of a submission.

    With ``wait`` the answer comes at the next change of stage or, with If-None-Match, as soon as the
    status is another than that one; at once when it has ended, or when the account or its address has too
    many such requests open. ``Retry-After`` says when to ask again.
    """
    status = services().status_service.visible(id, current_account())
    known = request.headers.get("If-None-Match")
    if query_data.wait and not status.stage.is_final:
        status = _wait(status, known, query_data.wait)
    return _answer(status, known)


@blueprint.get("/statuses")
@blueprint.input(StatusesQuery, location="query")
@blueprint.output(StatusesOut)
@authenticated(blueprint, 422)
def show_statuses(query_data: StatusesQuery) -> Response:
    """The statuses of up to a hundred submissions, in the order of their ids."""
    ids = [id.strip() for id in query_data.ids.split(",")]
    found = services().status_service.current_of_many(ids)
    account = current_account()
    visible = [one if one and may_see_submission(account, one) else None for one in map(found.get, ids)]
    response = json_response({"statuses": [one.to_json() if one else None for one in visible]})
    response.headers["Cache-Control"] = CACHING
    unfinished = [one for one in visible if one and not one.stage.is_final]
    if unfinished:
        response.headers["Retry-After"] = str(services().retry_after.seconds(unfinished[0].queue))
    return response


def etag(status: Status) -> str:
    """Changes exactly when the status does. Weak, since a compressed response has the same one."""
    final, attempt, rank, done = status.order
    return f'W/"{final}-{attempt}-{rank}-{done}"'


def _answer(status: Status, known: str | None) -> Response:
    tag = etag(status)
    if known is not None and matches(known, tag):
        response = Response(status=304)
    else:
        response = json_response(status.to_json())
    response.headers["ETag"] = tag
    response.headers["Cache-Control"] = CACHING
    if not status.stage.is_final:
        response.headers["Retry-After"] = str(services().retry_after.seconds(status.queue))
    return response


def matches(known: str, tag: str) -> bool:
    """Whether a client's If-None-Match names this tag."""
    return known.strip() == "*" or tag in [part.strip() for part in known.split(",")]


def _wait(status: Status, known: str | None, seconds: float) -> Status:
    """The first status that differs from the known one, or the latest when the time is up."""
    if known is not None and not matches(known, etag(status)):
        return status
    stream = try_open_stream()
    if stream is None:
        return status
    with stream:
        return _wait_for_change(status, known, time.monotonic() + seconds)


def _wait_for_change(status: Status, known: str | None, ends: float) -> Status:
    statuses, subscriptions = services().status_service, services().status_subscriptions
    with subscriptions.subscribe(status.id) as subscription:
        # A change between the first read and the subscription is not published again.
        latest = statuses.current(status.id) or status
        while not _has_changed(status, latest, known) and (left := ends - time.monotonic()) > 0:
            received = statuses.next(subscription, status.id, min(left, _RECHECK_SECONDS))
            latest = max(latest, received, key=lambda one: one.order) if received else latest
    return latest


def _has_changed(before: Status, now: Status, known: str | None) -> bool:
    if known is not None:
        return not matches(known, etag(now))
    return (now.attempt, now.stage) != (before.attempt, before.stage)
