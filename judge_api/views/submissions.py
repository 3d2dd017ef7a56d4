"""Routes to submit a program, and to read and cancel one's own submissions."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from apiflask import APIBlueprint
from flask import Response, request

from judge_api.container import services
from judge_api.http.auth import current_account, require_account
from judge_api.http.json import json_response
from judge_api.http.openapi import authenticated
from judge_api.http.shown_status import shown, status_body
from judge_api.schemas.requests import CaseIn, FileIn, LimitsIn, OwnSubmissionsQuery, RunIn, SubmissionIn
from judge_api.schemas.responses import AcceptedOut, CancelledOut, PlaceOut, SubmissionOut, SubmissionsOut
from judge_api.services.program_archive import UnusableArchive, archive_faults, read_program_archive
from judge_api.services.rate_limits import rate_limit_headers
from judge_api.services.submission_policy import PostedSubmission
from judge_api.store.records import (
    AcceptedSubmission,
    AttemptRow,
    StoredSubmission,
    SubmissionFilter,
    SubmissionPage,
)
from judge_api.store.statistics import Compared
from judge_core.messages import CustomRun, RunLimits
from judge_core.model.byte_texts import bytes_from
from judge_core.model.errors import Conflict, FieldFault, Invalid, NotFound
from judge_core.model.percentiles import percentile
from judge_core.model.program_files import ProgramFile, ProgramFiles
from judge_core.model.submission import Kind, Stage, Status, rfc3339

blueprint = APIBlueprint("submissions", __name__, tag="Submissions")
blueprint.before_request(require_account)
REFUSAL = "gavel.refusal"
"""A key of the WSGI environment. If the fast path refused the request, its error is stored under this key.

The view raises the error.
"""
REPLAYED = "Idempotency-Replayed"
"""This header of an answer says that an earlier request with the same Idempotency-Key made the submission."""


@blueprint.post("/submissions")
@blueprint.input(SubmissionIn)
@blueprint.output(AcceptedOut, status_code=202)
@authenticated(blueprint, 400, 413, 415, 422, 429)
def submit(json_data: SubmissionIn) -> Response:
    """Submit a program for a problem.

    The submission is stored before the answer is sent. It will be judged even if the queue is lost. With an
    Idempotency-Key header, the same key and body again give the same submission.
    """
    if (refusal := request.environ.get(REFUSAL)) is not None:
        raise refusal
    posted = posted_submission(json_data, request.headers.get("Idempotency-Key"))
    return _accepted(services().submission_policy.admit(current_account(), posted))


@blueprint.post("/runs")
@blueprint.input(RunIn)
@blueprint.output(AcceptedOut, status_code=202)
@authenticated(blueprint, 400, 413, 415, 422, 429)
def run(json_data: RunIn) -> Response:
    """Run a program on its own input, or on a problem's samples.

    The run does not count for the problem. If the request has a problem and no input, the problem's samples
    are run.
    """
    posted = posted_run(json_data, request.headers.get("Idempotency-Key"))
    return _accepted(services().submission_policy.admit(current_account(), posted))


@blueprint.get("/submissions")
@blueprint.input(OwnSubmissionsQuery, location="query")
@blueprint.output(SubmissionsOut)
@authenticated(blueprint, 422)
def list_submissions(query_data: OwnSubmissionsQuery) -> Response:
    """The account's own submissions and runs, newest first."""
    exam = services().running_events.exam_of(current_account().id)
    asks_marks = query_data.full_marks is not None
    asks_result = asks_marks or query_data.verdict is not None
    scored = services().statistics.best_scores(current_account().id) if asks_marks else {}
    which = SubmissionFilter(
        event_id=exam.event_id if exam else None,
        account_id=current_account().id,
        problem=query_data.problem,
        language=query_data.language,
        verdict=query_data.verdict,
        stage=query_data.stage,
        kind=query_data.kind,
        full_marks=query_data.full_marks,
        max_scores=services().problems.max_scores(scored) if scored else {},
        # A filter must not reveal a result that an event does not show yet. It is not enough to leave the
        # hidden submissions out of the page, because its cursor says whether there are more.
        hidden=services().running_events.hidden_periods(current_account()) if asks_result else (),
    )
    page = services().submissions.page(which, query_data.cursor, query_data.limit)
    if asks_result:
        page = replace(page, items=tuple(each for each in page.items if shown(each).outcome is not None))
    return json_response(page_body(page))


@blueprint.get("/submissions/<id>")
@blueprint.output(SubmissionOut)
@authenticated(blueprint, 404)
def show_submission(id: str) -> Response:
    """One submission with its source, its tests and the attempts to judge it."""
    found = services().submissions.submission(id)
    if found is None or not _may_read(found.status):
        raise NotFound(f"there is no submission {id[:64]!r} of yours")
    return json_response(submission_body(found))


