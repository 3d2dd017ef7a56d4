"""The second commonest request, answered before Flask is asked: ``POST /submissions`` as clients send it.

Between the bytes that came and the admission that judges them, Flask with its routing, hooks and schemas
costs as much as keeping the submission. This takes what is plain: JSON of a moderate size that the schema
accepts, from somebody whose key was looked up a moment ago. Everything else falls through to
:func:`judge_api.views.submissions.submit`, and so does every refusal: how to tell it is known there alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from typing import Any

from judge_api.container import Services
from judge_api.http.json import dump_json, read_json
from judge_api.middleware.headers import StartResponse, WsgiApp
from judge_api.middleware.http_metrics import ROUTE
from judge_api.schemas.requests import SubmissionIn
from judge_api.services.submission_policy import Posted
from judge_api.views.submissions import REFUSAL, accepted_body, posted_of
from judge_core.model.account import Account

_PATH = "/submissions"
_LARGEST = 128 * 1024


class SubmitFastPath:
    """WSGI around the Flask application, inside of what wraps every answer; never refuses anything."""

    def __init__(self, app: WsgiApp, services: Services) -> None:
        self._app = app
        self._keyring = services.auth_cache
        self._admission = services.submission_policy
        self._largest = min(_LARGEST, services.settings.body_bytes)

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        if is_plain_post(environ, self._largest) and (asked := self._read(environ)) is not None:
            environ[ROUTE] = _PATH
            try:
                accepted = self._admission.admit(*asked)
            except Exception as refusal:  # noqa: BLE001 (the view raises it again, whatever it is)
                environ[REFUSAL] = refusal
            else:
                return _answer(accepted_body(accepted), start_response)
        return self._app(environ, start_response)

    def _read(self, environ: dict[str, Any]) -> tuple[Account, Posted] | None:
        """Who posts what; ``None`` for what is the view's, which then finds the body unread."""
        bearer = self._keyring.remembered_by(environ.get("HTTP_AUTHORIZATION"))
        if bearer is None:
            return None
        length = int(environ["CONTENT_LENGTH"])
        body = _read_body(environ, length)
        environ["wsgi.input"] = BytesIO(body)
        if len(body) < length:
            return None  # its sender has gone
        try:
            asked = SubmissionIn.model_validate(read_json(body))
        except (ValueError, RecursionError):
            return None
        return bearer.account, posted_of(asked, environ.get("HTTP_IDEMPOTENCY_KEY"))


def _read_body(environ: dict[str, Any], length: int) -> bytes:
    try:
        body: bytes = environ["wsgi.input"].read(length)
    except OSError:  # its sender hung up: the view finds the body cut short, answers and counts it
        return b""
    return body


def is_plain_post(environ: dict[str, Any], largest: int) -> bool:
    """A request of the kind answered here; ``largest`` is how long its body may be."""
    length = environ.get("CONTENT_LENGTH", "")
    return (
        environ["PATH_INFO"] == _PATH
        and environ["REQUEST_METHOD"] == "POST"
        and environ.get("CONTENT_TYPE") == "application/json"
        and len(length) <= len(str(_LARGEST))
        and length.isdecimal()
        and int(length) <= largest
        and "HTTP_TRANSFER_ENCODING" not in environ
    )


def _answer(body: dict[str, str], start_response: StartResponse) -> Iterable[bytes]:
    text = dump_json(body).encode()
    start_response(
        "202 ACCEPTED",
        [
            ("Content-Type", "application/json"),
            ("Content-Length", str(len(text))),
            ("Location", body["status_url"]),
            ("Vary", "Accept"),
        ],
    )
    return [text]
