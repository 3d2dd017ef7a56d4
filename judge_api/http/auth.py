"""Who asks, and may they? Doors stand before whole blueprints, so that no view can forget its own.

An API key comes as ``Authorization: Bearer``. A browser's session comes as a cookie and is a key as well,
kept the same way; since browsers send cookies by themselves, changes then need the CSRF token.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import cast

from flask import g, request

from judge_api.container import services
from judge_api.store.accounts import Bearer
from judge_core.model.account import Account
from judge_core.model.errors import Forbidden, Unauthorized

COOKIE = "gavel_session"
CSRF_HEADER = "X-CSRF-Token"
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


def current_account() -> Account:
    """The account behind this request; only behind a door."""
    return cast(Account, g.bearer.account)


def bearer() -> Bearer:
    """The account with the key it came with; only behind a door."""
    return cast(Bearer, g.bearer)


def csrf_token(session_secret: str) -> str:
    """Bound to the session, so that a token of another one is worth nothing."""
    key = services().settings.secret_key.encode()
    return hmac.new(key, b"csrf:" + session_secret.encode(), hashlib.sha256).hexdigest()


def identify() -> Bearer | None:
    """Who asks, or ``None`` without any credentials. Wrong credentials raise ``Unauthorized``."""
    header = request.headers.get("Authorization")
    if header is not None:
        return _by_header(header)
    secret = request.cookies.get(COOKIE)
    return _by_cookie(secret) if secret else None


def known() -> Account | None:
    """Who asks, if it can be told: what is for everybody is not refused for a key that has expired."""
    try:
        found = identify()
    except Unauthorized:
        return None
    return found.account if found else None


def _by_header(header: str) -> Bearer:
    scheme, _, secret = header.partition(" ")
    if scheme.lower() != "bearer" or not secret:
        raise Unauthorized("send your API key as 'Authorization: Bearer <key>'")
    found = services().auth_cache.bearer(secret.strip())
    if found is None:
        raise Unauthorized("this API key is unknown, revoked or expired")
    return found


def _by_cookie(secret: str) -> Bearer | None:
    found = services().auth_cache.bearer(secret)
    if found is None:
        return None
    if request.method not in SAFE_METHODS:
        require_csrf(secret, request.headers.get(CSRF_HEADER, ""))
    return found


def require_csrf(secret: str, token: str) -> None:
    if not hmac.compare_digest(csrf_token(secret).encode(), token.encode()):
        raise Forbidden(f"a change by session needs the header {CSRF_HEADER}; GET /session tells its value")


def require_account() -> None:
    """A door: for whoever has an account."""
    if request.method == "OPTIONS":
        return
    found = identify()
    if found is None:
        raise Unauthorized("send your API key as 'Authorization: Bearer <key>', or sign in")
    g.bearer = found


def require_author() -> None:
    """A door: for authors and administrators."""
    require_account()
    if request.method != "OPTIONS" and not current_account().may_add_problems:
        raise Forbidden("this needs an account with the role author or admin")


def require_admin() -> None:
    """A door: for administrators."""
    require_account()
    if request.method != "OPTIONS" and not current_account().is_admin:
        raise Forbidden("this needs an account with the role admin")


def require_worker() -> None:
    """A door: for the workers' token alone; an account's key does not open it."""
    if request.method == "OPTIONS":
        return
    expected = services().settings.worker_token
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if not expected or scheme.lower() != "bearer" or not _same(token.strip(), expected):
        raise Unauthorized("this needs the workers' token as 'Authorization: Bearer <token>'")


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