@blueprint.get("/submissions/<id>/place")
@blueprint.output(PlaceOut)
@authenticated(blueprint, 404)
def show_place(id: str) -> Response:
    """The position of a waiting submission in its queue, with an estimate of the wait."""
    status = services().status_service.visible(id, current_account())
    return json_response(asdict(services().queue_positions.of(status)))


@blueprint.delete("/submissions/<id>")
@blueprint.output(CancelledOut)
@authenticated(blueprint, 404, 409)
def cancel_submission(id: str) -> Response:
    """Cancel a submission that is not finished. Cancelling it twice changes nothing.

    If the submission belongs to an event and its judging has begun, only administrators can cancel it.
    """
    status = services().submissions.status(id)
    if status is None or not services().status_service.may_see(current_account(), status):
        raise NotFound(f"there is no submission {id[:64]!r} of yours")
    if not current_account().is_admin and _is_judged_in_event(id):
        raise Conflict(
            "the submission counts in an event, and its judging has begun: it cannot be cancelled any more"
        )
    is_own = status.owner == current_account().id
    cancelled = services().submission_service.cancel(status, by="its owner" if is_own else "an administrator")
    if cancelled:
        services().status_service.publish_change(id)
    if cancelled and not is_own:
        services().audit.record(current_account().name, "submission.cancel", id, stage=status.stage.value)
    return json_response({"id": id, "cancelled": cancelled})


def _is_judged_in_event(id: str) -> bool:
    """Whether the judging of an event's submission has begun.

    Its owner sees the progress, and could cancel a submission that is about to fail: a cancelled one costs
    neither a try nor a penalty. A second attempt counts as begun even while it waits, because the first
    attempt has shown its progress.
    """
    now = services().status_service.current(id)
    has_begun = now is not None and (now.attempt > 1 or now.stage in (Stage.COMPILING, Stage.RUNNING))
    return has_begun and services().events.has_submission(id)


def _may_read(status: Status) -> bool:
    """Whether the client is the owner, an administrator, or in the jury of the submission's event."""
    me = current_account()
    return services().status_service.may_see(me, status) or services().event_access.is_jury_of(me, status.id)


def posted_submission(body: SubmissionIn, idempotency_key: str | None) -> PostedSubmission:
    """The submission that a request body describes. Raises ``Invalid``."""
    source, files = _program(body)
    return PostedSubmission(
        language=body.language,
        source=source,
        files=files,
        problem=body.problem,
        run_all=body.run_all,
        idempotency_key=idempotency_key,
        event=body.event,
    )


def _program(body: SubmissionIn | RunIn) -> tuple[str, ProgramFiles | None]:
    """The source, or the files, that a body contains. Raises ``Invalid``."""
    given = [each for each in (body.source, body.files, body.archive) if each is not None]
    if len(given) != 1:
        raise Invalid(FieldFault("source", "give one of source, files and archive"))
    if body.source is not None:
        if body.entry_point is not None:
            raise Invalid(FieldFault("entry_point", "goes with files, not with source"))
        return body.source, None
    if body.archive is not None:
        return "", ProgramFiles(files_of_archive(body.archive), body.entry_point or "")
    files = [ProgramFile.of(file.name, _content(file, place)) for place, file in enumerate(body.files or ())]
    return "", ProgramFiles(tuple(files), body.entry_point or "")


def files_of_archive(encoded: str, field: str = "archive") -> tuple[ProgramFile, ...]:
    """The files of a zip in base64. Raises ``Invalid`` with the name of the wrong file."""
    try:
        files = read_program_archive(bytes_from(None, encoded) or b"")
    except UnusableArchive as error:
        raise Invalid(FieldFault(field, str(error))) from error
    if faults := tuple(archive_faults(files, field)):
        raise Invalid(*faults)
    return files


def _content(file: FileIn, place: int) -> bytes:
    if (file.content is None) is (file.content_base64 is None):
        raise Invalid(FieldFault(f"files.{place}.content", "give either content or content_base64"))
    return bytes_from(file.content, file.content_base64) or b""


def posted_run(body: RunIn, idempotency_key: str | None) -> PostedSubmission:
    """The run that a request body describes. Raises ``Invalid``."""
    source, files = _program(body)
    return PostedSubmission(
        language=body.language,
        source=source,
        files=files,
        kind=Kind.RUN,
        problem=body.problem,
        run=_custom_run(body),
        run_all=True,
        idempotency_key=idempotency_key,
    )


def accepted_body(accepted: AcceptedSubmission) -> dict[str, Any]:
    """The response to an accepted submission."""
    id = accepted.status.id
    return {
        "id": id,
        "status_url": f"/status/{id}",
        "events_url": f"/events/{id}",
        "queue": accepted.status.queue.value,
        "replayed": accepted.duplicate,
    }


