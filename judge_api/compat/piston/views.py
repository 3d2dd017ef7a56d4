"""The routes of Piston's API v2."""

from __future__ import annotations

from typing import Any

from apiflask import APIBlueprint
from flask import Response, g, request
from werkzeug.exceptions import HTTPException

from judge_api.compat.keys import account_of_key, key_in_authorization
from judge_api.compat.piston.connection import PistonConnection
from judge_api.compat.piston.requests import BadRequest, read_body, read_execution
from judge_api.compat.piston.responses import execution_body
from judge_api.compat.piston.runtimes import NAMES, PistonName, as_numbers, runtimes
from judge_api.container import services
from judge_api.http.auth import SAFE_METHODS, CredentialCheck, current_account, require_scope
from judge_api.http.error_responses import error_type_of, set_retry_after
from judge_api.http.json import json_response
from judge_api.http.stream_limits import open_stream
from judge_api.http.verdict_wait import wait_for_verdict
from judge_api.views.websocket import require_own_origin, sock
from judge_core.model.account import Scope
from judge_core.model.errors import GavelError, Invalid, QuotaExceeded, SourceTooLarge

WAIT_SECONDS = 120.0
_PREFIXES = {"piston": "/api/v2", "piston_public": "/api/v2/piston"}


def _authenticate() -> None:
    """Refuse a request that would run a program, if it has no key and guests may not run programs."""
    is_connection = request.url_rule is not None and request.url_rule.websocket
    if request.method in SAFE_METHODS and not is_connection:
        return
    g.authenticated_key = account_of_key(key_in_authorization())
    require_scope(g.authenticated_key, Scope.SUBMIT)
    if is_connection:
        require_own_origin()
        g.open_stream = open_stream()


def _close_stream(_error: BaseException | None) -> None:
    if "open_stream" in g:
        g.open_stream.close()


def _connect(ws: Any) -> None:
    """Run one program. Its input and output go over the WebSocket."""
    key = key_in_authorization()
    credentials = CredentialCheck(key) if key is not None else None
    PistonConnection(ws, current_account(), services(), credentials).serve()


def _show_runtimes() -> Response:
    return json_response([each.describe() for each in runtimes(services().language_availability.all())])


def _show_packages() -> Response:
    """The languages of this server. A language that is not installed here has the version 0.0.0."""
    offered = services().language_availability.all()
    names = [(NAMES.get(each.language.id) or PistonName(each.language.id), each) for each in offered]
    return json_response(
        [
            {
                "language": name.language,
                "language_version": as_numbers(each.version or ""),
                "installed": each.available,
            }
            for name, each in names
        ]
    )


def _execute() -> Response:
    account = current_account()
    body = read_body(request.get_data(), request.form)
    known = runtimes(services().language_availability.all())
    runtime, posted = read_execution(body, known, services().quotas.of(account.tier))
    accepted = services().submission_policy.admit(account, posted)
    status = wait_for_verdict(accepted.status, WAIT_SECONDS)
    if status.outcome is None:
        reason = status.reason if status.stage.is_final else f"not judged within {WAIT_SECONDS:.0f} s"
        return json_response({"message": f"{reason or 'not judged'} (submission {status.id})"}, 500)
    return json_response(execution_body(runtime, status))


def _refuse(error: GavelError) -> Response:
    if isinstance(error, SourceTooLarge):
        return json_response({"message": str(error)}, 413)
    if isinstance(error, Invalid):
        return json_response({"message": str(error)}, 400)
    response = json_response({"message": str(error)}, error_type_of(error).status)
    if isinstance(error, QuotaExceeded):
        response.headers["Retry-After"] = str(error.retry_after)
    set_retry_after(response)
    return response


def _refuse_http(error: HTTPException) -> Response:
    return json_response({"message": error.description or error.name}, error.code or 500)


def _make_blueprint(name: str, prefix: str) -> APIBlueprint:
    blueprint = APIBlueprint(name, __name__, url_prefix=prefix, enable_openapi=False)
    blueprint.before_request(_authenticate)
    blueprint.teardown_request(_close_stream)
    sock.route("/connect", bp=blueprint)(_connect)
    blueprint.add_url_rule("/runtimes", "runtimes", _show_runtimes, methods=["GET"])
    blueprint.add_url_rule("/packages", "packages", _show_packages, methods=["GET"])
    blueprint.add_url_rule("/execute", "execute", _execute, methods=["POST"])
    blueprint.register_error_handler(BadRequest, lambda error: json_response({"message": str(error)}, 400))
    blueprint.register_error_handler(GavelError, _refuse)
    blueprint.register_error_handler(HTTPException, _refuse_http)
    return blueprint


BLUEPRINTS = tuple(_make_blueprint(name, prefix) for name, prefix in _PREFIXES.items())
