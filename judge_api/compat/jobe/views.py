"""The routes of Jobe's API."""

from __future__ import annotations

import base64
import binascii

from apiflask import APIBlueprint
from flask import Response, g, request
from werkzeug.exceptions import HTTPException

from judge_api.compat.jobe.languages import language_id, listed
from judge_api.compat.jobe.requests import FILE_ID, JobError, posted_run, read_json, read_specification
from judge_api.compat.jobe.responses import Result, body_of, result_body
from judge_api.compat.keys import account_of_key, key_in_authorization
from judge_api.container import services
from judge_api.http.auth import current_account, require_scope
from judge_api.http.error_responses import error_type_of, set_retry_after
from judge_api.http.json import json_response
from judge_api.http.verdict_wait import wait_for_verdict
from judge_core.model.account import Scope
from judge_core.model.errors import Forbidden, GavelError, Invalid, QuotaExceeded, Unauthorized

WAIT_SECONDS = 120.0
KEY_HEADER = "X-API-KEY"


def _authenticate() -> None:
    """Refuse a request without a key, unless it is a GET or guests may run programs."""
    if request.method == "GET":
        return
    g.authenticated_key = account_of_key(request.headers.get(KEY_HEADER) or key_in_authorization())
    require_scope(g.authenticated_key, Scope.SUBMIT)


def _list_languages() -> Response:
    return json_response(listed(services().language_availability.all()))


def _run() -> Response:
    account = current_account()
    given = read_specification(request.get_data())
    id = language_id(given.language, services().language_availability.all())
    if id is None:
        raise JobError(f"Language '{given.language[:64]}' is not known")
    quota, files = services().quotas.of(account.tier), services().support_files
    posted = posted_run(given, services().languages[id], quota, lambda each: files.get(account.id, each))
    try:
        accepted = services().submission_policy.admit(account, posted)
    except QuotaExceeded as error:
        return json_response(body_of(None, Result.SERVER_OVERLOAD, stderr=str(error)))
    status = wait_for_verdict(accepted.status, WAIT_SECONDS)
    if not status.stage.is_final:
        return json_response(body_of(status.id, Result.SERVER_OVERLOAD, stderr="the queue is long"))
    return json_response(result_body(status))


def _put_file(id: str) -> Response:
    _check_id(id)
    body = read_json(request.get_data())
    given = body.get("file_contents") if isinstance(body, dict) else None
    if not isinstance(given, str):
        raise JobError("put: missing file_contents parameter")
    try:
        content = base64.b64decode(given, validate=True)
    except (binascii.Error, ValueError) as error:
        raise JobError(f"put: contents of file {id} are not valid base-64") from error
    account = current_account()
    most = services().quotas.of(account.tier).run_bytes
    if len(content) > most:
        raise JobError(f"put: file {id} has {len(content)} bytes; at most {most} are allowed", 413)
    services().disk_space.require_room()
    services().support_files.put(account.id, id, content)
    return Response(status=204)


def _has_file(id: str) -> Response:
    _check_id(id)
    found = services().support_files.get(current_account().id, id)
    return Response(status=404 if found is None else 204)


def _check_id(id: str) -> None:
    if not FILE_ID.fullmatch(id):
        raise JobError("the file id in the path must have 8 to 64 letters and digits")


def _refuse_job(error: JobError) -> Response:
    return json_response(str(error), error.status)


def _refuse(error: GavelError) -> Response:
    """Answer an error in the form that CodeRunner reads: 403 for a wrong key, 400 for a wrong request."""
    if isinstance(error, Unauthorized | Forbidden):
        return json_response(str(error), 403)
    if isinstance(error, Invalid):
        return json_response(str(error), 400)
    response = json_response(str(error), error_type_of(error).status)
    set_retry_after(response)
    return response


def _refuse_http(error: HTTPException) -> Response:
    return json_response(error.description or error.name, error.code or 500)


def _make_blueprint(name: str, prefix: str) -> APIBlueprint:
    blueprint = APIBlueprint(name, __name__, url_prefix=prefix, enable_openapi=False)
    blueprint.before_request(_authenticate)
    blueprint.add_url_rule("/languages", "languages", _list_languages, methods=["GET"])
    blueprint.add_url_rule("/runs", "runs", _run, methods=["POST"])
    blueprint.add_url_rule("/files/<id>", "put_file", _put_file, methods=["PUT"])
    blueprint.add_url_rule("/files/<id>", "has_file", _has_file, methods=["HEAD"])
    blueprint.register_error_handler(JobError, _refuse_job)
    blueprint.register_error_handler(GavelError, _refuse)
    blueprint.register_error_handler(HTTPException, _refuse_http)
    return blueprint


BLUEPRINTS = (
    _make_blueprint("jobe", "/jobe/index.php/restapi"),
    _make_blueprint("jobe_short", "/jobe/restapi"),
)
