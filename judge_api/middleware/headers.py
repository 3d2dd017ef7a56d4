"""Adds headers to every response: request id, security headers and CORS. Compresses long texts with gzip."""

from __future__ import annotations

import gzip
import re
import secrets
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, request

from judge_api.settings import Settings

REQUEST_ID = "gavel.request_id"
_SAFE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_GZIPPED_TYPES = (
    "application/json",
    "application/problem+json",
    "text/",
    "application/javascript",
    "image/svg",
)
GZIP_FROM_BYTES = 1400
CSP = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
CONSTANT_HEADERS = [
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Content-Security-Policy", CSP),
]
_EXPOSED = "ETag, Retry-After, Location, X-Request-Id, Idempotency-Replayed, RateLimit, RateLimit-Policy"
_ALLOWED = "Authorization, Content-Type, Idempotency-Key, If-None-Match, Last-Event-ID, X-CSRF-Token"

# Browsers apply every policy that they get. So a page that sets its own policy, with a nonce, must not get
# this policy too.
_CSP_NAME = "Content-Security-Policy"

Headers = list[tuple[str, str]]
StartResponse = Callable[..., Any]
WsgiApp = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]


class ResponseHeaders:
    """WSGI middleware that adds headers to every response. It takes less time than Flask's hooks.

    A header that is always the same belongs in ``CONSTANT_HEADERS``. A header that depends on the request is
    added in ``__call__``. ``StatusFastPath`` must add it too, because it answers polls before this
    middleware.
    """

    def __init__(self, app: WsgiApp, settings: Settings) -> None:
        self._app = app
        self._origins = frozenset(settings.cors_origins)
        self._allowed = f"{_ALLOWED}, {settings.judge0_auth_header}, {settings.judge0_authz_header}"
        strict = [("Strict-Transport-Security", "max-age=31536000")]
        self.constant: Headers = CONSTANT_HEADERS + (
            strict if settings.public_url.startswith("https://") else []
        )

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        extra = [("X-Request-Id", request_id_of(environ)), *self.constant, *self.cors(environ)]

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            has_own = _CSP_NAME in dict(headers)
            added = [each for each in extra if each[0] != _CSP_NAME] if has_own else extra
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
                ("Access-Control-Allow-Headers", self._allowed),
                ("Access-Control-Max-Age", "600"),
            ]
        return headers


def is_preflight(environ: dict[str, Any]) -> bool:
    return environ["REQUEST_METHOD"] == "OPTIONS" and "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in environ


def request_id_of(environ: dict[str, Any]) -> str:
    """The request's id.

    It is the client's own id, if the client sent one that is safe to log. Otherwise the first call makes one.
    """
    known: str | None = environ.get(REQUEST_ID)
    if known is None:
        given = environ.get("HTTP_X_REQUEST_ID")
        known = given if given and _SAFE_ID.fullmatch(given) else secrets.token_hex(8)
        environ[REQUEST_ID] = known
    return known


def compress_responses(app: Flask) -> None:
    """Compress long texts with gzip for clients that accept it. Streamed responses are not compressed."""
    app.after_request(_compress)


def make_redirect_relative(response: Response) -> Response:
    """Remove the host from a redirect within this site, since it would come from the client's Host header."""
    location = response.headers.get("Location", "")
    parts = urlsplit(location)
    if response.status_code == 308 and parts.netloc:
        query = f"?{parts.query}" if parts.query else ""
        response.headers["Location"] = f"/{parts.path.lstrip('/')}{query}"
    return response


def gzip_body(body: bytes) -> bytes:
    return gzip.compress(body, 5, mtime=0)


def _compress(response: Response) -> Response:
    length = response.content_length
    if length is None or length < GZIP_FROM_BYTES or response.direct_passthrough or response.is_streamed:
        return response
    if "Content-Encoding" in response.headers or not (response.mimetype or "").startswith(_GZIPPED_TYPES):
        return response
    response.vary.add("Accept-Encoding")
    if request.accept_encodings["gzip"]:
        response.set_data(gzip_body(response.get_data()))
        response.headers["Content-Encoding"] = "gzip"
    return response
