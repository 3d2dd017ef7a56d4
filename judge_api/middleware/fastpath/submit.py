"""Answers the second most frequent request, ``POST /submissions``, without Flask.

Flask's routing and hooks take a large part of the time of such a request (decision 0023). This module handles
a request if its key is cached and the schema accepts its JSON body, which must not be large. Every other
request goes on to :func:`judge_api.views.submissions.submit`. So does every refusal, because only the view
formats errors.
"""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from typing import Any

from werkzeug.exceptions import HTTPException

from judge_api.container import Services
from judge_api.http.json import dump_json, read_json
from judge_api.middleware.headers import StartResponse, WsgiApp
from judge_api.middleware.request_context import ROUTE
from judge_api.schemas.requests import SubmissionIn
from judge_api.services.rate_limits import rate_limit_headers
from judge_api.services.submission_policy import PostedSubmission
from judge_api.store.records import AcceptedSubmission
from judge_api.views.submissions import REFUSAL, REPLAYED, accepted_body, posted_submission
from judge_core.model.account import Account, Scope
from judge_core.model.errors import Invalid

_PATH = "/submissions"
_LARGEST_BODY = 128 * 1024


class SubmitFastPath:
    """WSGI middleware directly around the Flask application, inside all other middleware.

    It never refuses a request.
    """

    def __init__(self, app: WsgiApp, services: Services) -> None:
        self._app = app
        self._auth_cache = services.auth_cache
        self._submission_policy = services.submission_policy
        self._largest = min(_LARGEST_BODY, services.settings.body_bytes)

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        if is_plain_post(environ, self._largest) and (posted := self._read(environ)) is not None:
            environ[ROUTE] = _PATH
            try:
                accepted = self._submission_policy.admit(*posted)
            except Exception as refusal:  # noqa: BLE001 (the view raises it again, whatever it is)
                environ[REFUSAL] = refusal
            else:
                return _respond(accepted, start_response)
        return self._app(environ, start_response)

    def _read(self, environ: dict[str, Any]) -> tuple[Account, PostedSubmission] | None:
        """The account and its submission. ``None`` if the view must handle the request."""
        key = self._auth_cache.cached_by_header(environ.get("HTTP_AUTHORIZATION"))
        if key is None or not key.allows(Scope.SUBMIT):
            return None
        length = int(environ["CONTENT_LENGTH"])
        try:
            body: bytes = environ["wsgi.input"].read(length)
        except HTTPException:
            # The body is late or cut short. The view's own read raises the same error for its client.
            return None
        environ["wsgi.input"] = BytesIO(body)
        if len(body) < length:
            return None  # An earlier middleware has read the body.
        try:
            body_in = SubmissionIn.model_validate(read_json(body))
            return key.account, posted_submission(body_in, environ.get("HTTP_IDEMPOTENCY_KEY"))
        except (ValueError, RecursionError, Invalid):
            return None


def is_plain_post(environ: dict[str, Any], largest: int) -> bool:
    """Whether this is a request that may be answered here. ``largest`` is the largest number of bytes of its
    body."""
    length = environ.get("CONTENT_LENGTH", "")
    return (
        environ["PATH_INFO"] == _PATH
        and environ["REQUEST_METHOD"] == "POST"
        and environ.get("CONTENT_TYPE") == "application/json"
        and len(length) <= len(str(_LARGEST_BODY))
        and length.isdecimal()
        and int(length) <= largest
        and "HTTP_TRANSFER_ENCODING" not in environ
    )


def _respond(accepted: AcceptedSubmission, start_response: StartResponse) -> Iterable[bytes]:
    body = accepted_body(accepted)
    text = dump_json(body).encode()
    headers = [
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(text))),
        ("Location", body["status_url"]),
    ]
    if accepted.duplicate:
        headers.append((REPLAYED, "true"))
    headers += rate_limit_headers(accepted.limits)
    start_response("202 ACCEPTED", [*headers, ("Vary", "Accept")])
    return [text]