def _accepted(accepted: AcceptedSubmission) -> Response:
    body = accepted_body(accepted)
    response = json_response(body, 202)
    response.headers["Location"] = body["status_url"]
    if accepted.duplicate:
        response.headers[REPLAYED] = "true"
    response.headers.extend(rate_limit_headers(accepted.limits))
    return response


def _custom_run(body: RunIn) -> CustomRun | None:
    fields = (body.stdin, body.expected_output, body.stdin_base64, body.expected_output_base64)
    has_fields = any(each is not None for each in fields)
    if body.cases is not None and has_fields:
        raise Invalid(FieldFault("cases", "give either cases, or stdin and expected_output"))
    if body.problem is not None and not has_fields and body.cases is None:
        return None
    cases = [_case(case, f"cases.{number}.") for number, case in enumerate(body.cases or ())]
    run = CustomRun(
        cases=(),
        limits=_limits(body.limits),
        arguments=tuple(body.arguments),
        compiler_arguments=tuple(body.compiler_arguments),
    )
    return run.with_cases(cases or [_case(body, "")])


def _case(given: RunIn | CaseIn, prefix: str) -> tuple[bytes, bytes | None]:
    """The input and the expected output, from their text or their base64."""
    for name in ("stdin", "expected_output"):
        if getattr(given, name) and getattr(given, f"{name}_base64") is not None:
            raise Invalid(FieldFault(f"{prefix}{name}_base64", f"give either {name} or {name}_base64"))
    stdin = bytes_from(given.stdin, given.stdin_base64)
    return stdin or b"", bytes_from(given.expected_output, given.expected_output_base64)


def _limits(limits: LimitsIn | None) -> RunLimits:
    return RunLimits(**limits.model_dump()) if limits else RunLimits()


def page_body(page: SubmissionPage) -> dict[str, Any]:
    """One page of a list of submissions."""
    return {"submissions": [status_body(each) for each in page.items], "cursor": page.cursor}


def submission_body(found: StoredSubmission) -> dict[str, Any]:
    """The JSON of one submission with all its fields."""
    return {
        "reason": None,
        "tests": [],
        "sandbox": None,
        "compile_cached": None,
        "compiler": None,
        **status_body(found.status),
        "source": found.source,
        **file_bodies(found),
        "own": found.status.owner == current_account().id,
        "event": _event_of(found.status),
        "kind": found.status.kind.value,
        "traceparent": found.traceparent,
        "version": found.package.hash if found.package else None,
        "percentile": _percentile(shown(found.status)),
        "attempts": [_attempt_body(attempt, current_account().is_admin) for attempt in found.attempts],
    }


def _event_of(status: Status) -> dict[str, Any] | None:
    """The event of a submission, as the client may see it."""
    slug = services().events.slug_of_submission(status.id)
    if slug is None:
        return None
    try:
        view = services().event_access.view(current_account(), slug)
    except NotFound:
        return {"slug": slug, "problem": None, "open": False}
    problem = next((each for each in view.problems if each.slug == status.problem), None)
    if problem is None:
        return {"slug": slug, "problem": None, "open": False}
    return {"slug": slug, "problem": problem.label, "open": view.may_submit and not problem.withdrawn}


def file_bodies(found: StoredSubmission) -> dict[str, Any]:
    """The files of a program that has several files, and its entry point."""
    return {
        "files": [_file_body(file) for file in found.files.files] if found.files else None,
        "entry_point": found.files.entry_point or None if found.files else None,
    }


def _file_body(file: ProgramFile) -> dict[str, str]:
    body = {"name": file.name, "content": file.text}
    return body if file.encoded is None else {**body, "content_base64": file.encoded}


def _percentile(status: Status) -> dict[str, Any] | None:
    done = status.outcome
    counts = done is not None and done.has_full_marks and status.kind is Kind.SUBMISSION
    if done is None or not counts or status.problem is None or done.cpu_ms is None:
        return None
    if services().running_events.holds_back(status.problem):
        return None
    others = Compared(status.problem, status.language, done.max_score, without=status.owner)
    found = percentile(done.cpu_ms, sorted([*services().statistics.runtimes(others), done.cpu_ms]))
    return asdict(found) if found else None


def _attempt_body(attempt: AttemptRow, is_admin: bool) -> dict[str, Any]:
    """The JSON of an attempt. Its reason may quote files of the jury, so only administrators get the
    reason."""
    return {
        "number": attempt.number,
        "worker": attempt.worker,
        "started_at": rfc3339(attempt.started_at),
        "ended_at": rfc3339(attempt.ended_at),
        "ending": attempt.ending,
        "reason": attempt.reason if is_admin else None,
    }
