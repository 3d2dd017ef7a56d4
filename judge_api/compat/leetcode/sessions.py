"""The sign-in of LeetCode's clients, and LeetCode's coding sessions.

Each coding session has a part of the account's submissions, and its own progress.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from typing import Any

from apiflask import APIBlueprint
from flask import Response, request
from pydantic import ValidationError

from judge_api.compat.leetcode.views import answer_errors, refuse, require_session, text_field
from judge_api.container import services
from judge_api.http.auth import csrf_token, current_account
from judge_api.http.json import json_response
from judge_api.schemas.requests import SignInIn
from judge_api.services.problem_visibility import with_specs
from judge_api.store.coding_sessions import MOST_CODING_SESSIONS
from judge_api.store.records import CodingSession
from judge_api.store.sessions import SignInMethod
from judge_api.views.problems import MaxScores, shown_marks
from judge_api.views.sessions import SESSION_LASTS, account_by_password, set_cookie
from judge_core.clock import utc_now
from judge_core.model.errors import FieldFault, GavelError, Invalid, Unauthorized

blueprint = APIBlueprint("leetcode_sessions", __name__, enable_openapi=False)
answer_errors(blueprint)
_PATH = "/session/"
_LONGEST_NAME = 64
_DIGITS = 9


@blueprint.get("/accounts/login/")
def show_login() -> Response:
    """Set the CSRF token that the sign-in must repeat. People sign in on the page ``/sign-in``."""
    response = Response("Sign in at /sign-in, or with a client for LeetCode.\n", mimetype="text/plain")
    response.set_cookie("csrftoken", secrets.token_hex(32), samesite="Lax")
    return response


@blueprint.post("/accounts/login/")
def log_in() -> Response:
    """Sign in by an account's name and password. The session's cookie is LEETCODE_SESSION."""
    cookie, form = request.cookies.get("csrftoken", ""), request.form.get("csrfmiddlewaretoken", "")
    if not cookie or not hmac.compare_digest(cookie.encode(), form.encode()):
        raise Invalid(FieldFault("csrfmiddlewaretoken", "must repeat the cookie csrftoken"))
    try:
        given = SignInIn(name=request.form.get("login"), password=request.form.get("password"))
    except ValidationError:
        raise Unauthorized("name or password is wrong") from None
    account = account_by_password(given)
    expires = utc_now() + SESSION_LASTS
    secret = services().sessions.start(account.id, expires, None, SignInMethod.PASSWORD, None)
    response = Response(status=302, headers={"Location": "/"})
    set_cookie(response, "LEETCODE_SESSION", secret, int(SESSION_LASTS.total_seconds()))
    response.set_cookie("csrftoken", csrf_token(secret), samesite="Lax")
    return response


@blueprint.before_app_request
def answer_coding_sessions() -> Response | None:
    """Answer ``/session/`` if the request has the cookie LEETCODE_SESSION, as LeetCode's clients send it.

    Any other request to this path goes to the sign-in of the native API.
    """
    if request.path != _PATH or "LEETCODE_SESSION" not in request.cookies:
        return None
    try:
        require_session()
        return _coding_sessions()
    except GavelError as error:
        return refuse(error)


def _coding_sessions() -> Response:
    """List, make, activate or delete coding sessions.

    POST lists them, PUT makes or activates one, and DELETE deletes one. Each answer has all sessions.
    """
    given = request.get_json(silent=True)
    body = given if isinstance(given, dict) else {}
    account, sessions = current_account(), services().coding_sessions
    if request.method == "DELETE":
        sessions.delete(account.id, _target(body))
    elif request.method == "PUT" and body.get("func") == "create":
        sessions.create(account.id, _name(body))
    elif request.method == "PUT" and body.get("func") == "activate":
        sessions.activate(account.id, _target(body))
    elif request.method != "POST":
        raise Invalid(FieldFault("func", "must be create or activate"))
    rows = services().problem_access.visible(account, services().problems.list())
    max_scores = {spec.slug: spec.max_score for _, spec in with_specs(rows)}
    listed = [_session(each, max_scores) for each in sessions.of(account.id)]
    return json_response({"sessions": listed, "is_full": len(listed) >= MOST_CODING_SESSIONS})


def _target(body: Mapping[str, Any]) -> int:
    text = str(body.get("target", ""))
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS):
        raise Invalid(FieldFault("target", "must be the id of one of your sessions"))
    return int(text)


def _name(body: Mapping[str, Any]) -> str:
    name = text_field(body, "name").strip()
    if not 0 < len(name) <= _LONGEST_NAME:
        raise Invalid(FieldFault("name", f"must have 1 to {_LONGEST_NAME} characters"))
    return name


def _session(session: CodingSession, max_scores: MaxScores) -> dict[str, Any]:
    account = current_account()
    marks = list(shown_marks(account, max_scores, session).values())
    hidden = services().running_events.hidden_results(account)
    accepted, judged = services().statistics.totals(account.id, hidden, session)
    return {
        "id": session.number,
        "name": session.name,
        "is_active": session.is_active,
        "ac_questions": marks.count("solved"),
        "submitted_questions": len(marks),
        "total_acs": accepted,
        "total_submitted": judged,
    }
