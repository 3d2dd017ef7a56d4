"""The routes that clients poll: the status of one submission, with or without waiting, and many statuses at
once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from apiflask import APIBlueprint
from flask import Response, request

from judge_api.container import services
from judge_api.events.feedback import with_feedback
from judge_api.events.rules import Feedback
from judge_api.http.auth import current_account, require_account
from judge_api.http.json import json_response
from judge_api.http.openapi import authenticated
from judge_api.http.shown_status import status_body
from judge_api.http.stream_limits import try_open_stream
from judge_api.schemas.requests import StatusesQuery, StatusQuery
from judge_api.schemas.responses import StatusesOut, StatusOut
from judge_core.model.submission import Status

blueprint = APIBlueprint("statuses", __name__, tag="Submissions")
blueprint.before_request(require_account)
CACHING = "private, no-cache"


@blueprint.get("/status/<id>")
@blueprint.input(StatusQuery, location="query")
@blueprint.output(StatusOut)
@authenticated(
    blueprint, 404, 422, responses={304: "The status is still the one of the ETag in If-None-Match"}
)
def show_status(id: str, query_data: StatusQuery) -> Response:
    """The status of a submission.

    With ``wait`` the answer comes at the next change of stage. With If-None-Match it comes when the status
    differs from the one in that header. It comes at once if the submission has ended, or if the account or
    its address has too many such requests open. With ``until=final`` only the end of the submission is waited
    for. ``Retry-After`` says when to ask again.
    """
    status = services().status_service.visible(id, current_account())
    known = request.headers.get("If-None-Match")
    if query_data.wait and not status.stage.is_final:
        awaited = Awaited(status, known, query_data.until == "final", _current_etag)
        status = _wait(awaited, query_data.wait)
    return _answer(status, known)


@blueprint.get("/statuses")
@blueprint.input(StatusesQuery, location="query")
@blueprint.output(StatusesOut)
@authenticated(blueprint, 422)
def show_statuses(query_data: StatusesQuery) -> Response:
    """The statuses of up to a hundred submissions, in the order in which their ids are given."""
    ids = [id.strip() for id in query_data.ids.split(",")]
    found = services().status_service.current_of_many(ids)
    account, may_see = current_account(), services().status_service.may_see
    visible = [one if one and may_see(account, one) else None for one in map(found.get, ids)]
    response = json_response({"statuses": [status_body(one) if one else None for one in visible]})
    response.headers["Cache-Control"] = CACHING
    unfinished = [one for one in visible if one and not one.stage.is_final]
    if unfinished:
        response.headers["Retry-After"] = str(services().retry_after.seconds(unfinished[0].queue))
    return response


def etag(status: Status, waits_for_worker: bool = False) -> str:
    """The ETag of an answer.

    It changes with the status, and also when a submission begins to wait for a worker or no longer waits for
    one. It is weak, because a compressed response has the same ETag.
    """
    final, attempt, rank, done = status.order
    return f'W/"{final}-{attempt}-{rank}-{done}{"-w" if waits_for_worker else ""}"'


def _current_etag(status: Status) -> str:
    """The ETag for this account.

    A status may show more after the end of an event. It then gets another ETag.
    """
    feedback = services().running_events.feedback_for(current_account(), status)
    tag = etag(with_feedback(status, feedback), services().language_outages.concerns(status))
    return tag if feedback is Feedback.ALL else f'{tag[:-1]}-{feedback.value}"'


def _answer(status: Status, known: str | None) -> Response:
    tag = _current_etag(status)
    if known is not None and matches(known, tag):
        response = Response(status=304)
    else:
        response = json_response(status_body(status))
    response.headers["ETag"] = tag
    response.headers["Cache-Control"] = CACHING
    if not status.stage.is_final:
        response.headers["Retry-After"] = str(services().retry_after.seconds(status.queue))
    return response


def matches(known: str, tag: str) -> bool:
    """Whether a client's If-None-Match names this tag."""
    return known.strip() == "*" or tag in [part.strip() for part in known.split(",")]


@dataclass(frozen=True, slots=True)
class Awaited:
    """The status that a client waits for: the final one, one with another ETag than ``known``, or, without
    ``known``, one with another attempt or stage than ``before``."""

    before: Status
    known: str | None
    until_final: bool
    tag_of: Callable[[Status], str]
    """The ETag of a status for this client."""

    def is_met_by(self, now: Status) -> bool:
        if now.stage.is_final or self.until_final:
            return now.stage.is_final
        if self.known is not None:
            return not matches(self.known, self.tag_of(now))
        return (now.attempt, now.stage) != (self.before.attempt, self.before.stage)


def _wait(awaited: Awaited, seconds: float) -> Status:
    """The first awaited status. If the time is up or too many requests wait already, the latest status."""
    if awaited.is_met_by(awaited.before):
        return awaited.before
    stream = try_open_stream()
    if stream is None:
        return awaited.before
    with stream:
        statuses = services().status_service
        return statuses.wait(awaited.before, awaited.is_met_by, seconds, awaited.until_final)
