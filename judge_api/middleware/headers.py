"""What wraps every answer: request id, security headers, CORS, and gzip where it pays."""

from __future__ import annotations

import gzip
import re
import secrets
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask, Response, request

from judge_api.settings import Settings
from judge_core.logging import log_context

REQUEST_ID = "gavel.request_id"
_GIVEN_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_ZIPPED = ("application/json", "application/problem+json", "text/", "application/javascript", "image/svg")
ZIP_FROM = 1400
CSP = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
SECURITY_HEADERS = [
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Content-Security-Policy", CSP),
]
_EXPOSED = "ETag, Retry-After, Location, X-Request-Id"
_ALLOWED = (
    "Authorization, Content-Type, Idempotency-Key, If-None-Match, Last-Event-ID, X-CSRF-Token, X-Auth-Token"
)

# Two policies would both hold: a page that brings a stricter one with its nonce keeps that alone.
_MAY_BE_OWN = "Content-Security-Policy"

Headers = list[tuple[str, str]]
StartResponse = Callable[..., Any]
WsgiApp = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]


class ResponseHeaders:
    """WSGI around the whole app: cheaper than hooks, and nothing slips past it."""

    def __init__(self, app: WsgiApp, settings: Settings) -> None:
        self._app = app
        self._origins = frozenset(settings.cors_origins)
        strict = [("Strict-Transport-Security", "max-age=31536000")]
        self.constant: Headers = SECURITY_HEADERS + (
            strict if settings.public_url.startswith("https://") else []
        )

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        request_id = make_request_id(environ)
        environ[REQUEST_ID] = request_id
        extra = [("X-Request-Id", request_id), *self.constant, *self.cors(environ)]

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            own = _MAY_BE_OWN in dict(headers)
            added = [each for each in extra if each[0] != _MAY_BE_OWN] if own else extra
            return start_response(status, headers + added, *rest)

        if is_preflight(environ) and self._allows(environ):
            start("204 No Content", [("Content-Length", "0")])
            return [b""]
        return self._app(environ, start)

    def _allows(self, environ: dict[str, Any]) -> bool:
        origin = environ.get("HTTP_ORIGIN")
        return origin is not None and ("*" in self._origins or origin in self._origins)

    def cors(self, environ: dict[str, Any]) -> Headers:
        if not self._origins:
            return []
        if not self._allows(environ):
            return [("Vary", "Origin")]
        headers = [
            ("Access-Control-Allow-Origin", environ["HTTP_ORIGIN"]),
            ("Access-Control-Expose-Headers", _EXPOSED),
            ("Vary", "Origin"),
        ]
        if is_preflight(environ):
            headers += [
                ("Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, PATCH, DELETE"),
                ("Access-Control-Allow-Headers", _ALLOWED),
                ("Access-Control-Max-Age", "600"),
            ]
        return headers


class Logged:
    """WSGI: what is logged inside says which request it was for."""

    def __init__(self, app: WsgiApp) -> None:
        self._app = app

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        with log_context(request=environ.get(REQUEST_ID)):
            return self._app(environ, start_response)


def is_preflight(environ: dict[str, Any]) -> bool:
    return environ["REQUEST_METHOD"] == "OPTIONS" and "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in environ


def make_request_id(environ: dict[str, Any]) -> str:
    """The client's own, if it gave one that may stand in a log."""
    given = environ.get("HTTP_X_REQUEST_ID")
    return given if given and _GIVEN_ID.fullmatch(given) else secrets.token_hex(8)


def compress_answers(app: Flask) -> None:
    """Gzip what is long, is text and is not a stream, for whoever takes it."""
    app.after_request(_compress)


def zip_body(body: bytes) -> bytes:
    return gzip.compress(body, 5, mtime=0)


def _compress(response: Response) -> Response:
    length = response.content_length
    if length is None or length < ZIP_FROM or response.direct_passthrough or response.is_streamed:
        return response
    if "Content-Encoding" in response.headers or not (response.mimetype or "").startswith(_ZIPPED):
        return response
    response.vary.add("Accept-Encoding")
    if request.accept_encodings["gzip"]:
        response.set_data(zip_body(response.get_data()))
        response.headers["Content-Encoding"] = "gzip"
    return response
