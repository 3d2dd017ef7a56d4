"""The routes of Kattis' clients: sign in, submit, poll."""

from __future__ import annotations

from collections.abc import Sequence

from apiflask import APIBlueprint
from flask import Response, g, request
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import HTTPException

from judge_api.compat.kattis.languages import our_language
from judge_api.compat.kattis.responses import status_body
from judge_api.compat.keys import key_in_authorization
from judge_api.container import services
from judge_api.http.auth import SAFE_METHODS, current_account, require_scope
from judge_api.http.error_responses import error_type_of, set_retry_after
from judge_api.http.json import json_response
from judge_api.http.shown_status import shown_verdict
from judge_api.schemas.requests import storable
from judge_api.services.submission_policy import FieldNames, PostedSubmission
from judge_core.model.account import AuthenticatedKey, Scope
from judge_core.model.errors import (
    FieldFault,
    Forbidden,
    GavelError,
    Invalid,
    NotFound,
    Refused,
    Unauthorized,
)
from judge_core.model.program_files import ProgramFile, ProgramFiles

blueprint = APIBlueprint("kattis", __name__, url_prefix="/kattis", enable_openapi=False)
COOKIE = "gavel_kattis"
_DIGITS = 18
_OPEN = ("kattis.login",)
_RC = """[user]
username: {name}
token: {token}

[kattis]
hostname: {host}
loginurl: {url}/kattis/login
submissionurl: {url}/kattis/submit
submissionsurl: {url}/kattis/submissions
"""


@blueprint.before_request
def require_key() -> None:
    """Refuse requests without an API key. It may be in the cookie from the sign-in or in Authorization."""
    if request.method == "OPTIONS" or request.endpoint in _OPEN:
        return
    key = request.cookies.get(COOKIE) or key_in_authorization()
    if key is None:
        raise Unauthorized("sign in first: a .kattisrc needs your account's name and an API key as the token")
    g.kattis_token, g.authenticated_key = key, _authenticated(key)
    if request.method not in SAFE_METHODS:
        require_scope(g.authenticated_key, Scope.SUBMIT)


def _authenticated(key: str) -> AuthenticatedKey:
    found = services().auth_cache.find(key, request.remote_addr)
    if found is None:
        raise Unauthorized("this API key is unknown, revoked or expired")
    return found


@blueprint.post("/login")
def login() -> Response:
    """Check the name and the token, which is an API key. Set the cookie that the other requests send."""
    name, token = request.form.get("user", ""), request.form.get("token", "")
    if not token:
        raise Unauthorized("give an API key as the token: passwords are not accepted here")
    if _authenticated(token).account.name.lower() != name.lower():
        raise Unauthorized("this API key belongs to another account")
    response = Response("Login successful", mimetype="text/plain")
    # A page of another site cannot make a browser send this cookie, so a submission with it needs no CSRF
    # token.
    is_https = request.is_secure or services().settings.public_url.startswith("https://")
    response.set_cookie(COOKIE, token, path="/kattis", httponly=True, samesite="Strict", secure=is_https)
    return response


@blueprint.get("/kattisrc")
def show_configuration() -> Response:
    """A ``.kattisrc`` with the key of this request."""
    url = (services().settings.public_url or request.url_root).rstrip("/")
    text = _RC.format(name=current_account().name, token=g.kattis_token, host=request.host, url=url)
    response = Response(text, mimetype="text/plain")
    response.headers["Content-Disposition"] = 'attachment; filename=".kattisrc"'
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.post("/submit")
def submit() -> Response:
    """Submit one or more files.

    A refusal is also answered with 200, because the clients show no text of other statuses. ``Forbidden`` is
    answered with 403.
    """
    try:
        status = services().submission_policy.admit(current_account(), _posted(), _FIELD_NAMES).status
    except Forbidden:
        raise
    except Refused as refusal:
        return Response(f"Submission refused: {refusal}\n", mimetype="text/plain")
    return Response(f"Submission received. Submission ID: {status.serial}.\n", mimetype="text/plain")


_FIELD_NAMES = FieldNames(source="sub_file[]")


def _posted() -> PostedSubmission:
    files = request.files.getlist("sub_file[]") or request.files.getlist("sub_file")
    if not files:
        raise Invalid(FieldFault("sub_file[]", "send the files of your program"))
    source, program = _program(files, _text("mainclass"))
    return PostedSubmission(
        language=our_language(_text("language")),
        source=source,
        files=program,
        problem=_text("problem"),
        event=_text("contest") or _text("assignment") or None,
    )


def _text(name: str) -> str:
    try:
        return storable(request.form.get(name, "").strip())
    except ValueError as error:
        raise Invalid(FieldFault(name, str(error))) from error


def _program(files: Sequence[FileStorage], main: str) -> tuple[str, ProgramFiles | None]:
    if len(files) == 1:
        try:
            return files[0].read().decode(), None
        except UnicodeDecodeError as error:
            raise Invalid(FieldFault("sub_file[]", f"is not UTF-8 text (byte {error.start})")) from error
    read = [ProgramFile.of((file.filename or "").rpartition("/")[2], file.read()) for file in files]
    return "", ProgramFiles(tuple(read), main)


@blueprint.get("/submissions/<id>")
def show_submission(id: str) -> Response:
    """The status of a submission by its number."""
    is_number = id.isascii() and id.isdigit() and len(id) <= _DIGITS
    stored = services().submissions.by_serial(int(id)) if is_number else None
    if stored is None or not services().status_service.may_see(current_account(), stored):
        raise NotFound(f"there is no submission {id[:64]!r} of yours")
    if not stored.stage.is_final:
        stored = services().status_service.current(stored.id) or stored
    return json_response(status_body(shown_verdict(stored)))


@blueprint.errorhandler(GavelError)
def refuse(error: GavelError) -> Response:
    """Answer an error with a line of plain text. To Kattis' clients, 403 means a wrong name or token."""
    status = 403 if isinstance(error, Unauthorized | Forbidden) else error_type_of(error).status
    response = Response(f"{error}\n", status, mimetype="text/plain")
    set_retry_after(response)
    return response


@blueprint.errorhandler(HTTPException)
def refuse_http(error: HTTPException) -> Response:
    return Response(f"{error.description or error.name}\n", error.code or 500, mimetype="text/plain")
