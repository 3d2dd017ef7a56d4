"""The routes of Judge0's API."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from apiflask import APIBlueprint
from flask import Response, g, request
from werkzeug.exceptions import HTTPException

from judge_api.compat.judge0.administration import authorize, delete, list_page
from judge_api.compat.judge0.configuration import LARGEST_BATCH
from judge_api.compat.judge0.errors import MalformedRequest
from judge_api.compat.judge0.language_ids import COMMON, EXTRA, Edition
from judge_api.compat.judge0.requests import InvalidSubmission, RequestReader, is_true
from judge_api.compat.judge0.responses import (
    DEFAULT_FIELDS,
    FIELDS,
    NotText,
    ResponseFormat,
    arrange,
    needs_source,
    request_columns,
    result_columns,
)
from judge_api.compat.judge0.system_info import add_system_info_routes
from judge_api.container import services
from judge_api.http.auth import SAFE_METHODS, authenticate, current_account, require_scope
from judge_api.http.error_responses import error_type_of, set_retry_after
from judge_api.http.json import json_response
from judge_api.http.verdict_wait import wait_for_verdict
from judge_api.services.submission_policy import FieldNames
from judge_api.store.records import StoredSubmission
from judge_api.webhooks.url_policy import ForbiddenUrl
from judge_core.model.account import AuthenticatedKey, Scope
from judge_core.model.errors import (
    FieldFault,
    GavelError,
    Invalid,
    NotFound,
    QuotaExceeded,
    Unauthorized,
    UnknownLanguage,
)
from judge_core.model.submission import Kind, Status

WAIT_SECONDS = 60.0
_FIELD_NAMES = FieldNames(language="language_id", source="source_code")
_CHANGES_NOTHING = ("/authenticate", "/authorize")
_NOT_TEXT = (
    "some attributes for this submission cannot be converted to UTF-8, "
    "use base64_encoded=true query parameter"
)
_SDK = "Judge0 Python SDK"


def require_token() -> None:
    """Refuse requests without an API key. It may be in X-Auth-Token (header or query) or a bearer token."""
    if request.method == "OPTIONS":
        return
    found = authenticate_token()
    if found is None:
        raise Unauthorized("send your API key in the authentication header")
    if request.method not in SAFE_METHODS and not request.path.endswith(_CHANGES_NOTHING):
        require_scope(found, Scope.SUBMIT)
    g.authenticated_key = found


def authenticate_token() -> AuthenticatedKey | None:
    """The account and key of the request. ``None`` without credentials. Raises ``Unauthorized`` for wrong
    credentials."""
    name = services().settings.judge0_auth_header
    token = request.headers.get(name) or request.args.get(name)
    if not token:
        # A browser's session is not accepted here, because this API has no protection against forged
        # requests.
        return authenticate() if "Authorization" in request.headers else None
    found = services().auth_cache.find(token.strip(), request.remote_addr)
    if found is None:
        raise Unauthorized("this API key is unknown, revoked or expired")
    return found


def _make_blueprint(edition: Edition) -> APIBlueprint:
    blueprint = APIBlueprint(edition.name, __name__, url_prefix=edition.prefix, enable_openapi=False)
    _add_submission_routes(blueprint, edition)
    add_system_info_routes(blueprint, edition, authenticate_token)
    blueprint.register_error_handler(InvalidSubmission, lambda error: json_response(error.faults, 422))
    blueprint.register_error_handler(
        MalformedRequest, lambda error: json_response({"error": str(error)}, 400)
    )
    blueprint.register_error_handler(NotText, lambda error: json_response({"error": _NOT_TEXT}, 400))
    blueprint.register_error_handler(GavelError, _refuse)
    blueprint.register_error_handler(HTTPException, _refuse_http)
    return blueprint


def _add_submission_routes(blueprint: APIBlueprint, edition: Edition) -> None:
    routes: tuple[tuple[str, str, Callable[..., Response]], ...] = (
        ("POST", "/submissions", lambda: _create(edition)),
        ("GET", "/submissions", lambda: _list(edition)),
        ("POST", "/submissions/batch", lambda: _create_batch(edition)),
        ("GET", "/submissions/batch", lambda: _show_batch(edition)),
        ("GET", "/submissions/<token>", lambda token: _show(edition, token)),
        ("DELETE", "/submissions/<token>", lambda token: _delete(edition, token)),
        ("POST", "/authenticate", lambda: Response(status=200)),
        ("POST", "/authorize", authorize),
    )
    for method, path, view in routes:
        blueprint.add_url_rule(
            path, f"{method} {path}".lower().replace(".", ""), _requiring_token(view), methods=[method]
        )


def _requiring_token(view: Callable[..., Response]) -> Callable[..., Response]:
    def checked(**values: str) -> Response:
        require_token()
        return view(**values)

    return checked


def _create(edition: Edition) -> Response:
    wanted = _response_format()
    status = _admit(edition, _body())
    if not is_true(request.args.get("wait", "false")):
        return json_response({"token": status.id}, 201)
    try:
        return json_response(_columns(edition, wait_for_verdict(status, WAIT_SECONDS), wanted), 201)
    except NotText:
        return json_response({"error": _NOT_TEXT, "token": status.id}, 201)


def _create_batch(edition: Edition) -> Response:
    bodies = _body().get("submissions")
    if not isinstance(bodies, list) or not bodies:
        raise MalformedRequest("there should be at least one submission in a batch")
    if len(bodies) > LARGEST_BATCH:
        raise MalformedRequest(
            f"number of submissions in a batch should be less than or equal to {LARGEST_BATCH}"
        )
    answers = _admit_all(edition, bodies)
    return json_response(answers, 201 if any("token" in answer for answer in answers) else 422)


def _admit_all(edition: Edition, bodies: Sequence[object]) -> list[dict[str, Any]]:
    """Accept each submission of a batch by itself.

    If the server fails after some submissions were accepted, the other submissions get the error, and the
    client still gets the tokens. Without tokens it would send the accepted submissions again.
    """
    answers: list[dict[str, Any]] = []
    for body in bodies:
        try:
            answers.append(_admit_one(edition, body))
        except GavelError as error:
            if not any("token" in answer for answer in answers):
                raise
            left = len(bodies) - len(answers)
            return answers + [{"error": [str(error)]} for _ in range(left)]
    return answers


def _admit_one(edition: Edition, body: object) -> dict[str, Any]:
    """Accept one submission of a batch. Its faults do not prevent other submissions from being accepted."""
    try:
        return {"token": _admit(edition, body if isinstance(body, dict) else {}).id}
    except InvalidSubmission as error:
        return dict(error.faults)
    except QuotaExceeded:
        return {"error": ["queue is full"]}


def _admit(edition: Edition, body: Mapping[str, Any]) -> Status:
    quota = services().quotas.of(current_account().tier)
    offers = services().language_availability.all(current_account().tier)
    available = frozenset(offer.language.id for offer in offers if offer.available)
    posted = RequestReader(edition, quota, _is_encoded(), services().languages, available).read(body)
    _check_callback(posted.callback_url)
    try:
        return services().submission_policy.admit(current_account(), posted, _FIELD_NAMES).status
    except UnknownLanguage as error:
        number = body["language_id"]
        why = f"language with id {number} is archived and cannot be used anymore"
        raise InvalidSubmission({"language_id": [why]}) from error
    except Invalid as error:
        raise InvalidSubmission(_by_field(error.faults)) from error


def _check_callback(url: str | None) -> None:
    try:
        if url is not None:
            services().url_policy.check(url)
    except ForbiddenUrl as error:
        raise InvalidSubmission({"callback_url": [str(error)]}) from error


def _by_field(faults: tuple[FieldFault, ...]) -> dict[str, list[str]]:
    return {fault.field: [fault.message] for fault in faults}


def _show(edition: Edition, token: str) -> Response:
    wanted = _response_format()
    return json_response(
        _columns(edition, services().status_service.visible(token, current_account()), wanted)
    )


def _show_batch(edition: Edition) -> Response:
    wanted = _response_format()
    given = request.args.get("tokens") or request.headers.get("tokens") or ""
    tokens = [token.strip() for token in given.split(",") if token.strip()]
    if not tokens:
        raise MalformedRequest("there should be at least one submission in a batch")
    if len(tokens) > LARGEST_BATCH:
        raise MalformedRequest(
            f"number of submissions in a batch should be less than or equal to {LARGEST_BATCH}"
        )
    return json_response({"submissions": [_columns_or_none(edition, token, wanted) for token in tokens]})


def _columns_or_none(edition: Edition, token: str, wanted: ResponseFormat) -> dict[str, Any] | None:
    try:
        return _columns(edition, services().status_service.visible(token, current_account()), wanted)
    except NotFound:
        return None


def _columns(edition: Edition, status: Status, wanted: ResponseFormat) -> dict[str, Any]:
    """The columns of a run that the client may see."""
    if status.kind is not Kind.RUN:
        raise NotFound("this token belongs to a submission for a problem: read it with GET /status/TOKEN")
    columns = result_columns(status)
    if needs_source(wanted):
        columns |= request_columns(_submission(status.id), edition)
    return arrange(columns, wanted)


def _submission(token: str) -> StoredSubmission:
    found = services().submissions.submission(token)
    if found is None:
        raise NotFound("submission not found")
    return found


def _list(edition: Edition) -> Response:
    wanted = _response_format()
    return list_page(lambda status: _columns(edition, status, wanted))


def _delete(edition: Edition, token: str) -> Response:
    """Delete a run.

    The answer has the run's texts as base64, as in Judge0, because they cannot be read afterwards.
    """
    wanted = replace(_response_format(), base64_encoded=True)
    return delete(token, lambda status: _columns(edition, status, wanted))


def _body() -> Mapping[str, Any]:
    if not request.is_json and request.form:
        return request.form
    body = request.get_json()
    return body if isinstance(body, dict) else {}


def _is_encoded() -> bool:
    return is_true(request.args.get("base64_encoded", "false"))


def _response_format() -> ResponseFormat:
    """The format that the request asks for.

    Judge0's SDK does not decode ``message`` from base64, so it gets the message as text.
    """
    given = request.args.get("fields") or request.headers.get("fields") or ""
    fields = [name.strip() for name in given.split(",") if name.strip()] or list(DEFAULT_FIELDS)
    unknown = [name for name in fields if name not in FIELDS and name != "*"]
    if unknown:
        raise MalformedRequest(f"invalid fields: [{', '.join(unknown)}]")
    return ResponseFormat(fields, _is_encoded(), request.headers.get("X-Judge0-App") == _SDK)


def _refuse(error: GavelError) -> Response:
    if isinstance(error, Unauthorized):
        return Response(status=401)
    if isinstance(error, QuotaExceeded):
        response = json_response({"error": "queue is full"}, 503)
        response.headers["Retry-After"] = str(error.retry_after)
        return response
    response = json_response({"error": str(error)}, error_type_of(error).status)
    set_retry_after(response)
    return response


def _refuse_http(error: HTTPException) -> Response:
    return json_response({"error": error.description or error.name}, error.code or 500)


BLUEPRINTS = (_make_blueprint(COMMON), _make_blueprint(EXTRA))
