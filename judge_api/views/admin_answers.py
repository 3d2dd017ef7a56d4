"""Answers to operators: why a submission is not judged, and which worker is slow."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Any

from apiflask import APIBlueprint
from flask import Response

from judge_api.container import services
from judge_api.http.auth import require_admin
from judge_api.http.json import json_response
from judge_api.http.openapi import authenticated
from judge_api.schemas.admin_responses import LogsOut, WhyOut, WorkerSpeedsOut
from judge_api.schemas.requests import HoursQuery, LogsQuery
from judge_api.services.worker_speeds import compare_workers
from judge_api.store.records import AttemptRow
from judge_core.clock import SYSTEM_CLOCK
from judge_core.model.errors import NotFound
from judge_core.model.submission import rfc3339

blueprint = APIBlueprint("admin_answers", __name__, url_prefix="/admin", tag="Administration")
blueprint.before_request(require_admin)


@blueprint.get("/submissions/<id>/why")
@blueprint.output(WhyOut)
@authenticated(blueprint, 404)
def explain_submission(id: str) -> Response:
    """Why a submission has no verdict yet.

    The answer has the cause, a command that helps, the place in the queue, and the attempts to judge the
    submission.
    """
    found = services().submissions.submission(id) if "\x00" not in id else None
    if found is None:
        raise NotFound(f"there is no submission {id[:64]!r}")
    status = found.status
    cause = services().pending_reasons.find([status]).cause(status)
    place = services().queue_positions.of(status)
    body = {
        "id": status.id,
        "account": services().accounts.names({status.owner}).get(status.owner),
        "problem": status.problem,
        "language": status.language,
        "queue": status.queue.value,
        "stage": status.stage.value,
        "verdict": status.outcome.verdict.value if status.outcome else None,
        "submitted_at": rfc3339(status.submitted_at),
        "reason": cause.text if cause else None,
        "command": cause.command if cause else None,
        "ahead": place.ahead,
        "expected_seconds": place.expected_seconds,
        "attempts": [_attempt(row) for row in found.attempts],
    }
    return json_response(body)


def _attempt(row: AttemptRow) -> dict[str, Any]:
    times = {"started_at": rfc3339(row.started_at), "ended_at": rfc3339(row.ended_at)}
    return {"number": row.number, "worker": row.worker, **times, "ending": row.ending, "reason": row.reason}


@blueprint.get("/logs")
@blueprint.input(LogsQuery, location="query")
@blueprint.output(LogsOut)
@authenticated(blueprint, 422)
def show_logs(query_data: LogsQuery) -> Response:
    """The latest log lines of the API, the dispatcher and the workers on this host, oldest first.

    If `gavel up` did not start these processes, there are no lines here, because their logs are elsewhere.
    """
    logs, asked = services().recent_logs, query_data
    since = SYSTEM_CLOCK.now() - timedelta(minutes=asked.minutes)
    wanted = asked.submission or ""
    lines = logs.lines(since, (asked.process,) if asked.process else (), wanted, asked.limit)
    bodies = [{**asdict(line), "at": rfc3339(line.at)} for line in lines]
    response = json_response({"processes": logs.processes(), "lines": bodies})
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/worker-speeds")
@blueprint.input(HoursQuery, location="query")
@blueprint.output(WorkerSpeedsOut)
@authenticated(blueprint, 422)
def compare_worker_speeds(query_data: HoursQuery) -> Response:
    """Compare the workers by their times for the same problems, the slowest worker first."""
    since = SYSTEM_CLOCK.now() - timedelta(hours=query_data.hours)
    speeds = compare_workers(services().recent_attempts.judged_since(since))
    return json_response({"workers": [asdict(speed) for speed in speeds]})
