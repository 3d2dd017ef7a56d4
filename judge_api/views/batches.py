"""Routes to post many submissions or runs in one call. Each one is accepted or refused on its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from apiflask import APIBlueprint
from flask import Response, request
from pydantic import ValidationError

from judge_api.container import services
from judge_api.http.auth import current_account, require_account
from judge_api.http.error_responses import error_type_of, problem_body
from judge_api.http.json import json_response
from judge_api.http.openapi import authenticated
from judge_api.schemas.requests import Body, RunBatchIn, RunIn, SubmissionBatchIn, SubmissionIn
from judge_api.schemas.responses import BatchOut
from judge_api.schemas.unknown_fields import faults_of
from judge_api.services.rate_limits import rate_limit_headers
from judge_api.services.submission_policy import PostedSubmission
from judge_api.store.records import AcceptedSubmission
from judge_api.views.submissions import accepted_body, posted_run, posted_submission
from judge_core.model.errors import Invalid, QuotaExceeded, Refused

blueprint = APIBlueprint("batches", __name__, tag="Submissions")
blueprint.before_request(require_account)
Item = TypeVar("Item", bound=Body)


@blueprint.post("/submissions/batch")
@blueprint.input(SubmissionBatchIn)
@blueprint.output(BatchOut)
@authenticated(blueprint, 400, 413, 415, 422)
def submit_batch(json_data: SubmissionBatchIn) -> Response:
    """Submit up to a hundred programs in one call.

    Each program is checked, counted and stored like a single submission, and has its own result. With an
    Idempotency-Key header the call can be repeated: accepted submissions stay, and only the other programs
    are tried again.
    """
    return _answer(json_data.submissions, SubmissionIn, lambda body: posted_submission(body, None))


@blueprint.post("/runs/batch")
@blueprint.input(RunBatchIn)
@blueprint.output(BatchOut)
@authenticated(blueprint, 400, 413, 415, 422)
def run_batch(json_data: RunBatchIn) -> Response:
    """Run up to a hundred programs in one call; see ``POST /submissions/batch``."""
    return _answer(json_data.runs, RunIn, lambda body: posted_run(body, None))


def _answer(
    bodies: Sequence[object], model: type[Item], read: Callable[[Item], PostedSubmission]
) -> Response:
    batch = [_read(body, model, read) for body in bodies]
    key = request.headers.get("Idempotency-Key")
    results = services().submission_policy.admit_batch(current_account(), batch, key)
    response = json_response({"results": [_result_body(result) for result in results]})
    counted = [result.limits for result in results if isinstance(result, AcceptedSubmission | QuotaExceeded)]
    response.headers.extend(rate_limit_headers(next((one for one in reversed(counted) if one), ())))
    return response


def _read(
    body: object, model: type[Item], read: Callable[[Item], PostedSubmission]
) -> PostedSubmission | Refused:
    try:
        return read(model.model_validate(body))
    except ValidationError as error:
        return Invalid(*faults_of(error))
    except Refused as refusal:
        return refusal


def _result_body(result: AcceptedSubmission | Refused) -> dict[str, Any]:
    if isinstance(result, AcceptedSubmission):
        return {"status": 202, "accepted": accepted_body(result), "error": None}
    kind = error_type_of(result)
    error = problem_body(kind, str(result) or kind.title, getattr(result, "faults", ()))
    if isinstance(result, QuotaExceeded):
        error["retry_after"] = result.retry_after
    return {"status": kind.status, "accepted": None, "error": error}
